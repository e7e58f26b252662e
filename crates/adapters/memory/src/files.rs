//! Files: their rows, and the questions about them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::files::{Attachment, File, Purpose, StorageKey, Target, Uploaded};
use domain::ids::{FileId, UserId};
use domain::messaging::policy::ChatAccess;
use domain::orders::policy::OrderAccess;
use ports::files::{FileAccess, FileQueries, FileView, Files};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::store::MemoryStore;
use crate::tables::{Rows, StoredChat};
use crate::work::{MemoryWork, duplicate};

impl MemoryWork {
    pub(crate) fn file(&self, id: FileId) -> Option<File> {
        match self.written.files.get(&id) {
            Some(own) => own.clone(),
            None => self.shared.committed().rows.files.get(&id).cloned().flatten(),
        }
    }

    /// All files that this transaction sees.
    pub(crate) fn all_files(&self) -> Vec<File> {
        let mut ids: Vec<FileId> = self.shared.committed().rows.files.keys().copied().collect();
        ids.extend(self.written.files.keys().filter(|id| !ids.contains(id)).copied().collect::<Vec<_>>());
        ids.into_iter().filter_map(|id| self.file(id)).collect()
    }

    fn files_of(&self, owner_id: UserId) -> Vec<File> {
        self.all_files().into_iter().filter(|file| file.owner_id == owner_id).collect()
    }

    fn avatar(&self, owner_id: UserId) -> Option<File> {
        self.files_of(owner_id).into_iter().find(|file| file.purpose == Purpose::Avatar)
    }

    async fn insert_file(&mut self, file: &File) -> Result<(), StoreError> {
        self.must_have_account(file.owner_id, "files_owner_id_fkey")?;
        self.acquire(Row::File(file.id), Lock::Exclusive).await?;
        if self.file(file.id).is_some() {
            return Err(duplicate("files_pkey"));
        }
        if file.purpose == Purpose::Avatar {
            self.acquire(Row::Avatar(file.owner_id), Lock::Exclusive).await?;
            if self.avatar(file.owner_id).is_some() {
                return Err(duplicate("files_one_avatar"));
            }
        }
        self.written.files.insert(file.id, Some(file.clone()));
        Ok(())
    }

    async fn remove_file(&mut self, id: FileId) -> Result<(), StoreError> {
        self.acquire(Row::File(id), Lock::Exclusive).await?;
        if self.file(id).is_none() {
            return Err(StoreError::Stale { what: "file" });
        }
        self.written.files.insert(id, None);
        Ok(())
    }

    fn write_avatar_url(
        &mut self,
        user_id: UserId,
        url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let stored = self.look(|seen| seen.profile(user_id).cloned());
        let mut profile = stored.ok_or(StoreError::Stale { what: "profile" })?;
        profile.updated_at = now;
        profile.version += 1;
        self.written.profiles.insert(user_id, profile);
        self.written.avatar_urls.insert(user_id, url.map(str::to_owned));
        Ok(())
    }

    fn uploaded(&self, owner_id: UserId, since: DateTime<Utc>) -> Uploaded {
        let counts = |file: &File| file.purpose == Purpose::Attachment && file.created_at > since;
        let mut uploaded = Uploaded::default();
        for file in self.files_of(owner_id).into_iter().filter(counts) {
            uploaded.count += 1;
            uploaded.bytes += file.size;
        }
        uploaded
    }
}

#[async_trait]
impl Files for MemoryWork {
    async fn insert(&mut self, file: &File) -> Result<(), StoreError> {
        self.start(Operation::InsertFile).await?;
        let outcome = self.insert_file(file).await;
        self.finish(outcome)
    }

    async fn find(&mut self, id: FileId) -> Result<Option<File>, StoreError> {
        self.start(Operation::FindFile).await?;
        let found = self.file(id);
        self.finish(Ok(found))
    }

    async fn avatar_of(&mut self, owner_id: UserId) -> Result<Option<File>, StoreError> {
        self.start(Operation::AvatarOf).await?;
        let found = self.avatar(owner_id);
        self.finish(Ok(found))
    }

    async fn remove(&mut self, id: FileId) -> Result<(), StoreError> {
        self.start(Operation::RemoveFile).await?;
        let outcome = self.remove_file(id).await;
        self.finish(outcome)
    }

    async fn set_avatar_url(
        &mut self,
        user_id: UserId,
        url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.start(Operation::SetAvatarUrl).await?;
        let outcome = self.write_avatar_url(user_id, url, now);
        self.finish(outcome)
    }

    async fn uploaded_since(
        &mut self,
        owner_id: UserId,
        since: DateTime<Utc>,
    ) -> Result<Uploaded, StoreError> {
        self.start(Operation::UploadedSince).await?;
        let uploaded = self.uploaded(owner_id, since);
        self.finish(Ok(uploaded))
    }
}

fn access(rows: &Rows, attached: &Attachment) -> Option<FileAccess> {
    match attached.target {
        Target::Order { order_id, .. } => {
            rows.orders.get(&order_id).map(|order| FileAccess::Order(OrderAccess::from(order)))
        }
        Target::Message { chat_id, .. } => rows.chats.get(&chat_id).map(|StoredChat { chat, .. }| {
            FileAccess::Chat(ChatAccess { client_id: chat.client_id, provider_id: chat.provider_id })
        }),
    }
}

#[async_trait]
impl FileQueries for MemoryStore {
    async fn file(&self, id: FileId) -> Result<Option<FileView>, StoreError> {
        self.shared().enter_or_fail(Operation::File).await?;
        let committed = self.shared().committed();
        let Some(file) = committed.rows.files.get(&id).cloned().flatten() else { return Ok(None) };
        let owner = committed.rows.users.get(&file.owner_id).expect("its owner is there");
        let access =
            committed.rows.attachments.get(&id).and_then(|attached| access(&committed.rows, attached));
        let File { id, owner_id, purpose, name, size, media_type, hash, storage_key, created_at } = file;
        Ok(Some(FileView {
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
            access,
        }))
    }

    async fn known(&self, keys: &[StorageKey]) -> Result<Vec<StorageKey>, StoreError> {
        self.shared().enter_or_fail(Operation::KnownFiles).await?;
        let committed = self.shared().committed();
        let stored =
            |key: &&StorageKey| committed.rows.files.values().flatten().any(|file| file.storage_key == **key);
        Ok(keys.iter().filter(stored).cloned().collect())
    }
}
