//! The lock of the data folder: one Guildhall at a time.
//!
//! It is an advisory `flock` on `embedded.lock`, which the kernel drops when the holder dies in whatever way, so
//! it never goes stale. The file's content, the holder's pid, serves the error message only. The file is never
//! removed: that would let two processes hold two locks on two files of one name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::Error;

/// Holds the data folder until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says at once who has it.
    pub(crate) fn acquire(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("embedded.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Best effort: the pid only decorates the message.
                file.read_to_string(&mut holder).ok();
                return Err(Error::AlreadyRunning {
                    data_dir: data_dir.to_path_buf(),
                    pid: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(Error::io("write", &path))?;
        Ok(Self { _file: file })
    }
}
