//! A chat: the aggregate.
//!
//! Invariants: messages are numbered 1, 2, 3 … without gaps and in the order of their times; a
//! member's `unread` is how many of the other's messages come after the member's watermark; a
//! watermark never goes back and never comes after the last message.

use chrono::{DateTime, Utc};

use super::{ChatRef, Mark, Message, MessagingError, MessagingEvent, NewMessage};
use crate::actor::Issuer;
use crate::ids::{ChatId, OrderId, UserId};
use crate::machine::Refusal;

/// What the client of an order and a bidder write to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Its identifier.
    pub id: ChatId,
    /// What it is about.
    pub order_id: OrderId,
    /// Whose order that is.
    pub client_id: UserId,
    /// Who bid on it.
    pub provider_id: UserId,
    /// How far the client has read.
    pub client: Member,
    /// How far the provider has read.
    pub provider: Member,
    /// The last message's place.
    pub last: Mark,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When something was last said, or it was opened.
    pub updated_at: DateTime<Utc>,
}

/// How far one side has read. Nobody else changes it but by writing something new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The watermark: the number of the last message that they have read; 0 before the first.
    pub read_seq: i64,
    /// How many of the other's messages come after it.
    pub unread: i64,
}

/// A side of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Provider,
}

impl Chat {
    /// Who it is between, and about what.
    #[must_use]
    pub const fn reference(&self) -> ChatRef {
        ChatRef {
            chat_id: self.id,
            order_id: self.order_id,
            client_id: self.client_id,
            provider_id: self.provider_id,
        }
    }

    /// Somebody writes. `is_other_there`: whether the other side's account may be used.
    ///
    /// # Errors
    /// [`MessagingError`]: a stranger; nobody there to read it.
    pub fn send(
        &mut self,
        new: NewMessage,
        by: Issuer,
        is_other_there: bool,
        now: DateTime<Utc>,
    ) -> Result<(Message, MessagingEvent), MessagingError> {
        let (side, sender_id) = self.side(by)?;
        if !is_other_there {
            return Err(MessagingError::ParticipantUnavailable);
        }
        let NewMessage { id, content } = new;
        let mark = Mark {
            message_id: id,
            seq: self.last.seq + 1,
            from_provider: self.last.from_provider + i64::from(side == Side::Provider),
        };
        // Clocks of two processes may disagree a little; what was said later is never said earlier.
        let sent_at = now.max(self.updated_at);
        let message = Message { chat_id: self.id, mark, sender_id, content, sent_at };
        self.last = mark;
        self.updated_at = sent_at;
        match side {
            Side::Client => self.provider.unread += 1,
            Side::Provider => self.client.unread += 1,
        }
        let chat = self.reference();
        Ok((message, MessagingEvent::MessageSent { chat, message_id: id, sender_id }))
    }

    /// Somebody has read everything up to a message, or everything there is. One that was read before
    /// changes nothing: then there is no event and nothing to save.
    ///
    /// # Errors
    /// [`MessagingError::Refused`]: a stranger.
    pub fn read(
        &mut self,
        up_to: Option<Mark>,
        by: Issuer,
    ) -> Result<Option<MessagingEvent>, MessagingError> {
        let (side, reader_id) = self.side(by)?;
        let (last, mark) = (self.last, up_to.unwrap_or(self.last));
        let member = match side {
            Side::Client => &mut self.client,
            Side::Provider => &mut self.provider,
        };
        if mark.seq <= member.read_seq {
            return Ok(None);
        }
        *member = Member { read_seq: mark.seq, unread: side.others_up_to(last) - side.others_up_to(mark) };
        let chat = self.reference();
        Ok(Some(MessagingEvent::MessagesRead { chat, reader_id, up_to: mark.message_id }))
    }

    /// Whether the other side than its sender has read a message.
    #[must_use]
    pub fn is_read(&self, message: &Message) -> bool {
        let reader = if message.sender_id == self.client_id { self.provider } else { self.client };
        message.mark.seq <= reader.read_seq
    }

    fn side(&self, by: Issuer) -> Result<(Side, UserId), Refusal> {
        match by.user_id() {
            Some(id) if id == self.client_id => Ok((Side::Client, id)),
            Some(id) if id == self.provider_id => Ok((Side::Provider, id)),
            Some(_) | None => Err(Refusal::NotParty { object: "chat" }),
        }
    }
}

impl Side {
    /// How many of the messages up to a place are not this side's own.
    const fn others_up_to(self, mark: Mark) -> i64 {
        match self {
            Self::Client => mark.from_provider,
            Self::Provider => mark.seq - mark.from_provider,
        }
    }
}

#[cfg(test)]
mod tests;
