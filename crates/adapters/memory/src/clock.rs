//! Time that moves only when told to.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, TimeDelta, TimeZone, Utc};
use ports::environment::{Clock, SharedClock};
use ports::store::StoreError;

/// A clock that stands still until it is moved by hand.
#[derive(Debug)]
pub struct ManualClock {
    hands: Mutex<Hands>,
}

#[derive(Debug)]
struct Hands {
    now: DateTime<Utc>,
    monotonic: Duration,
}

impl ManualClock {
    /// Stands at `now`; its monotonic time begins at an hour, so that nothing takes 0 for granted.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { hands: Mutex::new(Hands { now, monotonic: Duration::from_secs(3_600) }) }
    }

    /// Moves time of day and monotonic time on together.
    ///
    /// # Panics
    /// When `by` is negative: time goes back only by [`jump`](Self::jump).
    pub fn advance(&self, by: TimeDelta) {
        let elapsed = by.to_std().expect("time advances; use `jump` to set the time of day back");
        let mut hands = self.hands();
        hands.now += by;
        hands.monotonic += elapsed;
    }

    /// Waits, as it were, until `now`: monotonic time goes on by as much.
    ///
    /// # Panics
    /// When `now` has passed already.
    pub fn set(&self, now: DateTime<Utc>) {
        let by = now - self.hands().now;
        self.advance(by);
    }

    /// Somebody sets the time of day, forwards or back; monotonic time does not notice.
    pub fn jump(&self, now: DateTime<Utc>) {
        self.hands().now = now;
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// Stands somewhere in 2026, at a fraction of a second that storage must not lose.
    fn default() -> Self {
        let start = Utc.timestamp_opt(1_780_000_000, 123_456_000).single().expect("a valid time");
        Self::new(start)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.hands().now.trunc_subsecs(6)
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }
}

#[async_trait]
impl SharedClock for ManualClock {
    async fn shared_now(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_by_hand() {
        let clock = ManualClock::default();
        let (now, monotonic) = (clock.now(), clock.monotonic());
        assert_eq!((clock.now(), clock.monotonic()), (now, monotonic));

        clock.advance(TimeDelta::milliseconds(1_500));
        assert_eq!(clock.now() - now, TimeDelta::milliseconds(1_500));
        assert_eq!(clock.monotonic() - monotonic, Duration::from_millis(1_500));

        clock.set(now + TimeDelta::seconds(2));
        assert_eq!(clock.monotonic() - monotonic, Duration::from_secs(2));

        clock.jump(now - TimeDelta::hours(1));
        assert_eq!(clock.now(), now - TimeDelta::hours(1));
        assert_eq!(clock.monotonic() - monotonic, Duration::from_secs(2), "a jump takes no time");
    }

    #[test]
    fn it_tells_whole_microseconds() {
        let clock = ManualClock::new(Utc.timestamp_opt(1, 999_999_999).unwrap());
        assert_eq!(clock.now(), Utc.timestamp_opt(1, 999_999_000).unwrap());
    }
}
