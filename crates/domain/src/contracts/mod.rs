//! The agreement about an order: award, milestones, and how it comes to its end.
//!
//! Source of the rules: contract §4 and §5, `domain.md` "Contract and milestone". Commands that
//! reach over orders, bids, contracts and money are functions here, each of them one transaction:
//! they take everything that they change, and hand out the facts and the ledger transactions as one
//! [`Outcome`]. A refused command changes nothing.
//!
//! Deliberately absent: what the two sides say in a dispute ([`crate::disputes`]; here the money is frozen and
//! divided), and how
//! the sums are reckoned ([`crate::money`]).

mod agreement;
mod award;
mod bonus;
mod charge_back;
mod clocks;
mod contract;
mod ending;
mod error;
mod event;
mod funding;
mod milestone;
mod milestone_state;
mod outcome;
mod proposal;
mod proposal_event;
mod proposal_state;
mod review;
mod settlement;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod winding_up;
mod work;

pub use agreement::give_back;
pub use award::{AwardCommand, Awarded, PaymentRequired, award};
pub use bonus::{Bonus, BonusCommand, BonusMessage};
pub use charge_back::charge_back;
pub use clocks::{AutoReleasePeriod, ClearancePeriod, Clocks};
pub use contract::Contract;
pub use ending::{cancel_order, lapse_order, withdraw_bid};
pub use error::ContractError;
pub use event::{ContractEvent, Resolver};
pub use funding::fund;
pub use milestone::{
    ChangesMessage, Dispute, DisputeReason, Milestone, Returns, Submission, SubmissionMessage,
};
pub use milestone_state::{MILESTONE_MACHINE, MilestoneCommand, MilestoneState, MilestoneStatus};
pub use outcome::Outcome;
pub use proposal::{
    Means, NewProposal, PROPOSAL_PERIOD, Proposal, ProposalMessage, ProposalTerms, TermsFault,
    accept_proposal, expire_proposal, may_read_agreements,
};
pub use proposal_event::{ProposalEvent, ProposalRef};
pub use proposal_state::{PROPOSAL_MACHINE, ProposalCommand, ProposalKind, ProposalState};
pub use review::{Review, ReviewComment, ReviewError, Stars, StarsError};
pub use settlement::{approve, auto_release, clear_payment, decide_dispute, open_dispute, refund_milestone};
pub use state::{CONTRACT_MACHINE, ContractCommand, ContractState};
pub use winding_up::{wind_up_bid, wind_up_order};
