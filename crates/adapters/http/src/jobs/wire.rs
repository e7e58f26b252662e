//! Jobs as they go over the wire.

use domain::jobs::JobState;
use ports::jobs::{JobKind, JobView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{ALL, Pagination};
use crate::wire::{Timestamp, words};

words!(
    /// How a job stands.
    JobStateWord,
    "JobState",
    JobState::ALL.iter().map(|state| state.as_str()),
    "`waiting`: not begun; `running`; `retrying`: it failed and will be tried again at `run_at`; `dead`: nobody will \
     try it again unless told to."
);
words!(
    /// Which jobs are wanted, by how they stand.
    JobStateFilterWord,
    "JobStateFilter",
    [ALL].into_iter().chain(JobState::ALL.iter().map(|state| state.as_str())),
    "`all`, or those that stand so."
);
words!(
    /// Which jobs are wanted, by what they do.
    JobKindFilterWord,
    "JobKindFilter",
    [ALL].into_iter().chain(JobKind::ALL.iter().map(|kind| kind.as_str())),
    "`all`, or those of one kind."
);

/// A part of the queue.
#[derive(Serialize, ToSchema)]
pub(super) struct JobsData {
    /// Newest first.
    pub(super) jobs: Vec<JobRow>,
    pub(super) pagination: Pagination,
}

/// One job.
#[derive(Serialize, ToSchema)]
pub(super) struct JobData {
    job: JobRow,
}

/// A piece of background work that is not done.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub(super) struct JobRow {
    #[schema(example = "1042")]
    id: String,
    /// What kind of work it is.
    #[schema(example = "clean_up")]
    kind: String,
    /// What it follows from; null once another job has taken its place.
    #[schema(required = true, example = "clean_up_logins@2026-11-21T03:17:00Z")]
    key: Option<String>,
    #[schema(value_type = JobStateWord, example = "retrying")]
    state: &'static str,
    /// How often it has been tried, the present attempt included.
    #[schema(example = 3)]
    attempts: u16,
    /// How often it may be.
    #[schema(example = 10)]
    max_attempts: u16,
    /// Why it failed the last time; null if it never did.
    #[schema(required = true, example = "the database took too long")]
    last_error: Option<String>,
    /// When it is due, or was.
    run_at: Timestamp,
    created_at: Timestamp,
}

impl From<&JobView> for JobRow {
    fn from(job: &JobView) -> Self {
        let JobView { id, kind, key, state, attempts, max_attempts, last_error, run_at, created_at } = job;
        Self {
            id: id.to_string(),
            kind: kind.clone(),
            key: key.clone(),
            state: state.as_str(),
            attempts: *attempts,
            max_attempts: *max_attempts,
            last_error: last_error.clone(),
            run_at: Timestamp(*run_at),
            created_at: Timestamp(*created_at),
        }
    }
}

impl From<&JobView> for JobData {
    fn from(job: &JobView) -> Self {
        Self { job: job.into() }
    }
}
