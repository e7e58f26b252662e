//! Chats and messages as their two sides see them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Record, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::files::{FileName, MediaType};
use domain::ids::{ChatId, FileId, MessageId, UserId};
use ports::messaging::{ChatView, LastMessageView, MessageFileView, MessageView};
use ports::store::StoreError;
use uuid::Uuid;

use super::sender;
use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::orders::order_id;
use crate::statement::{Bound, Statement, Text as Plain, statement};

/// What is shown of the chat whose row of `chat_members` is `me`: its order, its last message and the
/// other side, each found by its key. A message without words is told by the names of its files.
/// `OFFSET 0` keeps the planner, which cannot know how short a page
/// is, from joining whole tables to it. `id` is the position in the list.
macro_rules! shown {
    ($me:literal) => {
        concat!(
            "SELECT me.activity AS id, me.unread, chats.id AS chat_id, chats.order_id, chats.updated_at,
                    orders.title AS order_title, last.content, last.sent_at, last.sender_id,
                    other.id AS other_id, other.full_name AS other_name, other.role AS other_role,
                    other.avatar_url AS other_avatar_url
             FROM ",
            $me,
            " AS me
             CROSS JOIN LATERAL (SELECT * FROM chats WHERE chats.id = me.chat_id OFFSET 0) AS chats
             CROSS JOIN LATERAL (SELECT title FROM orders WHERE orders.id = chats.order_id OFFSET 0) AS orders
             CROSS JOIN LATERAL (
                SELECT CASE content WHEN '' THEN (
                            SELECT coalesce(string_agg(files.name, ', ' ORDER BY attached.place), '')
                            FROM message_attachments attached JOIN files ON files.id = attached.file_id
                            WHERE attached.chat_id = messages.chat_id AND attached.seq = messages.seq
                       ) ELSE content END AS content,
                       sent_at, sender_id
                FROM messages
                WHERE messages.chat_id = chats.id AND messages.seq = chats.last_seq OFFSET 0
             ) AS last
             CROSS JOIN LATERAL (
                SELECT users.id, users.full_name, users.role, profiles.avatar_url
                FROM users JOIN profiles ON profiles.user_id = users.id
                WHERE users.id = CASE me.user_id WHEN chats.client_id THEN chats.provider_id
                                                 ELSE chats.client_id END
                OFFSET 0
             ) AS other"
        )
    };
}

const INSIDE: &str = shown!("(SELECT * FROM chat_members WHERE chat_id = $1 AND user_id = $2)");

/// A page of somebody's chats, beside how many there are and what is unread in them. Neither looks at
/// a message: the index of the members has both.
const LISTED: &str = concat!(
    "WITH wanted AS NOT MATERIALIZED (SELECT $1 AS user_id)
     SELECT tally.total, tally.unread_total, shown.*
     FROM (
        SELECT count(*) AS total, coalesce(sum(unread), 0)::bigint AS unread_total
        FROM wanted JOIN chat_members USING (user_id)
     ) AS tally
     LEFT JOIN (",
    shown!(
        "(SELECT chat_members.* FROM wanted JOIN chat_members USING (user_id)
          WHERE activity < $2 ORDER BY activity DESC OFFSET $3 LIMIT $4)"
    ),
    ") AS shown ON true
     ORDER BY shown.id DESC"
);

/// A page of a chat's messages with their files, beside how many there are, which is the number of the
/// last one: so that a page is found without passing over those before it. No row at all unless the viewer is a side.
const MESSAGES: &str = "\
    SELECT chats.last_seq AS total, shown.*
    FROM (SELECT $1 AS chat_id, $2 AS viewer_id) AS wanted
    JOIN chats ON chats.id = wanted.chat_id AND wanted.viewer_id IN (chats.client_id, chats.provider_id)
    JOIN chat_members client ON client.chat_id = chats.id AND client.user_id = chats.client_id
    JOIN chat_members provider ON provider.chat_id = chats.id AND provider.user_id = chats.provider_id
    LEFT JOIN LATERAL (
        SELECT page.seq AS id, page.id AS message_id, page.chat_id, page.content, page.sent_at,
               page.sender_id, users.full_name AS sender_name, users.role AS sender_role,
               page.seq <= CASE page.sender_id WHEN chats.client_id THEN provider.read_seq
                                               ELSE client.read_seq END AS is_read,
               (SELECT array_agg(ROW (files.id, files.name, files.size_bytes, files.media_type)
                                 ORDER BY attached.place)
                FROM message_attachments attached JOIN files ON files.id = attached.file_id
                WHERE attached.chat_id = page.chat_id AND attached.seq = page.seq) AS files
        FROM (
            SELECT * FROM messages
            WHERE messages.chat_id = wanted.chat_id AND messages.seq < $3
              AND messages.seq <= chats.last_seq - $4
            ORDER BY messages.seq DESC LIMIT $5
        ) AS page
        CROSS JOIN LATERAL (SELECT full_name, role FROM users WHERE users.id = page.sender_id OFFSET 0) AS users
    ) AS shown ON true
    ORDER BY shown.id DESC";

