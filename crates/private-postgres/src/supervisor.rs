//! Keeps the server running: one thread that starts it, waits for its end, and starts it again.
//!
//! Invariants:
//! - The thread that forks the server is the thread that waits for it, until the end: the parent-death signal
//!   follows the forking thread.
//! - Signals are sent only under the state's lock and only while `pid` is set; the process is reaped under the same
//!   lock, so a reused number is never signalled.
//! - Before the server was ready for the first time, its end is an error of `start` (unless it merely waits for
//!   orphans of a predecessor); afterwards it is restarted for ever, with back-off.
//!
//! Deliberately absent: a health check by connecting. PostgreSQL restarts its own backends after a crash.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::one_line_tail;
use crate::identity::Identity;
use crate::log::Log;
use crate::postmaster_pid::PostmasterPid;
use crate::{Error, StopKind, StopReport, cluster, leftovers, spawn};

const POLL: Duration = Duration::from_millis(5);
const BACK_OFF_FIRST: Duration = Duration::from_millis(100);
const BACK_OFF_LONGEST: Duration = Duration::from_secs(5);
/// A server that ran this long starts with the shortest back-off again.
const STEADY: Duration = Duration::from_secs(30);
/// How long a first start waits for orphans of a predecessor.
const ORPHANS: Duration = Duration::from_secs(30);
/// Crash recovery of a large database takes its time.
const READY_LIMIT: Duration = Duration::from_secs(300);

/// What to run.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) postgres: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) identity: Identity,
    pub(crate) log: Log,
}

#[derive(Debug, Default)]
struct State {
    /// The server, from its fork until it is reaped.
    pid: Option<Pid>,
    /// It accepts connections.
    ready: bool,
    /// It did so at least once.
    established: bool,
    /// Somebody wants it to end.
    stop: bool,
    /// The thread is done.
    ended: bool,
    /// Why the thread gave up before the first readiness.
    failure: Option<Error>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    /// A panic elsewhere leaves these plain flags usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes all who wait for it.
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits until `done`, at most `limit`.
    fn wait_until(&self, limit: Duration, done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        self.changed
            .wait_timeout_while(self.lock(), limit, |state| !done(state))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

/// The running thread.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    log: PathBuf,
}

impl Supervisor {
    /// Starts the server and waits until it accepts connections.
    pub(crate) fn start(server: Server) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let log = server.log.path().to_path_buf();
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("private-postgres".to_owned())
            .spawn(move || {
                let _ended = Ended(&for_thread);
                let keeper = Keeper { server, shared: &for_thread };
                if let Err(failure) = keeper.run() {
                    for_thread.update(|state| state.failure = Some(failure));
                }
            })
            .map_err(Error::io("start the supervising thread for", &log))?;
        let mut supervisor = Self { shared, thread: Some(thread), log };
        supervisor.wait_for_first_readiness()?;
        Ok(supervisor)
    }

    fn wait_for_first_readiness(&mut self) -> Result<(), Error> {
        let mut state = self.shared.wait_until(READY_LIMIT, |state| state.established || state.ended);
        if let Some(failure) = state.failure.take() {
            return Err(failure);
        }
        if state.established {
            return Ok(());
        }
        drop(state);
        self.stop()?;
        Err(Error::StartFailed {
            log: self.log.clone(),
            tail: format!("it was not ready after {} s", READY_LIMIT.as_secs()),
        })
    }

    /// Whether the server accepts connections at this moment, as far as we know.
    pub(crate) fn is_running(&self) -> bool {
        self.shared.lock().ready
    }

    /// The server's process at this moment.
    pub(crate) fn pid(&self) -> Option<u32> {
        let pid = self.shared.lock().pid?;
        u32::try_from(pid.as_raw()).ok()
    }

    /// Stops the server, ever less politely, and the thread. A second call does nothing.
    pub(crate) fn stop(&mut self) -> Result<StopReport, Error> {
        let started = Instant::now();
        let mut kind = StopKind::Fast;
        self.shared.update(|state| state.stop = true);
        for (signal, limit, this_kind) in [
            (Signal::SIGINT, Duration::from_secs(20), StopKind::Fast),
            (Signal::SIGQUIT, Duration::from_secs(5), StopKind::Immediate),
            (Signal::SIGKILL, Duration::from_secs(5), StopKind::Killed),
        ] {
            kind = this_kind;
            if let Some(pid) = self.shared.lock().pid {
                // It may end at this moment, then there is nobody to signal.
                kill(pid, signal).ok();
            }
            if self.shared.wait_until(limit, |state| state.ended).ended {
                break;
            }
            tracing::warn!(
                %signal,
                "private PostgreSQL does not stop in time; trying harder"
            );
        }
        if !self.shared.lock().ended {
            let pid = self.shared.lock().pid.map_or(0, Pid::as_raw);
            return Err(Error::StopFailed { pid });
        }
        if let Some(thread) = self.thread.take() {
            // It has said that it ended; a panic in it would have nothing to add.
            thread.join().ok();
        }
        if let Some(failure) = self.shared.lock().failure.take() {
            return Err(failure);
        }
        Ok(StopReport { kind, took: started.elapsed() })
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if self.thread.is_some()
            && let Err(error) = self.stop()
        {
            tracing::error!(%error, "private PostgreSQL: stopping failed");
        }
    }
}

