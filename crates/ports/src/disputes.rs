//! Disputes: the repository and the questions.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::disputes::{Dispute, DisputeState, Evidence};
use domain::ids::{DisputeId, FileId, OrderId, UserId};

use crate::list::{Slice, Window};
use crate::store::StoreError;

/// The disputes. Whoever changes one holds the locks on its order and its contract.
#[async_trait]
pub trait Disputes: Send {
    /// Adds a dispute; its contract and its milestone are saved beside it.
    async fn insert(&mut self, dispute: &Dispute) -> Result<(), StoreError>;

    /// About which order a dispute is, without locking anything.
    async fn find(&mut self, id: DisputeId) -> Result<Option<OrderId>, StoreError>;

    /// Loads a dispute with its offers and locks it.
    async fn lock(&mut self, id: DisputeId) -> Result<Option<Dispute>, StoreError>;

    /// Saves what a command changed of a dispute and its offers, and raises the version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another.
    async fn save(&mut self, dispute: &mut Dispute) -> Result<(), StoreError>;

    /// Keeps a piece of evidence; its files are attached to the order beside it.
    async fn add_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError>;

    /// One dispute as this unit of work has left it, for the answer of a command.
    async fn view(&mut self, id: DisputeId) -> Result<Option<DisputeView>, StoreError>;
}

/// A dispute with all that was brought forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeView {
    /// The dispute, with its offers.
    pub dispute: Dispute,
    /// In the order of their numbers.
    pub evidence: Vec<EvidenceView>,
}

/// A piece of evidence as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceView {
    /// 1 for the first of the dispute.
    pub number: i32,
    /// By which side.
    pub side: domain::actor::Party,
    /// By whom.
    pub author_id: UserId,
    /// In words, if there are any.
    pub text: Option<String>,
    /// The files, in their order; they are among those of the order.
    pub files: Vec<(FileId, String)>,
    /// When.
    pub added_at: DateTime<Utc>,
}

/// Whose disputes a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeScope {
    /// Those in which somebody is one of the two sides.
    Of(UserId),
    /// All that there are.
    Everybody,
}

/// A dispute whose deadline is over. The earliest comes first, and of those the lowest identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueDispute {
    /// Its deadline.
    pub due_at: DateTime<Utc>,
    /// Which.
    pub id: DisputeId,
}

/// Questions about disputes.
#[async_trait]
pub trait DisputeQueries: Send + Sync {
    /// One dispute with all that was brought forward.
    async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView>, StoreError>;

    /// Disputes by scope, in one state or in all, the newest first.
    async fn disputes(
        &self,
        scope: DisputeScope,
        state: Option<DisputeState>,
        window: Window,
    ) -> Result<Slice<Dispute>, StoreError>;

    /// Disputes whose deadline was over at `now`, after `after`, in their order, at most `limit`; what
    /// becomes of them is for the domain to say, under their locks.
    async fn due_disputes(
        &self,
        now: DateTime<Utc>,
        after: Option<DueDispute>,
        limit: u32,
    ) -> Result<Vec<DueDispute>, StoreError>;
}
