//! Finds the server programs: a given folder, else `PATH`, else where distributions put them, newest first.
//!
//! A cluster can only be opened by the major version that made it, so a data folder with a `PG_VERSION` narrows
//! the choice to that. Deliberately absent: downloading or bundling PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Options};

/// The oldest major version whose SQL the application relies on.
pub const OLDEST_MAJOR: u32 = 15;

/// A folder with the server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Holds `postgres` and `initdb`.
    pub dir: PathBuf,
    /// The major version, for example 15.
    pub major: u32,
    /// The full version, for example `15.18`.
    pub version: String,
}

impl Binaries {
    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }
}

/// Which server programs [`crate::PrivatePostgres::start`] would use.
///
/// # Errors
/// [`Error::BinariesNotFound`], [`Error::WrongMajor`] or [`Error::TooOld`].
pub fn find_binaries(options: &Options) -> Result<Binaries, Error> {
    let needed = cluster_major(&options.data_dir);
    let candidates = match &options.bin_dir {
        Some(dir) => vec![dir.clone()],
        None => search_path(),
    };
    let mut unsuitable: Vec<Binaries> = Vec::new();
    for dir in candidates {
        let Some(found) = inspect(&dir) else { continue };
        let suitable = match needed {
            Some(major) => found.major == major,
            None => found.major >= OLDEST_MAJOR,
        };
        if suitable {
            return Ok(found);
        }
        if !unsuitable.contains(&found) {
            unsuitable.push(found);
        }
    }
    if unsuitable.is_empty() {
        let searched = match &options.bin_dir {
            Some(dir) => format!("EMBEDDED_PG_BIN={} does not hold them", dir.display()),
            None => {
                "searched PATH, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, /usr/local/pgsql/bin, Homebrew"
                    .to_owned()
            }
        };
        return Err(Error::BinariesNotFound { searched });
    }
    let found = unsuitable
        .iter()
        .map(|one| format!("{} in {}", one.version, one.dir.display()))
        .collect::<Vec<_>>()
        .join(", ");
    Err(match needed {
        Some(needed) => Error::WrongMajor { data_dir: options.data_dir.clone(), needed, found },
        None => Error::TooOld { found },
    })
}

/// The major version that made the cluster in this data folder, if there is one.
fn cluster_major(data_dir: &Path) -> Option<u32> {
    let text = fs::read_to_string(crate::cluster::pgdata(data_dir).join("PG_VERSION")).ok()?;
    text.trim().parse().ok()
}

fn search_path() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).filter(|dir| dir.is_absolute()).collect())
        .unwrap_or_default();
    let mut versioned: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let major = name
                .to_str()
                .and_then(|name| name.strip_prefix(prefix))
                .and_then(|version| version.parse().ok());
            if let Some(major) = major {
                versioned.push((major, entry.path().join("bin")));
            }
        }
    }
    versioned.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    folders.extend(versioned.into_iter().map(|(_, dir)| dir));
    folders.extend(
        [
            "/usr/local/pgsql/bin",
            "/opt/homebrew/opt/postgresql/bin",
            "/usr/local/opt/postgresql/bin",
            "/opt/homebrew/bin",
            "/usr/local/bin",
        ]
        .map(PathBuf::from),
    );
    folders
}

/// Looks into one folder; asking the program itself is the only source of the version that holds everywhere.
fn inspect(dir: &Path) -> Option<Binaries> {
    let complete = |dir: &Path| dir.join("postgres").is_file() && dir.join("initdb").is_file();
    if !complete(dir) {
        return None;
    }
    // A folder such as /usr/local/bin may hold mere links; the real one also has pg_dump and the like.
    let real = fs::canonicalize(dir.join("postgres")).ok()?;
    let dir = match real.parent() {
        Some(parent) if complete(parent) => parent.to_path_buf(),
        _ => fs::canonicalize(dir).ok()?,
    };
    let output = Command::new(dir.join("postgres"))
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let (version, major) = parse_version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { dir, major, version })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` gives `15.18` and 15.
fn parse_version(text: &str) -> Option<(String, u32)> {
    let version = text.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_owned(), digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(
            parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(("15.18".to_owned(), 15))
        );
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1"), Some(("18beta1".to_owned(), 18)));
        assert_eq!(parse_version("command not found"), None);
    }

    #[test]
    fn a_given_folder_is_not_replaced_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(folder.path());
        options.bin_dir = Some(folder.path().to_path_buf());
        let error = find_binaries(&options).unwrap_err();
        assert!(matches!(error, Error::BinariesNotFound { .. }), "{error}");
        assert!(error.to_string().contains("DATABASE_URL"), "{error}");
    }

    #[test]
    fn a_cluster_is_opened_only_by_its_own_major() {
        let folder = tempfile::tempdir().unwrap();
        let pgdata = crate::cluster::pgdata(folder.path());
        fs::create_dir(&pgdata).unwrap();
        fs::write(pgdata.join("PG_VERSION"), "9\n").unwrap();
        let error = find_binaries(&Options::new(folder.path())).unwrap_err();
        assert!(matches!(error, Error::WrongMajor { needed: 9, .. }), "{error}");
    }
}
