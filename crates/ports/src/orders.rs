//! Orders and invitations: repositories and questions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::MilestoneState;
use domain::files::{FileName, MediaType};
use domain::identity::Role;
use domain::ids::{BonusId, FileId, MilestoneNumber, OrderId, UserId};
use domain::money::Money;
use domain::orders::policy::{OrderAccess, OrderScope};
use domain::orders::{Invitation, Order, OrderCounts, OrderState, Progress, Specifications, Title, Urgency};
use domain::search::SearchTerms;

use crate::list::{Slice, Window};
use crate::profiles::PersonView;
use crate::store::StoreError;

/// The orders.
#[async_trait]
pub trait Orders: Send {
    /// The next number of the sequence; gaps are no harm.
    async fn next_id(&mut self) -> Result<OrderId, StoreError>;

    /// Adds an order, with the words by which it is found.
    async fn insert(&mut self, order: &Order) -> Result<(), StoreError>;

    /// Loads an order and locks it. First of all locks of a command on an order (`domain.md`,
    /// "Order of locks").
    async fn lock(&mut self, id: OrderId) -> Result<Option<Order>, StoreError>;

    /// Saves what a command changed and raises `order.version`. What is told of a deadline is saved by
    /// [`Self::save_expiry`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is not `order.version`.
    async fn save(&mut self, order: &mut Order) -> Result<(), StoreError>;

    /// Saves of which deadline it was told that it had passed, and nothing else: the version stays, as
    /// that is nothing that anybody sees.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is not `order.version`.
    async fn save_expiry(&mut self, order: &Order) -> Result<(), StoreError>;

    /// One order as this unit of work has left it, for the answer of a command.
    async fn detail(&mut self, id: OrderId) -> Result<Option<OrderDetail>, StoreError>;

    /// What some orders are called at present, without a lock; those that are not there are left out.
    async fn titles(&mut self, ids: &[OrderId]) -> Result<BTreeMap<OrderId, Title>, StoreError>;
}

/// Requests of clients that certain providers bid.
#[async_trait]
pub trait Invitations: Send {
    /// Adds invitations.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a provider who has one to the same order.
    async fn insert(&mut self, invitations: &[Invitation]) -> Result<(), StoreError>;

    /// Loads one and locks it.
    async fn lock(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Invitation>, StoreError>;

    /// Saves that it was declined.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such invitation.
    async fn save(&mut self, invitation: &Invitation) -> Result<(), StoreError>;
}

/// An order as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCard {
    /// Identifier.
    pub id: OrderId,
    /// What it is called.
    pub title: String,
    /// Its field.
    pub subject: String,
    /// Its kind.
    pub order_type: String,
    /// How many pages.
    pub pages: Option<i32>,
    /// By when.
    pub deadline: DateTime<Utc>,
    /// For about how much.
    pub budget: Money,
    /// The price, since the award.
    pub accepted_bid: Option<Money>,
    /// How far it has come.
    pub state: OrderState,
    /// How far the work is.
    pub progress: Progress,
    /// What is to be done.
    pub description: String,
    /// How many bids are live.
    pub bids_count: i64,
    /// Who posted it.
    pub client: PersonView,
    /// Who does it, since the award.
    pub provider: Option<PersonView>,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
    /// When it was paid for.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// An order in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDetail {
    /// What is listed of it.
    pub card: OrderCard,
    /// The client's address; who may see it is a policy's to say.
    pub client_email: Option<String>,
    /// What is expected, in one text.
    pub requirements_text: Option<String>,
    /// What is expected, as a list.
    pub requirements: Vec<String>,
    /// In which form.
    pub specifications: Option<Specifications>,
    /// The contract's milestones; before the award, and after the provider has left, the plan.
    pub milestones: Vec<MilestoneView>,
    /// Its files, those that were handed in included, in the order in which they came.
    pub files: Vec<OrderFileView>,
    /// What the client gave beyond the price, the first one first.
    pub bonuses: Vec<BonusView>,
    /// Raised by each material change.
    pub revision: i64,
    /// When it was called off.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Which saves it shows.
    pub version: OrderVersion,
}

/// Which saves of an order and of the contract about it somebody has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderVersion {
    /// The order's.
    pub order: i64,
    /// The contract's, while the order is awarded.
    pub contract: Option<i64>,
}

impl OrderDetail {
    /// What decides who may see it.
    #[must_use]
    pub fn access(&self) -> OrderAccess {
        OrderAccess {
            state: self.card.state,
            client_id: self.card.client.id,
            provider_id: self.card.provider.as_ref().map(|provider| provider.id),
        }
    }
}

/// A milestone as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MilestoneView {
    /// Its place.
    pub number: MilestoneNumber,
    /// What it is called.
    pub title: String,
    /// By when.
    pub due_date: DateTime<Utc>,
    /// Its share of the price; in a plan its weight, if it has one.
    pub amount: Option<Money>,
    /// How far it has come; `unfunded` in a plan.
    pub state: MilestoneState,
    /// When it was last handed in.
    pub submitted_at: Option<DateTime<Utc>>,
    /// What the client wants done again.
    pub changes_message: Option<String>,
    /// When its money is released by itself.
    pub auto_release_at: Option<DateTime<Utc>>,
    /// When it was settled.
    pub completed_at: Option<DateTime<Utc>>,
    /// Until when what was released rests, if it was not usable at once.
    pub clears_at: Option<DateTime<Utc>>,
    /// When it had rested.
    pub cleared_at: Option<DateTime<Utc>>,
    /// What came back to the client.
    pub refunded_amount: Option<Money>,
    /// Each time that it was handed in, the first one first.
    pub submissions: Vec<SubmissionView>,
}

