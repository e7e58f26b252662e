//! When a withdrawal may be expected.

use chrono::{DateTime, Datelike, NaiveTime, Utc, Weekday};

/// Midnight UTC two business days after `requested_at`. Saturdays and Sundays are none; holidays
/// differ between banks and are not known here.
#[must_use]
pub fn estimated_completion(requested_at: DateTime<Utc>) -> DateTime<Utc> {
    let days = requested_at.date_naive().iter_days().skip(1);
    days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .nth(1)
        // The calendar ends in the year 262142.
        .map_or(requested_at, |day| day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_do_not_count() {
        let cases = [
            ("2024-01-15T14:30:00Z", "2024-01-17T00:00:00Z"), // Monday: the source's own example
            ("2024-01-16T00:00:00Z", "2024-01-18T00:00:00Z"),
            ("2024-01-17T23:59:59Z", "2024-01-19T00:00:00Z"),
            ("2024-01-18T12:00:00Z", "2024-01-22T00:00:00Z"), // Thursday
            ("2024-01-19T12:00:00Z", "2024-01-23T00:00:00Z"), // Friday
            ("2024-01-20T12:00:00Z", "2024-01-23T00:00:00Z"), // Saturday
            ("2024-01-21T12:00:00Z", "2024-01-23T00:00:00Z"), // Sunday
        ];
        for (requested, expected) in cases {
            let at: DateTime<Utc> = requested.parse().unwrap();
            assert_eq!(estimated_completion(at), expected.parse::<DateTime<Utc>>().unwrap(), "{requested}");
        }
        assert_eq!(estimated_completion(DateTime::<Utc>::MAX_UTC), DateTime::<Utc>::MAX_UTC);
    }
}
