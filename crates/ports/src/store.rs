//! The unit of work: all writes of one command, committed together or not at all.

use std::error::Error;

use async_trait::async_trait;
use thiserror::Error;

use crate::agreements::Proposals;
use crate::audit::Audits;
use crate::bidding::Bids;
use crate::contracts::{Contracts, Reviews};
use crate::disputes::Disputes;
use crate::files::{Attachments, Files};
use crate::idempotency::IdempotencyKeys;
use crate::identity::{Sessions, Users};
use crate::jobs::Jobs;
use crate::messaging::Chats;
use crate::money::{Chargebacks, Deposits, Ledger, Withdrawals};
use crate::notifications::Notifications;
use crate::orders::{Invitations, Orders};
use crate::outbox::Outbox;
use crate::profiles::{FigureBook, Profiles};

/// Begins units of work.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction on a connection of its own; the database may hear of it no earlier than with the first
    /// call, which then has the errors of this.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection could be had within the time set for it.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// One open transaction.
///
/// It ends in one of three ways. [`commit`](Self::commit) and [`rollback`](Self::rollback) consume
/// it and give the connection back. A mere drop (cancellation, panic, a forgotten `rollback`) costs
/// the connection: it is closed, the database rolls back, and no open transaction ever returns to
/// the pool.
///
/// After any repository call has failed the transaction is spoilt, and committing it is refused:
/// PostgreSQL would answer COMMIT with a silent rollback.
#[async_trait]
pub trait UnitOfWork: Send {
    /// The accounts.
    fn users(&mut self) -> &mut dyn Users;
    /// The logins.
    fn sessions(&mut self) -> &mut dyn Sessions;
    /// The facts to be told.
    fn outbox(&mut self) -> &mut dyn Outbox;
    /// Work to be done after the commit.
    fn jobs(&mut self) -> &mut dyn Jobs;
    /// The names that callers give their requests.
    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeys;
    /// The books.
    fn ledger(&mut self) -> &mut dyn Ledger;
    /// Money on its way in.
    fn deposits(&mut self) -> &mut dyn Deposits;
    /// Money on its way out.
    fn withdrawals(&mut self) -> &mut dyn Withdrawals;
    /// Work that is posted.
    fn orders(&mut self) -> &mut dyn Orders;
    /// Who was asked to bid.
    fn invitations(&mut self) -> &mut dyn Invitations;
    /// Payments that were taken back.
    fn chargebacks(&mut self) -> &mut dyn Chargebacks;
    /// Offers on orders.
    fn bids(&mut self) -> &mut dyn Bids;
    /// Agreements about orders.
    fn contracts(&mut self) -> &mut dyn Contracts;
    /// What the sides of contracts propose to each other.
    fn proposals(&mut self) -> &mut dyn Proposals;
    /// What the sides of contracts do not agree on.
    fn disputes(&mut self) -> &mut dyn Disputes;
    /// What the sides of completed orders say about each other.
    fn reviews(&mut self) -> &mut dyn Reviews;
    /// What people say of themselves.
    fn profiles(&mut self) -> &mut dyn Profiles;
    /// The figures that are kept about people.
    fn figures(&mut self) -> &mut dyn FigureBook;
    /// What the sides of orders write to each other.
    fn chats(&mut self) -> &mut dyn Chats;
    /// The files that people uploaded.
    fn files(&mut self) -> &mut dyn Files;
    /// What files are attached to.
    fn attachments(&mut self) -> &mut dyn Attachments;
    /// What people are told.
    fn notifications(&mut self) -> &mut dyn Notifications;
    /// Checks of the books, and the holds that follow from them.
    fn audits(&mut self) -> &mut dyn Audits;

    /// Makes all writes permanent.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`] when the connection broke between sending COMMIT and its
    /// answer; any other error means that nothing was written. It may be that of an earlier call, whose write was
    /// kept until now.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Undoes all writes.
    ///
    /// # Errors
    /// A connection that cannot even roll back is thrown away; nothing was written in any case.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}

/// The cause as the driver gave it: for the log, never for an answer.
pub type Cause = Box<dyn Error + Send + Sync + 'static>;

/// What can go wrong in storage. One type for all repositories and questions.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No connection: the database is down, or the pool is exhausted. Nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Cause),
    /// A statement or a lock took longer than it may.
    #[error("the database took too long: {0}")]
    TimedOut(#[source] Cause),
    /// Two transactions got in each other's way (40001, 40P01): the whole use case may be run again.
    #[error("transactions collided: {0}")]
    Collision(#[source] Cause),
    /// The row was changed by somebody else since it was read: affected rows were not what they must be.
    #[error("{what} was changed or removed by another transaction")]
    Stale {
        /// The noun of the row.
        what: &'static str,
    },
    /// A stored value that no domain value can hold.
    #[error("{table}.{column} of row {row} holds a value that the domain cannot: {problem}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with the value, without the value.
        problem: String,
    },
    /// COMMIT was sent and its answer never came: the effect is there in full or not at all.
    #[error("the connection was lost while committing; the outcome is unknown: {0}")]
    OutcomeUnknown(#[source] Cause),
    /// An earlier call of this unit of work failed, so it cannot be committed.
    #[error("a failed transaction cannot be committed")]
    Spoilt,
    /// Anything else: a fault of ours. It names the constraint or the statement in its cause.
    #[error("the database refused: {0}")]
    Refused(#[source] Cause),
}