/// One handing in of a milestone as it is shown. Its files are among the order's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionView {
    /// 1 for the first.
    pub number: i32,
    /// What the provider says about it.
    pub message: Option<String>,
    /// When.
    pub submitted_at: DateTime<Utc>,
}

/// A bonus as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BonusView {
    /// Its identifier.
    pub id: BonusId,
    /// What the client gave.
    pub amount: Money,
    /// What they said with it.
    pub message: Option<String>,
    /// When.
    pub given_at: DateTime<Utc>,
}

/// A file of an order as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFileView {
    /// Its identifier.
    pub id: FileId,
    /// What it is called.
    pub name: FileName,
    /// In bytes.
    pub size: u64,
    /// What its bytes say it is.
    pub media_type: MediaType,
    /// When it was uploaded.
    pub uploaded_at: DateTime<Utc>,
    /// What the uploader is.
    pub uploaded_by: Role,
    /// With which submission of which milestone it was handed in, if with one.
    pub submission: Option<(MilestoneNumber, i32)>,
    /// Where its bytes are for a while. Storage knows of none: whoever has checked that somebody may
    /// see the order writes it there.
    pub download_url: Option<String>,
}

/// Which orders are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFilter {
    /// In which states; at least one.
    pub states: Vec<OrderState>,
    /// By which words.
    pub search: Option<SearchTerms>,
}

/// A part of a list of orders, and what all orders of its scope come to, whatever the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderList {
    /// The part.
    pub orders: Slice<OrderCard>,
    /// The summary.
    pub tally: OrderTally,
}

/// What the orders of a scope come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderTally {
    /// How many are in which state.
    pub counts: OrderCounts,
    /// What was released for the scope's pending, active and completed orders, net of fees; zero
    /// unless the scope is a provider's.
    pub earned: Money,
}

/// Which available orders are wanted. Bounds are inclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AvailableFilter {
    /// Only those to which the provider was invited.
    pub invited_only: bool,
    /// Only of this field, without regard to case.
    pub subject: Option<String>,
    /// Of at least this budget.
    pub min_budget: Option<Money>,
    /// Of at most this budget.
    pub max_budget: Option<Money>,
    /// By which words.
    pub search: Option<SearchTerms>,
}

/// An order that a provider may bid on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailableOrder {
    /// Identifier.
    pub id: OrderId,
    /// What it is called.
    pub title: String,
    /// Its field.
    pub subject: String,
    /// Its kind.
    pub order_type: String,
    /// How many pages.
    pub pages: Option<i32>,
    /// By when.
    pub deadline: DateTime<Utc>,
    /// For about how much.
    pub budget: Money,
    /// What is to be done.
    pub description: String,
    /// What is expected, in one text.
    pub requirements_text: Option<String>,
    /// What is expected, as a list.
    pub requirements: Vec<String>,
    /// In which form.
    pub specifications: Option<Specifications>,
    /// Whether this provider was invited.
    pub is_invited: bool,
    /// How soon the deadline is.
    pub urgency: Urgency,
    /// How many bids are live.
    pub bids_count: i64,
    /// Who posted it.
    pub client: PersonView,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
}

/// A part of the available orders, and what all that match the filter come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailableList {
    /// The part; its total is that of the summary, too.
    pub orders: Slice<AvailableOrder>,
    /// To how many of them the provider was invited.
    pub invited: i64,
    /// The mean of their budgets (see `domain::orders::average_budget`).
    pub avg_budget: Money,
    /// The mean number of live bids on them, in tenths (see `domain::orders::average_competition`).
    pub avg_competition_tenths: u64,
}

/// Orders for which time has run out; what becomes of them is for the domain to say, under their locks.
#[async_trait]
pub trait DueOrders: Send + Sync {
    /// Pending orders that were awarded at `awarded_until` or before and have a higher number than
    /// `after`, the lowest number first, at most `limit`.
    async fn unpaid_orders(
        &self,
        awarded_until: DateTime<Utc>,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError>;

    /// Open orders whose deadline was over at `now` without that having been told, after `after`, in their
    /// order, at most `limit`.
    async fn expired_orders(
        &self,
        now: DateTime<Utc>,
        after: Option<PassedDeadline>,
        limit: u32,
    ) -> Result<Vec<PassedDeadline>, StoreError>;
}

/// A deadline that is over, and whose it is. The earliest comes first, and of those the lowest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassedDeadline {
    /// The deadline.
    pub deadline: DateTime<Utc>,
    /// The order.
    pub order_id: OrderId,
}

/// Questions about orders.
#[async_trait]
pub trait OrderQueries: Send + Sync {
    /// One order in full.
    async fn order(&self, id: OrderId) -> Result<Option<OrderDetail>, StoreError>;

    /// Orders by scope and filter, the highest number first.
    async fn orders(
        &self,
        scope: OrderScope,
        filter: &OrderFilter,
        window: Window,
    ) -> Result<OrderList, StoreError>;

    /// Orders that a provider may bid on at `now` (see `domain::orders::Availability`), the highest
    /// number first.
    async fn available_orders(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        window: Window,
        now: DateTime<Utc>,
    ) -> Result<AvailableList, StoreError>;

    /// What decides who may see an order, without the rest of it.
    async fn order_access(&self, id: OrderId) -> Result<Option<OrderAccess>, StoreError>;
}
