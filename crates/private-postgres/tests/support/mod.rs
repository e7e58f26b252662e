//! Scratch folders, a killable program, and psql.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail loudly and talk"
)]

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use private_postgres::{Options, PrivatePostgres};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(50);
const HELPER_DATA: &str = "PRIVATE_POSTGRES_TEST_HELPER_DATA";

/// A home folder with a data folder to be made in it; all processes on it are gone and all files removed on drop.
pub(crate) struct Scratch {
    home: TempDir,
}

impl Scratch {
    /// Everybody may pass through the home.
    pub(crate) fn open() -> Self {
        let home = Self::closed();
        fs::set_permissions(home.home(), Permissions::from_mode(0o755)).unwrap();
        home
    }

    /// A home as `/root` is.
    pub(crate) fn closed() -> Self {
        let home = tempfile::Builder::new()
            .prefix("private-postgres-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in("/tmp")
            .unwrap();
        Self { home }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    pub(crate) fn postmaster_pid(&self) -> PathBuf {
        self.data().join("pgdata/postmaster.pid")
    }

    pub(crate) fn postmaster(&self) -> u32 {
        let text = fs::read_to_string(self.postmaster_pid()).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.data().join("postgres.log")).unwrap_or_default()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A failed test must not leave a server behind either.
        let deadline = Instant::now() + DEADLINE;
        while !processes_of(self).is_empty() && Instant::now() < deadline {
            for pid in processes_of(self) {
                kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).ok();
            }
            sleep(Duration::from_millis(5));
        }
    }
}

/// Options of a throw-away cluster.
pub(crate) fn options(scratch: &Scratch) -> Options {
    let mut options = Options::new(scratch.data());
    options.durable = false;
    options.extra_settings = vec![("shared_buffers".into(), "16MB".into())];
    options
}

/// The processes that work below the scratch folder.
pub(crate) fn processes_of(scratch: &Scratch) -> Vec<u32> {
    let home = fs::canonicalize(scratch.home()).unwrap();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&home)))
        .collect()
}

/// A field of the server's `/proc/<pid>/status`; of several values the first.
pub(crate) fn status(server: &PrivatePostgres, field: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{}/status", server.pid().unwrap())).unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

/// The session of the server.
pub(crate) fn session(server: &PrivatePostgres) -> Pid {
    let pid = Pid::from_raw(server.pid().unwrap().cast_signed());
    nix::unistd::getsid(Some(pid)).unwrap()
}

pub(crate) fn kill_hard(pid: u32) {
    kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).unwrap();
}

/// Polls, with a deadline.
pub(crate) fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !happened() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        sleep(Duration::from_millis(2));
    }
}

fn psql_command(server: &PrivatePostgres, url: &str, sql: &str) -> Command {
    let mut command = Command::new(server.binaries().dir.join("psql"));
    command
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, "-d", url])
        // What the URL does not say must not come from the environment.
        .env_clear()
        .env("PGPORT", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn psql(server: &PrivatePostgres, url: &str, sql: &str) -> String {
    let output = psql_command(server, url, sql).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{sql}: {error}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

pub(crate) fn psql_error(server: &PrivatePostgres, url: &str, sql: &str) -> String {
    let output = psql_command(server, url, sql).output().unwrap();
    assert!(!output.status.success(), "{sql} should fail");
    String::from_utf8(output.stderr).unwrap()
}

/// Kills the child when dropped.
pub(crate) struct Killed(Child);

impl Killed {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A process that has nothing to do with PostgreSQL.
pub(crate) fn stranger() -> Killed {
    Killed(Command::new("sleep").arg("600").spawn().unwrap())
}

/// A backend that notices nothing but signals: it never waits, so it does not see the postmaster's death.
pub(crate) fn busy_backend(server: &PrivatePostgres) -> Killed {
    let sql = "do $$ begin loop end loop; end $$";
    let client = psql_command(server, &server.app_url(), sql).spawn().unwrap();
    let client = Killed(client);
    let busy = "select count(*) from pg_stat_activity where state = 'active' and query like 'do %'";
    wait_for("the busy backend", || psql(server, &server.superuser_url(), busy) == "1");
    client
}

/// Another program that uses the crate: this test binary again, running only `helper_program`.
pub(crate) struct Helper {
    child: Child,
}

impl Helper {
    pub(crate) fn spawn(scratch: &Scratch) -> Self {
        Self::spawn_with(scratch, &std::env::current_exe().unwrap(), None)
    }

    /// As another user, who must be able to reach the binary.
    pub(crate) fn spawn_as(scratch: &Scratch, uid: u32) -> Self {
        let program = scratch.home().join("program");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        fs::create_dir(scratch.data()).unwrap();
        chown(scratch.data(), Some(uid), Some(uid)).unwrap();
        Self::spawn_with(scratch, &program, Some(uid))
    }

    fn spawn_with(scratch: &Scratch, program: &Path, uid: Option<u32>) -> Self {
        let mut command = Command::new(program);
        command
            .args(["--exact", "helper_program", "--nocapture"])
            .env(HELPER_DATA, scratch.data())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        let child = command.spawn().unwrap();
        Self { child }
    }

    /// Waits until its server is ready.
    pub(crate) fn ready(mut self) -> Self {
        let stdout = self.child.stdout.as_mut().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("helper is ready")), "the helper failed");
        self
    }

    pub(crate) fn kill_hard(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The helper's side: serves until it is killed, or until the test that started it is gone.
pub(crate) fn run_helper() {
    let Some(data) = std::env::var_os(HELPER_DATA) else {
        return;
    };
    let mut options = Options::new(data);
    options.durable = false;
    let server = match PrivatePostgres::start(options) {
        Ok(server) => server,
        // Another test process was faster; that is part of one test.
        Err(error) => {
            eprintln!("helper: {error}");
            return;
        }
    };
    println!("helper is ready");
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
    drop(server);
}
