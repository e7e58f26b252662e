//! Accounts and logins, on the in-memory store: every branch of every use case, and the races.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test; a broken premise should stop it at once"
)]

mod authenticate;
mod block_user;
mod change_password;
mod create_admin;
mod deactivate;
mod log_in;
mod log_out;
mod races;
mod refresh;
mod register;
mod update_identity;
mod world;
