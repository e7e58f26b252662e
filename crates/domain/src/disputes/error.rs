//! What can go wrong in a dispute, in business words.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::DisputeState;
use crate::contracts::ContractError;
use crate::machine::{Conflict, Refusal};
use crate::money::{Money, MoneyError};

/// Why a dispute did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DisputeError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The contract does not allow it.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The dispute has no such offer (404).
    #[error("no such offer")]
    UnknownOffer,
    /// The other side has to answer it (409).
    #[error("this is for the other side to answer")]
    OwnOffer {
        /// The offer's present state.
        state: &'static str,
    },
    /// It stands no more (409).
    #[error("this offer does not stand any more")]
    OfferOver {
        /// The offer's present state.
        state: &'static str,
    },
    /// There is no room for more (409).
    #[error("this dispute has as many as it can have")]
    TooMany {
        /// The dispute's present state.
        state: &'static str,
    },
    /// More for the provider than what is disputed (422).
    #[error("must be at most {amount}")]
    MoreThanDisputed {
        /// How much that is.
        amount: Money,
    },
    /// A timer that went off before its time (409; only the program can cause it).
    #[error("not before {until}")]
    TooEarly {
        /// The dispute's present state.
        state: &'static str,
        /// When it may come again.
        until: DateTime<Utc>,
    },
    /// A contract that is not the one it is about: a fault of the program.
    #[error("the dispute is not about the contract")]
    WrongContract,
    /// An amount that cannot be reckoned with: a fault of the program.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl DisputeError {
    /// Whether it only says that somebody was faster than a timer: the dispute is resolved, or has another
    /// deadline now.
    #[must_use]
    pub fn is_overtaken(&self) -> bool {
        let resolved = DisputeState::Resolved.as_str();
        match self {
            Self::TooEarly { .. } => true,
            Self::Refused(refusal) => refusal.conflict().is_some_and(|conflict| conflict.state == resolved),
            Self::Contract(_)
            | Self::UnknownOffer
            | Self::OwnOffer { .. }
            | Self::OfferOver { .. }
            | Self::TooMany { .. }
            | Self::MoreThanDisputed { .. }
            | Self::WrongContract
            | Self::Money(_) => false,
        }
    }

    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::Contract(error) => error.conflict(),
            Self::OwnOffer { state } => Some(Conflict { reason: "own_offer", state }),
            Self::OfferOver { state } => Some(Conflict { reason: "offer_over", state }),
            Self::TooMany { state } => Some(Conflict { reason: "too_many", state }),
            Self::TooEarly { state, .. } => Some(Conflict { reason: "too_early", state }),
            Self::UnknownOffer | Self::MoreThanDisputed { .. } | Self::WrongContract | Self::Money(_) => None,
        }
    }

    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::MoreThanDisputed { .. } => Some("more_than_disputed"),
            Self::Contract(error) => error.impossible(),
            Self::Refused(_)
            | Self::UnknownOffer
            | Self::OwnOffer { .. }
            | Self::OfferOver { .. }
            | Self::TooMany { .. }
            | Self::TooEarly { .. }
            | Self::WrongContract
            | Self::Money(_) => None,
        }
    }
}
