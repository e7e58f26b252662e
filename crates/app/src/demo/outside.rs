//! What the demonstration puts in the place of the machine's: time that is set by hand, and a hasher
//! that hashes the one password once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::{NewPassword, PasswordHash};
use ports::environment::Clock;
use ports::identity::{HasherError, PasswordHasher};
use secrecy::SecretString;
use tokio::sync::OnceCell;

/// A clock whose time of day stands still until it is set, also back. Its monotonic time is the
/// machine's.
pub(super) struct StageClock {
    now: Mutex<DateTime<Utc>>,
    machine: Arc<dyn Clock>,
}

impl StageClock {
    pub(super) fn new(machine: Arc<dyn Clock>) -> Self {
        Self { now: Mutex::new(machine.now()), machine }
    }

    pub(super) fn set(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for StageClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn monotonic(&self) -> Duration {
        self.machine.monotonic()
    }
}

/// Everybody has the same password here; hashing it for each would take seconds.
pub(super) struct OneHash {
    hasher: Arc<dyn PasswordHasher>,
    hash: OnceCell<PasswordHash>,
}

impl OneHash {
    pub(super) fn new(hasher: Arc<dyn PasswordHasher>) -> Self {
        Self { hasher, hash: OnceCell::new() }
    }
}

#[async_trait]
impl PasswordHasher for OneHash {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash, HasherError> {
        self.hash.get_or_try_init(|| self.hasher.hash(password)).await.cloned()
    }

    async fn verify(&self, password: SecretString, hash: Option<PasswordHash>) -> Result<bool, HasherError> {
        self.hasher.verify(password, hash).await
    }
}
