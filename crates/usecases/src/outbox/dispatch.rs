//! Dispatches the facts that wait.
//!
//! Facts go out in batches. When a reader refuses a batch, its facts go out one by one, so that the
//! one that is at fault is found; it is set aside, and the others have their effect. A batch that is
//! not done in time is tried again at half its size, and so on down to the one fact that takes too
//! long by itself, which is set aside as well: nothing is tried in the same way for ever.
//!
//! As long as there is no reader nothing is dispatched: a fact that nobody was told of has not been
//! told. The first reader gets all of them, from the first one ever written.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::EventId;
use ports::environment::Clock;
use ports::outbox::{Dispatch, Dispatched, OutboxReader};
use ports::store::StoreError;

use crate::error::UseCaseError;

/// Facts in one transaction at most.
const BATCH: u32 = 200;
/// How often it is said that facts were set aside, however many they are.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// Dispatches facts.
pub struct DispatchFacts {
    facts: Arc<dyn Dispatch>,
    /// Who is told, in this order.
    readers: Vec<Arc<dyn OutboxReader>>,
    clock: Arc<dyn Clock>,
    complaints: Mutex<Complaints>,
}

/// What is left to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// Another process is at it; there may be something left when it is done.
    Elsewhere,
}

impl DispatchFacts {
    /// Hands `facts` to `readers`, in their order.
    #[must_use]
    pub fn new(facts: Arc<dyn Dispatch>, readers: Vec<Arc<dyn OutboxReader>>, clock: Arc<dyn Clock>) -> Self {
        Self { facts, readers, clock, complaints: Mutex::default() }
    }

    /// Dispatches all facts that wait. Those that are written meanwhile may be left for the next time.
    ///
    /// # Errors
    /// Those of storage that may pass; facts that were dispatched before stay so.
    pub async fn execute(&self) -> Result<Rest, UseCaseError> {
        if self.readers.is_empty() {
            return Ok(Rest::Nothing);
        }
        let mut pace = Pace::default();
        while self.facts.is_pending(self.clock.now()).await? {
            match self.facts.dispatch(&self.readers, self.clock.now(), pace.size).await? {
                Dispatched::Nothing => return Ok(Rest::Nothing),
                Dispatched::Elsewhere => return Ok(Rest::Elsewhere),
                Dispatched::Facts(count) => {
                    tracing::trace!(count, "dispatched facts");
                    if pace.has_taken_all(count) {
                        return Ok(Rest::Nothing);
                    }
                    pace.gone(count);
                }
                Dispatched::Refused { first, count: 1, error } => {
                    self.facts.set_aside(first, &error.to_string(), self.clock.now()).await?;
                    self.complain(first, &error);
                    pace.gone(1);
                }
                Dispatched::Refused { count, error, .. } => pace.narrow(count, &error),
            }
        }
        Ok(Rest::Nothing)
    }

    /// Where a program cannot read what a newer one writes, that may be thousands of facts, each of
    /// which comes back again and again: the log has one of them a minute, and `outbox.last_error` all.
    fn complain(&self, fact: EventId, error: &StoreError) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        match complaints.note(self.clock.monotonic()) {
            Some(count) => tracing::error!(
                %fact, %error, count,
                "a fact could not be dispatched and was set aside; it is tried again within the hour"
            ),
            None => tracing::debug!(%fact, %error, "set aside a fact"),
        }
    }
}

/// How many facts go out at once: fewer for a while after a batch that failed.
struct Pace {
    size: u32,
    /// How many are still to go out at this size.
    left: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { size: BATCH, left: 0 }
    }
}

impl Pace {
    /// Whether a batch of `count` facts had more room.
    fn has_taken_all(&self, count: usize) -> bool {
        u32::try_from(count).is_ok_and(|count| count < self.size)
    }

    fn gone(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        if self.left == 0 {
            *self = Self::default();
        }
    }

    /// After a batch of `count` facts failed.
    fn narrow(&mut self, count: usize, error: &StoreError) {
        let half = u32::try_from(count / 2).unwrap_or(BATCH).max(1);
        self.size = if matches!(error, StoreError::TimedOut(_)) { half } else { 1 };
        self.left = self.left.max(count);
    }
}

/// What was set aside since that was last said.
#[derive(Default)]
struct Complaints {
    said_at: Option<Duration>,
    count: usize,
}

impl Complaints {
    /// One more; how many there are to be told of, if it is time to say so.
    fn note(&mut self, now: Duration) -> Option<usize> {
        self.count = self.count.saturating_add(1);
        if self.said_at.is_some_and(|said_at| now.saturating_sub(said_at) < COMPLAIN_EVERY) {
            return None;
        }
        self.said_at = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_are_set_aside_it_is_said_once_a_minute() {
        let mut complaints = Complaints::default();
        let said: Vec<_> =
            [5, 5, 6, 64, 65, 65, 200].map(|at| complaints.note(Duration::from_secs(at))).into();
        assert_eq!(said, [Some(1), None, None, None, Some(4), None, Some(2)]);
    }
}
