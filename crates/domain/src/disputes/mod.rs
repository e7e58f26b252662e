//! Disputes: two sides who do not agree on who is to have a milestone's money.
//!
//! The money is frozen when a dispute is opened and divided when it is resolved
//! ([`crate::contracts::open_dispute`], [`crate::contracts::decide_dispute`]); in between both sides say what
//! they have to say, offer each other splits, and may leave it to an administrator. Every step has a deadline
//! and something that happens at it, so that no money is frozen for good.
//!
//! Deliberately absent: a second dispute about the same milestone. Once resolved it is settled.

mod dispute;
mod error;
mod event;
mod said;
mod state;
#[cfg(test)]
mod tests;

pub use dispute::{
    Deadline, Dispute, EvidenceCount, Means, NewDispute, Resolution, accept_offer, administer_disputes,
    decide, expire, open,
};
pub use error::DisputeError;
pub use event::{DisputeEvent, DisputeRef};
pub use said::{
    DecisionReason, Evidence, EvidenceContent, EvidenceText, NothingSaid, OfferState, SplitMessage,
    SplitOffer,
};
pub use state::{
    ANSWER_PERIOD, DISPUTE_MACHINE, DisputeCommand, DisputeState, MOST_EVIDENCE, MOST_OFFERS,
    NEGOTIATION_PERIOD, REVIEW_PERIOD,
};
