//! Checks of the books that are kept, holds on payouts, and what auditors ask.

pub(crate) mod checks;
pub(crate) mod holds;
mod queries;
mod statements;
