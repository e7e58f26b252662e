//! Questions about files: one statement each.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::files::{File, StorageKey};
use domain::ids::{FileId, UserId};
use futures_util::FutureExt;
use ports::files::{FileQueries, FileView};
use ports::store::StoreError;

use super::rows::FileRow;
use crate::error::corrupt;
use crate::identity::users::role;
use crate::pool::Database;
use crate::schema::{files, users};

#[async_trait]
impl FileQueries for Database {
    /// Nothing is attached to anything yet, so nobody is party. Whatever comes to attach files adds to
    /// the statement an EXISTS over its own table, with the viewer in it.
    async fn file(&self, id: FileId, _viewer: Option<UserId>) -> Result<Option<FileView>, StoreError> {
        let found: Option<(FileRow, String)> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    files::table
                        .inner_join(users::table)
                        .filter(files::id.eq(id.uuid()))
                        .select((FileRow::as_select(), users::role))
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        let Some((row, word)) = found else { return Ok(None) };
        let file = File::try_from(row)?;
        let File { id, owner_id, purpose, name, size, media_type, hash, storage_key, created_at } = file;
        Ok(Some(FileView {
            id,
            owner_id,
            owner_role: role(owner_id.uuid(), &word)?,
            purpose,
            name,
            size,
            media_type,
            hash,
            storage_key,
            created_at,
            viewer_is_party: false,
        }))
    }

    async fn known(&self, keys: &[StorageKey]) -> Result<Vec<StorageKey>, StoreError> {
        let texts: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
        let known: Vec<String> = self
            .reads()
            .ask(move |connection| {
                let texts = texts.clone();
                async move {
                    let mut connection = connection;
                    files::table
                        .filter(files::storage_key.eq_any(texts))
                        .select(files::storage_key)
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        let parse = |text: String| {
            StorageKey::parse(&text)
                .ok_or_else(|| corrupt("files", "storage_key", &text, "is no storage key"))
        };
        known.into_iter().map(parse).collect()
    }
}
