//! For each test a database of its own (crate `test-cluster`), a server on a real socket, and a client.

mod app;
mod client;

pub(crate) use app::{ADMIN_EMAIL, Census, Database, PASSWORD, Person, TestApp, TestSettings, outside};
pub(crate) use client::{Answer, Client};

use std::time::Duration;

/// Ten times the limit of the promise that is waited for, at least.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Asks again and again until the answer is yes, for at most [`PATIENCE`].
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !ask().await {
        assert!(tokio::time::Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
