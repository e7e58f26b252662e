//! [`Worker`]: takes jobs and has them carried out.
//!
//! **A crash** (of the process, the machine, the network in between) is noticed by its silence: each
//! worker gives a sign of life three times in [`WorkerSettings::silence`], and twice in it everybody
//! looks for those that gave none. With the 30 s that are usual, a crashed worker's jobs are with
//! others after 45 s at most.
//!
//! **A stop**: no more jobs are taken; those that run may finish within [`WorkerSettings::grace`]; the
//! rest is given back, and somebody else can take it at once. Only a second time-out, the caller's,
//! would lose anything, and that is a crash.
//!
//! **Long jobs** ([`JobKind::is_long`]) have a place beside the others', one at a time: what takes an
//! hour must not keep waiting what is due every minute, however few places there are.
//!
//! When the database goes away the library's worker ends; another is made until it is back.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use graphile_worker::{
    FailureReason, JobRecovery, JobRecoveryContext, JobRecoveryResult, WorkerOptions, WorkerRecoveryConfig,
    WorkerShutdownConfig,
};
#[cfg(doc)]
use ports::jobs::JobKind;
use ports::jobs::RunJobs;
use ports::store::Cause;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::queue::{Access, Belled};
use crate::task::{Tools, definitions};

/// How often a worker looks for jobs by itself.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Connections beside those that the jobs themselves use: taking and finishing jobs are short
/// statements, and signs of life must never wait behind many of them.
const CONNECTIONS: usize = 3;
/// Long jobs at once.
const LONG_PLACES: usize = 1;
/// Pause before a worker that ended is replaced.
const PAUSE: Duration = Duration::from_secs(1);

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub struct WorkerSettings {
    /// Jobs at once, beside a long one.
    pub concurrency: NonZeroUsize,
    /// How long a worker may be silent before its jobs are given to others.
    pub silence: Duration,
    /// How long running jobs may take to finish when the worker stops.
    pub grace: Duration,
}

/// Takes jobs from the queue and has them carried out.
pub struct Worker {
    /// How the database is reached, as the serving role.
    pub access: Access,
    /// Carries them out.
    pub runner: Arc<dyn RunJobs>,
    /// Rings when jobs have been asked for in this process.
    pub bell: Arc<Notify>,
    /// How.
    pub settings: WorkerSettings,
}

impl Worker {
    /// Works until `stop`, and returns when every job is finished or given back.
    pub async fn run(self, stop: CancellationToken) {
        let mut was_away = false;
        while !stop.is_cancelled() {
            match self.work(&stop, &mut was_away).await {
                Err(error) if !was_away => {
                    tracing::warn!(%error, "background work is interrupted; trying again until it can go on");
                    was_away = true;
                }
                Ok(()) | Err(_) => {}
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        tracing::debug!("background work has stopped");
    }

    /// One life of the library's worker: until `stop`, or until the database goes away.
    async fn work(&self, stop: &CancellationToken, was_away: &mut bool) -> Result<(), Cause> {
        let pool = self.access.pool(CONNECTIONS)?;
        let database = Belled::database(pool.clone(), Arc::clone(&self.bell));
        let worker = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            worker = self.options(database, stop).init() => worker?,
        };
        if std::mem::take(was_away) {
            tracing::info!("background work goes on");
        }
        let outcome = worker.run().await;
        pool.close();
        Ok(outcome?)
    }

    fn options(&self, database: graphile_worker::Database, stop: &CancellationToken) -> WorkerOptions {
        let WorkerSettings { concurrency, silence, grace } = self.settings;
        let stop = stop.clone();
        WorkerOptions::default()
            .database(database)
            .concurrency(concurrency.saturating_add(LONG_PLACES).get())
            .poll_interval(LOOK_EVERY)
            .add_extension(Tools {
                runner: Arc::clone(&self.runner),
                bell: Arc::clone(&self.bell),
                long_places: Arc::new(Semaphore::new(LONG_PLACES)),
            })
            .define_jobs(definitions())
            .worker_recovery(
                WorkerRecoveryConfig::default()
                    .heartbeat_interval(silence / 3)
                    .sweep_interval(silence / 2)
                    .sweep_threshold(silence)
                    .recovery_delay(Duration::ZERO),
            )
            .worker_shutdown(
                WorkerShutdownConfig::default()
                    .listen_os_shutdown_signals(false)
                    .shutdown_signal(async move { stop.cancelled().await })
                    .grace_period(grace)
                    .interrupted_job_retry_delay(Duration::ZERO),
            )
            .on(JobRecovery, |context: JobRecoveryContext| async move { recovery(context.reason) })
    }
}

/// A crash counts as an attempt and is paused after like any failure: the job may have caused it.
/// A job that is given back has done nothing wrong.
const fn recovery(reason: FailureReason) -> JobRecoveryResult {
    match reason {
        FailureReason::WorkerCrashed => JobRecoveryResult::FailWithBackoff,
        FailureReason::ShutdownAborted | FailureReason::TaskError | FailureReason::TaskPanic => {
            JobRecoveryResult::Default
        }
    }
}
