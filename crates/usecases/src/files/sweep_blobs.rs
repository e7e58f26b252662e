//! Taking away blobs that no row knows: what a crash leaves between the two.

use std::sync::Arc;

use domain::files::StorageKey;
use ports::environment::Clock;
use ports::files::{BlobStore, FileQueries};

use super::{discard, long_before};
use crate::error::UseCaseError;

/// How many blobs are looked at with one question.
const PAGE: usize = 500;

/// Takes blobs without a row away. To be run now and then, by one process at a time or several.
pub struct SweepBlobs {
    /// Has the bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Knows the rows.
    pub files: Arc<dyn FileQueries>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Blobs that were looked at.
    pub seen: u64,
    /// Those that no row knows, and that were taken away.
    pub removed: u64,
    /// Uploads that never came to an end.
    pub unfinished: u64,
}

impl SweepBlobs {
    /// Looks at every blob. Those of the last two hours are left alone: their row may be on its way.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn execute(&self) -> Result<Swept, UseCaseError> {
        let before = long_before(self.clock.now());
        let unfinished = self.blobs.forget_unfinished(before).await?;
        let mut swept = Swept { unfinished, ..Swept::default() };
        let mut listing = self.blobs.list().await?;
        loop {
            let page = listing.page(PAGE).await?;
            if page.is_empty() {
                return Ok(swept);
            }
            let old: Vec<StorageKey> =
                page.iter().filter(|blob| blob.stored_at < before).map(|blob| blob.key.clone()).collect();
            let known = self.files.known(&old).await?;
            for key in old.iter().filter(|key| !known.contains(key)) {
                tracing::info!(%key, "taking away a blob without a row");
                discard(self.blobs.as_ref(), key).await;
                swept.removed = swept.removed.saturating_add(1);
            }
            swept.seen = swept.seen.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        }
    }
}
