//! An administrator wants a job tried again, or not any more.

use std::sync::Arc;

use domain::actor::{Actor, Issuer};
use domain::ids::JobId;
use domain::jobs::{JobCommand, administer_jobs};
use ports::environment::Clock;
use ports::jobs::JobView;
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::transact::Transaction;

/// What is said of a cancelled job.
const CANCELLED: &str = "cancelled by an administrator";

macro_rules! command {
    ($(#[$doc:meta])* $name:ident, $command:ident, $(#[$method_doc:meta])*) => {
        $(#[$doc])*
        pub struct $name {
            /// Transactions.
            pub store: Arc<dyn Store>,
            /// Time.
            pub clock: Arc<dyn Clock>,
        }

        impl $name {
            $(#[$method_doc])*
            pub async fn execute(
                &self,
                actor: &Actor,
                id: JobId,
                once: &Once<JobView>,
            ) -> Result<Answered<JobView>, UseCaseError> {
                administer_jobs(actor)?;
                let administering = Administering { actor, id, command: JobCommand::$command };
                transact_once(self.store.as_ref(), &administering, once, self.clock.now()).await
            }
        }
    };
}

command!(
    /// Has failed jobs tried again.
    RetryJob,
    Retry,
    /// Makes it due now, with all its attempts before it.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless it has failed.
);
command!(
    /// Has jobs tried no more.
    CancelJob,
    Cancel,
    /// Makes it dead; it can still be retried.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` while it runs, or when it is dead.
);

struct Administering<'a> {
    actor: &'a Actor,
    id: JobId,
    command: JobCommand,
}

impl Transaction for Administering<'_> {
    type Output = JobView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<JobView, UseCaseError> {
        let Self { actor, id, command } = self;
        let job = work.jobs().lock(*id).await?.ok_or(UseCaseError::NotFound)?;
        job.state.after(*command, Issuer::from(*actor))?;
        if *command == JobCommand::Cancel {
            work.jobs().cancel(&job, CANCELLED).await?;
        } else {
            work.jobs().retry(&job).await?;
        }
        work.jobs().lock(*id).await?.ok_or(UseCaseError::NotFound)
    }
}
