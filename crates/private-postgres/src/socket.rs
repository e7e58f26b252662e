//! The folder of the unix socket: `run` in the data folder, or a short one in the temp folder.
//!
//! The kernel limits a socket's path to 107 bytes, so a long data folder needs a short name elsewhere. Invariant:
//! the folder has mode 0700 and belongs to the server's identity or to us; that is the whole authentication.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::identity::Identity;
use crate::url::PORT;
use crate::{Error, leftovers};

/// Leaves room for `/.s.PGSQL.5432.lock`.
const LONGEST_BYTES: usize = 80;

/// The folder; a short one in the temp folder is removed on drop.
#[derive(Debug)]
pub(crate) struct SocketDir {
    path: PathBuf,
    temporary: bool,
}

impl SocketDir {
    /// Makes the folder, or takes the one from last time.
    pub(crate) fn prepare(data_dir: &Path, identity: Identity) -> Result<Self, Error> {
        let usual = data_dir.join("run");
        let (path, temporary) = if usual.as_os_str().len() <= LONGEST_BYTES {
            make_in_data_dir(&usual, identity).map_err(Error::io("prepare the socket folder", &usual))?;
            (usual, false)
        } else {
            (short(data_dir, identity)?, true)
        };
        leftovers::remove_socket(&path);
        Ok(Self { path, temporary })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        if self.temporary {
            leftovers::remove_socket(&self.path);
            // Best effort: an empty folder in the temp folder harms nobody.
            fs::remove_dir(&self.path).ok();
        }
    }
}

/// The files that the server makes in its socket folder.
pub(crate) fn files(folder: &Path) -> [PathBuf; 2] {
    [folder.join(format!(".s.PGSQL.{PORT}")), folder.join(format!(".s.PGSQL.{PORT}.lock"))]
}

fn short(data_dir: &Path, identity: Identity) -> Result<PathBuf, Error> {
    let mut last = None;
    let bases = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    for base in bases {
        let Ok(base) = fs::canonicalize(base) else {
            continue;
        };
        // The number helps when somebody else has taken the name, by accident or on purpose.
        for number in 0..10 {
            let name = format!("guildhall-{:016x}-{number}", fingerprint(data_dir));
            let path = base.join(name);
            if path.as_os_str().len() > LONGEST_BYTES {
                break;
            }
            match make(&path, identity) {
                Ok(()) => return Ok(path),
                Err(error) => last = Some((path, error)),
            }
        }
    }
    let (path, source) = last.unwrap_or_else(|| {
        let error = io::Error::other("every temp folder has too long a name");
        (data_dir.to_path_buf(), error)
    });
    Err(Error::io("make a short socket folder", &path)(source))
}

/// In our own data folder an existing one is ours, perhaps from another identity or restored with other modes.
fn make_in_data_dir(path: &Path, identity: Identity) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
        fs::set_permissions(path, Permissions::from_mode(0o700))?;
        let (uid, gid) = identity.file_owner();
        if fs::symlink_metadata(path)?.uid() != uid {
            chown(path, Some(uid), Some(gid))?;
        }
        return Ok(());
    }
    make(path, identity)
}

/// Makes the folder private, or accepts an existing one only if it is private and ours.
fn make(path: &Path, identity: Identity) -> io::Result<()> {
    let (uid, gid) = identity.file_owner();
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // Not following links: in a temp folder anyone may have put one there.
            let meta = fs::symlink_metadata(path)?;
            let ours = [uid, geteuid().as_raw()].contains(&meta.uid());
            if !meta.is_dir() || !ours || meta.mode() & 0o077 != 0 {
                return Err(io::Error::other("it exists, but not as a private folder of ours"));
            }
        }
        other => other?,
    }
    if fs::symlink_metadata(path)?.uid() != uid {
        chown(path, Some(uid), Some(gid))?;
    }
    Ok(())
}

/// FNV-1a: the same folder has the same name in every run and every build, unlike with std's hasher.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str()
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_open_to_others_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        DirBuilder::new().mode(0o755).create(&path).unwrap();
        assert!(make(&path, Identity::Own).is_err());
    }

    #[test]
    fn a_link_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        std::os::unix::fs::symlink(folder.path(), &path).unwrap();
        assert!(make(&path, Identity::Own).is_err());
    }

    #[test]
    fn fingerprints_are_stable() {
        assert_eq!(fingerprint(Path::new("a")), 0xaf63_dc4c_8601_ec8c);
    }
}
