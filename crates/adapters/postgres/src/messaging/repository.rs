//! Chats under their lock: loading them, adding messages, marking them as read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::identity::AccountState;
use domain::ids::{ChatId, MessageId, UserId};
use domain::messaging::{Chat, Mark, Member, Message};
use ports::messaging::{LockedChat, MemberView};
use ports::store::StoreError;
use uuid::Uuid;

use super::sender;
use crate::error::{exactly_one, store_error};
use crate::link::Line;
use crate::orders::order_id;
use crate::schema::{chat_members, messages};
use crate::statement::statement;

/// The rows of the members are locked with the chat: whoever has waited for the chat sees all three as
/// they are now. The people are not locked, and seen as they were when the statement began.
const LOCK: &str = "\
    SELECT chats.*, client.read_seq AS client_read_seq, client.unread AS client_unread,
           provider.read_seq AS provider_read_seq, provider.unread AS provider_unread,
           client_user.full_name AS client_name, client_user.role AS client_role,
           client_user.state = $1 AS client_is_there,
           provider_user.full_name AS provider_name, provider_user.role AS provider_role,
           provider_user.state = $2 AS provider_is_there
    FROM chats
    JOIN chat_members client ON client.chat_id = chats.id AND client.user_id = chats.client_id
    JOIN chat_members provider ON provider.chat_id = chats.id AND provider.user_id = chats.provider_id
    JOIN users client_user ON client_user.id = chats.client_id
    JOIN users provider_user ON provider_user.id = chats.provider_id
    WHERE chats.id = $3
    FOR NO KEY UPDATE OF chats, client, provider";

#[derive(QueryableByName)]
struct LockedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    order_id: i64,
    #[diesel(sql_type = SqlUuid)]
    client_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    provider_id: Uuid,
    #[diesel(sql_type = BigInt)]
    last_seq: i64,
    #[diesel(sql_type = SqlUuid)]
    last_message_id: Uuid,
    #[diesel(sql_type = BigInt)]
    from_provider: i64,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    client_read_seq: i64,
    #[diesel(sql_type = BigInt)]
    client_unread: i64,
    #[diesel(sql_type = BigInt)]
    provider_read_seq: i64,
    #[diesel(sql_type = BigInt)]
    provider_unread: i64,
    #[diesel(sql_type = Text)]
    client_name: String,
    #[diesel(sql_type = Text)]
    client_role: String,
    #[diesel(sql_type = Bool)]
    client_is_there: bool,
    #[diesel(sql_type = Text)]
    provider_name: String,
    #[diesel(sql_type = Text)]
    provider_role: String,
    #[diesel(sql_type = Bool)]
    provider_is_there: bool,
}

impl TryFrom<LockedRow> for LockedChat {
    type Error = StoreError;

    fn try_from(row: LockedRow) -> Result<Self, StoreError> {
        let LockedRow {
            id,
            order_id: order_number,
            client_id,
            provider_id,
            last_seq,
            last_message_id,
            from_provider,
            created_at,
            updated_at,
            client_read_seq,
            client_unread,
            provider_read_seq,
            provider_unread,
            client_name,
            client_role,
            client_is_there,
            provider_name,
            provider_role,
            provider_is_there,
        } = row;
        let last = Mark { message_id: MessageId::new(last_message_id), seq: last_seq, from_provider };
        let chat = Chat {
            id: ChatId::new(id),
            order_id: order_id("chats", "order_id", order_number)?,
            client_id: UserId::new(client_id),
            provider_id: UserId::new(provider_id),
            client: Member { read_seq: client_read_seq, unread: client_unread },
            provider: Member { read_seq: provider_read_seq, unread: provider_unread },
            last,
            created_at,
            updated_at,
        };
        let client = sender(client_id, client_name, &client_role)?;
        let provider = sender(provider_id, provider_name, &provider_role)?;
        Ok(Self {
            chat,
            client: MemberView { person: client, is_there: client_is_there },
            provider: MemberView { person: provider, is_there: provider_is_there },
        })
    }
}

