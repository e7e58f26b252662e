//! Files: uploading, seeing and downloading them, and the pictures of people.
//!
//! Bytes go first and rows last: a blob is complete before the transaction that writes its row, and is
//! taken away again when that fails, so that a row always has its blob. What a crash leaves between
//! the two is a blob without a row; [`SweepBlobs`] takes those away.
//!
//! Attaching is asked of whatever files are attached to ([`crate::orders::AttachFiles`],
//! [`crate::contracts::SubmitMilestone`], [`crate::messaging::SendMessage`]); what they share is here.

mod attach;
mod download_file;
mod faults;
mod incoming;
mod set_avatar;
mod show_avatar;
mod sweep_blobs;
mod sweep_files;
mod upload_file;
mod view_file;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::files::StorageKey;
use domain::ids::FileId;
use ports::environment::Clock;
use ports::files::{Blob, BlobStore, DownloadSigner, FileQueries, FileView};

use crate::error::UseCaseError;

pub(crate) use attach::{attach, attach_to_order};
pub use download_file::DownloadFile;
pub use set_avatar::{AvatarChanged, AvatarForm, AvatarNaming, RemoveAvatar, SetAvatar};
pub use show_avatar::ShowAvatar;
pub use sweep_blobs::{SweepBlobs, Swept};
pub use sweep_files::SweepFiles;
pub use upload_file::{Naming, UploadFile};
pub use view_file::ViewFile;

/// How long a link to a file's bytes is good.
pub const PASS_TTL: TimeDelta = TimeDelta::minutes(10);

/// The right to download one file for a while, whoever shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Which file.
    pub id: FileId,
    /// Until when, Unix seconds.
    pub expires: i64,
    /// That it was given here.
    pub signature: String,
}

/// How a pass is written as an address.
pub type LinkForm = Arc<dyn Fn(&Pass) -> String + Send + Sync>;

/// Gives passes to those whose access was checked, and checks those that are shown.
#[derive(Clone)]
pub struct PassOffice {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Signs.
    pub signer: Arc<dyn DownloadSigner>,
    /// Writes them as addresses.
    pub link: LinkForm,
}

impl PassOffice {
    /// An address of the file's bytes that is good from now on for [`PASS_TTL`]. The caller has
    /// checked that whoever gets it may have the file.
    #[must_use]
    pub fn issue(&self, id: FileId) -> String {
        let expires = (self.clock.now() + PASS_TTL).timestamp();
        (self.link)(&Pass { id, expires, signature: self.signer.sign(id, expires) })
    }

    /// Whether it was given here and is good still.
    fn is_good(&self, pass: &Pass) -> bool {
        let Pass { id, expires, signature } = pass;
        self.signer.verify(*id, *expires, signature) && self.clock.now().timestamp() < *expires
    }
}

/// A file, and the address of its bytes for whoever sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownFile {
    /// The file.
    pub file: FileView,
    /// Good for [`PASS_TTL`].
    pub download_url: String,
}

/// A file with its bytes.
pub struct Download {
    /// The file.
    pub file: FileView,
    /// Its bytes.
    pub blob: Blob,
}

/// Opens the bytes of a file whose row was read. Rows go before blobs: where there is no blob the file
/// was replaced or swept since, unless the row is still there.
async fn open(
    blobs: &dyn BlobStore,
    files: &dyn FileQueries,
    file: FileView,
) -> Result<Download, UseCaseError> {
    if let Some(blob) = blobs.open(&file.storage_key).await? {
        return Ok(Download { file, blob });
    }
    match files.file(file.id).await? {
        None => Err(UseCaseError::NotFound),
        Some(_) => Err(UseCaseError::Internal(format!("the blob {} is missing", file.storage_key).into())),
    }
}

/// Takes away the blob of a row that is not there, or not any more. It can wait: what is left behind
/// is found by [`SweepBlobs`].
async fn discard(blobs: &dyn BlobStore, key: &StorageKey) {
    if let Err(error) = blobs.delete(key).await {
        tracing::warn!(%error, %key, "a blob without a row could not be taken away; the sweep will find it");
    }
}

/// So long ago that nothing that began then is still going on.
fn long_before(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::hours(2)
}
