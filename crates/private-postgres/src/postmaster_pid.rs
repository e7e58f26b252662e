//! Reads `postmaster.pid`, the file in which a PostgreSQL server says who and how far it is.
//!
//! The lines are: pid, data folder, start time, port, socket folder, listen address, shared memory key, status.
//! They are written one after another while the server starts, so every line but the first may still be missing.
//! Deliberately absent: any judgement whether that process lives; see `leftovers`.

use std::fs;
use std::path::{Path, PathBuf};

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostmasterPid {
    /// The server's process.
    pub(crate) pid: i32,
    /// The socket folder, once the server has opened its socket.
    pub(crate) socket_dir: Option<PathBuf>,
    /// Whether the server accepts connections.
    pub(crate) ready: bool,
}

impl PostmasterPid {
    /// Where the file lies in a cluster.
    pub(crate) fn path(pgdata: &Path) -> PathBuf {
        pgdata.join("postmaster.pid")
    }

    /// The file of this cluster; `None` when there is none, or none that makes sense (yet).
    pub(crate) fn read(pgdata: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(pgdata)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A stand-alone backend writes its pid as a negative number.
        let pid: i32 = lines.next()?.trim().parse().ok()?;
        let pid = pid.checked_abs().filter(|pid| *pid > 0)?;
        let mut rest = lines.skip(3);
        let socket_dir = rest.next().filter(|line| !line.is_empty()).map(PathBuf::from);
        let ready = rest.nth(2).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, socket_dir, ready })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str =
        "123\n/srv/data/pgdata\n1700000000\n5432\n/srv/data/run\n\n  5432001         7\nready   \n";

    #[test]
    fn a_ready_server() {
        let pid = PostmasterPid::parse(READY).unwrap();
        assert_eq!(pid.pid, 123);
        assert_eq!(pid.socket_dir.as_deref(), Some(Path::new("/srv/data/run")));
        assert!(pid.ready);
    }

    #[test]
    fn other_states_are_not_ready() {
        for status in ["starting", "stopping", "standby ", ""] {
            let pid = PostmasterPid::parse(&READY.replace("ready   ", status)).unwrap();
            assert!(!pid.ready, "{status}");
        }
    }

    #[test]
    fn every_half_written_file_is_survived() {
        for end in 0..READY.len() {
            let parsed = PostmasterPid::parse(READY.get(..end).unwrap());
            // Ready only once the word is complete; its padding does not matter.
            let complete = end >= READY.find("ready").unwrap() + "ready".len();
            assert_eq!(parsed.is_some_and(|pid| pid.ready), complete, "{end}");
        }
    }

    #[test]
    fn rubbish_is_none_and_single_user_mode_has_a_pid() {
        for text in ["", "\n", "x\n", "0\n", "-2147483648\n", "99999999999\n"] {
            assert_eq!(PostmasterPid::parse(text), None, "{text:?}");
        }
        assert_eq!(PostmasterPid::parse("-77\n").unwrap().pid, 77);
    }
}
