//! Everything that can go wrong, said in one line that tells the operator what to do.
//!
//! Invariant: no message contains a line break, so that "one clear line per fault" holds for callers that print
//! it as it is. Deliberately absent: error codes; the caller decides on the exit code.

use std::io;
use std::path::{Path, PathBuf};

/// Why a private PostgreSQL could not be found, made, started, joined or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The lock of the data folder is held by somebody else.
    #[error("another Guildhall{} is using the data folder {data_dir}; stop it first or set DATA_DIR to another folder", holder(.pid))]
    AlreadyRunning {
        /// The contested folder.
        data_dir: PathBuf,
        /// Who holds it, as far as the lock file tells.
        pid: Option<u32>,
    },

    /// Another process holds the data folder, but its database does not become ready, so there is nothing to join.
    #[error("another Guildhall{} holds the data folder {data_dir}, but its database is not ready; wait for it or stop it (see {data_dir}/postgres.log)", holder(.pid))]
    NotReady {
        /// The contested folder.
        data_dir: PathBuf,
        /// Who holds it, as far as the lock file tells.
        pid: Option<u32>,
    },

    /// No PostgreSQL server programs on this machine.
    #[error(
        "no PostgreSQL server programs found ({searched}); set DATABASE_URL to use an existing server, install the distribution's postgresql package, or point EMBEDDED_PG_BIN at the folder that holds `postgres` and `initdb`"
    )]
    BinariesNotFound {
        /// Where we looked, or what was wrong with the folder that was given.
        searched: String,
    },

    /// The data folder was made by another major version than those installed.
    #[error(
        "the data folder {data_dir} was made by PostgreSQL {needed}, but only {found} is installed; install postgresql-{needed}, or point EMBEDDED_PG_BIN at its programs"
    )]
    WrongMajor {
        /// The folder with the cluster.
        data_dir: PathBuf,
        /// The major version in its `PG_VERSION`.
        needed: u32,
        /// The versions that are there, with their folders.
        found: String,
    },

    /// Only versions below [`crate::OLDEST_MAJOR`] are installed.
    #[error(
        "PostgreSQL {} or newer is needed, but only {found} is installed; install a newer postgresql package, point EMBEDDED_PG_BIN at one, or set DATABASE_URL",
        crate::OLDEST_MAJOR
    )]
    TooOld {
        /// The versions that are there, with their folders.
        found: String,
    },

    /// PostgreSQL refuses to run as root, and no other identity can reach the data folder.
    #[error(
        "PostgreSQL cannot use the data folder {data_dir} ({reason}); set DATA_DIR to a folder that an unprivileged user can reach, for example /var/lib/guildhall, or do not run as root"
    )]
    Unreachable {
        /// The folder.
        data_dir: PathBuf,
        /// What was tried.
        reason: String,
    },

    /// `initdb` failed.
    #[error("creating the database cluster in {data_dir} failed: {tail}")]
    InitdbFailed {
        /// The data folder.
        data_dir: PathBuf,
        /// The end of what initdb said.
        tail: String,
    },

    /// Making the roles and the database failed.
    #[error("preparing the roles and the database in {data_dir} failed: {tail}")]
    BootstrapFailed {
        /// The data folder.
        data_dir: PathBuf,
        /// The end of what the stand-alone backend said.
        tail: String,
    },

    /// The server ended, or did not become ready.
    #[error("the private PostgreSQL did not start: {tail} (see {log})")]
    StartFailed {
        /// The log of PostgreSQL.
        log: PathBuf,
        /// The end of what it said in this attempt.
        tail: String,
    },

    /// A server left over from an earlier run does not go away.
    #[error(
        "an old PostgreSQL (process {pid}) still runs on {data_dir} and does not stop; end it by hand and start again"
    )]
    Leftover {
        /// The data folder.
        data_dir: PathBuf,
        /// The old server.
        pid: i32,
    },

    /// The server survived even SIGKILL for seconds (a process stuck in the kernel).
    #[error(
        "the private PostgreSQL (process {pid}) does not end, not even on SIGKILL; is its disk or network file system stuck?"
    )]
    StopFailed {
        /// The server.
        pid: i32,
    },

    /// An operating system call failed.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What we tried, as in "cannot {doing} {path}".
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: names the action and the path.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}

fn holder(pid: &Option<u32>) -> String {
    match pid {
        Some(pid) => format!(" (process {pid})"),
        None => String::new(),
    }
}

/// The last few lines of what a program said, on one line.
pub(crate) fn one_line_tail(text: &str) -> String {
    const LINES: usize = 5;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let tail = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    if tail.is_empty() { "it said nothing".to_owned() } else { tail.join(" | ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_and_say_what_to_do() {
        let error = Error::AlreadyRunning { data_dir: "/srv/data".into(), pid: Some(42) };
        assert_eq!(
            error.to_string(),
            "another Guildhall (process 42) is using the data folder /srv/data; stop it first or set DATA_DIR to another folder"
        );
    }

    #[test]
    fn the_tail_is_one_line() {
        assert_eq!(one_line_tail("a\n\nb\nc\nd\ne\nf\n"), "b | c | d | e | f");
        assert_eq!(one_line_tail(""), "it said nothing");
    }
}
