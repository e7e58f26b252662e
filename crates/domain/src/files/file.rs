//! A file that somebody uploaded. It never changes: another version is another file.

use chrono::{DateTime, Utc};

use super::{ContentHash, FileName, MediaType, StorageKey};
use crate::ids::{FileId, UserId};
use crate::machine::word_enum;

word_enum!(
    /// What a file is for.
    Purpose {
        /// To be attached to something: an order, a submission, a message.
        Attachment = "attachment",
        /// The picture of a person. Everybody may see it; each person has one at most.
        Avatar = "avatar",
    }
);

impl Purpose {
    /// The first part of the storage keys.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Attachment => "attachments",
            Self::Avatar => "avatars",
        }
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its identifier.
    pub id: FileId,
    /// Who uploaded it.
    pub owner_id: UserId,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is called when it is downloaded.
    pub name: FileName,
    /// In bytes; above zero.
    pub size: u64,
    /// What its bytes say it is.
    pub media_type: MediaType,
    /// Of its bytes.
    pub hash: ContentHash,
    /// Where its bytes are.
    pub storage_key: StorageKey,
    /// When all of it was there.
    pub created_at: DateTime<Utc>,
}

/// What a new file needs.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Minted by the caller.
    pub id: FileId,
    /// Who uploads it.
    pub owner_id: UserId,
    /// What it is for.
    pub purpose: Purpose,
    /// Cleaned, with an extension that fits.
    pub name: FileName,
    /// In bytes.
    pub size: u64,
    /// What its bytes say it is.
    pub media_type: MediaType,
    /// Of its bytes.
    pub hash: ContentHash,
}

impl File {
    /// A file all of whose bytes have come.
    #[must_use]
    pub fn store(new: NewFile, now: DateTime<Utc>) -> Self {
        let NewFile { id, owner_id, purpose, name, size, media_type, hash } = new;
        let storage_key = StorageKey::of(purpose, id);
        Self { id, owner_id, purpose, name, size, media_type, hash, storage_key, created_at: now }
    }
}
