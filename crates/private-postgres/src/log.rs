//! PostgreSQL's own log, `postgres.log` in the data folder: appended to, rotated away at start when it is large.
//!
//! Deliberately absent: rotation while running. The settings keep PostgreSQL terse, and its file descriptor could
//! not be exchanged without its log collector, one more process.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::Error;

const ROTATE_ABOVE_BYTES: u64 = 10 * 1024 * 1024;
/// More than this is never read back; only the last lines matter.
const READ_BACK_BYTES: u64 = 64 * 1024;

/// Where the log lies.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    path: PathBuf,
}

impl Log {
    /// The log of this data folder; a large one is moved to `postgres.log.1`, replacing the one before.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("postgres.log");
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.len() > ROTATE_ABOVE_BYTES) {
            fs::rename(&path, data_dir.join("postgres.log.1")).map_err(Error::io("rotate", &path))?;
        }
        Ok(Self { path })
    }

    /// The path, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A descriptor to hand to the server, and the position where it starts to write.
    pub(crate) fn appender(&self) -> Result<(File, u64), Error> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(&self.path)
            .map_err(Error::io("open", &self.path))?;
        let end = file.metadata().map_err(Error::io("read", &self.path))?.len();
        Ok((file, end))
    }

    /// What was written since `position`, at most its last 64 KiB; empty when it cannot be read.
    pub(crate) fn since(&self, position: u64) -> String {
        let read = || {
            let mut file = File::open(&self.path)?;
            let end = file.metadata()?.len();
            file.seek(SeekFrom::Start(position.max(end.saturating_sub(READ_BACK_BYTES))))?;
            let mut bytes = Vec::new();
            file.take(READ_BACK_BYTES).read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_rotated_away() {
        let folder = tempfile::tempdir().unwrap();
        let old = File::create(folder.path().join("postgres.log")).unwrap();
        old.set_len(ROTATE_ABOVE_BYTES + 1).unwrap();
        let log = Log::open(folder.path()).unwrap();
        assert!(!log.path().exists());
        assert!(folder.path().join("postgres.log.1").exists());
        let (_, start) = log.appender().unwrap();
        assert_eq!(start, 0);
        assert_eq!(log.since(start), "");
    }
}
