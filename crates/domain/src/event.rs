//! What happened: the facts that aggregates hand out and that the outbox keeps.
//!
//! A fact is written in the past tense and names the people and things concerned by id. Whoever
//! tells the outside world about it (notifications, mail, sockets, analytics) reads the outbox.

use chrono::{DateTime, Utc};

use crate::audit::AuditEvent;
use crate::bidding::BidEvent;
use crate::contracts::{ContractEvent, ProposalEvent};
use crate::disputes::DisputeEvent;
use crate::identity::IdentityEvent;
use crate::messaging::MessagingEvent;
use crate::money::MoneyEvent;
use crate::orders::OrderEvent;

/// One fact, in the words of the context that it belongs to. Commands that reach over several
/// contexts hand them out in the order in which they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Something happened to an account.
    Identity(IdentityEvent),
    /// Something happened to an order.
    Order(OrderEvent),
    /// Something happened to a bid.
    Bid(BidEvent),
    /// Something happened to a contract or a milestone.
    Contract(ContractEvent),
    /// Something happened to a proposal.
    Proposal(ProposalEvent),
    /// Something happened in a dispute.
    Dispute(DisputeEvent),
    /// Something happened to people's money.
    Money(MoneyEvent),
    /// Something happened in a chat.
    Messaging(MessagingEvent),
    /// The books were checked, and something followed.
    Audit(AuditEvent),
}

impl Fact {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identity(event) => event.name(),
            Self::Order(event) => event.name(),
            Self::Bid(event) => event.name(),
            Self::Contract(event) => event.name(),
            Self::Proposal(event) => event.name(),
            Self::Dispute(event) => event.name(),
            Self::Money(event) => event.name(),
            Self::Messaging(event) => event.name(),
            Self::Audit(event) => event.name(),
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

impl From<OrderEvent> for Fact {
    fn from(event: OrderEvent) -> Self {
        Self::Order(event)
    }
}

impl From<BidEvent> for Fact {
    fn from(event: BidEvent) -> Self {
        Self::Bid(event)
    }
}

impl From<ContractEvent> for Fact {
    fn from(event: ContractEvent) -> Self {
        Self::Contract(event)
    }
}

impl From<ProposalEvent> for Fact {
    fn from(event: ProposalEvent) -> Self {
        Self::Proposal(event)
    }
}

impl From<DisputeEvent> for Fact {
    fn from(event: DisputeEvent) -> Self {
        Self::Dispute(event)
    }
}

impl From<MoneyEvent> for Fact {
    fn from(event: MoneyEvent) -> Self {
        Self::Money(event)
    }
}

impl From<MessagingEvent> for Fact {
    fn from(event: MessagingEvent) -> Self {
        Self::Messaging(event)
    }
}

impl From<AuditEvent> for Fact {
    fn from(event: AuditEvent) -> Self {
        Self::Audit(event)
    }
}
