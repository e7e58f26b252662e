//! When a schedule ticks.
//!
//! Where a clock is put forward, a tick in the hour that is missing comes when the clock has been
//! put forward; where it is put back, a tick in the hour that comes twice comes in the first.

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use ports::jobs::{BadSchedule, Calendar, Schedule};

/// Cron's calendar in the time zones of the IANA database, which is built into the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct CronCalendar;

impl Calendar for CronCalendar {
    fn last_tick(
        &self,
        schedule: &Schedule,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, BadSchedule> {
        let Schedule { name, cron, zone, job: _ } = schedule;
        let zone: Tz = zone.parse().map_err(|error| BadSchedule { name, cause: Box::new(error) })?;
        let cron: Cron = cron.parse().map_err(|error| BadSchedule { name, cause: Box::new(error) })?;
        match cron.find_previous_occurrence(&now.trunc_subsecs(0).with_timezone(&zone), true) {
            Ok(tick) => Ok(Some(tick.with_timezone(&Utc))),
            Err(CronError::TimeSearchLimitExceeded) => Ok(None),
            Err(error) => Err(BadSchedule { name, cause: Box::new(error) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;
    use ports::jobs::Job;
    use ports::retention::Leftover;

    use super::*;

    fn schedule(cron: &'static str, zone: &'static str) -> Schedule {
        Schedule { name: "test", cron, zone, job: Job::CleanUp(Leftover::Logins) }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn last(cron: &'static str, zone: &'static str, now: &str) -> String {
        let tick = CronCalendar.last_tick(&schedule(cron, zone), at(now)).unwrap();
        tick.map_or_else(String::new, |tick| tick.to_rfc3339())
    }

    /// Every tick that somebody sees who looks once a minute.
    fn ticks(cron: &'static str, zone: &'static str, from: &str, until: &str) -> Vec<String> {
        let (mut now, until) = (at(from), at(until));
        let mut seen = BTreeSet::new();
        while now <= until {
            seen.extend(CronCalendar.last_tick(&schedule(cron, zone), now).unwrap());
            now += TimeDelta::minutes(1);
        }
        seen.into_iter().filter(|tick| *tick >= at(from)).map(|tick| tick.to_rfc3339()).collect()
    }

    #[test]
    fn a_tick_counts_from_its_second_on() {
        let cases = [
            ("2026-06-01T02:59:59.999999Z", "2026-05-31T03:00:00+00:00"),
            ("2026-06-01T03:00:00Z", "2026-06-01T03:00:00+00:00"),
            ("2026-06-01T03:00:00.000001Z", "2026-06-01T03:00:00+00:00"),
            ("2026-06-01T23:00:00Z", "2026-06-01T03:00:00+00:00"),
        ];
        for (now, expected) in cases {
            assert_eq!(last("0 3 * * *", "UTC", now), expected, "{now}");
        }
    }

    #[test]
    fn a_schedule_may_tick_by_the_second() {
        for (now, expected) in [
            ("2026-06-01T03:00:29.9Z", "2026-06-01T03:00:00+00:00"),
            ("2026-06-01T03:00:30Z", "2026-06-01T03:00:30+00:00"),
            ("2026-06-01T03:00:59Z", "2026-06-01T03:00:30+00:00"),
        ] {
            assert_eq!(last("*/30 * * * * *", "UTC", now), expected, "{now}");
        }
    }

    #[test]
    fn it_is_the_zones_own_clock() {
        assert_eq!(last("0 3 * * *", "Europe/Berlin", "2026-01-15T12:00:00Z"), "2026-01-15T02:00:00+00:00");
        assert_eq!(last("0 3 * * *", "Europe/Berlin", "2026-07-15T12:00:00Z"), "2026-07-15T01:00:00+00:00");
        assert_eq!(
            last("0 9 * * 1", "America/New_York", "2026-07-15T12:00:00Z"),
            "2026-07-13T13:00:00+00:00"
        );
    }

    #[test]
    fn in_spring_a_tick_of_the_missing_hour_comes_right_after_it() {
        // 02:00 to 03:00 does not exist; 03:00 summer time is 01:00 UTC.
        let nights = ("2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z");
        assert_eq!(
            ticks("30 2 * * *", "Europe/Berlin", nights.0, nights.1),
            ["2026-03-28T01:30:00+00:00", "2026-03-29T01:00:00+00:00", "2026-03-30T00:30:00+00:00"]
        );
    }

    #[test]
    fn in_autumn_a_tick_of_the_double_hour_comes_once() {
        let nights = ("2026-10-23T12:00:00Z", "2026-10-26T12:00:00Z");
        assert_eq!(
            ticks("30 2 * * *", "Europe/Berlin", nights.0, nights.1),
            ["2026-10-24T00:30:00+00:00", "2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"]
        );
    }

    #[test]
    fn every_quarter_of_an_hour_is_just_that_whatever_the_clock_does() {
        for night in ["2026-03-29", "2026-10-25"] {
            let seen = ticks(
                "*/15 * * * *",
                "Europe/Berlin",
                &format!("{night}T00:00:00Z"),
                &format!("{night}T03:59:00Z"),
            );
            assert_eq!(seen.len(), 16, "{night}: {seen:?}");
        }
    }

    #[test]
    fn what_never_ticks_never_ticked() {
        assert_eq!(last("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z"), "");
    }

    #[test]
    fn nonsense_is_an_error_that_names_the_schedule() {
        for (cron, zone) in [("61 * * * *", "UTC"), ("", "UTC"), ("0 3 * * *", "Europe/Atlantis")] {
            let error =
                CronCalendar.last_tick(&schedule(cron, zone), at("2026-01-01T00:00:00Z")).unwrap_err();
            assert!(error.to_string().contains("schedule test"), "{error}");
        }
    }
}
