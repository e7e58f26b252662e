//! The picture of a person, for everybody.

use std::sync::Arc;

use domain::files::Purpose;
use domain::ids::FileId;
use ports::files::{BlobStore, FileQueries};

use super::{Download, open};
use crate::error::UseCaseError;

/// Shows pictures of people.
pub struct ShowAvatar {
    /// Reads what they are.
    pub files: Arc<dyn FileQueries>,
    /// Has the bytes.
    pub blobs: Arc<dyn BlobStore>,
}

impl ShowAvatar {
    /// One picture.
    ///
    /// # Errors
    /// `NotFound` for a picture that was replaced or never was, and for any other file; those of storage.
    pub async fn execute(&self, id: FileId) -> Result<Download, UseCaseError> {
        let found = self.files.file(id).await?;
        let file = found.filter(|file| file.purpose == Purpose::Avatar).ok_or(UseCaseError::NotFound)?;
        open(self.blobs.as_ref(), self.files.as_ref(), file).await
    }
}
