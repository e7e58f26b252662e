//! The connection URLs: always the unix socket, never TCP, never a password (`trust` in a folder of mode 0700).

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The port that names the socket file; nothing listens on TCP.
pub(crate) const PORT: u16 = 5432;
/// The database of the application.
pub(crate) const DATABASE: &str = "guildhall";

/// Whom to connect as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Owns the database and its schema; runs the migrations.
    Owner,
    /// Serves; owns nothing.
    App,
    /// `postgres`; only for making databases (tests) and for repairs.
    Superuser,
}

impl Role {
    /// The role's name inside PostgreSQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "guildhall_owner",
            Self::App => "guildhall_app",
            Self::Superuser => "postgres",
        }
    }
}

/// How to reach a running private PostgreSQL, no matter which process runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    socket_dir: PathBuf,
}

impl Running {
    pub(crate) fn new(socket_dir: PathBuf) -> Self {
        Self { socket_dir }
    }

    /// For migrations: `guildhall_owner` in the database `guildhall`.
    pub fn owner_url(&self) -> String {
        self.url(Role::Owner, DATABASE)
    }

    /// For serving: `guildhall_app` in the database `guildhall`.
    pub fn app_url(&self) -> String {
        self.url(Role::App, DATABASE)
    }

    /// For making databases: `postgres` in the database `postgres`.
    pub fn superuser_url(&self) -> String {
        self.url(Role::Superuser, "postgres")
    }

    /// Any role in any database (the tests have a database each).
    pub fn url(&self, role: Role, database: &str) -> String {
        format!(
            "postgres:///{}?host={}&port={PORT}&user={}",
            encode(database.as_bytes()),
            encode(self.socket_dir.as_os_str().as_bytes()),
            role.name()
        )
    }

    /// The folder with the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }
}

fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for half in [byte >> 4, byte & 0x0f] {
                let digit = char::from_digit(u32::from(half), 16).unwrap_or('0');
                encoded.push(digit.to_ascii_uppercase());
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let running = Running::new("/srv/my data/run".into());
        assert_eq!(
            running.owner_url(),
            "postgres:///guildhall?host=%2Fsrv%2Fmy%20data%2Frun&port=5432&user=guildhall_owner"
        );
        assert!(running.app_url().ends_with("&user=guildhall_app"));
        assert!(running.superuser_url().starts_with("postgres:///postgres?"));
        assert!(running.url(Role::Owner, "a/b?c").starts_with("postgres:///a%2Fb%3Fc?"));
    }
}
