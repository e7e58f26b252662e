//! One attempt at a job.

use std::fmt;
use std::sync::Arc;

use graphile_worker::{
    DbExecutor, DbParams, DbValue, IntoTaskHandlerResult, JobDefinition, TaskHandler, WorkerContext,
};
use ports::jobs::{Fields, Job, JobFailure, JobKind, RunJobs};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// The most of an error that is kept, in characters.
const LONGEST_ERROR: usize = 2_000;

/// What every attempt needs.
#[derive(Clone)]
pub(crate) struct Tools {
    pub(crate) runner: Arc<dyn RunJobs>,
    pub(crate) bell: Arc<Notify>,
    /// For jobs that take long: with one of them at work, all other places are for the rest.
    pub(crate) long_places: Arc<Semaphore>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// The library knows a kind of job by a type: here they are made, one for each kind.
macro_rules! tasks {
    ($($task:ident = $kind:ident;)+) => {
        $(
            #[derive(Serialize, Deserialize)]
            #[serde(transparent)]
            struct $task(Fields);

            impl TaskHandler for $task {
                const IDENTIFIER: &'static str = JobKind::$kind.as_str();

                fn run(
                    self,
                    context: WorkerContext,
                ) -> impl Future<Output = impl IntoTaskHandlerResult> + Send + 'static {
                    async move { attempt(JobKind::$kind, &self.0, &context).await }
                }
            }
        )+

        /// What a worker can carry out.
        pub(crate) fn definitions() -> Vec<JobDefinition> {
            // A kind that is missing above does not compile.
            let _every_kind = |kind: JobKind| match kind { $(JobKind::$kind => {})+ };
            vec![$($task::definition()),+]
        }
    };
}

tasks! {
    CleanUpTask = CleanUp;
    ClearPaymentsTask = ClearPayments;
    ExpireDisputesTask = ExpireDisputes;
    ExpireOrdersTask = ExpireOrders;
    LapseOrdersTask = LapseOrders;
    LapseProposalsTask = LapseProposals;
    PayWithdrawalsTask = PayWithdrawals;
    RefreshLeaderboardTask = RefreshLeaderboard;
    ReleaseMilestonesTask = ReleaseMilestones;
    SettleDebtsTask = SettleDebts;
    SweepFilesTask = SweepFiles;
    VerifyBooksTask = VerifyBooks;
    WindUpAccountTask = WindUpAccount;
}

/// Why an attempt failed, in the words that are stored. The library stores what `Debug` writes.
struct Failed(String);

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

async fn attempt(kind: JobKind, fields: &Fields, context: &WorkerContext) -> Result<(), Failed> {
    let Some(Tools { runner, bell, long_places }) = context.get_ext::<Tools>() else {
        return Err(Failed("the worker was not given its tools".to_owned()));
    };
    let outcome = match place(kind, long_places) {
        Ok(_place) => carry_out(kind, fields, runner.as_ref()).await,
        Err(failure) => Err(failure),
    };
    // For each ring the library takes one job per place: whoever has done one asks for the next.
    bell.notify_one();
    let failure = match outcome {
        Ok(()) => return Ok(()),
        Err(failure) => failure,
    };
    let is_last = matches!(failure, JobFailure::Never(_));
    if let Err(error) = put_off(context, is_last).await {
        // The attempt is given up in any case; only the pause is shorter, or one more is made.
        tracing::warn!(%error, "cannot put off a failed job");
    }
    Err(Failed(failure.to_string().chars().take(LONGEST_ERROR).collect()))
}

/// The place of a long job, which it holds while it is at work; others need none. A second long job
/// comes again later: waiting here it would take a place from the short ones.
fn place(kind: JobKind, long_places: &Semaphore) -> Result<Option<SemaphorePermit<'_>>, JobFailure> {
    if !kind.is_long() {
        return Ok(None);
    }
    let place = long_places.try_acquire();
    place.map(Some).map_err(|_| JobFailure::Again("another job that takes long is being done".into()))
}

async fn carry_out(kind: JobKind, fields: &Fields, runner: &dyn RunJobs) -> Result<(), JobFailure> {
    let job = Job::from_fields(kind, fields).map_err(|error| JobFailure::Never(Box::new(error)))?;
    let limit = kind.time_limit();
    match tokio::time::timeout(limit, runner.run(job)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(JobFailure::Again(format!("it took longer than {} s", limit.as_secs()).into())),
    }
}

/// The library puts a failed job off by e to the power of its attempts, in seconds, counted from when
/// it was due. Up to half as much is added here, so that jobs that failed together do not come back
/// together; and a hopeless one has had all its attempts.
const PUT_OFF: &str = "\
    UPDATE graphile_worker._private_jobs
    SET run_at = now() + random() * 0.5 * exp(least(attempts, 10)) * interval '1 second',
        max_attempts = CASE WHEN $3 THEN attempts ELSE max_attempts END
    WHERE id = $1 AND locked_by = $2";

async fn put_off(context: &WorkerContext, is_last: bool) -> Result<(), graphile_worker::DbError> {
    let params = DbParams::from(vec![
        DbValue::I64(*context.job().id()),
        DbValue::Text(context.worker_id().to_owned()),
        DbValue::Bool(is_last),
    ]);
    context.database().execute(PUT_OFF, params).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_its_task() {
        let tasks: BTreeSet<_> = definitions().iter().map(JobDefinition::identifier).collect();
        let kinds: BTreeSet<_> = JobKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(tasks, kinds);
    }
}
