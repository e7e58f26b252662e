//! Bids and the offers made about them: repository and questions.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::actor::Party;
use domain::bidding::{Bid, BidCounts, BidRef, BidState, Counter, Offer};
use domain::identity::User;
use domain::ids::{BidId, OrderId, UserId};
use domain::money::Money;
use domain::orders::Order;

use crate::list::{Slice, Window};
use crate::profiles::PersonView;
use crate::store::StoreError;

/// What a new bid depends on, under lock.
#[derive(Debug)]
pub struct BidStage {
    /// Who is about to bid, locked against changes only; `None` when there is no such account.
    pub provider: Option<User>,
    /// What they are about to bid on; `None` when there is no such order.
    pub order: Option<Order>,
    /// Their live bid on it.
    pub live: Option<Bid>,
    /// The next number of the sequence; gaps are no harm.
    pub next_id: BidId,
}

/// The bids. Whoever changes one holds the lock on its order.
#[async_trait]
pub trait Bids: Send {
    /// Loads and locks what a new bid depends on, in the order of locks: the provider, the order, the provider's
    /// live bid on it.
    async fn stage(&mut self, order_id: OrderId, provider_id: UserId) -> Result<BidStage, StoreError>;

    /// Adds a bid with the first line of its history, and counts it on its order. It may be written no earlier than
    /// with the next call or the commit, which then has the errors of this.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the provider has a live bid on the order: [`Self::stage`] shows it before.
    async fn insert(&mut self, bid: &Bid, offer: &Offer) -> Result<(), StoreError>;

    /// A bid's order and people. Takes no lock: they never change, so that the caller can lock
    /// people, order and bid in their order.
    async fn find(&mut self, id: BidId) -> Result<Option<BidRef>, StoreError>;

    /// Loads bids of one order and locks them, in the order of their ids: none where
    /// there are none.
    async fn lock(&mut self, order_id: OrderId, which: WhichBids) -> Result<Vec<Bid>, StoreError>;

    /// Saves bids of one order that a command changed, raises their versions, and counts the live
    /// ones on their order.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when a stored version is another.
    async fn save(&mut self, bids: &mut [Bid]) -> Result<(), StoreError>;

    /// Adds a line to a bid's history.
    async fn add_offer(&mut self, offer: &Offer) -> Result<(), StoreError>;
}

/// Which bids on an order are to be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichBids {
    /// This one, whatever its state.
    One(BidId),
    /// The live one of this provider.
    LiveOf(UserId),
    /// All live ones: open or unconfirmed.
    Live,
    /// All live ones, and the accepted one.
    LiveAndAccepted,
    /// All live ones and this one, whatever its state.
    LiveAnd(BidId),
}

/// A bid with what it shows of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidView {
    /// Identifier.
    pub id: BidId,
    /// The order that it is on.
    pub order_id: OrderId,
    /// Whose order that is.
    pub client_id: UserId,
    /// Whose bid it is.
    pub provider_id: UserId,
    /// What the order is called.
    pub order_title: String,
    /// The order's field.
    pub subject: String,
    /// The order's budget.
    pub original_budget: Money,
    /// The order's deadline, as this bidder is shown it (see `Award::deadline_for`).
    pub order_deadline: DateTime<Utc>,
    /// The price.
    pub amount: Money,
    /// By when the bidder would deliver.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What the bidder says.
    pub message: String,
    /// What it is waiting for.
    pub state: BidState,
    /// The revision of the order that it holds for.
    pub revision: i64,
    /// The client's terms, while they stand.
    pub counter: Option<Counter>,
    /// When it was placed.
    pub submitted_at: DateTime<Utc>,
    /// By when the client should answer, or when they did.
    pub response_date: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves.
    pub version: i64,
}

impl BidView {
    /// A bid as it is shown, of the bid and its order.
    #[must_use]
    pub fn new(bid: &Bid, order: &Order) -> Self {
        let response_date = bid.response_date();
        let order_deadline = order.deadline_for(bid.id);
        let Bid {
            id,
            order_id,
            provider_id,
            amount,
            proposed_deadline,
            message,
            state,
            revision,
            counter,
            submitted_at,
            asked_at: _,
            answered_at: _,
            updated_at,
            version,
        } = bid;
        Self {
            id: *id,
            order_id: *order_id,
            client_id: order.client_id,
            provider_id: *provider_id,
            order_title: order.details.title.as_str().to_owned(),
            subject: order.details.subject.as_str().to_owned(),
            original_budget: order.details.budget,
            order_deadline,
            amount: *amount,
            proposed_deadline: *proposed_deadline,
            message: message.as_str().to_owned(),
            state: *state,
            revision: *revision,
            counter: counter.clone(),
            submitted_at: *submitted_at,
            response_date,
            updated_at: *updated_at,
            version: *version,
        }
    }

    /// What decides who may see it.
    #[must_use]
    pub const fn reference(&self) -> BidRef {
        BidRef {
            bid_id: self.id,
            order_id: self.order_id,
            client_id: self.client_id,
            provider_id: self.provider_id,
        }
    }
}

/// A bid beside its bidder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedBid {
    /// The bid.
    pub bid: BidView,
    /// The bidder.
    pub writer: PersonView,
}

/// One line of a bid's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferView {
    /// Which side named the terms.
    pub author: Party,
    /// Who.
    pub author_id: UserId,
    /// Their name.
    pub author_name: String,
    /// The price.
    pub amount: Money,
    /// The deadline, if one was named.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What went with it.
    pub message: Option<String>,
    /// When.
    pub made_at: DateTime<Utc>,
}

/// A part of a list of bids, and how many there are in which state, whatever the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidList {
    /// The part.
    pub bids: Slice<BidView>,
    /// The summary.
    pub tally: BidCounts,
}

/// Questions about bids.
#[async_trait]
pub trait BidQueries: Send + Sync {
    /// One bid.
    async fn bid(&self, id: BidId) -> Result<Option<BidView>, StoreError>;

    /// Somebody's bids, or everybody's; in some states; the highest number first.
    async fn bids(
        &self,
        provider_id: Option<UserId>,
        states: &[BidState],
        window: Window,
    ) -> Result<BidList, StoreError>;

    /// The bids on an order, in some states, the highest number first.
    async fn bids_on(
        &self,
        order_id: OrderId,
        states: &[BidState],
        window: Window,
    ) -> Result<Slice<ReceivedBid>, StoreError>;

    /// The history of a bid, oldest first.
    async fn offers(&self, id: BidId) -> Result<Vec<OfferView>, StoreError>;
}
