//! One message, and its place among the others.

use chrono::{DateTime, Utc};

use crate::bidding::BidMessage;
use crate::ids::{ChatId, MessageId, UserId};
use crate::text::{Lines, text_type};

text_type!(
    /// What somebody wrote.
    MessageText,
    10_000,
    Lines::Multiple
);

// Every message of a bid can be one of a chat.
const _: () = assert!(BidMessage::MAX_CHARS <= MessageText::MAX_CHARS);

impl From<&BidMessage> for MessageText {
    fn from(message: &BidMessage) -> Self {
        Self(message.as_str().to_owned())
    }
}

/// A message's place in its chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The message.
    pub message_id: MessageId,
    /// Its number: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// How many of the messages up to and with this one are the provider's; all others are the
    /// client's.
    pub from_provider: i64,
}

/// A message; written once, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it was written.
    pub chat_id: ChatId,
    /// Which it is, and its place.
    pub mark: Mark,
    /// Who wrote it.
    pub sender_id: UserId,
    /// What it says. Files that go with it would stand beside this.
    pub text: MessageText,
    /// When; never before an earlier one of the chat.
    pub sent_at: DateTime<Utc>,
}

/// What a new message needs.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Minted by the caller.
    pub id: MessageId,
    /// What it says.
    pub text: MessageText,
}
