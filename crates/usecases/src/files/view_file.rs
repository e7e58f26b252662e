//! Seeing a file, and being given a link to its bytes.

use std::sync::Arc;

use domain::actor::Actor;
use domain::files::Purpose;
use domain::files::policy::{Standing, may_read};
use domain::ids::FileId;
use domain::orders;
use ports::files::FileQueries;

use super::{PassOffice, ShownFile};
use crate::error::UseCaseError;

/// Shows files to those who may have them.
pub struct ViewFile {
    /// Reads them.
    pub files: Arc<dyn FileQueries>,
    /// Gives passes.
    pub passes: PassOffice,
}

impl ViewFile {
    /// One file with a fresh pass. This is where access is checked: the pass itself asks nobody.
    ///
    /// # Errors
    /// `NotFound` for whoever may not have it, and for pictures of people, which have an address of
    /// their own; those of storage.
    pub async fn execute(&self, actor: &Actor, id: FileId) -> Result<ShownFile, UseCaseError> {
        let found = self.files.file(id).await?;
        let file = found
            .filter(|file| file.purpose == Purpose::Attachment)
            .filter(|file| {
                let is_party = file.order.is_some_and(|order| orders::policy::may_read(actor, &order));
                may_read(actor, Standing { owner_id: file.owner_id, is_party })
            })
            .ok_or(UseCaseError::NotFound)?;
        Ok(ShownFile { download_url: self.passes.issue(file.id), file })
    }
}
