//! Contracts with their milestones, and reviews: the repositories; the milestones whose clocks have run
//! out; and what people have under way. What is shown of contracts is shown with their order
//! ([`crate::orders::OrderDetail`]).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::{Bonus, Contract, Review, Submission};
use domain::ids::{BidId, MilestoneNumber, OrderId, UserId};

use crate::store::StoreError;

/// The contracts. Whoever changes one holds the lock on its order.
#[async_trait]
pub trait Contracts: Send {
    /// Adds a contract with its milestones.
    async fn insert(&mut self, contract: &Contract) -> Result<(), StoreError>;

    /// Loads the contract that an order is awarded by, with its milestones, and locks it. An earlier
    /// one, which ended when its provider left, is not found.
    async fn lock(&mut self, order_id: OrderId) -> Result<Option<Contract>, StoreError>;

    /// Saves what a command changed of a contract and its milestones, and raises its version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another.
    async fn save(&mut self, contract: &mut Contract) -> Result<(), StoreError>;

    /// Saves when the client is next reminded of a milestone, and nothing else: the version stays, as that
    /// is nothing that anybody sees.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another, or there is no such milestone.
    async fn save_reminder(&mut self, contract: &Contract, number: MilestoneNumber)
    -> Result<(), StoreError>;

    /// Keeps one handing in of a milestone.
    async fn add_submission(&mut self, submission: &Submission) -> Result<(), StoreError>;

    /// Keeps a bonus that the client gave.
    async fn add_bonus(&mut self, bonus: &Bonus) -> Result<(), StoreError>;

    /// The orders of this client's contracts that hold money, or released some that has not cleared, the
    /// newest contract first. What can become of it is for the domain to say, under the locks.
    async fn holding(&mut self, client_id: UserId) -> Result<Vec<OrderId>, StoreError>;

    /// Whether somebody, on either side, has a contract that has not come to its end.
    async fn has_running(&mut self, user_id: UserId) -> Result<bool, StoreError>;
}

/// What became of a new review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ReviewClaim {
    /// Written.
    Granted,
    /// The same person has reviewed the order before; nothing was written and the transaction is
    /// still good.
    Taken,
}

/// The reviews: one per order and author. Whoever adds one holds the lock on the order.
#[async_trait]
pub trait Reviews: Send {
    /// What this person has said about this order.
    async fn find(&mut self, order_id: OrderId, author_id: UserId) -> Result<Option<Review>, StoreError>;

    /// Adds a review. The figures are changed by [`crate::profiles::FigureBook`].
    async fn insert(&mut self, review: &Review) -> Result<ReviewClaim, StoreError>;
}

/// The clocks of milestones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneClock {
    /// By when the client is to answer.
    Release,
    /// When they are next reminded of it, unless it is too late for that.
    Reminder,
    /// Until when what was released rests.
    Clearance,
}

/// A milestone whose clock has run out. The earliest comes first, and of those the lowest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueMilestone {
    /// When it ran out.
    pub due_at: DateTime<Utc>,
    /// The order.
    pub order_id: OrderId,
    /// Which milestone of it.
    pub number: MilestoneNumber,
}

/// Milestones whose clocks have run out; what becomes of them is for the domain to say, under their locks.
#[async_trait]
pub trait DueMilestones: Send + Sync {
    /// Those of one clock that are due at `now`, after `after`, in their order, at most `limit`.
    async fn due_milestones(
        &self,
        clock: MilestoneClock,
        now: DateTime<Utc>,
        after: Option<DueMilestone>,
        limit: u32,
    ) -> Result<Vec<DueMilestone>, StoreError>;
}

/// What somebody has under way that is not paid for; what becomes of it is for the domain to say, under
/// its locks.
#[async_trait]
pub trait UnfinishedBusiness: Send + Sync {
    /// A client's orders that are open or pending and have a higher number than `after`, the lowest
    /// number first, at most `limit`.
    async fn unfinished_orders(
        &self,
        client_id: UserId,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError>;

    /// A provider's bids that are live, or accepted for an order that is pending, and have a higher
    /// number than `after`, the lowest number first, at most `limit`.
    async fn unfinished_bids(
        &self,
        provider_id: UserId,
        after: Option<BidId>,
        limit: u32,
    ) -> Result<Vec<BidId>, StoreError>;
}
