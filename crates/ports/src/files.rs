//! Files: rows, bytes, and what is asked of both.
//!
//! A file is a row and a blob. The blob is there before the row is written and goes after the row is
//! gone, so that a row always has its blob; blobs without a row are found by [`FileQueries::known`].

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::files::{
    Attachment, ContentFault, ContentHash, File, FileName, MediaType, PictureFault, Purpose, StorageKey,
    Uploaded,
};
use domain::identity::Role;
use domain::ids::{FileId, OrderId, UserId};
use domain::messaging::policy::ChatAccess;
use domain::orders::policy::OrderAccess;
use thiserror::Error;

use crate::store::{Cause, StoreError};

/// The rows of files.
#[async_trait]
pub trait Files: Send {
    /// Adds a file.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a second avatar of one person.
    async fn insert(&mut self, file: &File) -> Result<(), StoreError>;

    /// Loads a file.
    async fn find(&mut self, id: FileId) -> Result<Option<File>, StoreError>;

    /// Loads the file of somebody's avatar. Whoever is going to replace it holds its owner's lock.
    async fn avatar_of(&mut self, owner_id: UserId) -> Result<Option<File>, StoreError>;

    /// Takes a file away.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is gone already.
    async fn remove(&mut self, id: FileId) -> Result<(), StoreError>;

    /// Writes into somebody's profile where their picture is.
    ///
    /// # Errors
    /// [`StoreError::Stale`] for somebody without a profile.
    async fn set_avatar_url(
        &mut self,
        user_id: UserId,
        url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// What somebody has uploaded after `since` to be attached.
    async fn uploaded_since(
        &mut self,
        owner_id: UserId,
        since: DateTime<Utc>,
    ) -> Result<Uploaded, StoreError>;
}

/// What files are attached to.
#[async_trait]
pub trait Attachments: Send {
    /// Those of `ids` that there are, in no particular order. They never change, and stay until the
    /// transaction ends: whoever is taking one away is waited for, and nobody begins to.
    async fn files(&mut self, ids: &[FileId]) -> Result<Vec<File>, StoreError>;

    /// How many files of one side an order has. Whoever is going to add some holds the order's lock.
    async fn count(&mut self, order_id: OrderId, owner_id: UserId) -> Result<u64, StoreError>;

    /// Attaches files, of which each exists; all of them or none. What they are attached to is there.
    async fn attach(&mut self, attachments: &[Attachment]) -> Result<AttachClaim, StoreError>;

    /// Takes away at most `limit` files that were uploaded before `before` to be attached, and never
    /// were; none that somebody is attaching at this moment. Returns where their bytes are.
    async fn take_unattached(
        &mut self,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<StorageKey>, StoreError>;
}

/// Whether files could be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum AttachClaim {
    /// They are.
    Granted,
    /// One of them is attached to something already.
    Taken,
}

/// A file as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// Its identifier.
    pub id: FileId,
    /// Who uploaded it.
    pub owner_id: UserId,
    /// What they are.
    pub owner_role: Role,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is called.
    pub name: FileName,
    /// In bytes.
    pub size: u64,
    /// What its bytes say it is.
    pub media_type: MediaType,
    /// Of its bytes.
    pub hash: ContentHash,
    /// Where its bytes are.
    pub storage_key: StorageKey,
    /// When all of it was there.
    pub created_at: DateTime<Utc>,
    /// What decides who may have it, if it is attached to something.
    pub access: Option<FileAccess>,
}

/// What decides who may have a file that is attached to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAccess {
    /// It belongs to an order.
    Order(OrderAccess),
    /// It was sent in a chat.
    Chat(ChatAccess),
}

/// Questions about files.
#[async_trait]
pub trait FileQueries: Send + Sync {
    /// One file, and what it is attached to.
    async fn file(&self, id: FileId) -> Result<Option<FileView>, StoreError>;

    /// Those of `keys` under which a file is known.
    async fn known(&self, keys: &[StorageKey]) -> Result<Vec<StorageKey>, StoreError>;
}

/// The place where bytes are kept did not do what it was asked; the cause is for the log.
#[derive(Debug, Error)]
#[error("the file store failed: {0}")]
pub struct BlobError(#[source] pub Cause);

/// Keeps bytes by name. A name appears with all of its bytes or not at all.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Begins to write a blob. Nobody sees it before [`BlobWriter::finish`].
    async fn begin(&self, key: &StorageKey) -> Result<Box<dyn BlobWriter>, BlobError>;

    /// Opens a blob to be read from its beginning; `None` when there is none.
    async fn open(&self, key: &StorageKey) -> Result<Option<Blob>, BlobError>;

    /// Takes a blob away. One that is not there is no error.
    async fn delete(&self, key: &StorageKey) -> Result<(), BlobError>;

    /// Begins to list all blobs, in no particular order.
    async fn list(&self) -> Result<Box<dyn BlobListing>, BlobError>;

    /// Takes away what was begun before `before` and never finished, as a crash leaves it. Returns how
    /// many; none where the store does this by itself.
    async fn forget_unfinished(&self, before: DateTime<Utc>) -> Result<u64, BlobError>;
}

