//! Bytes without a disk.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use domain::files::StorageKey;
use ports::environment::Clock;
use ports::files::{Blob, BlobError, BlobListing, BlobStore, BlobWriter, StoredBlob};

use crate::plain_files::Pieces;

/// Bytes by name, and when they appeared.
type Stored = BTreeMap<StorageKey, (Bytes, DateTime<Utc>)>;

/// Keeps blobs as long as the test, and counts those that are being written. Clones share everything.
#[derive(Clone)]
pub struct MemoryBlobs {
    clock: Arc<dyn Clock>,
    stored: Arc<Mutex<Stored>>,
    unfinished: Arc<AtomicUsize>,
    /// How many further calls succeed before one fails.
    faults: Arc<Mutex<VecDeque<usize>>>,
}

impl MemoryBlobs {
    /// An empty one.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, stored: Arc::default(), unfinished: Arc::default(), faults: Arc::default() }
    }

    /// The names of all blobs.
    #[must_use]
    pub fn keys(&self) -> Vec<StorageKey> {
        self.stored().keys().cloned().collect()
    }

    /// The bytes of a blob.
    #[must_use]
    pub fn bytes(&self, key: &StorageKey) -> Option<Bytes> {
        self.stored().get(key).map(|(bytes, _)| bytes.clone())
    }

    /// How many blobs are being written.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.unfinished.load(Ordering::SeqCst)
    }

    /// Makes a call fail after `calls` further ones have succeeded.
    pub fn fail_after(&self, calls: usize) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back(calls);
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self) -> Result<(), BlobError> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        match faults.front_mut() {
            Some(0) => {
                faults.pop_front();
                Err(BlobError("the test wanted it so".into()))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn begin(&self, key: &StorageKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        tokio::task::yield_now().await;
        self.call()?;
        self.unfinished.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Writer { blobs: self.clone(), key: key.clone(), bytes: BytesMut::new() }))
    }

    async fn open(&self, key: &StorageKey) -> Result<Option<Blob>, BlobError> {
        self.call()?;
        let Some(bytes) = self.bytes(key) else { return Ok(None) };
        let size = u64::try_from(bytes.len()).expect("a length");
        Ok(Some(Blob { size, content: Box::new(Pieces::of([bytes])) }))
    }

    async fn delete(&self, key: &StorageKey) -> Result<(), BlobError> {
        self.call()?;
        self.stored().remove(key);
        Ok(())
    }

    async fn list(&self) -> Result<Box<dyn BlobListing>, BlobError> {
        self.call()?;
        let stored = self.stored();
        let blobs = stored.iter().map(|(key, (_, at))| StoredBlob { key: key.clone(), stored_at: *at });
        Ok(Box::new(Listing(blobs.collect())))
    }

    async fn forget_unfinished(&self, _before: DateTime<Utc>) -> Result<u64, BlobError> {
        self.call()?;
        Ok(0)
    }
}

struct Listing(VecDeque<StoredBlob>);

#[async_trait]
impl BlobListing for Listing {
    async fn page(&mut self, limit: usize) -> Result<Vec<StoredBlob>, BlobError> {
        let count = limit.min(self.0.len());
        Ok(self.0.drain(..count).collect())
    }
}

struct Writer {
    blobs: MemoryBlobs,
    key: StorageKey,
    bytes: BytesMut,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.blobs.unfinished.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, piece: Bytes) -> Result<(), BlobError> {
        self.blobs.call()?;
        self.bytes.extend_from_slice(&piece);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), BlobError> {
        self.blobs.call()?;
        let (bytes, now) = (std::mem::take(&mut self.bytes).freeze(), self.blobs.clock.now());
        self.blobs.stored().insert(self.key.clone(), (bytes, now));
        Ok(())
    }

    async fn abort(self: Box<Self>) -> Result<(), BlobError> {
        Ok(())
    }
}
