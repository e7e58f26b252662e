//! Files, and what they are attached to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::files::{Attachment, File, StorageKey, Uploaded};
use domain::ids::{FileId, OrderId, UserId};
use ports::files::{AttachClaim, Attachments, Files};
use ports::store::StoreError;

use super::PgUnitOfWork;
use crate::files::{attachments, rows};

#[async_trait]
impl Files for PgUnitOfWork {
    async fn insert(&mut self, file: &File) -> Result<(), StoreError> {
        bounded!(self, |connection| rows::insert(connection, file))
    }

    async fn find(&mut self, id: FileId) -> Result<Option<File>, StoreError> {
        bounded!(self, |connection| rows::find(connection, id))
    }

    async fn avatar_of(&mut self, owner_id: UserId) -> Result<Option<File>, StoreError> {
        bounded!(self, |connection| rows::avatar_of(connection, owner_id))
    }

    async fn remove(&mut self, id: FileId) -> Result<(), StoreError> {
        bounded!(self, |connection| rows::remove(connection, id))
    }

    async fn set_avatar_url(
        &mut self,
        user_id: UserId,
        url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        bounded!(self, |connection| rows::set_avatar_url(connection, user_id, url, now))
    }

    async fn uploaded_since(
        &mut self,
        owner_id: UserId,
        since: DateTime<Utc>,
    ) -> Result<Uploaded, StoreError> {
        bounded!(self, |connection| rows::uploaded_since(connection, owner_id, since))
    }
}

#[async_trait]
impl Attachments for PgUnitOfWork {
    async fn files(&mut self, ids: &[FileId]) -> Result<Vec<File>, StoreError> {
        bounded!(self, |connection| attachments::find_all(connection, ids))
    }

    async fn count(&mut self, order_id: OrderId, owner_id: UserId) -> Result<u64, StoreError> {
        bounded!(self, |connection| attachments::count(connection, order_id, owner_id))
    }

    async fn attach(&mut self, wanted: &[Attachment]) -> Result<AttachClaim, StoreError> {
        bounded!(self, |connection| attachments::attach(connection, wanted))
    }

    async fn take_unattached(
        &mut self,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<StorageKey>, StoreError> {
        bounded!(self, |connection| attachments::take_unattached(connection, before, limit))
    }
}
