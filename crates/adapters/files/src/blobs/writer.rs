//! Writing one blob, in parts.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use ports::files::{BlobError, BlobWriter};

use super::failed;

/// Parts that may be on their way at once.
const PARTS_AT_ONCE: usize = 2;

/// What is smaller than a part is written with one request, everything else in parts.
pub(super) struct ObjectWriter {
    store: Arc<dyn ObjectStore>,
    place: Path,
    part: usize,
    /// What has come before the first part is full.
    held: Vec<Bytes>,
    held_bytes: usize,
    /// What is being written in parts. Dropping it leaves nothing in a folder, and in a bucket parts
    /// that belong to nothing: hence `abort`.
    upload: Option<WriteMultipart>,
}

impl ObjectWriter {
    pub(super) const fn new(store: Arc<dyn ObjectStore>, place: Path, part: usize) -> Self {
        Self { store, place, part, held: Vec::new(), held_bytes: 0, upload: None }
    }

    /// Goes on in parts.
    async fn begin_upload(&mut self) -> Result<(), BlobError> {
        let upload = self.store.put_multipart(&self.place).await.map_err(failed)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, self.part);
        self.held.drain(..).for_each(|piece| upload.put(piece));
        self.upload = Some(upload);
        Ok(())
    }
}

#[async_trait]
impl BlobWriter for ObjectWriter {
    async fn write(&mut self, piece: Bytes) -> Result<(), BlobError> {
        if let Some(upload) = &mut self.upload {
            upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(failed)?;
            upload.put(piece);
            return Ok(());
        }
        self.held_bytes = self.held_bytes.saturating_add(piece.len());
        self.held.push(piece);
        if self.held_bytes >= self.part { self.begin_upload().await } else { Ok(()) }
    }

    async fn finish(self: Box<Self>) -> Result<(), BlobError> {
        let Self { store, place, held, upload, .. } = *self;
        match upload {
            Some(upload) => upload.finish().await.map(drop),
            None => store.put(&place, PutPayload::from_iter(held)).await.map(drop),
        }
        .map_err(failed)
    }

    async fn abort(self: Box<Self>) -> Result<(), BlobError> {
        match self.upload {
            Some(upload) => upload.abort().await.map_err(failed),
            None => Ok(()),
        }
    }
}
