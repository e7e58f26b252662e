//! Running a command to its end.
//!
//! A handler's future is dropped when its client hangs up or its worker stops. A command must not
//! be: it runs as a task of its own on the main runtime, and the handler merely waits for it.
//! Shutdown waits for all of them through the task tracker.

use tracing::Instrument;
use usecases::error::UseCaseError;

use crate::Api;

/// Runs `command` on the main runtime and hands out what it answers.
///
/// # Errors
/// The command's own; `Internal` when it panicked or the runtime is going away.
pub async fn run<T, F>(api: &Api, command: F) -> Result<T, UseCaseError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, UseCaseError>> + Send + 'static,
{
    let task = api.tasks.spawn_on(command.in_current_span(), &api.runtime);
    match task.await {
        Ok(outcome) => outcome,
        Err(failure) => Err(UseCaseError::Internal(Box::new(failure))),
    }
}
