//! Taking away files that were uploaded and never attached to anything.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::files::{StorageKey, UNATTACHED_PERIOD};
use ports::environment::Clock;
use ports::files::BlobStore;
use ports::store::{Store, UnitOfWork};

use super::discard;
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// How many are taken away in one transaction.
const PAGE: usize = 500;

/// Takes away files that nobody attached. To be run now and then, by one process at a time or several.
pub struct SweepFiles {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Has the bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl SweepFiles {
    /// Takes away what was uploaded more than [`UNATTACHED_PERIOD`] ago and is attached to nothing.
    /// Returns how many.
    ///
    /// # Errors
    /// Those of storage; what was taken away by then is gone.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let before = self.clock.now() - UNATTACHED_PERIOD;
        let mut removed: u64 = 0;
        loop {
            // The rows first: a blob without a row is found by the other sweep.
            let keys = transact(self.store.as_ref(), &Taking { before }).await?;
            for key in &keys {
                discard(self.blobs.as_ref(), key).await;
            }
            removed = removed.saturating_add(u64::try_from(keys.len()).unwrap_or(u64::MAX));
            if keys.len() < PAGE {
                return Ok(removed);
            }
        }
    }
}

struct Taking {
    before: DateTime<Utc>,
}

impl Transaction for Taking {
    type Output = Vec<StorageKey>;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Vec<StorageKey>, UseCaseError> {
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        Ok(work.attachments().take_unattached(self.before, limit).await?)
    }
}
