//! As whom PostgreSQL runs: it refuses root, so a program started by root needs another identity for it.
//!
//! Each possibility is *tried*, with a child that takes the identity, enters the data folder and runs
//! `postgres --version`; computing permissions from mode bits would miss ACLs, mounts, seccomp and capabilities.
//! Order for root: a user that owns nothing else (a), a user namespace in which root's files are an ordinary
//! user's (b), an ordinary user who may ignore file modes (c), an error that proposes another folder (d). A
//! cluster that root owns was made in (b), so there (b) comes first.
//!
//! `initdb` and the server always run as the same identity. Deliberately absent: switching users when not root.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::Signal;
use nix::unistd::{Uid, User, geteuid};

use crate::{Error, cluster, spawn};

/// As whom the children run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// As we do.
    Own,
    /// As this user.
    User { uid: u32, gid: u32 },
    /// In a user namespace, where our user is called `inner_uid`. Outside, nothing changes.
    Namespace { inner_uid: u32, inner_gid: u32 },
    /// As this user, but reaching every file. Weaker than the others; hence the application's NOSUPERUSER roles.
    UserWithOverride { uid: u32, gid: u32 },
}

impl Identity {
    /// Who must own the cluster's files, seen from here.
    pub(crate) fn file_owner(self) -> (u32, u32) {
        match self {
            Self::User { uid, gid } | Self::UserWithOverride { uid, gid } => (uid, gid),
            Self::Own | Self::Namespace { .. } => (geteuid().as_raw(), nix::unistd::getegid().as_raw()),
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Own => "as the current user".to_owned(),
            Self::User { uid, .. } => format!("as user {}", user_name(uid)),
            Self::Namespace { .. } => "in a user namespace".to_owned(),
            Self::UserWithOverride { uid, .. } => {
                format!("as user {} with CAP_DAC_OVERRIDE", user_name(uid))
            }
        }
    }
}

/// Picks the first identity that works for this data folder (absolute, existing).
pub(crate) fn choose(data_dir: &Path, postgres: &Path) -> Result<Identity, Error> {
    let unreachable = |reason: String| Error::Unreachable { data_dir: data_dir.to_path_buf(), reason };
    let cluster_owner = owner(&cluster::pgdata(data_dir));
    if !geteuid().is_root() {
        return match cluster_owner {
            Some((uid, _)) if uid != geteuid().as_raw() => Err(unreachable(format!(
                "its database belongs to user {}, we run as {}",
                user_name(uid),
                user_name(geteuid().as_raw())
            ))),
            _ => Ok(own_identity(data_dir, postgres)),
        };
    }
    let mut failures: Vec<String> = Vec::new();
    for identity in candidates(cluster_owner, owner(data_dir)) {
        match try_out(identity, data_dir, postgres) {
            Ok(()) => {
                tracing::debug!(identity = %identity.describe(), "private PostgreSQL: identity chosen");
                return Ok(identity);
            }
            Err(error) => failures.push(format!("{}: {error}", identity.describe())),
        }
    }
    Err(unreachable(failures.join("; ")))
}

/// Not root. initdb insists on a name for its user; a container run with an arbitrary uid has none, but may
/// have user namespaces.
fn own_identity(data_dir: &Path, postgres: &Path) -> Identity {
    let nameless = !matches!(User::from_uid(geteuid()), Ok(Some(_)));
    if nameless && cluster::is_missing(data_dir) && try_out(namespace(), data_dir, postgres).is_ok() {
        return namespace();
    }
    Identity::Own
}

fn candidates(cluster: Option<(u32, u32)>, folder: Option<(u32, u32)>) -> Vec<Identity> {
    let root_cluster = cluster.is_some_and(|(uid, _)| uid == 0);
    let mut users: Vec<(u32, u32)> = Vec::new();
    let mut add = |user: Option<(u32, u32)>| {
        if let Some(user) = user.filter(|user| user.0 != 0 && !users.contains(user)) {
            users.push(user);
        }
    };
    add(cluster);
    if users_allowed_beside(cluster) {
        // initdb fails for a user without a name.
        add(folder.filter(|(uid, _)| named(*uid)));
        add(lookup("postgres"));
        add(lookup("nobody").or(Some((65534, 65534))));
    }
    let mut identities: Vec<Identity> = users.iter().map(|&(uid, gid)| Identity::User { uid, gid }).collect();
    if root_cluster {
        identities.insert(0, namespace());
    } else {
        identities.push(namespace());
    }
    identities.extend(users.iter().map(|&(uid, gid)| Identity::UserWithOverride { uid, gid }));
    identities
}

