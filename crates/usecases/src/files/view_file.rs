//! Seeing a file, and being given a link to its bytes.

use std::sync::Arc;

use domain::actor::Actor;
use domain::files::Purpose;
use domain::files::policy::{Standing, may_read};
use domain::ids::FileId;
use domain::{messaging, orders};
use ports::files::{FileAccess, FileQueries};

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
            .filter(|file| may_read(actor, file.owner_id, standing(actor, file.access)))
            .ok_or(UseCaseError::NotFound)?;
        Ok(ShownFile { download_url: self.passes.issue(file.id), file })
    }
}

/// What somebody is to a file, by what it is attached to.
fn standing(actor: &Actor, access: Option<FileAccess>) -> Standing {
    match access {
        None => Standing::Unattached,
        Some(FileAccess::Order(order)) => {
            Standing::OfOrder { is_party: orders::policy::may_read(actor, &order) }
        }
        Some(FileAccess::Chat(chat)) => {
            Standing::OfChat { is_party: messaging::policy::may_read(actor, &chat) }
        }
    }
}
