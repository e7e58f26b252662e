//! A file's bytes, for whoever has a link.

use std::sync::Arc;

use domain::files::Purpose;
use ports::files::{BlobStore, FileQueries};

use super::{Download, Pass, PassOffice, open};
use crate::error::UseCaseError;

/// Hands out files.
pub struct DownloadFile {
    /// Reads what they are.
    pub files: Arc<dyn FileQueries>,
    /// Has the bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Knows passes.
    pub passes: PassOffice,
}

impl DownloadFile {
    /// The file of a pass. Who shows it does not matter.
    ///
    /// # Errors
    /// `NotFound` for a pass that was not given here or is not good any more, and for a file that is
    /// gone; those of storage.
    pub async fn execute(&self, pass: &Pass) -> Result<Download, UseCaseError> {
        if !self.passes.is_good(pass) {
            return Err(UseCaseError::NotFound);
        }
        let found = self.files.file(pass.id).await?;
        let file = found.filter(|file| file.purpose == Purpose::Attachment).ok_or(UseCaseError::NotFound)?;
        open(self.blobs.as_ref(), self.files.as_ref(), file).await
    }
}
