//! Carries out jobs: the one place from which all kinds are done.

use ports::jobs::{Attempt, Job, JobFailure, RunJobs};

use super::CleanUp;
use crate::contracts::LapseOrders;
use crate::error::UseCaseError;
use crate::profiles::RefreshLeaderboard;

/// Carries out jobs of every kind.
pub struct Perform {
    /// [`Job::CleanUp`]
    pub clean_up: CleanUp,
    /// [`Job::LapseOrders`]
    pub lapse_orders: LapseOrders,
    /// [`Job::RefreshLeaderboard`]
    pub refresh_leaderboard: RefreshLeaderboard,
}

impl Perform {
    async fn perform(&self, job: Job) -> Result<(), JobFailure> {
        match job {
            Job::CleanUp(what) => self.clean_up.execute(what).await,
            Job::LapseOrders => {
                let lapsed = self.lapse_orders.execute().await.map_err(again)?;
                tracing::debug!(lapsed, "ended orders that nobody paid for");
                Ok(())
            }
            Job::RefreshLeaderboard => Ok(self.refresh_leaderboard.execute().await?),
        }
    }
}

/// Whatever stood in the way of a use case may be gone the next time.
fn again(error: UseCaseError) -> JobFailure {
    JobFailure::Again(Box::new(error))
}

impl RunJobs for Perform {
    fn run(&self, job: Job) -> Attempt<'_> {
        Box::pin(self.perform(job))
    }
}