/// Loads a chat and locks it.
pub(crate) async fn lock(connection: &mut Line<'_>, id: ChatId) -> Result<Option<LockedChat>, StoreError> {
    let active = AccountState::Active.as_str();
    let row: Option<LockedRow> = statement(LOCK)
        .bind::<Text, _>(active)
        .bind::<Text, _>(active)
        .bind::<SqlUuid, _>(id.uuid())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(LockedChat::try_from).transpose()
}

/// The place of a message of this chat. Takes no lock.
pub(crate) async fn mark(
    connection: &mut Line<'_>,
    chat_id: ChatId,
    id: MessageId,
) -> Result<Option<Mark>, StoreError> {
    let found: Option<(i64, i64)> = messages::table
        .filter(messages::id.eq(id.uuid()))
        .filter(messages::chat_id.eq(chat_id.uuid()))
        .select((messages::seq, messages::from_provider))
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(found.map(|(seq, from_provider)| Mark { message_id: id, seq, from_provider }))
}

/// Raises the chat's count by one and writes what follows from it. Where the chat is not as it was, the message has
/// no chat, which its column refuses. All of it or an error (a chat has its two members from its beginning): it may be
/// sent at once with COMMIT.
const ADD: &str = "\
    WITH chat AS (
        UPDATE chats SET last_seq = $1, last_message_id = $2, from_provider = $3, updated_at = $4
        WHERE chats.id = $5 AND chats.last_seq = $6
        RETURNING id, client_id
    ), said AS (
        INSERT INTO messages (chat_id, seq, id, from_provider, sender_id, content, sent_at)
        VALUES ((SELECT id FROM chat), $7, $8, $9, $10, $11, $12)
    )
    UPDATE chat_members
    SET activity = nextval('chat_activities'),
        unread = CASE chat_members.user_id WHEN chat.client_id THEN $13 ELSE $14 END
    FROM chat
    WHERE chat_members.chat_id = chat.id";

/// Adds a message that the chat has taken. Does all of it or fails.
pub(crate) async fn add_message(mut line: Line<'_>, chat: &Chat, message: &Message) -> QueryResult<()> {
    let Chat {
        id,
        order_id: _,
        client_id: _,
        provider_id: _,
        client,
        provider,
        last: _,
        created_at: _,
        updated_at,
    } = chat;
    let Message { chat_id: _, mark, sender_id, content, sent_at } = message;
    statement(ADD)
        .bind::<BigInt, _>(mark.seq)
        .bind::<SqlUuid, _>(mark.message_id.uuid())
        .bind::<BigInt, _>(mark.from_provider)
        .bind::<Timestamptz, _>(*updated_at)
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<BigInt, _>(mark.seq - 1)
        .bind::<BigInt, _>(mark.seq)
        .bind::<SqlUuid, _>(mark.message_id.uuid())
        .bind::<BigInt, _>(mark.from_provider)
        .bind::<SqlUuid, _>(sender_id.uuid())
        .bind::<Text, _>(content.words().to_owned())
        .bind::<Timestamptz, _>(*sent_at)
        .bind::<BigInt, _>(client.unread)
        .bind::<BigInt, _>(provider.unread)
        .execute(&mut line)
        .await
        .map(drop)
}

/// Saves how far somebody has read. A watermark that is further on stays.
pub(crate) async fn save_reading(
    connection: &mut Line<'_>,
    chat: &Chat,
    reader_id: UserId,
) -> Result<(), StoreError> {
    let Member { read_seq, unread } = if reader_id == chat.client_id { chat.client } else { chat.provider };
    let affected = diesel::update(chat_members::table.find((chat.id.uuid(), reader_id.uuid())))
        .filter(chat_members::read_seq.le(read_seq))
        .set((chat_members::read_seq.eq(read_seq), chat_members::unread.eq(unread)))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "chat")
}
