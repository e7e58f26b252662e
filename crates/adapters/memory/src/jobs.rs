//! Background work: asked for, but never carried out. Jobs wait until a test says what became of them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::JobId;
use domain::jobs::JobState;
use ports::identity::Lock;
use ports::jobs::{CLAIM_SLACK, JobKind, JobView, Jobs, NewJob};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::store::MemoryStore;
use crate::work::MemoryWork;

impl MemoryStore {
    /// The jobs in the queue, oldest first.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobView> {
        self.shared().committed().rows.jobs.values().cloned().collect()
    }

    /// Lets a job be what it would be after some attempts: how a worker leaves it.
    pub fn set_job(&self, job: JobView) {
        self.shared().committed().rows.jobs.insert(job.id, job);
    }
}

impl MemoryWork {
    fn job(&self, id: JobId) -> Option<JobView> {
        self.written.jobs.get(&id).or(self.shared.committed().rows.jobs.get(&id)).cloned()
    }

    fn add_job(&mut self, new: &NewJob) -> Result<(), StoreError> {
        let NewJob { job, key } = new;
        let known = {
            let committed = self.shared.committed();
            let all = committed.rows.jobs.values().chain(self.written.jobs.values());
            all.filter(|job| job.key.as_ref() == Some(key)).map(|job| job.id).next_back()
        };
        let id = known.or_else(|| JobId::new(self.shared.next_job_number()));
        let id = id.ok_or_else(|| StoreError::Refused("numbers of jobs have run out".into()))?;
        let view = JobView {
            id,
            kind: job.kind().as_str().to_owned(),
            key: Some(key.clone()),
            state: JobState::Waiting,
            attempts: 0,
            max_attempts: job.kind().max_attempts(),
            last_error: None,
            run_at: DateTime::UNIX_EPOCH,
            created_at: DateTime::UNIX_EPOCH,
        };
        self.written.jobs.insert(id, view);
        Ok(())
    }

    async fn claim(
        &mut self,
        schedule: &str,
        tick: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.acquire(Row::Schedule(schedule.to_owned()), Lock::Exclusive).await?;
        let own = self.written.ticks.get(schedule).copied();
        let claimed = own.or_else(|| self.shared.committed().rows.ticks.get(schedule).copied());
        let is_ours = |claimed| claimed < tick || claimed > now + CLAIM_SLACK;
        if claimed.is_none_or(is_ours) {
            self.written.ticks.insert(schedule.to_owned(), tick);
        }
        Ok(claimed.is_some_and(is_ours))
    }
}

#[async_trait]
impl Jobs for MemoryWork {
    async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        self.start(Operation::Enqueue).await?;
        let outcome = self.add_job(job);
        self.finish(outcome)
    }

    async fn claim_tick(
        &mut self,
        schedule: &str,
        tick: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.start(Operation::ClaimTick).await?;
        let outcome = self.claim(schedule, tick, now).await;
        self.finish(outcome)
    }

    async fn lock(&mut self, id: JobId) -> Result<Option<JobView>, StoreError> {
        self.start(Operation::LockJob).await?;
        if self.job(id).is_some() {
            self.acquire(Row::Job(id), Lock::Exclusive).await?;
        }
        let found = self.job(id);
        self.finish(Ok(found))
    }

    async fn retry(&mut self, job: &JobView) -> Result<(), StoreError> {
        self.start(Operation::RetryJob).await?;
        let max_attempts = JobKind::from_word(&job.kind).map_or(job.max_attempts, JobKind::max_attempts);
        let retried = JobView { state: JobState::Waiting, attempts: 0, max_attempts, ..job.clone() };
        self.written.jobs.insert(job.id, retried);
        self.finish(Ok(()))
    }

    async fn cancel(&mut self, job: &JobView, reason: &str) -> Result<(), StoreError> {
        self.start(Operation::CancelJob).await?;
        let cancelled = JobView {
            state: JobState::Dead,
            attempts: job.max_attempts,
            last_error: Some(reason.to_owned()),
            ..job.clone()
        };
        self.written.jobs.insert(job.id, cancelled);
        self.finish(Ok(()))
    }
}
