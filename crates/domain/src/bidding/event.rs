//! What happened to bids.

use crate::actor::{Issuer, Party};
use crate::ids::{BidId, OrderId, UserId};
use crate::machine::word_enum;

word_enum!(
    /// Why a bid lost.
    DeclineReason {
        /// The client did not want it.
        ByClient = "by_client",
        /// Another bid won.
        AnotherBidWon = "another_bid_won",
        /// The client called the order off.
        OrderCancelled = "order_cancelled",
        /// It had won, but the client did not pay.
        OrderLapsed = "order_lapsed",
        /// The client's account was closed or blocked, and the order ended with it.
        ClientUnavailable = "client_unavailable",
    }
);

/// A bid, its order, and the two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BidRef {
    /// The bid.
    pub bid_id: BidId,
    /// The order that it is on.
    pub order_id: OrderId,
    /// Whose order it is.
    pub client_id: UserId,
    /// Whose bid it is.
    pub provider_id: UserId,
}

/// Facts about bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BidEvent {
    /// A provider made an offer.
    Placed(BidRef),
    /// The bidder made another one in its place.
    Edited(BidRef),
    /// The bidder said that it still holds.
    Confirmed(BidRef),
    /// The order has changed: the bidder must confirm it or edit it.
    Outdated(BidRef),
    /// The client named other terms.
    Countered(BidRef),
    /// The bidder took the client's terms.
    CounterAccepted(BidRef),
    /// The bidder kept to their own terms.
    CounterRejected(BidRef),
    /// It won.
    Accepted(BidRef),
    /// It lost.
    Declined {
        /// Which.
        bid: BidRef,
        /// Why.
        reason: DeclineReason,
    },
    /// The bidder took it back.
    Withdrawn(BidRef),
}

impl BidRef {
    /// What the issuer is to this bid; `None` for a stranger.
    #[must_use]
    pub fn party(&self, by: Issuer) -> Option<Party> {
        by.party(self.client_id, Some(self.provider_id))
    }
}

impl BidEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Placed(_) => "bid.placed",
            Self::Edited(_) => "bid.edited",
            Self::Confirmed(_) => "bid.confirmed",
            Self::Outdated(_) => "bid.outdated",
            Self::Countered(_) => "bid.countered",
            Self::CounterAccepted(_) => "bid.counter_accepted",
            Self::CounterRejected(_) => "bid.counter_rejected",
            Self::Accepted(_) => "bid.accepted",
            Self::Declined { .. } => "bid.declined",
            Self::Withdrawn(_) => "bid.withdrawn",
        }
    }

    /// The bid that the fact is about.
    #[must_use]
    pub const fn bid(&self) -> BidRef {
        match self {
            Self::Placed(bid)
            | Self::Edited(bid)
            | Self::Confirmed(bid)
            | Self::Outdated(bid)
            | Self::Countered(bid)
            | Self::CounterAccepted(bid)
            | Self::CounterRejected(bid)
            | Self::Accepted(bid)
            | Self::Declined { bid, .. }
            | Self::Withdrawn(bid) => *bid,
        }
    }
}
