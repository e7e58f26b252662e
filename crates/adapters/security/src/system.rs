//! The clock and the identifiers of a running server.

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use ports::environment::{Clock, Ids};
use uuid::{NoContext, Timestamp, Uuid};

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Its monotonic time counts from here.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// UUIDs of version 7: milliseconds of the given time, then 74 random bits.
#[derive(Debug, Default)]
pub struct TimeOrderedIds;

impl Ids for TimeOrderedIds {
    fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        // Before 1970 there are no accounts; a clock set that far back still gets unique ids.
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn the_time_of_day_is_cut_to_what_the_database_keeps() {
        assert_eq!(SystemClock::new().now().timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn identifiers_carry_their_time_and_differ() {
        let now = Utc.timestamp_opt(1_700_000_000, 123_000_000).unwrap();
        let (first, second) = (TimeOrderedIds.uuid(now), TimeOrderedIds.uuid(now));
        assert_ne!(first, second);
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(first.get_timestamp().unwrap().to_unix(), (1_700_000_000, 123_000_000));
    }
}
