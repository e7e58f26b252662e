//! Contracts with their milestones, and reviews: the repositories; and what people have under way. What
//! is shown of contracts is shown with their order ([`crate::orders::OrderDetail`]).

use async_trait::async_trait;
use domain::contracts::{Contract, Review, Submission};
use domain::ids::{BidId, OrderId, UserId};

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

    /// Keeps one handing in of a milestone.
    async fn add_submission(&mut self, submission: &Submission) -> Result<(), StoreError>;

    /// The orders of this client's contracts that hold money, the newest contract first. What can become of
    /// it is for the domain to say, under the locks.
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
