//! Orders, bids and contracts, on the in-memory store: every branch of every use case, keys, a whole
//! story, and the races.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test; a broken premise should stop it at once"
)]

mod answers;
mod awards;
mod bids;
mod bonuses;
mod chargebacks;
mod chats;
mod clocks;
mod disputes;
mod edits;
mod ends;
mod expiries;
mod files;
mod haggling;
mod invitations;
mod lapses;
mod lists;
mod once;
mod payments;
mod posts;
mod profiles;
mod proposals;
mod races;
mod reviews;
mod story;
mod windups;
mod work;
mod world;
