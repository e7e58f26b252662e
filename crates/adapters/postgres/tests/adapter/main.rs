//! The adapter against a real PostgreSQL: one cluster per run, one database per test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod accounts;
mod books;
mod concurrency;
mod contract;
mod dispatch;
mod due;
mod errors;
mod leaderboard;
mod left_undone;
mod logins;
mod long_lists;
mod market;
mod messaging;
mod migrations;
mod notifications;
mod proof;
mod questions;
mod queue;
mod recovery;
mod reseal;
mod retention;
mod rights;
mod support;
mod unit_of_work;
mod withdrawals;
