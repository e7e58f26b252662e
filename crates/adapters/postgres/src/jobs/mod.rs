//! The queue of jobs, inside ordinary transactions. It is that of the library behind `adapter-jobs`:
//! we call its functions and read its tables in the schema `graphile_worker`, which that crate brings
//! up to date and opens to the serving role.
//!
//! Deliberately absent: taking jobs and carrying them out. That is the worker's.

mod queries;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Json, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::ids::JobId;
use domain::jobs::JobState;
use ports::jobs::{CLAIM_SLACK, JobKind, JobView, Jobs, NewJob};
use ports::store::StoreError;
use serde_json::Value;

use crate::error::{corrupt, exactly_one, store_error};
use crate::link::Line;
use crate::statement::statement;
use crate::uow::{PgUnitOfWork, bounded};

const ENQUEUE: &str = "\
    SELECT true AS is_there FROM graphile_worker.add_job(
        identifier => $1, payload => $2, max_attempts => $3, job_key => $4)";

const FIRST_TICK: &str =
    "INSERT INTO schedules (name, claimed_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
const NEXT_TICK: &str = "\
    UPDATE schedules SET claimed_at = $1
    WHERE name = $2 AND (claimed_at < $3 OR claimed_at > $4)";

/// The columns of a [`JobRow`]. A job that is given back has one attempt fewer, so one that waits
/// without ever having failed has none.
macro_rules! job_columns {
    () => {
        "jobs.id, tasks.identifier AS kind, jobs.key, jobs.attempts::int AS attempts,
         jobs.max_attempts::int AS max_attempts, jobs.run_at, jobs.created_at,
         regexp_replace(jobs.last_error, '^Task(Error|Panic)\\(\"(.*)\"\\)\\Z', '\\2') AS last_error,
         CASE WHEN jobs.locked_at IS NOT NULL THEN 'running'
              WHEN jobs.attempts >= jobs.max_attempts THEN 'dead'
              WHEN jobs.attempts > 0 THEN 'retrying'
              ELSE 'waiting' END AS state
         FROM graphile_worker._private_jobs AS jobs
         JOIN graphile_worker._private_tasks AS tasks ON tasks.id = jobs.task_id"
    };
}
pub(crate) use job_columns;

const LOCK: &str = concat!("SELECT ", job_columns!(), " WHERE jobs.id = $1 FOR UPDATE OF jobs");

const RETRY: &str = "\
    SELECT true AS is_there FROM graphile_worker.reschedule_jobs(
        ARRAY[$1], run_at => now(), attempts => 0, max_attempts => $2)";

const CANCEL: &str = "SELECT true AS is_there FROM graphile_worker.permanently_fail_jobs(ARRAY[$1], $2)";

#[derive(QueryableByName)]
struct Touched {
    #[diesel(sql_type = Bool)]
    #[expect(dead_code, reason = "the row itself is the news")]
    is_there: bool,
}

/// A job as it stands.
#[derive(QueryableByName)]
pub(crate) struct JobRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    max_attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    run_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    state: String,
}

impl TryFrom<JobRow> for JobView {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let JobRow { id, kind, key, attempts, max_attempts, last_error, run_at, created_at, state } = row;
        let count = |column: &'static str, value: i32| {
            u16::try_from(value).map_err(|_| corrupt("_private_jobs", column, id, "is negative"))
        };
        Ok(Self {
            id: JobId::new(id).ok_or_else(|| corrupt("_private_jobs", "id", id, "is below 1"))?,
            kind,
            key,
            state: JobState::from_word(&state)
                .ok_or_else(|| corrupt("_private_jobs", "state", id, "is unknown"))?,
            attempts: count("attempts", attempts)?,
            max_attempts: count("max_attempts", max_attempts)?,
            last_error,
            run_at,
            created_at,
        })
    }
}

async fn enqueue(connection: &mut Line<'_>, new: &NewJob) -> Result<(), StoreError> {
    let NewJob { job, key } = new;
    let kind = job.kind();
    let fields = job.fields().into_iter().map(|(name, value)| (name, Value::String(value)));
    let touched: Vec<Touched> = statement(ENQUEUE)
        .bind::<Text, _>(kind.as_str())
        .bind::<Json, _>(Value::Object(fields.collect()))
        .bind::<Integer, _>(i32::from(kind.max_attempts()))
        .bind::<Text, _>(key)
        .load(connection)
        .await
        .map_err(store_error)?;
    exactly_one(touched.len(), "job")
}

async fn claim_tick(
    connection: &mut Line<'_>,
    schedule: &str,
    tick: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let first = statement(FIRST_TICK).bind::<Text, _>(schedule).bind::<Timestamptz, _>(tick);
    if first.execute(connection).await.map_err(store_error)? == 1 {
        return Ok(false);
    }
    let next = statement(NEXT_TICK)
        .bind::<Timestamptz, _>(tick)
        .bind::<Text, _>(schedule)
        .bind::<Timestamptz, _>(tick)
        .bind::<Timestamptz, _>(now + CLAIM_SLACK);
    Ok(next.execute(connection).await.map_err(store_error)? == 1)
}

async fn lock(connection: &mut Line<'_>, id: JobId) -> Result<Option<JobView>, StoreError> {
    let row: Option<JobRow> = statement(LOCK)
        .bind::<BigInt, _>(id.number())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(JobView::try_from).transpose()
}

async fn retry(connection: &mut Line<'_>, job: &JobView) -> Result<(), StoreError> {
    // A hopeless one had its attempts cut short.
    let most = JobKind::from_word(&job.kind).map_or(job.max_attempts, JobKind::max_attempts);
    let touched: Vec<Touched> = statement(RETRY)
        .bind::<BigInt, _>(job.id.number())
        .bind::<Integer, _>(i32::from(most))
        .load(connection)
        .await
        .map_err(store_error)?;
    exactly_one(touched.len(), "job")
}

async fn cancel(connection: &mut Line<'_>, job: &JobView, reason: &str) -> Result<(), StoreError> {
    let touched: Vec<Touched> = statement(CANCEL)
        .bind::<BigInt, _>(job.id.number())
        .bind::<Text, _>(reason)
        .load(connection)
        .await
        .map_err(store_error)?;
    exactly_one(touched.len(), "job")
}

#[async_trait]
impl Jobs for PgUnitOfWork {
    async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        self.has_jobs = true;
        bounded!(self, |connection| enqueue(connection, job))
    }

    async fn claim_tick(
        &mut self,
        schedule: &str,
        tick: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        bounded!(self, |connection| claim_tick(connection, schedule, tick, now))
    }

    async fn lock(&mut self, id: JobId) -> Result<Option<JobView>, StoreError> {
        bounded!(self, |connection| lock(connection, id))
    }

    async fn retry(&mut self, job: &JobView) -> Result<(), StoreError> {
        self.has_jobs = true;
        bounded!(self, |connection| retry(connection, job))
    }

    async fn cancel(&mut self, job: &JobView, reason: &str) -> Result<(), StoreError> {
        bounded!(self, |connection| cancel(connection, job, reason))
    }
}
