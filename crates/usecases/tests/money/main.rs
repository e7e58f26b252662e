//! Money, on the in-memory store: every branch of every use case, keys, and the races.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test; a broken premise should stop it at once"
)]

mod answers;
mod closing;
mod deposits;
mod four_eyes;
mod lists;
mod once;
mod payouts;
mod proof;
mod races;
mod requests;
mod world;
