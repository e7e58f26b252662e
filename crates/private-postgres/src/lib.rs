//! A private PostgreSQL: a real server, run as a child process in a data folder, so that Guildhall needs nothing
//! but that folder. The tests use it too, one throw-away cluster per run.
//!
//! What holds:
//! - One program per data folder (a lock that the kernel releases); a second one is told so, or joins.
//! - The server ends with the program, even after `kill -9` (Linux), and is brought back while the program lives.
//! - No TCP: a unix socket in a folder of mode 0700. Nothing to configure, no password, no port to collide on.
//! - A cluster is complete or absent; the roles `guildhall_owner` and `guildhall_app` and the database `guildhall`
//!   exist before the first connection.
//!
//! Deliberately absent: async (callers wrap it), a client library, downloads, upgrades between major versions,
//! replication and backups (an installation that needs those sets `DATABASE_URL`).
//!
//! In the data folder: `pgdata` (the cluster), `run` (the socket), `postgres.log`, `embedded.lock`.

mod binaries;
mod cluster;
mod error;
mod identity;
mod leftovers;
mod lock;
mod log;
mod postmaster_pid;
mod settings;
mod socket;
mod spawn;
mod supervisor;
#[cfg(test)]
mod tests;
mod url;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

pub use crate::binaries::{Binaries, OLDEST_MAJOR, find_binaries};
pub use crate::error::Error;
pub use crate::url::{Role, Running};

use crate::identity::Identity;
use crate::lock::Lock;
use crate::log::Log;
use crate::postmaster_pid::PostmasterPid;
use crate::socket::SocketDir;
use crate::supervisor::{Server, Supervisor};

/// How long [`attach`] waits for a server that another process is just starting.
const JOIN_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);

/// What to run, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data folder; made (mode 0700) when missing.
    pub data_dir: PathBuf,
    /// The folder of the server programs (`EMBEDDED_PG_BIN`); looked for when `None`.
    pub bin_dir: Option<PathBuf>,
    /// `false` gives up safety in a power cut for speed; only for throw-away test clusters.
    pub durable: bool,
    /// How many connections the server accepts.
    pub max_connections: u16,
    /// Further server settings; they win over ours, except for the socket and its port.
    pub extra_settings: Vec<(String, String)>,
}

impl Options {
    /// A durable cluster in this folder, with up to 100 connections.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            bin_dir: None,
            durable: true,
            max_connections: 100,
            extra_settings: Vec::new(),
        }
    }
}

/// How a server was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// In order, with a checkpoint.
    Fast,
    /// Without a checkpoint; the next start recovers.
    Immediate,
    /// By SIGKILL; the next start recovers.
    Killed,
}

/// What a stop did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopReport {
    /// How far it had to go.
    pub kind: StopKind,
    /// How long it took.
    pub took: Duration,
}

/// A server that this process runs. Dropping it stops the server, which may take seconds; prefer
/// [`PrivatePostgres::stop`], after everything that uses the database has drained.
#[derive(Debug)]
pub struct PrivatePostgres {
    // The order is the order of drops: the server, its socket folder, and the lock last.
    supervisor: Supervisor,
    running: Running,
    binaries: Binaries,
    _socket: SocketDir,
    _lock: Lock,
}

impl PrivatePostgres {
    /// Takes the data folder, makes the cluster if there is none, starts the server and waits until it is ready.
    ///
    /// # Errors
    /// Any [`Error`] but those about joining and stopping. Nothing keeps running after an error.
    pub fn start(options: Options) -> Result<Self, Error> {
        let data_dir = prepare_data_dir(&options.data_dir)?;
        let lock = Lock::acquire(&data_dir)?;
        Self::start_locked(&Options { data_dir, ..options }, lock, None)
    }

    /// `identity` is given only by tests of a particular one.
    fn start_locked(options: &Options, lock: Lock, identity: Option<Identity>) -> Result<Self, Error> {
        let data_dir = &options.data_dir;
        let binaries = find_binaries(options)?;
        leftovers::clear(data_dir)?;
        let identity = match identity {
            Some(identity) => identity,
            None => identity::choose(data_dir, &binaries.postgres())?,
        };
        cluster::ensure(data_dir, &binaries, identity, options.durable)?;
        let socket = SocketDir::prepare(data_dir, identity)?;
        let supervisor = Supervisor::start(Server {
            postgres: binaries.postgres(),
            data_dir: data_dir.clone(),
            arguments: settings::arguments(options, socket.path()),
            identity,
            log: Log::open(data_dir)?,
        })?;
        tracing::info!(version = %binaries.version, data_dir = %data_dir.display(), "private PostgreSQL is ready");
        Ok(Self {
            supervisor,
            running: Running::new(socket.path().to_path_buf()),
            binaries,
            _socket: socket,
            _lock: lock,
        })
    }

