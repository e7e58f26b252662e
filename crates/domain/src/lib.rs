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
//! | [`text`] | what a stored text may be |
//! | [`actor`] | who issues a command |
//! | [`identity`] | users, passwords, sessions and who may do what to them |
//! | [`profiles`] | what makes a profile complete, and the figures shown about a person |

pub mod actor;
pub mod event;
pub mod identity;
pub mod ids;
pub mod profiles;
pub mod text;
