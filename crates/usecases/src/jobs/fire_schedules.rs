//! Asking for what is due by a schedule.
//!
//! Every process looks; the queue lets one of them claim each tick, in the transaction that asks for
//! the job. Ticks that were missed because no process was there are made up for by the last of them
//! alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use ports::environment::Clock;
use ports::jobs::{Calendar, NewJob, Schedule};
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Asks for what is due.
pub struct FireSchedules {
    store: Arc<dyn Store>,
    calendar: Arc<dyn Calendar>,
    clock: Arc<dyn Clock>,
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
        clock: Arc<dyn Clock>,
        schedules: Vec<Schedule>,
    ) -> Self {
        Self { store, calendar, clock, schedules, settled: Mutex::default() }
    }

    /// Looks once. To be called about every second.
    ///
    /// # Errors
    /// The first; the other schedules are looked at all the same.
    pub async fn execute(&self) -> Result<(), UseCaseError> {
        let now = self.clock.now();
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
        if self.settled().get(schedule.name).is_some_and(|settled| *settled >= tick) {
            return Ok(());
        }
        if transact(self.store.as_ref(), &Firing { schedule, tick }).await? {
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
}

impl Transaction for Firing<'_> {
    /// Whether it was ours to ask.
    type Output = bool;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<bool, UseCaseError> {
        let Self { schedule, tick } = self;
        let is_ours = work.jobs().claim_tick(schedule.name, *tick).await?;
        if is_ours {
            work.jobs().enqueue(&NewJob::of_tick(schedule, *tick)).await?;
        }
        Ok(is_ours)
    }
}
