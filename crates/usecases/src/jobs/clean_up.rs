//! Removing what nobody needs any more.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::identity::{ACCESS_TOKEN_TTL, REFRESH_TOKEN_TTL};
use ports::environment::Clock;
use ports::jobs::JobFailure;
use ports::retention::{Leftover, Retention};

use crate::idempotency;
use crate::identity::CLOCK_SLACK;

/// Rows that one transaction removes at most: it is over before anybody waits for it.
const BATCH: u32 = 500;
/// Batches of one job at most. What is left then goes the next time.
const BATCHES: u32 = 200;
/// How much longer than a refresh token's life what belongs to it is kept: for clocks that differ,
/// and for whoever looks for what happened yesterday.
const LOGIN_SLACK: TimeDelta = TimeDelta::days(1);
/// How long a notification is kept after it was read. One that was not stays.
const READ_NOTIFICATIONS_KEPT: TimeDelta = TimeDelta::days(180);
/// How long a dead job can be seen, and tried again by an administrator.
const DEAD_JOBS_KEPT: TimeDelta = TimeDelta::days(30);

/// Removes what nobody needs any more.
pub struct CleanUp {
    /// Removes it.
    pub retention: Arc<dyn Retention>,
    /// Tells how old it is.
    pub clock: Arc<dyn Clock>,
    /// How long facts are kept after they have been dispatched.
    pub facts_kept: TimeDelta,
}

impl CleanUp {
    /// Removes what is old enough, in small batches.
    ///
    /// # Errors
    /// Those of storage; what was removed before stays removed.
    pub async fn execute(&self, what: Leftover) -> Result<(), JobFailure> {
        let before = self.clock.now() - self.kept(what);
        let mut removed: u64 = 0;
        for _ in 0..BATCHES {
            let batch = self.retention.remove(what, before, BATCH).await?;
            removed = removed.saturating_add(batch);
            if batch < u64::from(BATCH) {
                break;
            }
        }
        tracing::debug!(what = what.as_str(), removed, "cleaned up");
        Ok(())
    }

    /// How long it is needed.
    fn kept(&self, what: Leftover) -> TimeDelta {
        match what {
            Leftover::RequestKeys => idempotency::KEPT,
            // Nobody can prolong the login any more, and no access token of it is left.
            Leftover::Logins | Leftover::RefreshTokens => REFRESH_TOKEN_TTL + LOGIN_SLACK,
            // No access token can outlive the announcement.
            Leftover::EndedLogins => ACCESS_TOKEN_TTL + CLOCK_SLACK,
            Leftover::DispatchedFacts => self.facts_kept,
            Leftover::ReadMarks => TimeDelta::zero(),
            Leftover::ReadNotifications => READ_NOTIFICATIONS_KEPT,
            Leftover::DeadJobs => DEAD_JOBS_KEPT,
        }
    }
}