/// A blob that is being written. Dropping it gives it up as well as it can without waiting.
#[async_trait]
pub trait BlobWriter: Send {
    /// Adds a piece.
    async fn write(&mut self, piece: Bytes) -> Result<(), BlobError>;

    /// Makes the blob appear, durably.
    async fn finish(self: Box<Self>) -> Result<(), BlobError>;

    /// Gives it up and leaves nothing behind.
    async fn abort(self: Box<Self>) -> Result<(), BlobError>;
}

/// A list of blobs that is read bit by bit.
#[async_trait]
pub trait BlobListing: Send {
    /// At most `limit` further blobs; none after the last one.
    async fn page(&mut self, limit: usize) -> Result<Vec<StoredBlob>, BlobError>;
}

/// A blob to be read.
pub struct Blob {
    /// How many bytes will come.
    pub size: u64,
    /// The bytes.
    pub content: Box<dyn ByteSource>,
}

/// A blob as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its name.
    pub key: StorageKey,
    /// When it appeared, by the store's own clock.
    pub stored_at: DateTime<Utc>,
}

/// Bytes that come piece by piece.
#[async_trait]
pub trait ByteSource: Send {
    /// The next piece; `None` after the last one.
    ///
    /// # Errors
    /// [`Interrupted`] when the rest will not come.
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted>;
}

/// Not all bytes came.
#[derive(Debug, Error)]
#[error("the bytes broke off: {0}")]
pub struct Interrupted(#[source] pub Cause);

/// Makes inspectors.
pub trait Inspectors: Send + Sync {
    /// One for the bytes of one file.
    fn begin(&self) -> Box<dyn Inspector>;
}

/// Finds out what the bytes of a file are while they pass, and takes out of a picture what is none of
/// it: where it was taken, with what, and all else that does not change how it is seen. Keeps a
/// bounded part of them in memory.
pub trait Inspector: Send {
    /// Looks at the next piece, and hands out what is to be kept of what has come so far.
    ///
    /// # Errors
    /// [`ContentFault`] as soon as it is clear that the file will not be taken.
    fn read(&mut self, piece: Bytes) -> Result<Bytes, ContentFault>;

    /// Says what all of it is, and hands out the last that is to be kept.
    ///
    /// # Errors
    /// [`ContentFault`].
    fn finish(self: Box<Self>) -> Result<(Inspected, Bytes), ContentFault>;
}

/// What the bytes of a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// How many are to be kept.
    pub size: u64,
    /// What they are.
    pub media_type: MediaType,
    /// SHA-256 of those that are to be kept.
    pub hash: ContentHash,
}

/// Why a picture could not be worked on.
#[derive(Debug, Error)]
pub enum ImageError {
    /// Too many are waiting already.
    #[error("too many pictures are being worked on at present")]
    Busy,
    /// The picture's own fault.
    #[error(transparent)]
    Refused(#[from] PictureFault),
    /// A fault of the tool.
    #[error("working on a picture failed: {0}")]
    Failed(#[source] Cause),
}

/// A picture that was made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its bytes.
    pub bytes: Bytes,
    /// What they are.
    pub media_type: MediaType,
}

/// Works on pictures, off the async threads.
#[async_trait]
pub trait ImageTool: Send + Sync {
    /// Makes an avatar: upright, square, cut from the middle, at most
    /// [`AVATAR_EDGE`](domain::files::AVATAR_EDGE) pixels wide, without anything but its pixels (no
    /// place, no camera, no text). Size is checked before anything is decoded.
    ///
    /// # Errors
    /// See [`ImageError`].
    async fn avatar(&self, picture: Bytes, media_type: MediaType) -> Result<Picture, ImageError>;
}

/// Signs links to files, so that whoever has one needs no login for a while.
pub trait DownloadSigner: Send + Sync {
    /// The signature of a link that is good until `expires` (Unix seconds). Safe in a URL.
    fn sign(&self, id: FileId, expires: i64) -> String;

    /// Whether it is that signature; takes the same time whatever is wrong with it.
    fn verify(&self, id: FileId, expires: i64, signature: &str) -> bool;
}
