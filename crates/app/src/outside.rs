//! What the program takes from the machine, so that tests can put their own in its place.

use std::num::NonZeroUsize;
use std::sync::Arc;

use adapter_files::picture::{Job, Workshop};
use adapter_security::password::BcryptHasher;
use adapter_security::slow_work::SlowWork;
use adapter_security::system::{SystemClock, TimeOrderedIds};
use anyhow::Context;
use ports::environment::{Clock, Ids, SharedClock};
use ports::identity::PasswordHasher;

use crate::settings::Settings;

/// Pictures that may wait for the one thread that works on them; each takes some tenths of a second.
const PICTURES_WAITING: usize = 8;

/// Time, identifiers, the hasher, and the threads for pictures.
#[derive(Clone)]
pub struct Outside {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Time that all processes have in common; the database's own if there is none.
    pub shared_clock: Option<Arc<dyn SharedClock>>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Works on pictures.
    pub pictures: Arc<dyn Workshop>,
}

/// A thread of its own for pictures, so that no number of them makes a login wait.
#[derive(Debug)]
pub struct PictureThread(SlowWork);

impl PictureThread {
    /// Starts it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        SlowWork::with_threads(NonZeroUsize::MIN, PICTURES_WAITING).map(Self)
    }
}

impl Workshop for PictureThread {
    fn submit(&self, job: Job) -> bool {
        self.0.submit(job)
    }
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
            shared_clock: None,
            ids: Arc::new(TimeOrderedIds),
            hasher: Arc::new(BcryptHasher::new(work, settings.bcrypt_cost)),
            pictures: Arc::new(PictureThread::start().context("cannot start the thread for pictures")?),
        })
    }
}
