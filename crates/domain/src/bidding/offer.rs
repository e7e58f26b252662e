//! Terms that one side names to the other.

use chrono::{DateTime, Utc};

use crate::actor::Party;
use crate::ids::{BidId, UserId};
use crate::money::Money;
use crate::text::{Lines, text_type};

text_type!(
    /// What goes with an offer; the bidder's is the first message of the chat.
    BidMessage,
    10_000,
    Lines::Multiple
);

/// What the client would rather agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterTerms {
    /// The price.
    pub amount: Money,
    /// The deadline; without one the bidder's stays.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What goes with it.
    pub message: Option<BidMessage>,
}

/// The client's terms while they stand. The bid's own are untouched until the bidder takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What the client named.
    pub terms: CounterTerms,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// One line of a bid's history: terms that were named, by whom, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The bid.
    pub bid_id: BidId,
    /// Which side: client or provider.
    pub author: Party,
    /// The person.
    pub author_id: UserId,
    /// The price.
    pub amount: Money,
    /// The deadline, if one was named.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What went with it.
    pub message: Option<BidMessage>,
    /// When.
    pub made_at: DateTime<Utc>,
}
