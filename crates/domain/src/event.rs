//! What happened: the facts that aggregates hand out and that the outbox keeps.
//!
//! A fact is written in the past tense and names the people and things concerned by id. Whoever
//! tells the outside world about it (notifications, mail, sockets, analytics) reads the outbox.

use chrono::{DateTime, Utc};

use crate::identity::IdentityEvent;

/// One fact, in the words of the context that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Something happened to an account.
    Identity(IdentityEvent),
}

/// A fact and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub fact: Fact,
    /// The `now` of the command that caused it.
    pub occurred_at: DateTime<Utc>,
}

impl From<IdentityEvent> for Fact {
    fn from(event: IdentityEvent) -> Self {
        Self::Identity(event)
    }
}
