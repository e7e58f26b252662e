//! The program as a child process, with a data folder of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Ten times the longest promise that is waited for here, the five seconds of a first start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);
pub(crate) const POLL: Duration = Duration::from_millis(20);

pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.0.path().join("data")
    }

    /// The program with nothing but this folder and what `settings` says.
    pub(crate) fn guildhall(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
        command
            .args(arguments)
            .env_clear()
            .envs(std::env::var("PATH").map(|path| ("PATH".to_owned(), path)))
            .env("DATA_DIR", self.data())
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("BCRYPT_COST", "10")
            .env("RATE_LIMIT", "off")
            .envs(settings.iter().copied())
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        self.guildhall(arguments, settings).output().unwrap()
    }

    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Server {
        self.start(&["serve"], settings)
    }

    /// Starts what goes on until it is stopped, and waits until it says that it has begun.
    pub(crate) fn start(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Server {
        let mut child = self
            .guildhall(arguments, settings)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let log = lines_of(child.stderr.take().unwrap());
        let first = lines.recv_timeout(PATIENCE);
        let mut server = Server { child, log, address: String::new(), _lines: lines };
        match first {
            Ok(line) => {
                server.address = line.rsplit("http://").next().unwrap().to_owned();
                server
            }
            Err(_) => panic!("it did not start: {:?}", server.log.try_iter().collect::<Vec<_>>()),
        }
    }
}

/// Reads on a thread, so that the program never waits for us.
pub(crate) fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::BufRead::lines(std::io::BufReader::new(stream)) {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A running `guildhall serve`, or `worker`; killed when a test fails.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) log: Receiver<String>,
    pub(crate) address: String,
    _lines: Receiver<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Server {
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for its end and says whether that was a success.
    pub(crate) fn ends(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(POLL);
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(head(path, body).as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        answer(stream)
    }
}

pub(crate) fn head(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: guildhall\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
}

pub(crate) fn answer(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(POLL);
    }
}
