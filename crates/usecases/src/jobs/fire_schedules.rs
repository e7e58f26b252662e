//! Asking for what is due by a schedule.
//!
//! Every process looks; the queue lets one of them claim each tick, in the transaction that asks for
//! the job. Ticks that were missed because no process was there are made up for by the last of them
//! alone. What time it is they ask the clock that they have in common: by their own, one that runs
//! ahead would claim ticks that are still to come, and nobody would ask until then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use ports::environment::SharedClock;
use ports::jobs::{Calendar, NewJob, Schedule};
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Asks for what is due.
pub struct FireSchedules {
    store: Arc<dyn Store>,
    calendar: Arc<dyn Calendar>,
    clock: Arc<dyn SharedClock>,
    schedules: Vec<Schedule>,
    /// The tick of each schedule that this process has settled last: nobody need be asked about it.
    settled: Mutex<HashMap<&'static str, DateTime<Utc>>>,
}

impl FireSchedules {
    /// Has settled nothing yet.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        calendar: Arc<dyn Calendar>,
        clock: Arc<dyn SharedClock>,
        schedules: Vec<Schedule>,
    ) -> Self {
        Self { store, calendar, clock, schedules, settled: Mutex::default() }
    }

    /// Looks once. To be called about every second.
    ///
    /// # Errors
    /// The first; the other schedules are looked at all the same.
    pub async fn execute(&self) -> Result<(), UseCaseError> {
        let now = self.clock.shared_now().await?;
        let mut outcome = Ok(());
        for schedule in &self.schedules {
            outcome = outcome.and(self.fire(schedule, now).await);
        }
        outcome
    }

    async fn fire(&self, schedule: &Schedule, now: DateTime<Utc>) -> Result<(), UseCaseError> {
        let last = self.calendar.last_tick(schedule, now);
        let Some(tick) = last.map_err(|error| UseCaseError::Internal(Box::new(error)))? else {
            return Ok(());
        };
        // One that is still to come was settled by a clock that has since been put right.
        if self.settled().get(schedule.name).is_some_and(|settled| (tick..=now).contains(settled)) {
            return Ok(());
        }
        if transact(self.store.as_ref(), &Firing { schedule, tick, now }).await? {
            tracing::debug!(schedule = schedule.name, %tick, "asked for what is due");
        }
        self.settled().insert(schedule.name, tick);
        Ok(())
    }

    fn settled(&self) -> MutexGuard<'_, HashMap<&'static str, DateTime<Utc>>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Firing<'a> {
    schedule: &'a Schedule,
    tick: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Transaction for Firing<'_> {
    /// Whether it was ours to ask.
    type Output = bool;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<bool, UseCaseError> {
        let Self { schedule, tick, now } = self;
        let is_ours = work.jobs().claim_tick(schedule.name, *tick, *now).await?;
        if is_ours {
            work.jobs().enqueue(&NewJob::of_tick(schedule, *tick)).await?;
        }
        Ok(is_ours)
    }
}
