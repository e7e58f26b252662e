//! What can go wrong with a bid, in business words.

use thiserror::Error;

use crate::machine::{Conflict, Refusal};
use crate::money::{Money, MoneyError};
use crate::orders::OrderError;

/// Why a bid did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BidError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The order does not allow it.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// One live bid per provider and order (409).
    #[error("you have a bid on this order already")]
    DuplicateBid {
        /// That bid's state.
        state: &'static str,
    },
    /// The bidder confirmed a revision that is not the present one any more (409).
    #[error("the order has changed again")]
    OrderChanged {
        /// The bid's present state.
        state: &'static str,
        /// The order's present revision.
        revision: i64,
    },
    /// The client accepted terms that are not the bid's any more (409).
    #[error("the bid has changed")]
    BidChanged {
        /// The bid's present state.
        state: &'static str,
        /// Its present price.
        amount: Money,
        /// The revision that it holds for.
        revision: i64,
    },
    /// The deadline that was proposed is over by now: nobody could keep it (409).
    #[error("the proposed deadline has passed")]
    ProposedDeadlinePassed {
        /// The bid's present state.
        state: &'static str,
    },
    /// A deadline that is over when it is named (422).
    #[error("must be in the future")]
    ProposedDeadlineNotInFuture,
    /// A price of nothing (400).
    #[error(transparent)]
    Amount(MoneyError),
    /// An amount that cannot be reckoned with the order's.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl BidError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::Order(error) => error.conflict(),
            Self::DuplicateBid { state } => Some(Conflict { reason: "duplicate_bid", state }),
            Self::OrderChanged { state, .. } => Some(Conflict { reason: "order_changed", state }),
            Self::BidChanged { state, .. } => Some(Conflict { reason: "bid_changed", state }),
            Self::ProposedDeadlinePassed { state } => Some(Conflict { reason: "deadline_passed", state }),
            Self::ProposedDeadlineNotInFuture | Self::Amount(_) | Self::Money(_) => None,
        }
    }

    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::ProposedDeadlineNotInFuture => Some("deadline_not_in_future"),
            Self::Order(error) => error.impossible(),
            Self::Refused(_)
            | Self::DuplicateBid { .. }
            | Self::OrderChanged { .. }
            | Self::BidChanged { .. }
            | Self::ProposedDeadlinePassed { .. }
            | Self::Amount(_)
            | Self::Money(_) => None,
        }
    }

    /// The field's path on the wire, if the error is about what was sent.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::ProposedDeadlineNotInFuture => Some("proposed_deadline".to_owned()),
            Self::Amount(_) => Some("bid_amount".to_owned()),
            Self::Order(error) => error.field(),
            Self::Refused(_)
            | Self::DuplicateBid { .. }
            | Self::OrderChanged { .. }
            | Self::BidChanged { .. }
            | Self::ProposedDeadlinePassed { .. }
            | Self::Money(_) => None,
        }
    }
}