/// A cluster that an ordinary user owns stays with that user.
fn users_allowed_beside(cluster: Option<(u32, u32)>) -> bool {
    cluster.is_none_or(|(uid, _)| uid == 0)
}

/// Inside the namespace we need a uid that has a name, because initdb looks it up; 1000 is a mere guess.
fn namespace() -> Identity {
    let (inner_uid, inner_gid) = lookup("postgres").or_else(|| lookup("nobody")).unwrap_or((1000, 1000));
    Identity::Namespace { inner_uid, inner_gid }
}

/// Whether the identity can be taken, can enter the data folder, and can run the server program.
fn try_out(identity: Identity, data_dir: &Path, postgres: &Path) -> io::Result<()> {
    let result = probe(identity, data_dir, postgres);
    let Identity::User { gid, .. } = identity else {
        return result;
    };
    match (result, data_dir.parent()) {
        // Only the folder itself is closed, as we create it: let the user pass through it, and nobody else.
        (Err(error), Some(parent))
            if error.kind() == io::ErrorKind::PermissionDenied && closed_by_us(data_dir) =>
        {
            probe(identity, parent, postgres)?;
            let group_passes = Permissions::from_mode((fs::metadata(data_dir)?.mode() & 0o7777) | 0o010);
            std::os::unix::fs::chown(data_dir, None, Some(gid))?;
            fs::set_permissions(data_dir, group_passes)?;
            probe(identity, data_dir, postgres)
        }
        (result, _) => result,
    }
}

fn closed_by_us(data_dir: &Path) -> bool {
    fs::metadata(data_dir).is_ok_and(|meta| meta.uid() == geteuid().as_raw() && meta.mode() & 0o070 == 0)
}

fn probe(identity: Identity, folder: &Path, postgres: &Path) -> io::Result<()> {
    let status = spawn::confined(postgres, identity, Signal::SIGKILL, Some(folder))?
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("postgres --version: {status}"))) }
}

fn owner(path: &Path) -> Option<(u32, u32)> {
    fs::metadata(path).ok().map(|meta| (meta.uid(), meta.gid()))
}

fn lookup(name: &str) -> Option<(u32, u32)> {
    let user = User::from_name(name).ok()??;
    Some((user.uid.as_raw(), user.gid.as_raw()))
}

fn named(uid: u32) -> bool {
    matches!(User::from_uid(Uid::from_raw(uid)), Ok(Some(_)))
}

fn user_name(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(identities: &[Identity]) -> Vec<u32> {
        identities
            .iter()
            .filter_map(|identity| match identity {
                Identity::User { uid, .. } => Some(*uid),
                Identity::Own | Identity::Namespace { .. } | Identity::UserWithOverride { .. } => None,
            })
            .collect()
    }

    #[test]
    fn a_cluster_stays_with_its_owner() {
        let identities = candidates(Some((777, 777)), Some((0, 0)));
        assert_eq!(users(&identities), [777]);
        assert!(matches!(identities.get(1), Some(Identity::Namespace { .. })));
        assert_eq!(identities.get(2), Some(&Identity::UserWithOverride { uid: 777, gid: 777 }));
    }

    #[test]
    fn a_cluster_of_root_was_made_in_a_namespace() {
        let identities = candidates(Some((0, 0)), Some((0, 0)));
        assert!(matches!(identities.first(), Some(Identity::Namespace { .. })));
    }

    #[test]
    fn no_candidate_is_root() {
        for identity in candidates(None, Some((0, 0))) {
            assert!(
                matches!(identity, Identity::Namespace { .. }) || identity.file_owner().0 != 0,
                "{identity:?}"
            );
        }
    }
}
