//! Proof that the books are right, and what follows when they are not.
//!
//! A check (storage reckons it) goes through everything that must be so and names the people whose rows
//! disagree. Their payouts stop until an administrator has looked: money that has left does not come
//! back, whatever is found out later. Nothing else of theirs stops, because everything else can be put
//! right in the books.
//!
//! Deliberately absent: the rules of the check itself. They stand where the rows are, so that this
//! crate's arithmetic cannot be wrong twice in the same way.

mod event;
mod hold;
pub mod policy;

pub use event::AuditEvent;
pub use hold::{
    LiftReason, Lifted, PAYOUT_HOLD_MACHINE, PayoutHold, PayoutHoldCommand, PayoutHoldState,
    must_not_be_stopped,
};
