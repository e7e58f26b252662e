//! What the program takes from the machine, so that tests can put their own in its place.

use std::sync::Arc;

use adapter_security::password::BcryptHasher;
use adapter_security::slow_work::SlowWork;
use adapter_security::system::{SystemClock, TimeOrderedIds};
use anyhow::Context;
use ports::environment::{Clock, Ids};
use ports::identity::PasswordHasher;

use crate::settings::Settings;

/// Time, identifiers and the hasher.
#[derive(Clone)]
pub struct Outside {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
}

impl Outside {
    /// Those of a real server.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn of_this_machine(settings: &Settings) -> anyhow::Result<Self> {
        let work = SlowWork::start().context("cannot start the threads that hash passwords")?;
        Ok(Self {
            clock: Arc::new(SystemClock::new()),
            ids: Arc::new(TimeOrderedIds),
            hasher: Arc::new(BcryptHasher::new(work, settings.bcrypt_cost)),
        })
    }
}
