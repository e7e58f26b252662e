//! What can go wrong with a contract, in business words.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::bidding::BidError;
use crate::machine::{Conflict, Refusal};
use crate::money::{LedgerError, Money, MoneyError, SplitError};
use crate::orders::OrderError;

/// Why a contract did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ContractError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The order does not allow it.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The bid does not allow it.
    #[error(transparent)]
    Bid(#[from] BidError),
    /// Whoever bid has closed their account, or it was blocked.
    #[error("the bidder's account has been closed or blocked")]
    BidderUnavailable {
        /// The bid's present state.
        state: &'static str,
    },
    /// Whoever is to be given money has closed their account, or it was blocked.
    #[error("the provider's account has been closed or blocked")]
    ProviderUnavailable {
        /// The contract's present state.
        state: &'static str,
    },
    /// Whose business was to be wound up may come in again (409; only the program can cause it).
    #[error("the account is in use")]
    AccountActive {
        /// The account's present state.
        state: &'static str,
    },
    /// The order has no such bid (404).
    #[error("no such bid")]
    UnknownBid,
    /// The contract has no such milestone (404).
    #[error("no such milestone")]
    UnknownMilestone,
    /// The wallet is short; paying in would make the same command succeed (402).
    #[error("{required} is needed, but only {available} is available")]
    PaymentRequired {
        /// Price and fee.
        required: Money,
        /// What the wallet holds.
        available: Money,
    },
    /// The price cannot be split over the milestones (422).
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A decision about more than what is disputed (422).
    #[error("must be at most {amount}")]
    MoreThanDisputed {
        /// The milestone's amount.
        amount: Money,
    },
    /// An agreement about more than what there is to agree about (422).
    #[error("must be at most {amount}")]
    MoreThanThere {
        /// How much there is.
        amount: Money,
    },
    /// Nothing, where something is to be moved (422).
    #[error("must be greater than zero")]
    NothingProposed,
    /// The provider's wallet does not hold what is to go back (422).
    #[error("{required} is needed, but only {available} is available")]
    InsufficientFunds {
        /// What the provider has to give.
        required: Money,
        /// What the wallet holds.
        available: Money,
    },
    /// The other side has to answer (409).
    #[error("this is for the other side to answer")]
    OwnProposal {
        /// Its present state.
        state: &'static str,
    },
    /// Only who made it can take it back (409).
    #[error("only the side that made it can take it back")]
    OthersProposal {
        /// Its present state.
        state: &'static str,
    },
    /// There is a proposal of this kind about the same thing (409).
    #[error("there is an open proposal about this already")]
    DuplicateProposal {
        /// Its present state.
        state: &'static str,
    },
    /// What it was about has changed since (409).
    #[error("what this proposal was about has changed since")]
    ProposalOutdated {
        /// Its present state.
        state: &'static str,
    },
    /// A timer that went off before its time (409; only the program can cause it).
    #[error("not before {until}")]
    TooEarly {
        /// The milestone's present state.
        state: &'static str,
        /// When it may come again.
        until: DateTime<Utc>,
    },
    /// What was released for a milestone does not rest, or no longer (409; only the program can cause it).
    #[error("nothing of this milestone is clearing")]
    NotClearing {
        /// The milestone's present state.
        state: &'static str,
    },
    /// Objects that do not belong together were given, or none where one is needed: a fault of the
    /// program.
    #[error("the contract does not belong to the order")]
    WrongContract,
    /// Milestones that do not add up to the price, or money left where all of them are settled: a fault of
    /// the program.
    #[error("the contract does not add up")]
    Unbalanced,
    /// An amount that cannot be reckoned with: a fault of the program.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Postings that make no transaction: a fault of the program.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ContractError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::Order(error) => error.conflict(),
            Self::Bid(error) => error.conflict(),
            Self::BidderUnavailable { state } => Some(Conflict { reason: "bidder_unavailable", state }),
            Self::ProviderUnavailable { state } => Some(Conflict { reason: "provider_unavailable", state }),
            Self::AccountActive { state } => Some(Conflict { reason: "account_active", state }),
            Self::TooEarly { state, .. } => Some(Conflict { reason: "too_early", state }),
            Self::NotClearing { state } => Some(Conflict { reason: "not_clearing", state }),
            Self::OwnProposal { state } => Some(Conflict { reason: "own_proposal", state }),
            Self::OthersProposal { state } => Some(Conflict { reason: "others_proposal", state }),
            Self::DuplicateProposal { state } => Some(Conflict { reason: "duplicate_proposal", state }),
            Self::ProposalOutdated { state } => Some(Conflict { reason: "proposal_outdated", state }),
            Self::UnknownBid
            | Self::UnknownMilestone
            | Self::PaymentRequired { .. }
            | Self::Split(_)
            | Self::MoreThanThere { .. }
            | Self::NothingProposed
            | Self::InsufficientFunds { .. }
            | Self::MoreThanDisputed { .. }
            | Self::WrongContract
            | Self::Unbalanced
            | Self::Money(_)
            | Self::Ledger(_) => None,
        }
    }

    /// The field's path on the wire, if the error is about what was sent.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::MoreThanThere { .. } | Self::NothingProposed => Some("amount".to_owned()),
            Self::MoreThanDisputed { .. } => Some("to_provider".to_owned()),
            Self::Order(error) => error.field(),
            Self::Bid(error) => error.field(),
            Self::Refused(_)
            | Self::BidderUnavailable { .. }
            | Self::ProviderUnavailable { .. }
            | Self::NotClearing { .. }
            | Self::AccountActive { .. }
            | Self::UnknownBid
            | Self::UnknownMilestone
            | Self::PaymentRequired { .. }
            | Self::InsufficientFunds { .. }
            | Self::OwnProposal { .. }
            | Self::OthersProposal { .. }
            | Self::DuplicateProposal { .. }
            | Self::ProposalOutdated { .. }
            | Self::Split(_)
            | Self::TooEarly { .. }
            | Self::WrongContract
            | Self::Unbalanced
            | Self::Money(_)
            | Self::Ledger(_) => None,
        }
    }

    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::Split(SplitError::TooSmall { .. }) => Some("amount_too_small"),
            Self::MoreThanDisputed { .. } => Some("more_than_disputed"),
            Self::MoreThanThere { .. } => Some("amount_too_large"),
            Self::NothingProposed => Some("amount_too_small"),
            Self::InsufficientFunds { .. } => Some("insufficient_funds"),
            Self::Order(error) => error.impossible(),
            Self::Bid(error) => error.impossible(),
            Self::Refused(_)
            | Self::BidderUnavailable { .. }
            | Self::ProviderUnavailable { .. }
            | Self::AccountActive { .. }
            | Self::UnknownBid
            | Self::UnknownMilestone
            | Self::PaymentRequired { .. }
            | Self::OwnProposal { .. }
            | Self::OthersProposal { .. }
            | Self::DuplicateProposal { .. }
            | Self::ProposalOutdated { .. }
            | Self::Split(SplitError::Money(_))
            | Self::TooEarly { .. }
            | Self::NotClearing { .. }
            | Self::WrongContract
            | Self::Unbalanced
            | Self::Money(_)
            | Self::Ledger(_) => None,
        }
    }
}
