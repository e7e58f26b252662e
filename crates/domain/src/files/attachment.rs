//! Attaching files to orders and messages: which, how many, and to what.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{File, Purpose};
use crate::ids::{ChatId, ContractId, FileId, MilestoneNumber, OrderId, UserId};
use crate::machine::Conflict;
use crate::orders::OrderState;

/// The most files that are attached to an order at once.
pub const FILES_AT_ONCE: usize = 20;
/// The most files that one message has.
pub const FILES_OF_MESSAGE: usize = 10;
/// The most files that one side attaches to an order, with what it hands in and brings forward in disputes:
/// neither takes the other's room.
pub const FILES_OF_SIDE: u64 = 100;

/// Files that somebody names, in their order: none, or some, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileList(Vec<FileId>);

/// Why a list of files was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FileListError {
    /// There has to be one.
    #[error("must name at least one file")]
    Empty,
    /// More than go at once.
    #[error("must have at most {most} entries")]
    TooMany {
        /// How many do.
        most: usize,
    },
    /// One of them twice.
    #[error("must name each file once")]
    Twice,
}

impl FileList {
    /// Checks a list for an order, which may be empty.
    ///
    /// # Errors
    /// [`FileListError`].
    pub fn new(ids: Vec<FileId>) -> Result<Self, FileListError> {
        Self::up_to(FILES_AT_ONCE, ids)
    }

    /// Checks a list for a message, which may be empty.
    ///
    /// # Errors
    /// [`FileListError`].
    pub fn of_message(ids: Vec<FileId>) -> Result<Self, FileListError> {
        Self::up_to(FILES_OF_MESSAGE, ids)
    }

    fn up_to(most: usize, ids: Vec<FileId>) -> Result<Self, FileListError> {
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if ids.len() > most {
            Err(FileListError::TooMany { most })
        } else if sorted.len() < ids.len() {
            Err(FileListError::Twice)
        } else {
            Ok(Self(ids))
        }
    }

    /// Checks a list for an order that has to name something.
    ///
    /// # Errors
    /// [`FileListError`].
    pub fn at_least_one(ids: Vec<FileId>) -> Result<Self, FileListError> {
        if ids.is_empty() { Err(FileListError::Empty) } else { Self::new(ids) }
    }

    /// The files.
    #[must_use]
    pub fn ids(&self) -> &[FileId] {
        &self.0
    }
}

/// A file that belongs to something. It stays there: what was handed in or sent is history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which file. It is attached once, to one thing.
    pub file_id: FileId,
    /// To what.
    pub target: Target,
    /// When.
    pub attached_at: DateTime<Utc>,
}

/// What a file is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An order. Whoever may read it may have the file.
    Order {
        /// Which.
        order_id: OrderId,
        /// With which submission it was handed in, if with one.
        submission: Option<SubmissionRef>,
    },
    /// A message. The two sides of its chat may have the file.
    Message {
        /// In which chat.
        chat_id: ChatId,
        /// Which of its messages.
        seq: i64,
        /// 1 for the first file of the message.
        place: i32,
    },
}

/// One handing in of a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubmissionRef {
    /// Of which contract.
    pub contract_id: ContractId,
    /// Of which milestone.
    pub milestone: MilestoneNumber,
    /// 1 for the first.
    pub number: i32,
}

/// Files of an order, or of something that was handed in for it.
#[must_use]
pub fn attachments(
    files: &FileList,
    order_id: OrderId,
    submission: Option<SubmissionRef>,
    now: DateTime<Utc>,
) -> Vec<Attachment> {
    let target = Target::Order { order_id, submission };
    let attach = |file_id: &FileId| Attachment { file_id: *file_id, target, attached_at: now };
    files.ids().iter().map(attach).collect()
}

/// Somebody named a file that is not theirs to attach: whether it is somebody else's or there is none
/// is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a file that you have uploaded")]
pub struct UnknownFile;

/// An order has as many files of one side as it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an order has at most {FILES_OF_SIDE} files of each side")]
pub struct OrderFull {
    /// The order's present state.
    pub state: &'static str,
}

