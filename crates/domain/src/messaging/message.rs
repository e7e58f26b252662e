//! One message, and its place among the others.

use chrono::{DateTime, Utc};

use thiserror::Error;

use crate::bidding::BidMessage;
use crate::files::{Attachment, FileList, Target};
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

/// What somebody says: words, files, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageContent {
    text: Option<MessageText>,
    files: FileList,
}

/// Neither words nor files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must not be empty unless files are attached")]
pub struct NothingSaid;

impl MessageContent {
    /// Words, files, or both.
    ///
    /// # Errors
    /// [`NothingSaid`].
    pub fn new(text: Option<MessageText>, files: FileList) -> Result<Self, NothingSaid> {
        if text.is_none() && files.ids().is_empty() { Err(NothingSaid) } else { Ok(Self { text, files }) }
    }

    /// The words; empty where there are only files.
    #[must_use]
    pub fn words(&self) -> &str {
        self.text.as_ref().map_or("", MessageText::as_str)
    }

    /// The files, in their order.
    #[must_use]
    pub const fn files(&self) -> &FileList {
        &self.files
    }
}

/// Only words.
impl From<MessageText> for MessageContent {
    fn from(text: MessageText) -> Self {
        Self { text: Some(text), files: FileList::default() }
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
    /// What it says, and which files go with it.
    pub content: MessageContent,
    /// When; never before an earlier one of the chat.
    pub sent_at: DateTime<Utc>,
}

impl Message {
    /// The files that go with it.
    #[must_use]
    pub fn attachments(&self) -> Vec<Attachment> {
        let Self { chat_id, mark, sender_id: _, content, sent_at } = self;
        let attach = |(place, file_id)| {
            let target = Target::Message { chat_id: *chat_id, seq: mark.seq, place };
            Attachment { file_id, target, attached_at: *sent_at }
        };
        (1..).zip(content.files().ids().iter().copied()).map(attach).collect()
    }
}

/// What a new message needs.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Minted by the caller.
    pub id: MessageId,
    /// What it says.
    pub content: MessageContent,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::FileId;
    use crate::sample::{at, user};

    fn files(numbers: &[u128]) -> FileList {
        let ids = numbers.iter().map(|number| FileId::new(Uuid::from_u128(*number))).collect();
        FileList::of_message(ids).unwrap()
    }

    #[test]
    fn a_message_has_words_or_files() {
        let words = || MessageText::parse("Here it is").ok();
        for (text, files, expected) in [
            (words(), files(&[]), Some("Here it is")),
            (words(), files(&[1]), Some("Here it is")),
            (None, files(&[1, 2]), Some("")),
            (None, files(&[]), None),
        ] {
            let content = MessageContent::new(text, files.clone());
            assert_eq!(content.as_ref().map(MessageContent::words).ok(), expected);
            assert!(content.is_ok_and(|content| content.files() == &files) || expected.is_none());
        }
        let content = MessageContent::from(words().unwrap());
        assert_eq!(content, MessageContent::new(words(), files(&[])).unwrap());
    }

    #[test]
    fn files_belong_to_their_message_in_their_order() {
        let message = Message {
            chat_id: ChatId::new(Uuid::from_u128(7)),
            mark: Mark { message_id: MessageId::new(Uuid::nil()), seq: 3, from_provider: 1 },
            sender_id: user(1),
            content: MessageContent::new(None, files(&[9, 8])).unwrap(),
            sent_at: at(1),
        };
        let attachment = |file, place| Attachment {
            file_id: FileId::new(Uuid::from_u128(file)),
            target: Target::Message { chat_id: message.chat_id, seq: 3, place },
            attached_at: at(1),
        };
        assert_eq!(message.attachments(), [attachment(9, 1), attachment(8, 2)]);
    }
}
