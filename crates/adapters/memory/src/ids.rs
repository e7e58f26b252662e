//! Identifiers that a test can predict.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use ports::environment::Ids;
use uuid::Uuid;

/// Mints UUIDs of version 7 from `now`, a series and a counter. Those minted at the same moment
/// sort in the order in which they were minted.
#[derive(Debug, Default)]
pub struct SequentialIds {
    series: u16,
    minted: AtomicU64,
}

impl SequentialIds {
    /// A series of its own, for tests with several minters: their identifiers never meet.
    #[must_use]
    pub fn series(series: u16) -> Self {
        Self { series, minted: AtomicU64::new(0) }
    }
}

impl Ids for SequentialIds {
    fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).expect("tests live after 1970");
        let count = self.minted.fetch_add(1, Ordering::Relaxed);
        let [a, b] = self.series.to_be_bytes();
        let [_, _, _, c, d, e, f, g] = count.to_be_bytes();
        // Version and variant take the upper bits of the first and the third byte.
        uuid::Builder::from_unix_timestamp_millis(millis, &[0, 0, 0, a, b, c, d, e, f, g]).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn they_are_of_version_seven_carry_their_time_and_sort() {
        let now = Utc.timestamp_opt(1_780_000_000, 5_000_000).unwrap();
        let ids = SequentialIds::default();
        let minted: Vec<_> = (0..1_000).map(|_| ids.uuid(now)).collect();
        assert!(minted.is_sorted_by(|a, b| a < b));
        for id in &minted {
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
            assert_eq!(id.get_timestamp().unwrap().to_unix(), (1_780_000_000, 5_000_000));
        }
        let again = SequentialIds::default();
        assert_eq!(again.uuid(now), minted[0], "the same every time");
        assert!(!minted.contains(&SequentialIds::series(0xF000).uuid(now)));
    }
}
