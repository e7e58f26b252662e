//! A queue of a test's own, workers on it, and a runner that does what the test wants.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use adapter_jobs::{Access, Worker, WorkerSettings};
use adapter_memory::PlainFieldCipher;
use adapter_postgres::{Database, PoolConfig, driver_settings};
use ports::jobs::{Attempt, Job, JobFailure, JobFilter, JobQueries, JobView, NewJob, RunJobs};
use ports::list::Window;
use ports::outbox::{Bell, Bells};
use ports::retention::Leftover;
use ports::store::Store;
use secrecy::SecretString;
use test_cluster::{Role, TestDatabase, execute};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Ten times what is promised where it is a second or less.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Queue {
    pub(crate) database: Database,
    pub(crate) bell: Arc<Notify>,
    own: TestDatabase,
}

struct Ring(Arc<Notify>);

impl Bell for Ring {
    fn ring(&self) {
        self.0.notify_one();
    }
}

impl Queue {
    pub(crate) async fn new() -> Self {
        let own = TestDatabase::migrated().await;
        let bell = Arc::new(Notify::new());
        let config = PoolConfig {
            url: own.url(Role::App).into(),
            size: 4,
            readers: 1,
            wait: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(5),
            application_name: "test".to_owned(),
        };
        let database = Database::connect(config, Arc::new(PlainFieldCipher), &Handle::current()).unwrap();
        let ring: Arc<dyn Bell> = Arc::new(Ring(Arc::clone(&bell)));
        let database = database.with_bells(Bells { facts: Arc::clone(&ring), jobs: ring });
        Self { database, bell, own }
    }

    pub(crate) fn access(&self) -> Access {
        access(&self.own.url(Role::App))
    }

    pub(crate) async fn enqueue(&self, key: impl ToString, what: Leftover) {
        self.enqueue_job(key, Job::CleanUp(what)).await;
    }

    pub(crate) async fn enqueue_job(&self, key: impl ToString, job: Job) {
        let mut work = self.database.begin().await.unwrap();
        work.jobs().enqueue(&NewJob { job, key: key.to_string() }).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(crate) async fn jobs(&self) -> Vec<JobView> {
        let window = Window::Page { offset: 0, limit: 100 };
        self.database.jobs(JobFilter::default(), window).await.unwrap().rows
    }

    /// The one job that is left.
    pub(crate) async fn job(&self) -> JobView {
        let mut jobs = self.jobs().await;
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        jobs.remove(0)
    }

    pub(crate) async fn until_empty(&self) {
        until("the queue is empty", async || self.jobs().await.is_empty()).await;
    }

    /// Time passes, for every job that waits.
    pub(crate) async fn make_due(&self) {
        self.sql("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE locked_at IS NULL").await;
        self.bell.notify_one();
    }

    pub(crate) async fn sql(&self, sql: &str) {
        execute(&self.own.url(Role::Owner), sql).await;
    }

    /// Ends every connection of the serving role but the one that this comes through.
    pub(crate) async fn cut_all_connections(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()";
        execute(&self.own.url(Role::App), sql).await;
    }

    pub(crate) fn start(&self, script: &Arc<Script>) -> Running {
        self.start_with(script, settings())
    }

    pub(crate) fn start_with(&self, script: &Arc<Script>, settings: WorkerSettings) -> Running {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.worker(script, settings).run(stop.clone()));
        Running { stop, task }
    }

    pub(crate) fn worker(&self, script: &Arc<Script>, settings: WorkerSettings) -> Worker {
        let runner: Arc<dyn RunJobs> = Arc::clone(script) as _;
        Worker { access: self.access(), runner, bell: Arc::clone(&self.bell), settings }
    }
}

pub(crate) fn access(url: &str) -> Access {
    let (config, tls) = driver_settings(&SecretString::from(url), "test jobs").unwrap();
    Access { config, tls }
}

pub(crate) fn settings() -> WorkerSettings {
    WorkerSettings {
        concurrency: NonZeroUsize::new(2).unwrap(),
        silence: Duration::from_secs(30),
        grace: Duration::from_secs(5),
    }
}

/// A worker at work.
pub(crate) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Tells it to stop.
    pub(crate) fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Stops it and waits until it has.
    pub(crate) async fn stop(self) {
        self.begin_stop();
        tokio::time::timeout(PATIENCE, self.task).await.expect("the worker stops").unwrap();
    }
}

/// What comes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Fails,
    Never,
    Panics,
    /// Does not end until the script lets it.
    Hangs,
}

/// Decides by what is to be cleaned up, and remembers what was tried. A sweep hangs.
#[derive(Default)]
pub(crate) struct Script {
    outcomes: Mutex<HashMap<Leftover, Outcome>>,
    tried: Mutex<Vec<Leftover>>,
    sweeps: AtomicUsize,
    gate: Gate,
}

struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Script {
    pub(crate) fn new(outcomes: &[(Leftover, Outcome)]) -> Arc<Self> {
        let script = Self::default();
        outcomes.iter().for_each(|(what, outcome)| script.set(*what, *outcome));
        Arc::new(script)
    }

    pub(crate) fn set(&self, what: Leftover, outcome: Outcome) {
        self.outcomes.lock().unwrap().insert(what, outcome);
    }

    /// Lets one attempt that hangs come to its end.
    pub(crate) fn release_one(&self) {
        self.gate.0.add_permits(1);
    }

    pub(crate) fn tries(&self, what: Leftover) -> usize {
        self.tried.lock().unwrap().iter().filter(|tried| **tried == what).count()
    }

    pub(crate) async fn until_tried(&self, what: Leftover, times: usize) {
        until("a job is tried", async || self.tries(what) >= times).await;
    }

    /// Sweeps that were begun.
    pub(crate) fn sweeps(&self) -> usize {
        self.sweeps.load(Ordering::SeqCst)
    }

    fn outcome(&self, job: Job) -> Outcome {
        match job {
            Job::CleanUp(what) => {
                self.tried.lock().unwrap().push(what);
                self.outcomes.lock().unwrap().get(&what).copied().unwrap_or(Outcome::Done)
            }
            Job::SweepFiles => {
                self.sweeps.fetch_add(1, Ordering::SeqCst);
                Outcome::Hangs
            }
            other @ (Job::ClearPayments
            | Job::ExpireDisputes
            | Job::ExpireOrders
            | Job::LapseOrders
            | Job::LapseProposals
            | Job::PayWithdrawals
            | Job::RefreshLeaderboard
            | Job::ReleaseMilestones
            | Job::VerifyBooks
            | Job::SettleDebts
            | Job::WindUpAccount(_)) => {
                panic!("the tests ask for nothing else: {other:?}")
            }
        }
    }

    async fn attempt(&self, job: Job) -> Result<(), JobFailure> {
        let outcome = self.outcome(job);
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Fails => Err(JobFailure::Again("it did not work".into())),
            Outcome::Never => Err(JobFailure::Never("it never will".into())),
            Outcome::Panics => panic!("the test wanted it so"),
            Outcome::Hangs => {
                self.gate.0.acquire().await.unwrap().forget();
                Ok(())
            }
        }
    }
}

impl RunJobs for Script {
    fn run(&self, job: Job) -> Attempt<'_> {
        Box::pin(self.attempt(job))
    }
}

/// Waits for an event.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    within(PATIENCE, what, is_so).await;
}

pub(crate) async fn within(patience: Duration, what: &str, is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
