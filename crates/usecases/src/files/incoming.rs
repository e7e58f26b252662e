//! Bytes on their way in: inspected as they pass, bounded, and complete or gone.

use bytes::Bytes;
use domain::files::StorageKey;
use ports::files::{BlobStore, BlobWriter, ByteSource, Inspected, Inspector, Inspectors};

use crate::error::UseCaseError;

/// The field of the form that the bytes come in.
const FIELD: &str = "file";

/// Reads all of `content` into memory, as it came; for what is small and is going to be worked on.
pub(super) async fn take_all(
    inspectors: &dyn Inspectors,
    content: &mut dyn ByteSource,
    limit: u64,
) -> Result<(Bytes, Inspected), UseCaseError> {
    let mut inspector = inspectors.begin();
    let mut all = Vec::new();
    let mut left = limit;
    while let Some(piece) = next(content).await? {
        left = left.checked_sub(length(&piece)).ok_or(UseCaseError::TooLarge { limit })?;
        all.extend_from_slice(&piece);
        inspector.read(piece)?;
    }
    let (inspected, _) = inspector.finish()?;
    Ok((all.into(), inspected))
}

/// Keeps bytes that were made here, and says what they are.
pub(super) async fn put(
    blobs: &dyn BlobStore,
    key: &StorageKey,
    inspectors: &dyn Inspectors,
    bytes: Bytes,
) -> Result<Inspected, UseCaseError> {
    let mut inspector = inspectors.begin();
    let kept = inspector.read(bytes)?;
    let (inspected, last) = inspector.finish()?;
    let mut incoming = Incoming { writer: blobs.begin(key).await? };
    for piece in [kept, last] {
        if let Err(error) = incoming.write(piece).await {
            incoming.discard().await;
            return Err(error);
        }
    }
    incoming.keep().await.map(|()| inspected)
}

/// A blob all of whose bytes have come, which nobody sees yet.
pub(super) struct Incoming {
    writer: Box<dyn BlobWriter>,
}

impl Incoming {
    /// Reads all of `content` into a blob that is not finished yet. On an error nothing is left.
    ///
    /// # Errors
    /// `TooLarge`; those of the inspector; `Invalid` when the bytes break off; those of the store.
    pub(super) async fn receive(
        blobs: &dyn BlobStore,
        key: &StorageKey,
        inspectors: &dyn Inspectors,
        content: &mut dyn ByteSource,
        limit: u64,
    ) -> Result<(Self, Inspected), UseCaseError> {
        let mut incoming = Self { writer: blobs.begin(key).await? };
        match incoming.fill(inspectors.begin(), content, limit).await {
            Ok(inspected) => Ok((incoming, inspected)),
            Err(error) => {
                incoming.discard().await;
                Err(error)
            }
        }
    }

    async fn fill(
        &mut self,
        mut inspector: Box<dyn Inspector>,
        content: &mut dyn ByteSource,
        limit: u64,
    ) -> Result<Inspected, UseCaseError> {
        let mut left = limit;
        while let Some(piece) = next(content).await? {
            left = left.checked_sub(length(&piece)).ok_or(UseCaseError::TooLarge { limit })?;
            self.write(inspector.read(piece)?).await?;
        }
        let (inspected, last) = inspector.finish()?;
        self.write(last).await?;
        Ok(inspected)
    }

    async fn write(&mut self, piece: Bytes) -> Result<(), UseCaseError> {
        if !piece.is_empty() {
            self.writer.write(piece).await?;
        }
        Ok(())
    }

    /// Makes the blob appear.
    pub(super) async fn keep(self) -> Result<(), UseCaseError> {
        Ok(self.writer.finish().await?)
    }

    /// Gives it up.
    pub(super) async fn discard(self) {
        if let Err(error) = self.writer.abort().await {
            tracing::warn!(%error, "an upload that was given up may have left something; the sweep will find it");
        }
    }
}

async fn next(content: &mut dyn ByteSource) -> Result<Option<Bytes>, UseCaseError> {
    content.next().await.map_err(|error| {
        tracing::debug!(%error, "an upload broke off");
        UseCaseError::field(FIELD, "could not be read to its end")
    })
}

fn length(piece: &Bytes) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}
