//! The rules of the marketplace, and nothing else.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no I/O, no async,
//! no serialisation. Time comes in as `now`, identifiers come in ready-made, and what happened goes
//! out as events. One can read this crate in one sitting and know every rule; nothing in HTTP or SQL
//! decides one.
//!
//! | module | holds |
//! |---|---|
//! | [`ids`] | typed identifiers |
//! | [`search`] | what is found by which words |
//! | [`text`] | what a stored text may be |
//! | [`actor`] | who issues a command, and what they are to its object |
//! | [`machine`] | state machines as tables: how they run and how they are shown |
//! | [`identity`] | users, passwords, sessions and who may do what to them |
//! | [`profiles`] | what makes a profile complete, and the figures shown about a person |
//! | [`orders`] | work that is posted: its description, its plan, its states, who sees it |
//! | [`bidding`] | offers on an order, counter-offers, and what becomes of them |
//! | [`contracts`] | the award, the milestones, and how an order comes to its end |
//! | [`jobs`] | background work as administrators see it |
//! | [`files`] | what may be uploaded, what it is called, who may have it |
//! | [`money`] | amounts, fees, the ledger, escrow, deposits and withdrawals |
//! | [`messaging`] | what the two sides of an order write to each other |
//! | [`notifications`] | who is told of which fact, and in which words |

pub mod actor;
pub mod bidding;
pub mod contracts;
pub mod event;
pub mod files;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod machine;
pub mod messaging;
pub mod money;
pub mod notifications;
pub mod orders;
pub mod profiles;
pub mod search;
pub mod text;

#[cfg(test)]
mod sample;
