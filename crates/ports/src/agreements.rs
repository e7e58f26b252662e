//! What the two sides of contracts propose to each other: the repository and the questions.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::Proposal;
use domain::ids::{ContractId, OrderId, ProposalId};

use crate::list::{Slice, Window};
use crate::store::StoreError;

/// What became of a new proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ProposalClaim {
    /// Made.
    Granted,
    /// There is an open one of the same kind about the same thing; nothing was written and the
    /// transaction is still good.
    Taken,
}

/// The proposals. Whoever changes one holds the locks on its order and its contract.
#[async_trait]
pub trait Proposals: Send {
    /// Adds a proposal, unless there is an open one of the same kind about the same thing.
    async fn insert(&mut self, proposal: &Proposal) -> Result<ProposalClaim, StoreError>;

    /// About which order a proposal is, without locking anything.
    async fn find(&mut self, id: ProposalId) -> Result<Option<OrderId>, StoreError>;

    /// Loads a proposal and locks it.
    async fn lock(&mut self, id: ProposalId) -> Result<Option<Proposal>, StoreError>;

    /// Loads the open proposals about a contract and locks them, in the order of their identifiers.
    async fn lock_open(&mut self, contract_id: ContractId) -> Result<Vec<Proposal>, StoreError>;

    /// Saves what a command changed and raises the version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another.
    async fn save(&mut self, proposal: &mut Proposal) -> Result<(), StoreError>;
}

/// A proposal whose time is over. The earliest comes first, and of those the lowest identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpiredProposal {
    /// Until when it could be answered.
    pub expires_at: DateTime<Utc>,
    /// Which.
    pub id: ProposalId,
}

/// Questions about proposals.
#[async_trait]
pub trait ProposalQueries: Send + Sync {
    /// One proposal.
    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>, StoreError>;

    /// The proposals about an order, whatever became of them, the newest first.
    async fn proposals(&self, order_id: OrderId, window: Window) -> Result<Slice<Proposal>, StoreError>;

    /// Open proposals whose time was over at `now`, after `after`, in their order, at most `limit`; what
    /// becomes of them is for the domain to say, under their locks.
    async fn expired_proposals(
        &self,
        now: DateTime<Utc>,
        after: Option<ExpiredProposal>,
        limit: u32,
    ) -> Result<Vec<ExpiredProposal>, StoreError>;
}
