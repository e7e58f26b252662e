//! Clears what an earlier server left behind, so that the next one starts at once.
//!
//! The caller holds the lock of the data folder, so whatever still runs on it is an orphan:
//! - a whole server, where there is no parent-death signal, or still in its fast shutdown after the program was killed;
//! - backends of a server that was killed with SIGKILL, busy in a query. The new server would refuse with
//!   "pre-existing shared memory block is still in use" until they end. They are told to quit: their transactions
//!   are lost anyhow, and crash recovery follows.
//! - a `postmaster.pid` whose number now belongs to a stranger (usual in containers, where numbers are low);
//!   PostgreSQL would take the stranger for its predecessor. In all other cases the file is left to PostgreSQL.
//!
//! A process counts as ours only if it is called `postgres` *and* works in this very cluster's folder.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, io};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::postmaster_pid::PostmasterPid;
use crate::{Error, cluster, socket};

const POLL: Duration = Duration::from_millis(5);
const FAST: Duration = Duration::from_secs(20);
const IMMEDIATE: Duration = Duration::from_secs(5);
/// A backend of a dead server has nothing to finish.
const ORPHAN: Duration = Duration::from_millis(300);

/// Ends old processes and removes what would block a start.
pub(crate) fn clear(data_dir: &Path) -> Result<(), Error> {
    let pgdata = cluster::pgdata(data_dir);
    // A clean shutdown removes the file; without it there is nothing to look for.
    let Some(old) = PostmasterPid::read(&pgdata) else {
        return Ok(());
    };
    let pid = Pid::from_raw(old.pid);
    if is_ours(pid, &pgdata) {
        stop_server(pid, data_dir, &pgdata)?;
    }
    stop_orphans(data_dir, &pgdata)?;
    if alive(pid) && !is_ours(pid, &pgdata) {
        let path = PostmasterPid::path(&pgdata);
        tracing::info!(
            pid = old.pid,
            "private PostgreSQL: removing a stale postmaster.pid whose number another program has now"
        );
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove the stale file", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes the socket and its lock file, which have the same trouble with reused numbers. Nobody listens on it:
/// the caller holds the lock and has cleared old servers.
pub(crate) fn remove_socket(folder: &Path) {
    for file in socket::files(folder) {
        // Best effort; PostgreSQL handles what is left and complains if it cannot.
        fs::remove_file(file).ok();
    }
}

/// Whether there is such a process, whoever owns it.
fn alive(pid: Pid) -> bool {
    !matches!(kill(pid, None), Err(Errno::ESRCH))
}

fn stop_server(pid: Pid, data_dir: &Path, pgdata: &Path) -> Result<(), Error> {
    tracing::warn!(pid = pid.as_raw(), "private PostgreSQL: stopping a server left over from an earlier run");
    for (signal, limit) in
        [(Signal::SIGINT, FAST), (Signal::SIGQUIT, IMMEDIATE), (Signal::SIGKILL, IMMEDIATE)]
    {
        // It may just have ended; the loop sees that.
        kill(pid, signal).ok();
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if !is_ours(pid, pgdata) {
                return Ok(());
            }
            sleep(POLL);
        }
    }
    Err(Error::Leftover { data_dir: data_dir.to_path_buf(), pid: pid.as_raw() })
}

fn stop_orphans(data_dir: &Path, pgdata: &Path) -> Result<(), Error> {
    let mut remaining = orphans(pgdata);
    for (signal, limit) in [(Signal::SIGQUIT, ORPHAN), (Signal::SIGKILL, IMMEDIATE)] {
        for pid in &remaining {
            kill(*pid, signal).ok();
        }
        let deadline = Instant::now() + limit;
        while !remaining.is_empty() && Instant::now() < deadline {
            sleep(POLL);
            remaining = orphans(pgdata);
        }
    }
    match remaining.first() {
        None => Ok(()),
        Some(pid) => Err(Error::Leftover { data_dir: data_dir.to_path_buf(), pid: pid.as_raw() }),
    }
}

/// Every PostgreSQL process that works in this cluster.
#[cfg(target_os = "linux")]
fn orphans(pgdata: &Path) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(Pid::from_raw)
        .filter(|pid| is_ours(*pid, pgdata))
        .collect()
}

/// Without /proc the supervisor's back-off waits for them instead.
#[cfg(not(target_os = "linux"))]
fn orphans(_: &Path) -> Vec<Pid> {
    Vec::new()
}

/// Whether this process is a PostgreSQL of this cluster. A zombie has no working folder, so it counts as gone, which it is.
#[cfg(target_os = "linux")]
pub(crate) fn is_ours(pid: Pid, pgdata: &Path) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    fs::read_to_string(process.join("comm")).is_ok_and(|comm| comm.trim_end() == "postgres")
        && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == pgdata)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_ours(pid: Pid, pgdata: &Path) -> bool {
    let pid = pid.to_string();
    std::process::Command::new("ps").args(["-o", "command=", "-p", pid.as_str()]).output().is_ok_and(
        |output| {
            let command = String::from_utf8_lossy(&output.stdout).into_owned();
            command.contains("postgres") && command.contains(&*pgdata.to_string_lossy())
        },
    )
}
