//! What happened in chats. No message's text leaves through here: whoever tells the outside world
//! reads it where it is kept.

use crate::ids::{ChatId, MessageId, OrderId, UserId};
use crate::machine::word_enum;

word_enum!(
    /// Why there is a chat.
    OpeningReason {
        /// The client accepted the provider's bid.
        Award = "award",
        /// The client named other terms.
        CounterOffer = "counter_offer",
        /// One side wanted to write to the other.
        Written = "written",
    }
);

/// A chat, its order, and the two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatRef {
    /// The chat.
    pub chat_id: ChatId,
    /// What it is about.
    pub order_id: OrderId,
    /// Whose order that is.
    pub client_id: UserId,
    /// Who bid on it.
    pub provider_id: UserId,
}

/// Facts about chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessagingEvent {
    /// Two people can write to each other. Its first message is the bid's, which the client has been
    /// told of before, so that there is no [`MessagingEvent::MessageSent`] for it.
    ChatOpened {
        /// Which.
        chat: ChatRef,
        /// Who brought it about.
        opened_by: UserId,
        /// By what.
        reason: OpeningReason,
    },
    /// Somebody wrote something.
    MessageSent {
        /// Where.
        chat: ChatRef,
        /// What.
        message_id: MessageId,
        /// Who.
        sender_id: UserId,
    },
    /// Somebody has read what the other wrote.
    MessagesRead {
        /// Where.
        chat: ChatRef,
        /// Who.
        reader_id: UserId,
        /// The last message that they have read.
        up_to: MessageId,
    },
}

impl MessagingEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ChatOpened { .. } => "chat.opened",
            Self::MessageSent { .. } => "message.sent",
            Self::MessagesRead { .. } => "chat.read",
        }
    }

    /// The chat that the fact is about.
    #[must_use]
    pub const fn chat(&self) -> ChatRef {
        match self {
            Self::ChatOpened { chat, .. }
            | Self::MessageSent { chat, .. }
            | Self::MessagesRead { chat, .. } => *chat,
        }
    }

    /// Who did it.
    #[must_use]
    pub const fn author(&self) -> UserId {
        match self {
            Self::ChatOpened { opened_by: author, .. }
            | Self::MessageSent { sender_id: author, .. }
            | Self::MessagesRead { reader_id: author, .. } => *author,
        }
    }

    /// The other side, who may want to know.
    #[must_use]
    pub fn recipient(&self) -> UserId {
        let ChatRef { client_id, provider_id, .. } = self.chat();
        if self.author() == client_id { provider_id } else { client_id }
    }
}
