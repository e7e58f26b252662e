//! Dispatches facts until none is left.
//!
//! Facts go out in batches. When a reader refuses a batch, its facts go out one by one, so that the
//! one that is at fault is found; it is set aside, and the others have their effect.
//!
//! As long as there is no reader nothing is dispatched: a fact that nobody was told of has not been
//! told. The first reader gets all of them, from the first one ever written.

use std::sync::Arc;

use ports::environment::Clock;
use ports::outbox::{Dispatch, Dispatched, OutboxReader};

use crate::error::UseCaseError;

/// Facts in one transaction at most.
const BATCH: u32 = 200;

/// Dispatches facts.
pub struct DispatchFacts {
    /// The facts.
    pub facts: Arc<dyn Dispatch>,
    /// Who is told, in this order.
    pub readers: Vec<Arc<dyn OutboxReader>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
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
    /// Dispatches all facts that wait.
    ///
    /// # Errors
    /// Those of storage that may pass; facts that were dispatched before stay so.
    pub async fn execute(&self) -> Result<Rest, UseCaseError> {
        if self.readers.is_empty() {
            return Ok(Rest::Nothing);
        }
        // How many facts are still to go out one by one.
        let mut singly: usize = 0;
        while self.facts.is_pending(self.clock.now()).await? {
            let limit = if singly > 0 { 1 } else { BATCH };
            singly = singly.saturating_sub(1);
            match self.facts.dispatch(&self.readers, self.clock.now(), limit).await? {
                Dispatched::Nothing => return Ok(Rest::Nothing),
                Dispatched::Elsewhere => return Ok(Rest::Elsewhere),
                Dispatched::Facts(count) => tracing::trace!(count, "dispatched facts"),
                Dispatched::Refused { first, count: 1, error } => {
                    tracing::error!(fact = %first, %error, "a fact could not be dispatched and was set aside");
                    self.facts.set_aside(first, &error.to_string(), self.clock.now()).await?;
                }
                Dispatched::Refused { count, .. } => singly = count,
            }
        }
        Ok(Rest::Nothing)
    }
}
