//! What happened: the facts that aggregates hand out and that the outbox keeps.
//!
//! A fact is written in the past tense and names the people and things concerned by id. Whoever
//! tells the outside world about it (notifications, mail, sockets, analytics) reads the outbox.

use chrono::{DateTime, Utc};

use crate::bidding::BidEvent;
use crate::contracts::ContractEvent;
use crate::identity::IdentityEvent;
use crate::money::MoneyEvent;
use crate::orders::OrderEvent;

/// One fact, in the words of the context that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Something happened to an account.
    Identity(IdentityEvent),
    /// Something happened to people's money.
    Money(MoneyEvent),
}

/// One fact about work and money: what the commands of [`crate::bidding`] and [`crate::contracts`],
/// which reach over several contexts, hand out in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradeEvent {
    /// Something happened to an order.
    Order(OrderEvent),
    /// Something happened to a bid.
    Bid(BidEvent),
    /// Something happened to a contract or a milestone.
    Contract(ContractEvent),
    /// Something happened to money.
    Money(MoneyEvent),
}

impl TradeEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(event) => event.name(),
            Self::Bid(event) => event.name(),
            Self::Contract(event) => event.name(),
            Self::Money(event) => event.name(),
        }
    }
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

impl From<OrderEvent> for TradeEvent {
    fn from(event: OrderEvent) -> Self {
        Self::Order(event)
    }
}

impl From<BidEvent> for TradeEvent {
    fn from(event: BidEvent) -> Self {
        Self::Bid(event)
    }
}

impl From<MoneyEvent> for TradeEvent {
    fn from(event: MoneyEvent) -> Self {
        Self::Money(event)
    }
}

impl From<ContractEvent> for TradeEvent {
    fn from(event: ContractEvent) -> Self {
        Self::Contract(event)
    }
}

impl From<MoneyEvent> for Fact {
    fn from(event: MoneyEvent) -> Self {
        Self::Money(event)
    }
}
