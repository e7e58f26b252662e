//! Chats and their messages: repository and questions.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::files::{File, FileName, MediaType};
use domain::identity::Role;
use domain::ids::{ChatId, FileId, MessageId, OrderId, UserId};
use domain::messaging::{Chat, Grounds, Mark, Message};

use crate::list::{Slice, Window};
use crate::store::StoreError;

/// What became of a new chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ChatClaim {
    /// Written.
    Granted,
    /// The two have a chat about the order; nothing was written and the transaction is still good.
    Taken,
}

/// The chats. Whoever writes in one or reads it holds its lock, the last in the order of locks.
#[async_trait]
pub trait Chats: Send {
    /// What a chat between an order's client and this provider would begin with, and whether there is
    /// one; `None` without the order. Takes no lock: two who open the same chat at once are told
    /// apart by [`Self::insert`].
    async fn grounds(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Grounds>, StoreError>;

    /// Adds a chat with its first message.
    async fn insert(&mut self, chat: &Chat, first: &Message) -> Result<ChatClaim, StoreError>;

    /// Loads a chat and locks it, with its people as they are known at that moment.
    async fn lock(&mut self, id: ChatId) -> Result<Option<LockedChat>, StoreError>;

    /// The place of a message of this chat. Takes no lock: it never changes.
    async fn mark(&mut self, chat_id: ChatId, id: MessageId) -> Result<Option<Mark>, StoreError>;

    /// Adds a message that the chat has taken, and puts the chat before all others in the lists of
    /// both sides. Its files are attached afterwards. It may be written no earlier than with the next call or the
    /// commit, which then has the errors of this.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not the next one of the chat, as whoever holds the chat's lock knows.
    async fn add_message(&mut self, chat: &Chat, message: &Message) -> Result<(), StoreError>;

    /// Saves how far somebody has read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when they are no side of the chat, or have read further.
    async fn save_reading(&mut self, chat: &Chat, reader_id: UserId) -> Result<(), StoreError>;

    /// A chat as this unit of work has left it, for the answer of a command; `None` unless the viewer
    /// is one of its sides.
    async fn view(&mut self, id: ChatId, viewer_id: UserId) -> Result<Option<ChatView>, StoreError>;
}

/// A chat under its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedChat {
    /// The chat.
    pub chat: Chat,
    /// Whose order it is about.
    pub client: MemberView,
    /// Who bid on it.
    pub provider: MemberView,
}

impl LockedChat {
    /// This person, and the other side; `None` for a stranger.
    #[must_use]
    pub fn seen_by(&self, user_id: UserId) -> Option<(&MemberView, &MemberView)> {
        let Self { chat, client, provider } = self;
        if user_id == chat.client_id {
            Some((client, provider))
        } else if user_id == chat.provider_id {
            Some((provider, client))
        } else {
            None
        }
    }
}

/// A side of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub person: SenderView,
    /// Whether their account may be used.
    pub is_there: bool,
}

/// Whoever wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderView {
    /// Who.
    pub id: UserId,
    /// Their full name.
    pub name: String,
    /// What they are in the marketplace.
    pub role: Role,
}

/// A chat as one of its sides sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatView {
    /// Identifier.
    pub id: ChatId,
    /// What it is about.
    pub order_id: OrderId,
    /// What that is called.
    pub order_title: String,
    /// The other side.
    pub participant: SenderView,
    /// Where the other side's picture is.
    pub participant_avatar_url: Option<String>,
    /// What was said last.
    pub last_message: LastMessageView,
    /// How many of the other side's messages come after the viewer's watermark.
    pub unread_count: i64,
    /// When something was last said, or it was opened.
    pub updated_at: DateTime<Utc>,
}

/// What was said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastMessageView {
    /// What; the names of the files where it has no words.
    pub content: String,
    /// By whom.
    pub sender_id: UserId,
    /// When.
    pub sent_at: DateTime<Utc>,
}

/// A message as one of the two sides sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// Identifier.
    pub id: MessageId,
    /// Where it was written.
    pub chat_id: ChatId,
    /// Who wrote it.
    pub sender: SenderView,
    /// What it says; empty where there are only files.
    pub content: String,
    /// The files that go with it, in its order.
    pub files: Vec<MessageFileView>,
    /// Whether whoever it was written to has read it.
    pub is_read: bool,
    /// When.
    pub sent_at: DateTime<Utc>,
}

impl MessageView {
    /// A message as it is shown, of the message, its chat, its sender and its files.
    #[must_use]
    pub fn new(message: &Message, chat: &Chat, sender: SenderView, files: &[File]) -> Self {
        let Message { chat_id, mark, sender_id: _, content, sent_at } = message;
        Self {
            id: mark.message_id,
            chat_id: *chat_id,
            sender,
            content: content.words().to_owned(),
            files: files.iter().map(MessageFileView::from).collect(),
            is_read: chat.is_read(message),
            sent_at: *sent_at,
        }
    }
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFileView {
    /// Identifier.
    pub id: FileId,
    /// What it is called.
    pub name: FileName,
    /// In bytes.
    pub size: u64,
    /// What its bytes say it is.
    pub media_type: MediaType,
    /// Where its bytes are for a while. Storage knows of none: whoever has checked that somebody may
    /// see the message writes it there.
    pub download_url: Option<String>,
}

impl From<&File> for MessageFileView {
    fn from(file: &File) -> Self {
        let name = file.name.clone();
        Self { id: file.id, name, size: file.size, media_type: file.media_type, download_url: None }
    }
}

/// A part of somebody's chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatList {
    /// The part.
    pub chats: Slice<ChatView>,
    /// What is unread in all of their chats together.
    pub unread_total: i64,
}

/// Questions about chats.
#[async_trait]
pub trait ChatQueries: Send + Sync {
    /// Somebody's chats, the one in which something was last said first. A row's position is that of
    /// what was last said among everything that was ever said anywhere.
    async fn chats(&self, user_id: UserId, window: Window) -> Result<ChatList, StoreError>;

    /// The messages of a chat, newest first, by their numbers; `None` unless the viewer is one of its
    /// sides.
    async fn messages(
        &self,
        chat_id: ChatId,
        viewer_id: UserId,
        window: Window,
    ) -> Result<Option<Slice<MessageView>>, StoreError>;
}
