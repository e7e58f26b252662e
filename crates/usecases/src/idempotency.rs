//! Commands that a caller can name, so that asking again does nothing again (contract §1).
//!
//! The answer is made and stored inside the transaction of the effect: therefore a command hands in
//! how its answer looks ([`Once::render`]), though what it looks like is none of its business.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use ports::idempotency::{KeyClaim, RequestKey, StoredAnswer};
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// How long an answer is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// How a command is named, and how its answer looks.
pub struct Once<T> {
    /// The caller's name for the request; without one it is done as often as it is asked for.
    pub key: Option<RequestKey>,
    /// Makes the answer of what was done.
    pub render: fn(&T) -> Result<StoredAnswer, UseCaseError>,
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What a named command leads to.
#[derive(Debug)]
pub enum Answered<T> {
    /// It was done.
    Now(T),
    /// It had been done: this was the answer.
    Before(StoredAnswer),
}

/// Runs a transaction once for its key.
///
/// # Errors
/// `InProgress` while another request with the key is running, `Unprocessable` when the key was
/// used for another request; the transaction's own errors, which leave the key unused.
pub(crate) async fn transact_once<T: Transaction>(
    store: &dyn Store,
    transaction: &T,
    once: &Once<T::Output>,
    now: DateTime<Utc>,
) -> Result<Answered<T::Output>, UseCaseError> {
    transact(store, &Named { transaction, once, now }).await
}

struct Named<'a, T: Transaction> {
    transaction: &'a T,
    once: &'a Once<T::Output>,
    now: DateTime<Utc>,
}

impl<T: Transaction> Transaction for Named<'_, T> {
    type Output = Answered<T::Output>;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Self::Output, UseCaseError> {
        let Self { transaction, once, now } = self;
        let Some(key) = &once.key else { return Ok(Answered::Now(transaction.run(work).await?)) };
        match work.idempotency_keys().claim(key, *now - KEPT).await? {
            KeyClaim::Fresh => {}
            KeyClaim::Replay(answer) => return Ok(Answered::Before(answer)),
            KeyClaim::InFlight => return Err(UseCaseError::InProgress),
            KeyClaim::Different => {
                return Err(UseCaseError::Unprocessable {
                    reason: "idempotency_key_reused",
                    field: None,
                    message: "This Idempotency-Key was used for another request".into(),
                });
            }
        }
        let output = transaction.run(work).await?;
        let answer = (once.render)(&output)?;
        work.idempotency_keys().remember(key, &answer, *now).await?;
        Ok(Answered::Now(output))
    }
}