/// Says that the thread is done, in whatever way it ends, so that nobody waits for it in vain.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.update(|state| state.ended = true);
    }
}

/// The thread's side.
struct Keeper<'a> {
    server: Server,
    shared: &'a Shared,
}

/// How one run of the server ended.
struct Life {
    status: ExitStatus,
    lasted: Duration,
    said: String,
}

impl Keeper<'_> {
    /// Runs the server again and again until told to stop, or until a first start fails.
    fn run(&self) -> Result<(), Error> {
        let begun = Instant::now();
        let mut pause = BACK_OFF_FIRST;
        loop {
            let life = leftovers::clear(&self.server.data_dir).and_then(|()| self.live());
            let state = self.shared.lock();
            let (stop, established) = (state.stop, state.established);
            drop(state);
            if stop {
                // After anything but a clean end there may be orphans; they must not outlive us.
                return leftovers::clear(&self.server.data_dir);
            }
            match life {
                Ok(None) => return Ok(()),
                Ok(Some(life)) if established => {
                    if life.lasted >= STEADY {
                        pause = BACK_OFF_FIRST;
                    }
                    tracing::error!(status = %life.status, said = %one_line_tail(&life.said), "private PostgreSQL ended; starting it again");
                }
                Ok(Some(life)) if waits_for_orphans(&life.said) && begun.elapsed() < ORPHANS => {
                    tracing::info!("private PostgreSQL waits for the processes of its predecessor");
                }
                Ok(Some(life)) => {
                    return Err(Error::StartFailed {
                        log: self.server.log.path().to_path_buf(),
                        tail: format!("{}: {}", life.status, one_line_tail(&life.said)),
                    });
                }
                Err(error) if established => {
                    tracing::error!(%error, "private PostgreSQL cannot be started again; trying on");
                }
                Err(error) => return Err(error),
            }
            if self.shared.wait_until(pause, |state| state.stop).stop {
                return leftovers::clear(&self.server.data_dir);
            }
            pause = pause.saturating_mul(2).min(BACK_OFF_LONGEST);
        }
    }

    /// From the start of the server to its end; `None` when it is not wanted any more.
    fn live(&self) -> Result<Option<Life>, Error> {
        let begun = Instant::now();
        let (output, position) = self.server.log.appender()?;
        let Some(mut child) = self.spawn(output)? else {
            return Ok(None);
        };
        let status = match self.watch_start(&mut child) {
            Some(status) => Ok(status),
            None => self.watch_end(&mut child),
        };
        self.shared.update(|state| {
            state.pid = None;
            state.ready = false;
        });
        Ok(Some(Life {
            status: status.map_err(Error::io("wait for", &self.server.postgres))?,
            lasted: begun.elapsed(),
            said: self.server.log.since(position),
        }))
    }

    /// Under the lock, so that a stop either comes before or finds the process.
    fn spawn(&self, output: std::fs::File) -> Result<Option<Child>, Error> {
        let server = &self.server;
        let failed = || Error::io("run", &server.postgres);
        let mut command =
            spawn::confined(&server.postgres, server.identity, Signal::SIGINT, None).map_err(failed())?;
        command
            .args(&server.arguments)
            .stdout(output.try_clone().map_err(failed())?)
            .stderr(output)
            .stdin(Stdio::null());
        let mut state = self.shared.lock();
        if state.stop {
            return Ok(None);
        }
        let child = command.spawn().map_err(failed())?;
        state.pid = i32::try_from(child.id()).ok().map(Pid::from_raw);
        Ok(Some(child))
    }

    /// Until the server is ready (`None`) or has ended.
    fn watch_start(&self, child: &mut Child) -> Option<ExitStatus> {
        let pgdata = cluster::pgdata(&self.server.data_dir);
        loop {
            let mut state = self.shared.lock();
            if let Ok(Some(status)) = child.try_wait() {
                state.pid = None;
                return Some(status);
            }
            drop(state);
            // The file may still be the predecessor's.
            if PostmasterPid::read(&pgdata)
                .is_some_and(|file| u32::try_from(file.pid) == Ok(child.id()) && file.ready)
            {
                let again = self.shared.lock().established;
                if again {
                    tracing::info!(pid = child.id(), "private PostgreSQL is ready again");
                }
                self.shared.update(|state| {
                    state.ready = true;
                    state.established = true;
                });
                return None;
            }
            thread::sleep(POLL);
        }
    }

    fn watch_end(&self, child: &mut Child) -> std::io::Result<ExitStatus> {
        // Waits without reaping, so that the number stays taken until nobody can signal it any more.
        #[cfg(target_os = "linux")]
        if let Ok(pid) = i32::try_from(child.id()) {
            use nix::sys::wait::{Id, WaitPidFlag, waitid};
            let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
            while waitid(Id::Pid(Pid::from_raw(pid)), flags) == Err(nix::errno::Errno::EINTR) {}
            let mut state = self.shared.lock();
            state.pid = None;
            state.ready = false;
            return child.wait();
        }
        child.wait()
    }
}

/// What PostgreSQL says while processes of a killed server still hold its shared memory or its files.
fn waits_for_orphans(said: &str) -> bool {
    ["pre-existing shared memory block", "Is another postmaster", "Is another postgres"]
        .iter()
        .any(|sign| said.contains(sign))
}
