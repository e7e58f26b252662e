//! Makes the cluster: `initdb`, then the roles and the database, then one rename.
//!
//! Invariant: `pgdata` either does not exist or is complete. All work happens in `pgdata.init`, which is thrown
//! away and begun anew when a start finds it. The roles and the database are made by PostgreSQL's stand-alone
//! backend, so no client library and no running server are needed. Deliberately absent: tables; migrations make them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, lchown};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use nix::sys::signal::Signal;

use crate::binaries::Binaries;
use crate::error::one_line_tail;
use crate::identity::Identity;
use crate::{Error, spawn};

/// Statements end with a semicolon and an empty line (`-j`), each is a transaction of its own.
const ROLES_AND_DATABASE: &str = "\
CREATE ROLE guildhall_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;

CREATE ROLE guildhall_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;

CREATE DATABASE guildhall OWNER guildhall_owner;

GRANT CONNECT ON DATABASE guildhall TO guildhall_app;

";

const SCHEMA: &str = "\
ALTER SCHEMA public OWNER TO guildhall_owner;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA public TO guildhall_app;

";

/// Where the cluster lies in a data folder.
pub(crate) fn pgdata(data_dir: &Path) -> PathBuf {
    data_dir.join("pgdata")
}

/// Whether the data folder has no cluster yet.
pub(crate) fn is_missing(data_dir: &Path) -> bool {
    !pgdata(data_dir).exists()
}

/// Makes the cluster if there is none, and makes sure that `identity` owns it.
pub(crate) fn ensure(
    data_dir: &Path,
    binaries: &Binaries,
    identity: Identity,
    durable: bool,
) -> Result<(), Error> {
    let pgdata = pgdata(data_dir);
    let unfinished = data_dir.join("pgdata.init");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io("remove the unfinished cluster", &unfinished)(error));
        }
        _ => {}
    }
    if !is_missing(data_dir) {
        return adopt(&pgdata, identity);
    }
    let maker = Maker { data_dir, unfinished: &unfinished, binaries, identity, durable };
    maker.initdb()?;
    maker.run_sql("postgres", ROLES_AND_DATABASE)?;
    maker.run_sql("guildhall", SCHEMA)?;
    fs::rename(&unfinished, &pgdata).map_err(Error::io("rename", &unfinished))?;
    if durable {
        File::open(data_dir).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", data_dir))?;
    }
    Ok(())
}

struct Maker<'a> {
    data_dir: &'a Path,
    unfinished: &'a Path,
    binaries: &'a Binaries,
    identity: Identity,
    durable: bool,
}

impl Maker<'_> {
    fn initdb(&self) -> Result<(), Error> {
        // Some systems have no C.UTF-8.
        let first = self.try_initdb("--locale=C.UTF-8")?;
        if first.status.success() {
            return Ok(());
        }
        let second = self.try_initdb("--no-locale")?;
        if second.status.success() {
            return Ok(());
        }
        Err(Error::InitdbFailed {
            data_dir: self.data_dir.to_path_buf(),
            tail: one_line_tail(&String::from_utf8_lossy(&second.stderr)),
        })
    }

    fn try_initdb(&self, locale: &str) -> Result<Output, Error> {
        let folder = self.unfinished;
        // A failed attempt leaves it empty at best.
        fs::remove_dir_all(folder).ok();
        DirBuilder::new().mode(0o700).create(folder).map_err(Error::io("make the folder", folder))?;
        let (uid, gid) = self.identity.file_owner();
        lchown(folder, Some(uid), Some(gid)).map_err(Error::io("change the owner of", folder))?;
        let initdb = self.binaries.initdb();
        // SIGKILL: an unfinished cluster is thrown away, so there is nothing to save.
        let mut command = spawn::confined(&initdb, self.identity, Signal::SIGKILL, None)
            .map_err(Error::io("run", &initdb))?;
        command
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", locale])
            .args(["--data-checksums", "--no-instructions"]);
        if !self.durable {
            command.arg("--no-sync");
        }
        command.arg("-D").arg(folder).output().map_err(Error::io("run", &initdb))
    }

    /// Runs statements in the stand-alone backend; the first that fails ends it with an error.
    fn run_sql(&self, database: &str, sql: &str) -> Result<(), Error> {
        let postgres = self.binaries.postgres();
        let failed = Error::io("run", &postgres);
        let mut command = spawn::confined(&postgres, self.identity, Signal::SIGKILL, None)
            .map_err(Error::io("run", &postgres))?;
        command.args(["--single", "-j", "-c", "exit_on_error=on"]);
        if !self.durable {
            command.arg("-F");
        }
        command
            .arg("-D")
            .arg(self.unfinished)
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut run = || {
            let mut child = command.spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                match stdin.write_all(sql.as_bytes()) {
                    // It ended early; what it said matters more than the broken pipe.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                    other => other?,
                }
            }
            child.wait_with_output()
        };
        let output = run().map_err(failed)?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::BootstrapFailed {
            data_dir: self.data_dir.to_path_buf(),
            tail: one_line_tail(&String::from_utf8_lossy(&output.stderr)),
        })
    }
}

/// The data folder may have been moved, or is now used by root instead of a user: the files follow the identity.
fn adopt(pgdata: &Path, identity: Identity) -> Result<(), Error> {
    let (uid, gid) = identity.file_owner();
    let owner = fs::metadata(pgdata).map_err(Error::io("read", pgdata))?.uid();
    if owner == uid {
        return Ok(());
    }
    tracing::info!(from = owner, to = uid, "private PostgreSQL: changing the owner of the cluster's files");
    // The top folder last: it is the mark that all is done, and a start killed half-way does it again.
    change_owner(pgdata, uid, gid)
}

fn change_owner(path: &Path, uid: u32, gid: u32) -> Result<(), Error> {
    let meta = fs::symlink_metadata(path).map_err(Error::io("read", path))?;
    if meta.is_dir() {
        for entry in fs::read_dir(path).map_err(Error::io("list", path))? {
            change_owner(&entry.map_err(Error::io("list", path))?.path(), uid, gid)?;
        }
    }
    lchown(path, Some(uid), Some(gid)).map_err(Error::io("change the owner of", path))
}
