//! The ranking of providers.

use std::sync::Arc;

use domain::actor::Actor;
use domain::profiles::Period;
use ports::environment::Clock;
use ports::profiles::{LeaderboardQueries, LeaderboardView};

use crate::error::UseCaseError;

/// Shows people who is best.
pub struct ViewLeaderboard {
    /// Reads the ranking.
    pub rankings: Arc<dyn LeaderboardQueries>,
    /// Tells as of when an empty one is.
    pub clock: Arc<dyn Clock>,
}

impl ViewLeaderboard {
    /// The first `places` of a ranking and the actor's own place, for everybody who is logged in. As
    /// long as no ranking has been made nobody is ranked.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        period: Period,
        places: u8,
    ) -> Result<LeaderboardView, UseCaseError> {
        let found = self.rankings.leaderboard(period, places, actor.user_id).await?;
        Ok(found.unwrap_or_else(|| LeaderboardView {
            ranked: Vec::new(),
            own: None,
            as_of: self.clock.now(),
        }))
    }
}
