//! What files are attached to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::files::{Attachment, File, Purpose, StorageKey, Target};
use domain::ids::{FileId, OrderId, UserId};
use ports::files::{AttachClaim, Attachments};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::work::{MemoryWork, duplicate, orphan};

impl MemoryWork {
    fn is_attached(&self, id: FileId) -> bool {
        self.look(|seen| seen.find(|rows| rows.attachments.get(&id)).is_some())
    }

    async fn attach_all(&mut self, attachments: &[Attachment]) -> Result<AttachClaim, StoreError> {
        for attachment in attachments {
            let Attachment { file_id, target, attached_at: _ } = *attachment;
            self.acquire(Row::Attachment(file_id), Lock::Exclusive).await?;
            if self.is_attached(file_id) {
                return Ok(AttachClaim::Taken);
            }
            if self.file(file_id).is_none() {
                return Err(orphan("attached_files_fkey"));
            }
            self.must_have_target(target)?;
            self.written.attachments.insert(file_id, attachment.clone());
        }
        Ok(AttachClaim::Granted)
    }

    async fn hold_files(&mut self, ids: &[FileId]) -> Result<Vec<File>, StoreError> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        for id in &ids {
            self.acquire(Row::File(*id), Lock::Shared).await?;
        }
        Ok(ids.into_iter().filter_map(|id| self.file(id)).collect())
    }

    fn must_have_target(&self, target: Target) -> Result<(), StoreError> {
        match target {
            Target::Order { order_id, submission } => {
                self.must_have_order(order_id, "order_files_order_id_fkey")?;
                let Some(handed_in) = submission else { return Ok(()) };
                let key = (handed_in.contract_id, handed_in.milestone, handed_in.number);
                let is_there = self.look(|seen| seen.find(|rows| rows.submissions.get(&key)).is_some());
                if is_there { Ok(()) } else { Err(orphan("order_files_submission_fkey")) }
            }
            Target::Message { chat_id, seq, place } => {
                if self.look(|seen| seen.find(|rows| rows.messages.get(&(chat_id, seq))).is_none()) {
                    return Err(orphan("message_attachments_message_fkey"));
                }
                let is_taken = self.look(|seen| {
                    let mut all = seen.all(|rows| &rows.attachments).into_values();
                    all.any(|other| other.target == Target::Message { chat_id, seq, place })
                });
                if is_taken { Err(duplicate("message_attachments_place_once")) } else { Ok(()) }
            }
        }
    }

    fn take_old(&mut self, before: DateTime<Utc>, limit: i64) -> Vec<StorageKey> {
        let is_waiting = |file: &File| file.purpose == Purpose::Attachment && file.created_at < before;
        let mut waiting: Vec<File> = self.all_files().into_iter().filter(is_waiting).collect();
        waiting.sort_by_key(|file| file.created_at);
        // What somebody is attaching they hold.
        waiting.retain(|file| {
            self.shared.locks.try_acquire(self.holder, &Row::File(file.id), Lock::Exclusive)
                && self.file(file.id).is_some()
                && !self.is_attached(file.id)
        });
        waiting.truncate(usize::try_from(limit).unwrap_or(0));
        for file in &waiting {
            self.written.files.insert(file.id, None);
        }
        waiting.into_iter().map(|file| file.storage_key).collect()
    }
}

#[async_trait]
impl Attachments for MemoryWork {
    async fn files(&mut self, ids: &[FileId]) -> Result<Vec<File>, StoreError> {
        self.start(Operation::FindFiles).await?;
        let found = self.hold_files(ids).await;
        self.finish(found)
    }

    async fn count(&mut self, order_id: OrderId, owner_id: UserId) -> Result<u64, StoreError> {
        self.start(Operation::CountAttachments).await?;
        let count = self.look(|seen| {
            let files = seen.attached_to(order_id).into_iter();
            files.filter(|one| seen.file(one.file_id).is_some_and(|file| file.owner_id == owner_id)).count()
        });
        self.finish(Ok(u64::try_from(count).unwrap_or(u64::MAX)))
    }

    async fn attach(&mut self, attachments: &[Attachment]) -> Result<AttachClaim, StoreError> {
        self.start(Operation::Attach).await?;
        let outcome = self.attach_all(attachments).await;
        self.finish(outcome)
    }

    async fn take_unattached(
        &mut self,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<StorageKey>, StoreError> {
        self.start(Operation::TakeUnattached).await?;
        let taken = self.take_old(before, limit);
        self.finish(Ok(taken))
    }
}
