//! Questions about files: one statement each.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::files::{File, StorageKey};
use domain::ids::{FileId, UserId};
use domain::messaging::policy::ChatAccess;
use domain::orders::policy::OrderAccess;
use futures_util::FutureExt;
use ports::files::{FileAccess, FileQueries, FileView};
use ports::store::StoreError;
use uuid::Uuid;

use super::rows::FileRow;
use crate::error::corrupt;
use crate::identity::users::role;
use crate::orders::{order_id, state};
use crate::pool::Database;
use crate::schema::{chats, files, message_attachments, order_files, orders, users};

/// The order that a file is attached to: identifier, state, client, provider.
type OrderRow = (i64, String, Uuid, Option<Uuid>);
/// The chat that it was sent in: client, provider.
type ChatRow = (Uuid, Uuid);

fn of_order((id, word, client_id, provider_id): OrderRow) -> Result<FileAccess, StoreError> {
    Ok(FileAccess::Order(OrderAccess {
        state: state(order_id("orders", "id", id)?, &word)?,
        client_id: UserId::new(client_id),
        provider_id: provider_id.map(UserId::new),
    }))
}

fn of_chat((client_id, provider_id): ChatRow) -> FileAccess {
    FileAccess::Chat(ChatAccess { client_id: UserId::new(client_id), provider_id: UserId::new(provider_id) })
}

#[async_trait]
impl FileQueries for Database {
    async fn file(&self, id: FileId) -> Result<Option<FileView>, StoreError> {
        let found: Option<(FileRow, String, Option<OrderRow>, Option<ChatRow>)> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    files::table
                        .inner_join(users::table)
                        .left_join(order_files::table.inner_join(orders::table))
                        .left_join(message_attachments::table.inner_join(chats::table))
                        .filter(files::id.eq(id.uuid()))
                        .select((
                            FileRow::as_select(),
                            users::role,
                            (orders::id, orders::state, orders::client_id, orders::provider_id).nullable(),
                            (chats::client_id, chats::provider_id).nullable(),
                        ))
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        let Some((row, word, order, chat)) = found else { return Ok(None) };
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
            access: order.map(of_order).transpose()?.or(chat.map(of_chat)),
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
