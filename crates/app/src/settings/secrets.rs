//! The program's secret keys: as set, or in development made once and kept in the data folder.
//!
//! Invariants: a key file appears complete or not at all, is never overwritten, and is readable by its owner
//! only. Two processes that start at once on one data folder end up with the same keys: whoever links its
//! file first wins, the other reads.
//!
//! Deliberately absent: rotation of what is kept here. Whoever wants new keys sets them, those of the files
//! behind the new ones where they are still needed, or deletes the files knowing what that costs.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretSlice;

use super::{Fault, Settings};

/// Bytes of a generated key, and the fewest that a key file may hold.
const KEY_BYTES: usize = 32;
/// No key file is longer; what is, is some other file.
const FILE_BYTES: u64 = 4096;
/// Bits of a file's mode by which others than its owner get at it.
const OTHERS: u32 = 0o077;

/// The keys that the program works with; not shown by `Debug`.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Signs access tokens and derives refresh tokens; 32 bytes or more.
    pub jwt: SecretSlice<u8>,
    /// Encrypt account details in the database; 32 bytes or more each. The first one seals, all of them
    /// open; there is at least one.
    pub field_encryption: Vec<SecretSlice<u8>>,
}

/// The keys that were set, and otherwise those in `<DATA_DIR>/secrets/`, which are made at the first call.
/// Touches the disk only for a key that was not set.
///
/// # Errors
/// When a file cannot be read or written, or does not hold a key; and in production when a key was not set.
pub fn resolve(settings: &Settings) -> Result<Secrets, Fault> {
    let resolve = |set: Option<&SecretSlice<u8>>, name: &str, file: &str| match set {
        Some(key) => Ok(key.clone()),
        None if settings.mode.is_production() => Err(Fault::new(format!("{name}: required in production"))),
        None => kept(&settings.data_dir.join("secrets"), file),
    };
    Ok(Secrets {
        jwt: resolve(settings.keys.jwt.as_ref(), "JWT_SECRET_KEY", "jwt.key")?,
        field_encryption: match settings.keys.field_encryption.as_slice() {
            [] => vec![resolve(None, "FIELD_ENCRYPTION_KEY", "field-encryption.key")?],
            ring => ring.to_vec(),
        },
    })
}

/// The key in this file; made now if there is none.
fn kept(folder: &Path, file: &str) -> Result<SecretSlice<u8>, Fault> {
    let path = folder.join(file);
    let failed = |what: &str, error: &io::Error| Fault::new(format!("{}: {what} ({error})", path.display()));
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    make_folder(folder).map_err(|error| failed("its folder cannot be made", &error))?;
    make(folder, file).map_err(|error| failed("cannot be made", &error))?;
    // Read back in any case: another process may have been first, and then its key is the one.
    read(&path)?.ok_or_else(|| Fault::new(format!("{}: disappeared while it was made", path.display())))
}

/// The key in the file; `None` when there is no such file.
fn read(path: &Path) -> Result<Option<SecretSlice<u8>>, Fault> {
    let failed = |error: &io::Error| Fault::new(format!("{}: cannot be read ({error})", path.display()));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let mode = file.metadata().map_err(|error| failed(&error))?.permissions().mode();
    if mode & OTHERS != 0 && file.set_permissions(Permissions::from_mode(0o600)).is_err() {
        return Err(Fault::new(format!("{}: others can read it; run: chmod 600 {0}", path.display())));
    }
    let mut text = Vec::new();
    file.take(FILE_BYTES).read_to_end(&mut text).map_err(|error| failed(&error))?;
    // The text itself is the key, as it is when it stands in the environment: what was made here can be
    // moved there and stays the same key. That it is base64 is only looked at to notice a broken file.
    let is_whole = STANDARD.decode(text.trim_ascii()).is_ok_and(|bytes| bytes.len() >= KEY_BYTES);
    let key = is_whole.then(|| text.trim_ascii().to_vec());
    key.map(|key| Some(SecretSlice::from(key))).ok_or_else(|| {
        Fault::new(format!(
            "{}: holds no key ({KEY_BYTES} bytes or more in base64); restore it from a backup. A new one is made when the file is \
             deleted, but what the old one signed or encrypted is lost",
            path.display()
        ))
    })
}

