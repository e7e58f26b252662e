//! What is kept for a while and then removed.
//!
//! Deliberately absent: how long each thing is kept. That follows from what it is for, and stands
//! where the clean-up is (`usecases::jobs::CleanUp`).

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::store::StoreError;

/// What nobody needs after its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leftover {
    /// Answers to requests that had a key, by the time of the answer.
    RequestKeys,
    /// Logins with all that belongs to them, by the issue of their newest refresh token.
    Logins,
    /// Refresh tokens, by their issue. The newest of a login goes with the login only.
    RefreshTokens,
    /// Announcements of logins that ended, by their end.
    EndedLogins,
    /// Facts that everybody has been told, by when that was.
    DispatchedFacts,
    /// Marks of having read all notifications at once, by when that was. Nothing is lost with them: they
    /// are carried over to the notifications, which count here.
    ReadMarks,
    /// Notifications that were read, by when that was.
    ReadNotifications,
    /// Jobs that nobody will try again, by when they were given up; and of those that are the same
    /// work, all but the newest, however young: to have one of them tried again is to have all.
    DeadJobs,
}

impl Leftover {
    /// Every one there is.
    pub const ALL: &'static [Self] = &[
        Self::RequestKeys,
        Self::Logins,
        Self::RefreshTokens,
        Self::EndedLogins,
        Self::DispatchedFacts,
        Self::ReadMarks,
        Self::ReadNotifications,
        Self::DeadJobs,
    ];

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequestKeys => "request_keys",
            Self::Logins => "logins",
            Self::RefreshTokens => "refresh_tokens",
            Self::EndedLogins => "ended_logins",
            Self::DispatchedFacts => "dispatched_facts",
            Self::ReadMarks => "read_marks",
            Self::ReadNotifications => "read_notifications",
            Self::DeadJobs => "dead_jobs",
        }
    }

    /// The one with exactly this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|leftover| leftover.as_str() == word)
    }
}

/// Removes what is left over.
#[async_trait]
pub trait Retention: Send + Sync {
    /// Removes at most `limit` of those from before `before` and says how many that were. One short
    /// statement by itself: whoever has much to remove asks often.
    async fn remove(&self, what: Leftover, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
}
