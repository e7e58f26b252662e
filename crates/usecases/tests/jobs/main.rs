//! Background work, without a database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test; a broken premise should stop it at once"
)]

mod administer;
mod clean_up;
mod departures;
mod dispatch;
mod schedules;
mod world;
