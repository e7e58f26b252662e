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
    /// Nothing is taken away where the rows know fewer than half: then it is the rows that are missing
    /// (another database, an old copy of it, a bucket that others use), and not what a crash left.
    ///
    /// # Errors
    /// Those of storage; `Internal` where too many are unknown.
    pub async fn execute(&self) -> Result<Swept, UseCaseError> {
        let before = long_before(self.clock.now());
        let unfinished = self.blobs.forget_unfinished(before).await?;
        let mut swept = Swept { unfinished, ..Swept::default() };
        let (mut unknown, mut known): (Vec<StorageKey>, usize) = (Vec::new(), 0);
        let mut listing = self.blobs.list().await?;
        loop {
            let page = listing.page(PAGE).await?;
            if page.is_empty() {
                break;
            }
            swept.seen = swept.seen.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            let old = page.into_iter().filter(|blob| blob.stored_at < before);
            let old: Vec<StorageKey> = old.map(|blob| blob.key).collect();
            let rows = self.files.known(&old).await?;
            known = known.saturating_add(rows.len());
            unknown.extend(old.into_iter().filter(|key| !rows.contains(key)));
        }
        if unknown.len() > known {
            let unknown = unknown.len();
            return Err(UseCaseError::Internal(
                format!("of the stored files {unknown} are unknown and only {known} known: is this the right database?")
                    .into(),
            ));
        }
        for key in &unknown {
            tracing::info!(%key, "taking away a blob without a row");
            discard(self.blobs.as_ref(), key).await;
            swept.removed = swept.removed.saturating_add(1);
        }
        Ok(swept)
    }
}