/// A file belongs to something already, or has been taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a file is attached already; upload it again")]
pub struct FileAttached;

impl FileAttached {
    /// Reason and state.
    #[must_use]
    pub const fn conflict(&self) -> Conflict {
        Conflict { reason: "file_attached", state: "attached" }
    }
}

impl OrderFull {
    /// Whether an order in this state, that has some files of one side, takes more of it.
    ///
    /// # Errors
    /// [`OrderFull`] when they would be too many.
    pub fn check(state: OrderState, present: u64, more: usize) -> Result<(), Self> {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        let fits = present.saturating_add(more) <= FILES_OF_SIDE;
        if fits { Ok(()) } else { Err(Self { state: state.as_str() }) }
    }

    /// Reason and state.
    #[must_use]
    pub const fn conflict(&self) -> Conflict {
        Conflict { reason: "too_many_files", state: self.state }
    }
}

impl File {
    /// Whether somebody may attach it: whoever uploaded it may, unless it is a picture of a person.
    ///
    /// # Errors
    /// [`UnknownFile`].
    pub fn must_be_attachable_by(&self, user_id: UserId) -> Result<(), UnknownFile> {
        match self.purpose {
            Purpose::Attachment if self.owner_id == user_id => Ok(()),
            Purpose::Attachment | Purpose::Avatar => Err(UnknownFile),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::files::{ContentHash, FileName, MediaType, NewFile};

    fn ids(numbers: impl IntoIterator<Item = u128>) -> Vec<FileId> {
        numbers.into_iter().map(|number| FileId::new(Uuid::from_u128(number))).collect()
    }

    #[test]
    fn lists_are_short_and_name_each_file_once() {
        const TOO_MANY: FileListError = FileListError::TooMany { most: 20 };
        let cases = [
            (ids([]), None, Some(FileListError::Empty)),
            (ids([1]), None, None),
            (ids([2, 1]), None, None),
            (ids(0..20), None, None),
            (ids(0..21), Some(TOO_MANY), Some(TOO_MANY)),
            (ids([1, 2, 1]), Some(FileListError::Twice), Some(FileListError::Twice)),
        ];
        for (given, any, some) in cases {
            assert_eq!(FileList::new(given.clone()).err(), any, "{given:?}");
            assert_eq!(FileList::at_least_one(given.clone()).err(), some, "{given:?}");
            if let Ok(list) = FileList::new(given.clone()) {
                assert_eq!(list.ids(), given, "in their order");
            }
        }
        for (given, fault) in [(ids(0..10), None), (ids(0..11), Some(FileListError::TooMany { most: 10 }))] {
            assert_eq!(FileList::of_message(given).err(), fault);
        }
    }

    #[test]
    fn an_order_has_room_for_so_many() {
        for (present, more, fits) in
            [(0, 20, true), (80, 20, true), (81, 20, false), (100, 0, true), (u64::MAX, 1, false)]
        {
            assert_eq!(OrderFull::check(OrderState::Open, present, more).is_ok(), fits, "{present} {more}");
        }
    }

    #[test]
    fn only_ones_own_files_are_attached_and_no_pictures() {
        let user = |number| UserId::new(Uuid::from_u128(number));
        for (purpose, by, may) in [
            (Purpose::Attachment, 1, true),
            (Purpose::Attachment, 2, false),
            (Purpose::Avatar, 1, false),
            (Purpose::Avatar, 2, false),
        ] {
            let new = NewFile {
                id: FileId::new(Uuid::nil()),
                owner_id: user(1),
                purpose,
                name: FileName::for_content("a.png", MediaType::Png).unwrap(),
                size: 1,
                media_type: MediaType::Png,
                hash: ContentHash([0; 32]),
            };
            let file = File::store(new, DateTime::UNIX_EPOCH);
            assert_eq!(file.must_be_attachable_by(user(by)).is_ok(), may, "{purpose} {by}");
        }
    }
}
