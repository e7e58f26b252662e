//! Uploading a file, to be attached to something later.

use std::sync::Arc;

use domain::actor::Actor;
use domain::files::{DailyAllowance, File, FileName, NewFile, Purpose, StorageKey};
use domain::ids::FileId;
use ports::environment::{Clock, Ids};
use ports::files::{BlobStore, ByteSource, FileView, Inspected, Inspectors};
use ports::identity::Lock;
use ports::store::{Store, StoreError, UnitOfWork};

use super::incoming::Incoming;
use super::{PassOffice, ShownFile, discard};
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::transact::Transaction;

/// Takes files.
pub struct UploadFile {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Keeps the bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Look at the bytes.
    pub inspectors: Arc<dyn Inspectors>,
    /// Gives the uploader a pass.
    pub passes: PassOffice,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// The largest file that is taken, in bytes.
    pub max_bytes: u64,
}

/// Names a request (contract §1), which for a file can be done only when all of it has come.
pub type Naming = Box<dyn FnOnce(&File) -> Once<ShownFile> + Send>;

impl UploadFile {
    /// Takes a file called `name`. All of `content` is read, unless the file is refused before.
    /// Whatever goes wrong, neither a row nor a blob is left.
    ///
    /// # Errors
    /// `TooLarge`; `UnsupportedContent` for what is not taken, or is called what it is not;
    /// `Invalid` for nothing at all, and when the bytes break off; `Unprocessable` when the day's
    /// allowance is used up.
    pub async fn execute(
        &self,
        actor: &Actor,
        name: &str,
        content: &mut dyn ByteSource,
        naming: Naming,
    ) -> Result<Answered<ShownFile>, UseCaseError> {
        // The blob needs its name before its bytes come; when all are there is another time.
        let id = FileId::new(self.ids.uuid(self.clock.now()));
        let key = StorageKey::of(Purpose::Attachment, id);
        let (incoming, inspected) =
            Incoming::receive(self.blobs.as_ref(), &key, self.inspectors.as_ref(), content, self.max_bytes)
                .await?;
        let Inspected { size, media_type, hash } = inspected;
        let name = match FileName::for_content(name, media_type) {
            Ok(name) => name,
            Err(fault) => {
                incoming.discard().await;
                return Err(fault.into());
            }
        };
        incoming.keep().await?;
        let owner_id = actor.user_id;
        let new = NewFile { id, owner_id, purpose: Purpose::Attachment, name, size, media_type, hash };
        self.write_down(actor, new, naming).await
    }

    /// Writes the row, or takes the blob away again.
    async fn write_down(
        &self,
        actor: &Actor,
        new: NewFile,
        naming: Naming,
    ) -> Result<Answered<ShownFile>, UseCaseError> {
        let now = self.clock.now();
        let file = File::store(new, now);
        let once = naming(&file);
        let storing = Storing { actor, file: &file, passes: &self.passes };
        let outcome = transact_once(self.store.as_ref(), &storing, &once, now).await;
        let is_stored = match &outcome {
            Ok(Answered::Now(_)) => true,
            Ok(Answered::Before(_)) => false,
            Err(error) => error.may_have_happened(),
        };
        if !is_stored {
            discard(self.blobs.as_ref(), &file.storage_key).await;
        }
        outcome
    }
}

struct Storing<'a> {
    actor: &'a Actor,
    file: &'a File,
    passes: &'a PassOffice,
}

impl Transaction for Storing<'_> {
    type Output = ShownFile;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<ShownFile, UseCaseError> {
        let Self { actor, file, passes } = self;
        // Exclusively: two uploads at once must not both be the last that the allowance has room for.
        let owner = work.users().lock(actor.user_id, Lock::Exclusive).await?;
        let owner = owner.ok_or(UseCaseError::NotFound)?;
        owner.may_enter()?;
        let since = file.created_at - DailyAllowance::PERIOD;
        DailyAllowance::check(work.files().uploaded_since(owner.id, since).await?, file.size)?;
        work.files().insert(file).await?;
        let stored = work.files().find(file.id).await?;
        let stored = stored.ok_or(StoreError::Stale { what: "file" })?;
        let File { id, owner_id, purpose, name, size, media_type, hash, storage_key, created_at } = stored;
        let view = FileView {
            id,
            owner_id,
            owner_role: owner.role,
            purpose,
            name,
            size,
            media_type,
            hash,
            storage_key,
            created_at,
            access: None,
        };
        Ok(ShownFile { file: view, download_url: passes.issue(file.id) })
    }
}