    /// For migrations: `guildhall_owner` in the database `guildhall`.
    pub fn owner_url(&self) -> String {
        self.running.owner_url()
    }

    /// For serving: `guildhall_app` in the database `guildhall`.
    pub fn app_url(&self) -> String {
        self.running.app_url()
    }

    /// For making databases: `postgres` in the database `postgres`.
    pub fn superuser_url(&self) -> String {
        self.running.superuser_url()
    }

    /// Any role in any database.
    pub fn url(&self, role: Role, database: &str) -> String {
        self.running.url(role, database)
    }

    /// The addresses alone, to hand on.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// The folder with the socket.
    pub fn socket_dir(&self) -> &Path {
        self.running.socket_dir()
    }

    /// Which server programs run.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Whether the server accepts connections at this moment; `false` while it is being brought back.
    pub fn is_running(&self) -> bool {
        self.supervisor.is_running()
    }

    /// The server's process at this moment; `None` while it is being brought back.
    pub fn pid(&self) -> Option<u32> {
        self.supervisor.pid()
    }

    /// Stops the server: SIGINT (20 s), SIGQUIT (5 s), SIGKILL.
    ///
    /// # Errors
    /// [`Error::StopFailed`] when not even SIGKILL ends it.
    pub fn stop(mut self) -> Result<StopReport, Error> {
        let report = self.supervisor.stop()?;
        tracing::info!(kind = ?report.kind, took = ?report.took, "private PostgreSQL stopped");
        Ok(report)
    }
}

/// A server to work with, no matter who runs it.
#[derive(Debug)]
pub enum Attached {
    /// We run it; it stops when this is dropped.
    Started(PrivatePostgres),
    /// Another process runs it, and may stop it at any time.
    Joined(Running),
}

impl Attached {
    /// Where it can be reached.
    pub fn running(&self) -> &Running {
        match self {
            Self::Started(server) => server.running(),
            Self::Joined(running) => running,
        }
    }

    /// Stops the server if it is ours; leaves another's alone.
    ///
    /// # Errors
    /// As [`PrivatePostgres::stop`].
    pub fn release(self) -> Result<(), Error> {
        match self {
            Self::Started(server) => server.stop().map(|_| ()),
            Self::Joined(_) => Ok(()),
        }
    }
}

/// Joins the server that another process runs on the data folder, or starts an own one. Waits up to 30 seconds
/// for a server that is just starting or stopping.
///
/// # Errors
/// [`Error::NotReady`] when the other's server does not become ready, else as [`PrivatePostgres::start`].
pub fn attach(options: Options) -> Result<Attached, Error> {
    let data_dir = prepare_data_dir(&options.data_dir)?;
    let options = Options { data_dir: data_dir.clone(), ..options };
    let deadline = Instant::now() + JOIN_LIMIT;
    loop {
        let pid = match Lock::acquire(&data_dir) {
            Ok(lock) => {
                return PrivatePostgres::start_locked(&options, lock, None).map(Attached::Started);
            }
            Err(Error::AlreadyRunning { pid, .. }) => pid,
            Err(error) => return Err(error),
        };
        if let Some(running) = running_server(&data_dir) {
            return Ok(Attached::Joined(running));
        }
        if Instant::now() > deadline {
            return Err(Error::NotReady { data_dir, pid });
        }
        sleep(POLL);
    }
}

fn running_server(data_dir: &Path) -> Option<Running> {
    let pgdata = cluster::pgdata(data_dir);
    let file = PostmasterPid::read(&pgdata)?;
    if !file.ready || !leftovers::is_ours(Pid::from_raw(file.pid), &pgdata) {
        return None;
    }
    Some(Running::new(file.socket_dir?))
}

/// Makes the folder when it is missing, for us alone, and resolves links: PostgreSQL's children work in `/`.
fn prepare_data_dir(path: &Path) -> Result<PathBuf, Error> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(Error::io("make the folder", parent))?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Error::io("make the folder", path)(error));
        }
        _ => {}
    }
    let resolved = fs::canonicalize(path).map_err(Error::io("find the folder", path))?;
    if resolved.is_dir() {
        Ok(resolved)
    } else {
        Err(Error::io("use as a data folder", path)(io::Error::from(io::ErrorKind::NotADirectory)))
    }
}
