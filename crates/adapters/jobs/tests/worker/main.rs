//! The worker on a real PostgreSQL: what is asked for is done, whatever happens to whoever does it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a broken premise should stop them at once"
)]

mod crashes;
mod failures;
mod long;
mod schema;
mod stops;
mod support;
