//! The queue, as administrators see it.

use std::sync::Arc;

use domain::actor::Actor;
use domain::jobs::administer_jobs;
use ports::jobs::{JobFilter, JobQueries, JobView};
use ports::list::{Slice, Window};

use crate::error::UseCaseError;

/// Shows administrators what is waiting, running, failed or dead.
pub struct ListJobs {
    /// Reads the queue.
    pub jobs: Arc<dyn JobQueries>,
}

impl ListJobs {
    /// Jobs, newest first.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        filter: JobFilter,
        window: Window,
    ) -> Result<Slice<JobView>, UseCaseError> {
        administer_jobs(actor)?;
        Ok(self.jobs.jobs(filter, window).await?)
    }
}
