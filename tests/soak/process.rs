//! The real program as a child process, and a client that survives its death.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

/// Ten times the longest promise that is waited for here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);
const PASSWORD: &str = "SecurePass123!";

/// The program, built before: `GUILDHALL_BIN`, or where cargo puts it beside this one.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("GUILDHALL_BIN") {
        // Whoever gave it stood in the workspace, and cargo has put this program into its package.
        return Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").join(path);
    }
    let own = std::env::current_exe().expect("this program");
    let beside = own.ancestors().nth(2).expect("a build folder").join("guildhall");
    assert!(beside.exists(), "build the server first: cargo build --workspace");
    beside
}

/// The program with nothing of this one's environment.
pub(crate) fn guildhall(folder: &Path) -> Command {
    let mut command = Command::new(program());
    let path = std::env::var("PATH").map(|path| ("PATH".to_owned(), path));
    command.env_clear().envs(path).env("DATA_DIR", folder.join("data")).current_dir(folder);
    command
}

/// It listens first and looks after its database then.
fn is_ready(folder: &Path, address: &str) -> bool {
    let mut asking = guildhall(folder);
    asking.arg("health").env("BIND_ADDR", address).stdout(Stdio::null()).stderr(Stdio::null());
    asking.status().is_ok_and(|status| status.success())
}

/// A running server; killed with this.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) base: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Server {
    /// Starts it and waits until it serves.
    pub(crate) fn start(folder: &Path, arguments: &[&str], settings: &[(&str, String)]) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut child = guildhall(folder)
            .args(arguments)
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("BCRYPT_COST", "10")
            .env("RATE_LIMIT", "off")
            .env("JWT_SECRET_KEY", "soak: 6b1f0d5c9e3a47b28c41d09e7f5a2b36")
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server can be started");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().and_then(Result::ok);
        // Read on, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(line) = first else {
            child.wait().ok();
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            panic!("the server does not start: {log}");
        };
        let address = line.rsplit("http://").next().unwrap().trim();
        let deadline = Instant::now() + PATIENCE;
        while !is_ready(folder, address) {
            assert!(Instant::now() < deadline, "the server at {address} does not become ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, base: format!("http://{address}") }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits for its end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Waits for the end that somebody else brought about.
    pub(crate) fn ends(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it was killed, and goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It was done.
    Done(String),
    /// It was refused: nothing was done.
    Refused(u16, String),
    /// Nobody knows: no answer, or one that says so (5xx, or another request of that name is running).
    Unknown(String),
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    token: String,
    http: reqwest::Client,
}

impl Person {
    pub(crate) async fn register(base: &str, role: &str, email: &str) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let body = json!({"email": email, "password": PASSWORD, "full_name": "Soak", "role": role});
        let mut nobody = Self { id: String::new(), token: String::new(), http };
        let data = nobody.done(base, "/api/v1/auth/register", &body, None).await;
        nobody.id = data["user"]["id"].as_str().unwrap().to_owned();
        nobody.token = data["access_token"].as_str().unwrap().to_owned();
        nobody
    }

    pub(crate) async fn post(&self, base: &str, path: &str, body: &Value, key: Option<&str>) -> Heard {
        self.send(base, Method::POST, path, body, key).await
    }

    pub(crate) async fn send(
        &self,
        base: &str,
        method: Method,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> Heard {
        let mut request = self.http.request(method, format!("{base}{path}"));
        if !body.is_null() {
            request = request.json(body);
        }
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Heard::Unknown(error.to_string()),
        };
        let status = answer.status().as_u16();
        let Ok(text) = answer.text().await else { return Heard::Unknown("half an answer".to_owned()) };
        match status {
            200..=299 => Heard::Done(text),
            409 if text.contains("in_progress") => Heard::Unknown(text),
            // The program says so itself where nothing was done or nobody can tell; never a 500.
            503 => Heard::Unknown(text),
            400..=499 => Heard::Refused(status, text),
            _ => panic!("{path}: {status}: {text}"),
        }
    }

    /// What must succeed at once.
    pub(crate) async fn done(&self, base: &str, path: &str, body: &Value, key: Option<&str>) -> Value {
        match self.post(base, path, body, key).await {
            Heard::Done(text) => data(&text),
            other @ (Heard::Refused(..) | Heard::Unknown(_)) => panic!("{path}: {other:?}"),
        }
    }
}

/// What an answer carries.
pub(crate) fn data(text: &str) -> Value {
    let body: Value = serde_json::from_str(text).unwrap();
    body["data"].clone()
}