/// What is told of all of somebody's chats.
#[derive(QueryableByName)]
pub(super) struct TallyRow {
    #[diesel(sql_type = BigInt)]
    pub(super) total: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) unread_total: i64,
}

/// A chat as one of its sides sees it.
#[derive(QueryableByName)]
pub(super) struct ChatRow {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    #[diesel(sql_type = BigInt)]
    unread: i64,
    #[diesel(sql_type = SqlUuid)]
    chat_id: Uuid,
    #[diesel(sql_type = BigInt)]
    order_id: i64,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    order_title: String,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Timestamptz)]
    sent_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    sender_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    other_id: Uuid,
    #[diesel(sql_type = Text)]
    other_name: String,
    #[diesel(sql_type = Text)]
    other_role: String,
    #[diesel(sql_type = Nullable<Text>)]
    other_avatar_url: Option<String>,
}

impl TryFrom<ChatRow> for ChatView {
    type Error = StoreError;

    fn try_from(row: ChatRow) -> Result<Self, StoreError> {
        let ChatRow {
            id: _,
            unread,
            chat_id,
            order_id: order_number,
            updated_at,
            order_title,
            content,
            sent_at,
            sender_id,
            other_id,
            other_name,
            other_role,
            other_avatar_url,
        } = row;
        Ok(Self {
            id: ChatId::new(chat_id),
            order_id: order_id("chats", "order_id", order_number)?,
            order_title,
            participant: sender(other_id, other_name, &other_role)?,
            participant_avatar_url: other_avatar_url,
            last_message: LastMessageView { content, sender_id: UserId::new(sender_id), sent_at },
            unread_count: unread,
            updated_at,
        })
    }
}

/// How many messages a chat has.
#[derive(QueryableByName)]
pub(super) struct CountRow {
    #[diesel(sql_type = BigInt)]
    pub(super) total: i64,
}

/// A file of a message.
type FileSql = Record<(SqlUuid, Text, BigInt, Text)>;
type FileRow = (Uuid, String, i64, String);

fn file((id, name, size_bytes, media_type): FileRow) -> Result<MessageFileView, StoreError> {
    let media_type =
        MediaType::from_word(&media_type).ok_or_else(|| corrupt("files", "media_type", id, "is no type"))?;
    Ok(MessageFileView {
        id: FileId::new(id),
        name: FileName::parse(&name, media_type).map_err(|problem| corrupt("files", "name", id, problem))?,
        size: u64::try_from(size_bytes).map_err(|_| corrupt("files", "size_bytes", id, "is negative"))?,
        media_type,
        download_url: None,
    })
}

/// A message as one of the two sides sees it.
#[derive(QueryableByName)]
pub(super) struct MessageRow {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    #[diesel(sql_type = SqlUuid)]
    message_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    chat_id: Uuid,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Timestamptz)]
    sent_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    sender_id: Uuid,
    #[diesel(sql_type = Text)]
    sender_name: String,
    #[diesel(sql_type = Text)]
    sender_role: String,
    #[diesel(sql_type = Bool)]
    is_read: bool,
    #[diesel(sql_type = Nullable<Array<FileSql>>)]
    files: Option<Vec<FileRow>>,
}

impl TryFrom<MessageRow> for MessageView {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self, StoreError> {
        let MessageRow {
            id: _,
            message_id,
            chat_id,
            content,
            sent_at,
            sender_id,
            sender_name,
            sender_role,
            is_read,
            files,
        } = row;
        Ok(Self {
            id: MessageId::new(message_id),
            chat_id: ChatId::new(chat_id),
            sender: sender(sender_id, sender_name, &sender_role)?,
            content,
            files: files.into_iter().flatten().map(file).collect::<Result<_, _>>()?,
            is_read,
            sent_at,
        })
    }
}

/// The question for a page of somebody's chats, but for the page.
pub(super) fn listed(user_id: UserId) -> Statement<Bound<Plain, Uuid, SqlUuid>> {
    statement(LISTED).bind::<SqlUuid, _>(user_id.uuid())
}

/// The question for a page of a chat's messages, but for the page.
pub(super) fn messages(
    chat_id: ChatId,
    viewer_id: UserId,
) -> Statement<Bound<Bound<Plain, Uuid, SqlUuid>, Uuid, SqlUuid>> {
    statement(MESSAGES).bind::<SqlUuid, _>(chat_id.uuid()).bind::<SqlUuid, _>(viewer_id.uuid())
}

/// A chat as a unit of work has left it.
pub(crate) async fn inside(
    connection: &mut Line<'_>,
    id: ChatId,
    viewer_id: UserId,
) -> Result<Option<ChatView>, StoreError> {
    let row: Option<ChatRow> = statement(INSIDE)
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<SqlUuid, _>(viewer_id.uuid())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(ChatView::try_from).transpose()
}
