//! Where facts go: written in the transaction that made them true, read later by everybody who
//! tells the outside world about them.
//!
//! The dispatcher hands stored facts to its readers, oldest first, in a transaction of its own. What
//! a reader writes there is committed together with the mark that the facts have been dispatched: a
//! fact has its effect once, whatever crashes when.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::ids::{EventId, UserId};

use crate::store::{StoreError, UnitOfWork};

/// The outbox of one unit of work.
#[async_trait]
pub trait Outbox: Send {
    /// Appends facts under their identifiers, in their order. They may be written no earlier than with the commit,
    /// which then has the errors of this.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn append(&mut self, events: &[(EventId, Event)]) -> Result<(), StoreError>;
}

/// A fact as it was stored, perhaps by an older program: a name, and particulars by their keys.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFact {
    /// Key of everything that follows from it.
    pub id: EventId,
    /// Its stable name, such as `withdrawal.paid`.
    pub name: String,
    /// The account that it is about.
    pub user_id: Option<UserId>,
    /// What else there is to say.
    pub particulars: Particulars,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
}

/// The particulars of a fact by their keys.
pub type Particulars = BTreeMap<String, Particular>;

/// One particular of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Particular {
    /// Nothing, said expressly.
    Nothing,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text; identifiers are texts.
    Text(String),
    /// Several.
    List(Vec<Particular>),
    /// Particulars of its own, such as an amount with its currency.
    Group(Particulars),
}

impl Particular {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// One of its own particulars, if it has that.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        if let Self::Group(particulars) = self { particulars.get(key) } else { None }
    }
}

/// A reader at work.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// Somebody who makes something of facts.
pub trait OutboxReader: Send + Sync {
    /// For the log.
    fn name(&self) -> &'static str;

    /// Reads facts in their order and writes what follows from them into `work`; nothing else, as it
    /// may be called again with the same facts. Facts that do not concern it it passes over; one that
    /// it cannot read it refuses, as a newer program may be running beside it that can.
    ///
    /// An error that trying again cannot heal sets the fact aside: it holds up nobody else, is tried
    /// again after growing pauses, and then comes after younger ones.
    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a>;
}

/// What became of one round of dispatching.
#[derive(Debug)]
pub enum Dispatched {
    /// There was nothing to dispatch.
    Nothing,
    /// Another process is at it.
    Elsewhere,
    /// So many facts have been dispatched.
    Facts(usize),
    /// A reader refused, or was not done in time; nothing was dispatched.
    Refused {
        /// The first of the facts that were handed out.
        first: EventId,
        /// How many there were.
        count: usize,
        /// What the reader said; [`StoreError::TimedOut`] may be the fault of their number.
        error: StoreError,
    },
}

/// The facts that wait to be dispatched.
#[async_trait]
pub trait Dispatch: Send + Sync {
    /// Whether there are any, at a glance.
    async fn is_pending(&self, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Hands the oldest facts, at most `limit`, to all readers and marks them as dispatched, in one
    /// transaction. One process at a time does this.
    async fn dispatch(
        &self,
        readers: &[Arc<dyn OutboxReader>],
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Dispatched, StoreError>;

    /// Keeps a fact back for a while, because a reader refused it; longer each time, up to an hour.
    /// One that another process has dispatched meanwhile stays dispatched.
    async fn set_aside(&self, fact: EventId, error: &str, now: DateTime<Utc>) -> Result<(), StoreError>;
}

/// Rings when something has been committed that somebody in this process waits for. It carries
/// nothing and may be missed: whoever waits also looks by themselves now and then.
pub trait Bell: Send + Sync {
    /// Rings. Never waits.
    fn ring(&self);
}

/// Who is told after a commit.
#[derive(Clone)]
pub struct Bells {
    /// Facts were written.
    pub facts: Arc<dyn Bell>,
    /// Jobs were asked for, or are due again.
    pub jobs: Arc<dyn Bell>,
}
