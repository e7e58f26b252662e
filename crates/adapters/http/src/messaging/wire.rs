//! Chats and messages as they go over the wire.

use domain::files::size_formatted;
use ports::messaging::{ChatView, LastMessageView, MessageFileView, MessageView, SenderView};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identity::RoleWord;
use crate::wire::Timestamp;

/// What two people write to each other about one order, as one of them sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Chat)]
pub(super) struct ChatRow {
    id: Uuid,
    /// What it is about.
    #[schema(example = "ORD-001")]
    order_id: String,
    #[schema(example = "Research Paper on Climate Change")]
    order_title: String,
    participant: ParticipantRow,
    last_message: LastMessageRow,
    /// How many of the other side's messages one has not marked as read.
    #[schema(minimum = 0, example = 2)]
    unread_count: i64,
    /// When something was last said, or it was opened.
    updated_at: Timestamp,
}

/// The other side.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatParticipant)]
struct ParticipantRow {
    id: Uuid,
    #[schema(example = "John Doe")]
    name: String,
    /// Null if there is no picture.
    #[schema(required = true, example = "https://cdn.example.com/avatars/user.jpg")]
    avatar_url: Option<String>,
    role: RoleWord,
}

/// What was said last.
#[derive(Serialize, ToSchema)]
#[schema(as = LastMessage)]
struct LastMessageRow {
    /// Of a message without words the names of its files.
    #[schema(example = "Can you send me the first draft by tomorrow?")]
    content: String,
    sent_at: Timestamp,
    sender_id: Uuid,
}

/// A message.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatMessage)]
pub(super) struct MessageRow {
    id: Uuid,
    chat_id: Uuid,
    sender: SenderRow,
    /// Empty where there are only files.
    #[schema(example = "Can you send me the first draft by tomorrow?")]
    content: String,
    /// The files that go with it, in its order.
    #[schema(max_items = 10)]
    attachments: Vec<MessageFile>,
    /// Whether whoever it was written to has marked it as read: of one's own message the other side,
    /// of the other side's message oneself.
    #[schema(example = true)]
    is_read: bool,
    sent_at: Timestamp,
}

/// A file of a message.
#[derive(Serialize, ToSchema)]
struct MessageFile {
    id: Uuid,
    /// What it is called; cleaned, with an extension that fits its type.
    #[schema(example = "research-outline.pdf")]
    name: String,
    /// In bytes.
    #[schema(example = 159_744)]
    size: u64,
    /// The same for people.
    #[schema(example = "156 KB")]
    size_formatted: String,
    /// What the bytes are, whatever the sender said.
    #[schema(example = "application/pdf")]
    mime_type: &'static str,
    /// Good for ten minutes, for whoever has it, without a login. Get a new one with the message or
    /// the file.
    download_url: String,
}

/// Whoever wrote a message.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageSender)]
struct SenderRow {
    id: Uuid,
    #[schema(example = "John Doe")]
    name: String,
    role: RoleWord,
}

/// One chat.
#[derive(Serialize, ToSchema)]
pub(super) struct ChatData {
    chat: ChatRow,
}

/// One message.
#[derive(Serialize, ToSchema)]
pub(super) struct SentMessageData {
    message: MessageRow,
}

impl From<&ChatView> for ChatRow {
    fn from(chat: &ChatView) -> Self {
        let ChatView {
            id,
            order_id,
            order_title,
            participant: SenderView { id: participant_id, name, role },
            participant_avatar_url,
            last_message: LastMessageView { content, sender_id, sent_at },
            unread_count,
            updated_at,
        } = chat;
        Self {
            id: id.uuid(),
            order_id: order_id.to_string(),
            order_title: order_title.clone(),
            participant: ParticipantRow {
                id: participant_id.uuid(),
                name: name.clone(),
                avatar_url: participant_avatar_url.clone(),
                role: (*role).into(),
            },
            last_message: LastMessageRow {
                content: content.clone(),
                sent_at: Timestamp(*sent_at),
                sender_id: sender_id.uuid(),
            },
            unread_count: *unread_count,
            updated_at: Timestamp(*updated_at),
        }
    }
}

impl From<&MessageView> for MessageRow {
    fn from(message: &MessageView) -> Self {
        let MessageView { id, chat_id, sender, content, files, is_read, sent_at } = message;
        let SenderView { id: sender_id, name, role } = sender;
        Self {
            id: id.uuid(),
            chat_id: chat_id.uuid(),
            sender: SenderRow { id: sender_id.uuid(), name: name.clone(), role: (*role).into() },
            content: content.clone(),
            attachments: files.iter().map(MessageFile::from).collect(),
            is_read: *is_read,
            sent_at: Timestamp(*sent_at),
        }
    }
}

impl From<&MessageFileView> for MessageFile {
    fn from(file: &MessageFileView) -> Self {
        let MessageFileView { id, name, size, media_type, download_url } = file;
        Self {
            id: id.uuid(),
            name: name.as_str().to_owned(),
            size: *size,
            size_formatted: size_formatted(*size),
            mime_type: media_type.as_str(),
            download_url: download_url.clone().unwrap_or_default(),
        }
    }
}

impl From<&ChatView> for ChatData {
    fn from(chat: &ChatView) -> Self {
        Self { chat: chat.into() }
    }
}

impl From<&MessageView> for SentMessageData {
    fn from(message: &MessageView) -> Self {
        Self { message: message.into() }
    }
}

/// For the description: the source's chat, as the provider sees it.
pub(super) fn chat() -> Value {
    json!({
        "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31", "order_id": "ORD-001",
        "order_title": "Research Paper on Climate Change",
        "participant": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21", "name": "John Doe",
            "avatar_url": "https://cdn.example.com/avatars/user.jpg", "role": "client"},
        "last_message": {"content": "Can you send me the first draft by tomorrow?",
            "sent_at": "2024-01-14T18:30:00Z", "sender_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21"},
        "unread_count": 2, "updated_at": "2024-01-14T18:30:00Z"
    })
}

/// For the description: the source's message.
pub(super) fn message() -> Value {
    json!({
        "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e41", "chat_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31",
        "sender": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21", "name": "John Doe", "role": "client"},
        "content": "Can you send me the first draft by tomorrow?", "attachments": [], "is_read": true,
        "sent_at": "2024-01-14T18:30:00Z"
    })
}

/// For the description: a file of a message.
pub(super) fn attachment() -> Value {
    json!({
        "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15", "name": "research-outline.pdf", "size": 159_744,
        "size_formatted": "156 KB", "mime_type": "application/pdf",
        "download_url": "/api/v1/files/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15/content?expires=1704900600&signature=mFvbbPIpJeCMKgnjYzUOIGEgPOYYLIUbqRQbXfjFK8A"
    })
}
