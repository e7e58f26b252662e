//! Time, identifiers, and whether the database answers.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::StoreError;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time of day, cut to whole microseconds: what PostgreSQL stores is what was read.
    fn now(&self) -> DateTime<Utc>;

    /// Time since some fixed moment in the past. Never goes back, and goes on whatever happens to
    /// the time of day: for measuring how long ago something was.
    fn monotonic(&self) -> Duration;
}

/// Tells a time that all processes have in common, for what they decide among themselves: their own
/// clocks may differ, and one that runs ahead would decide for all.
#[async_trait]
pub trait SharedClock: Send + Sync {
    /// The time of day, cut to whole microseconds.
    async fn shared_now(&self) -> Result<DateTime<Utc>, StoreError>;
}

/// Mints identifiers.
pub trait Ids: Send + Sync {
    /// A fresh UUID of version 7 that carries the time `now`.
    fn uuid(&self, now: DateTime<Utc>) -> Uuid;
}

/// Whether the database answers, for the health documents.
#[async_trait]
pub trait DatabaseHealth: Send + Sync {
    /// One round trip on a connection of the serving role, bounded to about a second.
    ///
    /// # Errors
    /// [`StoreError`] with the cause.
    async fn check(&self) -> Result<DatabaseStatus, StoreError>;
}

/// What a healthy database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseStatus {
    /// `server_version`, such as `15.8`.
    pub version: String,
    /// How long the round trip took.
    pub round_trip: Duration,
    /// Connections that the pool holds at present.
    pub pool_connections: usize,
    /// Of those, how many wait to be used.
    pub pool_idle: usize,
    /// The most connections that it may hold.
    pub pool_capacity: usize,
}
