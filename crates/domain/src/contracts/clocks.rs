//! The clocks that move money by themselves: how long a client may take to answer, when they are
//! reminded of it, and how long what was earned rests.
//!
//! Each runs from what happened to one milestone, which keeps the time at which it ends: whoever runs the
//! program may change the periods, and what has begun ends as it was announced.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};

use crate::money::PayoutTo;

/// How long a submission waits for the client before its money is released by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoReleasePeriod(u8);

/// How long released money rests before whoever earned it may use it. Nothing: it is theirs at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClearancePeriod(u8);

/// The periods as they are now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// How long clients may take to answer.
    pub auto_release: AutoReleasePeriod,
    /// How long earned money rests.
    pub clearance: ClearancePeriod,
}

/// How long before their money is released by itself clients are reminded, the first time first.
const REMINDERS: [TimeDelta; 2] = [TimeDelta::days(3), TimeDelta::days(1)];

impl AutoReleasePeriod {
    /// What it may be, in days.
    pub const DAYS: RangeInclusive<u8> = 1..=90;

    /// So many days, if it may be that.
    #[must_use]
    pub fn days(days: u8) -> Option<Self> {
        Self::DAYS.contains(&days).then_some(Self(days))
    }

    /// How many days.
    #[must_use]
    pub const fn in_days(self) -> u8 {
        self.0
    }

    /// When the money of what is handed in now is released by itself.
    #[must_use]
    pub fn ends(self, submitted_at: DateTime<Utc>) -> DateTime<Utc> {
        submitted_at + TimeDelta::days(self.0.into())
    }
}

impl Default for AutoReleasePeriod {
    fn default() -> Self {
        Self(14)
    }
}

impl ClearancePeriod {
    /// What it may be, in days.
    pub const DAYS: RangeInclusive<u8> = 0..=14;

    /// So many days, if it may be that.
    #[must_use]
    pub fn days(days: u8) -> Option<Self> {
        Self::DAYS.contains(&days).then_some(Self(days))
    }

    /// How many days.
    #[must_use]
    pub const fn in_days(self) -> u8 {
        self.0
    }

    /// Where money goes that is released now.
    #[must_use]
    pub fn payout(self, now: DateTime<Utc>) -> PayoutTo {
        match self.0 {
            0 => PayoutTo::Available,
            days => PayoutTo::Clearing { until: now + TimeDelta::days(days.into()) },
        }
    }
}

/// When a client is next reminded of a release; only what lies after `now` counts, so that nobody is
/// reminded of what they have just been told, and of several that were missed only the last one.
pub(super) fn next_reminder(releases_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    REMINDERS.iter().map(|before| releases_at - *before).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::day;

    #[test]
    fn what_the_periods_may_be() {
        let release = |days| AutoReleasePeriod::days(days).map(AutoReleasePeriod::in_days);
        assert_eq!([0, 1, 90, 91].map(release), [None, Some(1), Some(90), None]);
        let clearance = |days| ClearancePeriod::days(days).map(ClearancePeriod::in_days);
        assert_eq!([0, 1, 14, 15].map(clearance), [Some(0), Some(1), Some(14), None]);
        let Clocks { auto_release, clearance } = Clocks::default();
        assert_eq!((auto_release.in_days(), clearance.in_days()), (14, 0));
    }

    #[test]
    fn money_rests_if_it_is_to() {
        let to = |days| ClearancePeriod::days(days).unwrap().payout(day(1));
        assert_eq!(to(0), PayoutTo::Available);
        assert_eq!(to(3), PayoutTo::Clearing { until: day(4) });
    }

    #[test]
    fn reminders_lie_between_what_happened_and_the_release() {
        for (period, expected) in [
            (14, [Some(11), Some(13)]),
            (4, [Some(1), Some(3)]),
            (3, [Some(2), None]),
            (2, [Some(1), None]),
            (1, [None, None]),
        ] {
            let ends = AutoReleasePeriod::days(period).unwrap().ends(day(0));
            let first = next_reminder(ends, day(0));
            let second = first.and_then(|first| next_reminder(ends, first));
            assert_eq!([first, second], expected.map(|days| days.map(day)), "{period} days");
            assert_eq!(second.and_then(|second| next_reminder(ends, second)), None);
        }
        assert_eq!(next_reminder(day(14), day(12)), Some(day(13)), "the first one was missed");
    }
}