/// `<DATA_DIR>/secrets`, for its owner only. The data folder itself keeps the usual mode: the private
/// PostgreSQL may run as another user and has to get through it.
fn make_folder(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    if fs::metadata(folder)?.permissions().mode() & OTHERS != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Makes a key and puts it at its place, unless a file is there by then. Afterwards a file is there and on
/// the disk.
fn make(folder: &Path, file: &str) -> io::Result<()> {
    let temporary = Temporary(folder.join(format!(".{file}.{}", suffix()?)));
    let mut key = [0_u8; KEY_BYTES];
    rand::fill(&mut key).map_err(|_| io::Error::other("no random numbers"))?;

    let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary.0)?;
    written.write_all(STANDARD.encode(key).as_bytes())?;
    written.write_all(b"\n")?;
    written.sync_all()?;
    // A link, not a rename: it fails where a rename would replace the other process's key.
    match fs::hard_link(&temporary.0, folder.join(file)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(folder)?.sync_all()
}

fn suffix() -> io::Result<String> {
    let mut bytes = [0_u8; 8];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(format!("{:016x}.tmp", u64::from_ne_bytes(bytes)))
}

/// A file that is gone when this is dropped.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing depends on it: what stays behind is a key that nobody uses, readable by its owner only.
        fs::remove_file(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use secrecy::ExposeSecret as _;

    use super::*;

    fn settings(folder: &Path, pairs: &[(&str, &str)]) -> Settings {
        let pairs = pairs.iter().copied().chain([("DATA_DIR", folder.to_str().unwrap())]);
        Settings::from_sources(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())), [])
            .unwrap()
            .settings
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn made_once_kept_and_different_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        let first = resolve(&settings(&data, &[])).unwrap();
        let second = resolve(&settings(&data, &[])).unwrap();
        assert_eq!(first.jwt.expose_secret().len(), 44, "32 bytes in base64");
        assert_eq!(first.jwt.expose_secret(), second.jwt.expose_secret());
        assert_eq!(first.field_encryption[0].expose_secret(), second.field_encryption[0].expose_secret());
        assert_ne!(first.jwt.expose_secret(), first.field_encryption[0].expose_secret());
        let text = fs::read_to_string(data.join("secrets/jwt.key")).unwrap();
        assert_eq!(text.trim().as_bytes(), first.jwt.expose_secret(), "as if it stood in the environment");
    }

    #[test]
    fn only_the_owner_gets_at_them_and_nothing_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        resolve(&settings(folder.path(), &[])).unwrap();
        let secrets = folder.path().join("secrets");
        assert_eq!(mode(&secrets), 0o700);
        let mut names: Vec<String> = fs::read_dir(&secrets)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["field-encryption.key", "jwt.key"]);
        for name in names {
            assert_eq!(mode(&secrets.join(name)), 0o600);
        }
    }

    #[test]
    fn loose_permissions_are_tightened() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        fs::set_permissions(&secrets, Permissions::from_mode(0o755)).unwrap();
        resolve(&settings(folder.path(), &[])).unwrap();
        assert_eq!(mode(&secrets), 0o700);
        let key = secrets.join("jwt.key");
        fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
        resolve(&settings(folder.path(), &[])).unwrap();
        assert_eq!(mode(&key), 0o600);
    }

    #[test]
    fn processes_that_start_at_once_agree() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let settings = settings(folder.path(), &[]);
            let barrier = Barrier::new(8);
            let keys: Vec<Secrets> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            barrier.wait();
                            resolve(&settings).unwrap()
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            for other in &keys {
                assert_eq!(other.jwt.expose_secret(), keys[0].jwt.expose_secret());
                assert_eq!(
                    other.field_encryption[0].expose_secret(),
                    keys[0].field_encryption[0].expose_secret()
                );
            }
        }
    }

    /// The loser of the race comes to `make` when the file is there already.
    #[test]
    fn a_key_that_is_there_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), "jwt.key").unwrap();
        assert_eq!(mode(&folder.path().join("jwt.key")), 0o600, "from the beginning");
        let before = fs::read(folder.path().join("jwt.key")).unwrap();
        make(folder.path(), "jwt.key").unwrap();
        assert_eq!(fs::read(folder.path().join("jwt.key")).unwrap(), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
    }

    #[test]
    fn a_broken_file_is_a_fault_and_stays_as_it_is() {
        for text in ["", "hunter2", "aHVudGVyMg==", "%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("secrets/jwt.key");
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            let fault = resolve(&settings(folder.path(), &[])).unwrap_err().to_string();
            assert!(fault.contains("secrets/jwt.key: holds no key"), "{fault}");
            assert!(!fault.contains("hunter2"), "{fault}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secrets"), "a file").unwrap();
        let fault = resolve(&settings(folder.path(), &[])).unwrap_err().to_string();
        assert!(fault.contains("secrets/jwt.key: cannot be read"), "{fault}");
    }

    #[test]
    fn keys_that_are_set_win_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (jwt, field) = ("Vq2n7Lr0ZtYx5Wc8Kd3Hs6Jf9Gb1Mp4R", "Tw5Xz8Bv2Nm6Qk1Lj4Hg7Fd0Sa3Pe9Yu");
        let secrets =
            resolve(&settings(folder.path(), &[("JWT_SECRET_KEY", jwt), ("FIELD_ENCRYPTION_KEY", field)]))
                .unwrap();
        assert_eq!(secrets.jwt.expose_secret(), jwt.as_bytes());
        assert_eq!(secrets.field_encryption.len(), 1);
        assert_eq!(secrets.field_encryption[0].expose_secret(), field.as_bytes());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(!format!("{secrets:?}").contains("86"), "shows bytes");
    }

    #[test]
    fn production_never_makes_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path(), &[]);
        settings.mode = crate::settings::Mode::Production;
        assert!(
            resolve(&settings).unwrap_err().to_string().contains("JWT_SECRET_KEY: required in production")
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
