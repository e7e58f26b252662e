//! Begin, run, commit or roll back, and run again after a collision.
//!
//! Slow work (hashing, signing, anything over a network) happens before or after, never inside.

use std::time::Duration;

use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;

/// The part of a command that runs in one transaction. It may run more than once, so it reads its
/// inputs and changes nothing but the unit of work.
pub trait Transaction: Sync {
    /// What it hands out once it is committed.
    type Output: Send;

    /// Runs the transaction's statements. An error undoes all of them.
    fn run(
        &self,
        work: &mut dyn UnitOfWork,
    ) -> impl Future<Output = Result<Self::Output, UseCaseError>> + Send;
}

/// How often a transaction is run before its collisions are given up on.
const ATTEMPTS: u32 = 5;
/// Pause before the second run; each further one waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Runs `transaction` and commits it; on an error it is rolled back and the error handed on.
///
/// When PostgreSQL chose it as the victim of a deadlock or found it not serialisable, the whole of
/// it runs again, a few times.
///
/// # Errors
/// The transaction's own error, or that of beginning or committing.
pub async fn transact<T: Transaction>(store: &dyn Store, transaction: &T) -> Result<T::Output, UseCaseError> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt(store, transaction).await {
            Err(error) if error.is_collision() => {
                tracing::debug!(%error, "transactions collided; running again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            outcome => return outcome,
        }
    }
    attempt(store, transaction).await
}

async fn attempt<T: Transaction>(store: &dyn Store, transaction: &T) -> Result<T::Output, UseCaseError> {
    let mut work = store.begin().await?;
    match transaction.run(work.as_mut()).await {
        Ok(output) => {
            work.commit().await?;
            Ok(output)
        }
        Err(error) => {
            if let Err(rollback) = work.rollback().await {
                tracing::warn!(%rollback, "rolling back failed; the connection was thrown away");
            }
            Err(error)
        }
    }
}
