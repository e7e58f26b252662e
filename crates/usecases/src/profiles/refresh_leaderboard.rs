//! Ranking the providers anew.

use std::sync::Arc;

use domain::profiles::Period;
use ports::environment::Clock;
use ports::profiles::RankProviders;
use ports::store::StoreError;

use domain::money::MARKET_CURRENCY;

/// Ranks the providers for every period.
#[derive(Clone)]
pub struct RefreshLeaderboard {
    /// Makes the rankings.
    pub rankings: Arc<dyn RankProviders>,
    /// Tells which month and week it is.
    pub clock: Arc<dyn Clock>,
}

impl RefreshLeaderboard {
    /// Puts new rankings in the place of those before, one after the other.
    ///
    /// # Errors
    /// Those of storage; what was ranked before stays ranked.
    pub async fn execute(&self) -> Result<(), StoreError> {
        for period in Period::ALL {
            // Read before the figures are: what was completed by then is in the ranking.
            let now = self.clock.now();
            if !self.rankings.rank(*period, period.since(now), MARKET_CURRENCY, now).await? {
                tracing::debug!(period = period.as_str(), "another process is ranking the providers");
            }
        }
        Ok(())
    }
}
