//! Files, on stores in memory: what is kept, what is not, and what is left when things go wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test; a broken premise should stop it at once"
)]

mod avatars;
mod sweeping;
mod uploads;
mod world;
