//! Jobs inside transactions, and the list of them. That they are carried out is tested with the worker.

use chrono::TimeDelta;
use domain::ids::JobId;
use domain::jobs::JobState;
use ports::environment::SharedClock;
use ports::jobs::{Job, JobFilter, JobKind, JobQueries, JobView, NewJob};
use ports::list::Window;
use ports::retention::Leftover;
use ports::store::Store;

use crate::support::{TestDb, database};

const ALL: Window = Window::Page { offset: 0, limit: 100 };

fn new_job(key: &str) -> NewJob {
    NewJob { job: Job::CleanUp(Leftover::Logins), key: key.to_owned() }
}

async fn enqueue(database: &adapter_postgres::Database, key: &str) {
    let mut work = database.begin().await.unwrap();
    work.jobs().enqueue(&new_job(key)).await.unwrap();
    work.commit().await.unwrap();
}

async fn listed(database: &adapter_postgres::Database, state: Option<JobState>) -> Vec<JobView> {
    database.jobs(JobFilter { state, kind: None }, ALL).await.unwrap().rows
}

/// Four jobs, one in each state, in the order of the states.
async fn one_of_each(test: &TestDb, database: &adapter_postgres::Database) {
    for key in ["waiting", "running", "retrying", "dead"] {
        enqueue(database, key).await;
    }
    let owner = test.owner().await;
    owner
        .batch_execute(
            "UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'w', attempts = 1
             WHERE key = 'running';
             UPDATE graphile_worker._private_jobs SET attempts = 2, last_error = 'TaskError(\"no \\\"luck\\\"\")'
             WHERE key = 'retrying';
             UPDATE graphile_worker._private_jobs SET attempts = max_attempts WHERE key = 'dead'",
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_job_is_there_if_the_rest_is() {
    let test = database().await;
    let database = test.open();
    let mut work = database.begin().await.unwrap();
    work.jobs().enqueue(&new_job("a")).await.unwrap();
    work.rollback().await.unwrap();
    assert!(listed(&database, None).await.is_empty());
    enqueue(&database, "a").await;
    let jobs = listed(&database, None).await;
    assert_eq!(jobs.len(), 1);
    let JobView { kind, key, state, attempts, max_attempts, last_error, .. } = jobs[0].clone();
    assert_eq!((kind.as_str(), key.as_deref(), state), ("clean_up", Some("a"), JobState::Waiting));
    assert_eq!((attempts, max_attempts, last_error), (0, JobKind::CleanUp.max_attempts(), None));
}

#[tokio::test]
async fn while_one_with_its_key_waits_another_takes_its_place() {
    let test = database().await;
    let database = test.open();
    enqueue(&database, "a").await;
    enqueue(&database, "a").await;
    enqueue(&database, "b").await;
    assert_eq!(listed(&database, None).await.len(), 2);
}

#[tokio::test]
async fn jobs_are_listed_by_state_and_kind_newest_first() {
    let test = database().await;
    let database = test.open();
    one_of_each(&test, &database).await;
    for state in JobState::ALL {
        let jobs = listed(&database, Some(*state)).await;
        assert_eq!(jobs.len(), 1, "{state}");
        assert_eq!((jobs[0].key.as_deref(), jobs[0].state), (Some(state.as_str()), *state));
    }
    let keys: Vec<_> = listed(&database, None).await.into_iter().map(|job| job.key.unwrap()).collect();
    assert_eq!(keys, ["dead", "retrying", "running", "waiting"]);
    let of_kind = JobFilter { state: None, kind: Some(JobKind::CleanUp) };
    let first = database.jobs(of_kind, Window::Page { offset: 0, limit: 3 }).await.unwrap();
    assert_eq!((first.rows.len(), first.total), (3, 4));
    let window = Window::Before { position: first.next.unwrap(), limit: 3 };
    let rest = database.jobs(of_kind, window).await.unwrap();
    assert_eq!((rest.rows.len(), rest.total, rest.next), (1, 4, None));
    let beyond = database.jobs(of_kind, Window::Page { offset: 50, limit: 3 }).await.unwrap();
    assert_eq!((beyond.rows.len(), beyond.total), (0, 4));
    let retrying = listed(&database, Some(JobState::Retrying)).await;
    assert_eq!(retrying[0].last_error.as_deref(), Some("no \\\"luck\\\""));
}

#[tokio::test]
async fn jobs_are_retried_and_cancelled() {
    let test = database().await;
    let database = test.open();
    one_of_each(&test, &database).await;
    let id_of = async |state| listed(&database, Some(state)).await[0].id;
    let mut work = database.begin().await.unwrap();
    for state in [JobState::Retrying, JobState::Dead] {
        let job = work.jobs().lock(id_of(state).await).await.unwrap().unwrap();
        assert_eq!(job.state, state);
        work.jobs().retry(&job).await.unwrap();
        let retried = work.jobs().lock(job.id).await.unwrap().unwrap();
        assert_eq!((retried.state, retried.attempts), (JobState::Waiting, 0));
        work.jobs().cancel(&retried, "enough").await.unwrap();
        let cancelled = work.jobs().lock(job.id).await.unwrap().unwrap();
        assert_eq!((cancelled.state, cancelled.last_error.as_deref()), (JobState::Dead, Some("enough")));
    }
    work.commit().await.unwrap();
    assert_eq!(listed(&database, Some(JobState::Dead)).await.len(), 2);
    let mut work = database.begin().await.unwrap();
    assert_eq!(work.jobs().lock(JobId::new(999_999).unwrap()).await.unwrap(), None);
    let running = work.jobs().lock(id_of(JobState::Running).await).await.unwrap().unwrap();
    assert!(work.jobs().retry(&running).await.is_err(), "whoever asks should have looked");
    work.rollback().await.unwrap();
}

#[tokio::test]
async fn the_time_that_all_processes_have_in_common_is_the_databases() {
    let test = database().await;
    let database = test.open();
    let is_later = async |than: String| {
        let sql = format!("SELECT clock_timestamp() > '{than}'::timestamptz");
        test.owner().await.query_one(&sql, &[]).await.unwrap().get::<_, bool>(0)
    };
    let first = database.shared_now().await.unwrap();
    assert!(is_later(first.to_rfc3339()).await, "it has been");
    let hour = first + TimeDelta::hours(1);
    assert!(!is_later(hour.to_rfc3339()).await, "not long ago");
    assert!(database.shared_now().await.unwrap() > first, "it goes on");
}
