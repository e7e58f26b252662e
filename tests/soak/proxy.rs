//! Stands between the server and PostgreSQL's socket, counts what the server says, and ends things at a
//! chosen word.
//!
//! It knows as much of the protocol as it takes to find messages (a length behind a type) and the
//! connection on which a command's transaction runs: the one that says BEGIN after a plan was made. What
//! the server writes at once ends with a query or a Sync; such a *write* is what is counted.

use std::collections::BTreeMap;
use std::io;
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

/// What is to happen to the next transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The server is killed before its n-th write goes out, counted from 1, which is BEGIN.
    Kill(u32),
    /// The server is killed after its COMMIT was carried out, before it is told.
    KillAfterCommit,
    /// The connection is cut before the n-th write goes out.
    Cut(u32),
    /// The connection is cut after the COMMIT was carried out, before the server is told.
    CutAfterCommit,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<Plan>,
    /// Whom to kill.
    pid: Option<i32>,
    /// On which connection the transaction runs.
    transaction: Option<u64>,
    writes: u32,
    has_fired: bool,
    connections: u64,
    /// The types (oids) of each prepared statement's values, by its text.
    prepared: BTreeMap<String, Vec<u32>>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    control: Control,
}

/// Makes plans, and tells what came of them.
#[derive(Clone, Debug)]
pub(crate) struct Control(Arc<Mutex<State>>);

/// How PostgreSQL says that a transaction has been committed.
const COMMITTED: &[u8] = b"COMMIT\0";

/// What to do with a message of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Forward,
    /// Forward, and what is answered to it never arrives.
    ForwardAndEnd,
    End,
}

impl Proxy {
    /// Listens in a folder of its own, for PostgreSQL in another.
    pub(crate) fn start(upstream: PathBuf) -> Self {
        // Short, as paths of sockets have to be.
        let folder = tempfile::Builder::new().prefix("soak").tempdir_in("/tmp").expect("a folder");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((server, _)) = listener.accept().await {
                let number = {
                    let mut state = shared.lock().unwrap();
                    state.connections += 1;
                    state.connections
                };
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                tokio::spawn(async move {
                    if let Ok(postgres) = UnixStream::connect(&upstream).await {
                        pass(server, postgres, number, &shared).await;
                    }
                });
            }
        });
        Self { folder, control: Control(state) }
    }

    /// Where the server finds it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn control(&self) -> Control {
        self.control.clone()
    }
}

impl Control {
    /// Does this to the next transaction of the process.
    pub(crate) fn plan(&self, plan: Plan, pid: u32) {
        let mut state = self.0.lock().unwrap();
        *state = State {
            plan: Some(plan),
            pid: i32::try_from(pid).ok(),
            connections: state.connections,
            prepared: take(&mut state.prepared),
            ..State::default()
        };
    }

    /// The statements that were prepared so far, each with the types (oids) of its values.
    #[allow(dead_code, reason = "the benchmark asks, the soak does not")]
    pub(crate) fn prepared(&self) -> BTreeMap<String, Vec<u32>> {
        self.0.lock().unwrap().prepared.clone()
    }

    /// Whether what was planned has happened. It will not any more.
    pub(crate) fn outcome(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        state.plan = None;
        state.has_fired
    }
}

/// Text and types of a statement that is to be prepared: its name and its text, each ended by a zero, how
/// many types are given, and these.
fn parsed(message: &[u8]) -> Option<(String, Vec<u32>)> {
    let mut parts = message.strip_prefix(b"P")?.get(4..)?.splitn(3, |byte| *byte == 0);
    let (_name, text, types) = (parts.next()?, parts.next()?, parts.next()?);
    let types = types.get(2..)?.chunks_exact(4).map(|oid| u32::from_be_bytes(oid.try_into().unwrap()));
    Some((String::from_utf8_lossy(text).into_owned(), types.collect()))
}

impl State {
    fn judge(&mut self, connection: u64, message: &[u8]) -> Verdict {
        self.prepared.extend(parsed(message));
        let Some(plan) = self.plan.filter(|_| !self.has_fired) else { return Verdict::Forward };
        let is_query = |text: &[u8]| message.first() == Some(&b'Q') && message[5..].starts_with(text);
        if self.transaction.is_none() && is_query(b"BEGIN") {
            self.transaction = Some(connection);
        }
        if self.transaction != Some(connection) || !matches!(message.first(), Some(b'Q' | b'S')) {
            return Verdict::Forward;
        }
        self.writes += 1;
        let is_commit = is_query(b"COMMIT");
        if is_commit {
            // Whatever comes on this connection next is another command's.
            self.transaction = Some(0);
        }
        match plan {
            Plan::Kill(at) if at == self.writes => {
                self.has_fired = true;
                self.kill();
                Verdict::End
            }
            Plan::Cut(at) if at == self.writes => {
                self.has_fired = true;
                Verdict::End
            }
            Plan::KillAfterCommit | Plan::CutAfterCommit if is_commit => {
                self.has_fired = true;
                Verdict::ForwardAndEnd
            }
            Plan::Kill(_) | Plan::Cut(_) | Plan::KillAfterCommit | Plan::CutAfterCommit => Verdict::Forward,
        }
    }

    fn kill(&self) {
        if let Some(pid) = self.pid {
            kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
        }
    }
}

/// Carries messages to PostgreSQL one by one, and its answers back as they come, until either side ends.
async fn pass(server: UnixStream, postgres: UnixStream, number: u64, state: &Mutex<State>) {
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_postgres, mut to_postgres) = postgres.into_split();
    let held_back = {
        let questions = questions(&mut from_server, &mut to_postgres, number, state);
        let answers = tokio::io::copy(&mut from_postgres, &mut to_server);
        tokio::select! {
            ended = questions => ended.unwrap_or(false),
            _ = answers => false,
        }
    };
    if held_back {
        // Until PostgreSQL has carried it out: its answer says so, behind what it may still owe to what was
        // said before.
        let mut answer = Vec::new();
        while !answer.windows(COMMITTED.len()).any(|part| part == COMMITTED) {
            if from_postgres.read_buf(&mut answer).await.unwrap_or(0) == 0 {
                break;
            }
        }
        let state = state.lock().unwrap();
        if state.plan == Some(Plan::KillAfterCommit) {
            state.kill();
        }
    }
}

/// Whether an answer is to be held back.
async fn questions(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    number: u64,
    state: &Mutex<State>,
) -> io::Result<bool> {
    // The first message has no type.
    let length = from.read_u32().await?;
    to.write_all(&length.to_be_bytes()).await?;
    copy(from, to, length - 4).await?;
    loop {
        let kind = from.read_u8().await?;
        let length = from.read_u32().await?;
        let mut message = vec![kind];
        message.extend(length.to_be_bytes());
        let body = message.len();
        message.resize(body + usize::try_from(length - 4).unwrap(), 0);
        from.read_exact(&mut message[body..]).await?;
        let verdict = state.lock().unwrap().judge(number, &message);
        match verdict {
            Verdict::Forward => to.write_all(&message).await?,
            Verdict::End => return Ok(false),
            Verdict::ForwardAndEnd => {
                to.write_all(&message).await?;
                return Ok(true);
            }
        }
    }
}

async fn copy(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, length: u32) -> io::Result<()> {
    let mut bytes = vec![0; usize::try_from(length).unwrap()];
    from.read_exact(&mut bytes).await?;
    to.write_all(&bytes).await
}
