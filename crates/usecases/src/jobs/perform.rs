//! Carries out jobs: the one place from which all kinds are done.

use ports::jobs::{Attempt, Job, JobFailure, RunJobs};

use super::CleanUp;
use crate::profiles::RefreshLeaderboard;

/// Carries out jobs of every kind.
pub struct Perform {
    /// [`Job::CleanUp`]
    pub clean_up: CleanUp,
    /// [`Job::RefreshLeaderboard`]
    pub refresh_leaderboard: RefreshLeaderboard,
}

impl Perform {
    async fn perform(&self, job: Job) -> Result<(), JobFailure> {
        match job {
            Job::CleanUp(what) => self.clean_up.execute(what).await,
            Job::RefreshLeaderboard => Ok(self.refresh_leaderboard.execute().await?),
        }
    }
}

impl RunJobs for Perform {
    fn run(&self, job: Job) -> Attempt<'_> {
        Box::pin(self.perform(job))
    }
}
