//! Offers on an order: placing one, haggling over it, and what becomes of it.
//!
//! Source of the rules: contract §4, `domain.md` "Bid". A bid holds for one revision of its order;
//! when the order changes, the bidder must say anew that it holds. What also touches contracts
//! (accepting a bid, withdrawing an accepted one) is carried out by [`crate::contracts`].
//!
//! Deliberately absent: the history of offers as a list. Each command hands out the [`Offer`] that
//! it made, and storage appends it.

mod bid;
mod edit_order;
mod error;
mod event;
mod figures;
mod offer;
pub mod policy;
mod state;

pub use bid::{Bid, BidPatch, BidStep, Expected, NewBid, RESPONSE_PERIOD};
pub use edit_order::{Edited, OrderChange, edit_order};
pub use error::BidError;
pub use event::{BidEvent, BidRef, DeclineReason};
pub use figures::BidCounts;
pub use offer::{BidMessage, Counter, CounterTerms, Offer};
pub use state::{BID_MACHINE, BidCommand, BidState, BidStatus};
