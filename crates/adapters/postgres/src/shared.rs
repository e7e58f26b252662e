//! What long lists come to: totals over whole tables, for which everybody asks.
//!
//! Counting everything for each page would make every page slower as the tables grow. So a total that is
//! large is kept for a moment and shared by all who ask this process for the same list. It may be
//! [`LAG`] old, and the API description says so; it is counted anew in the background when it is half that
//! old, so that nobody waits for it as long as somebody asks every other second. Totals up to
//! [`crate::pool::EXACT_TOTALS`] are never kept: they are counted with their page, and are exact.
//!
//! Deliberately absent: whatever belongs to one person. One's own lists and what one has hidden from oneself
//! are counted when asked for, so that everybody reads their own writes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The oldest that a shared total may be.
pub(crate) const LAG: Duration = Duration::from_secs(2);

/// How many lists are remembered at most; the one counted longest ago makes room.
const MOST: usize = 512;

/// The totals of one kind of list, by what it was filtered by.
#[derive(Debug)]
pub(crate) struct Shared<K, V> {
    /// Totals up to here are not shared.
    exact: i64,
    kept: Mutex<HashMap<K, Kept<V>>>,
}

#[derive(Debug)]
struct Kept<V> {
    value: V,
    /// When counting began: whatever happened later may be missing.
    counted: Instant,
    /// Since when somebody is counting anew.
    renewing: Option<Instant>,
}

/// What is known of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known<V> {
    /// Nothing, or nothing that is recent enough.
    Nothing,
    /// This.
    This(V),
    /// This, and whoever was told so is to count anew.
    Aging(V),
}

impl<K: Eq + Hash + Clone, V: Clone> Shared<K, V> {
    /// Nothing is known yet. Totals up to `exact` are not shared.
    pub(crate) fn new(exact: i64) -> Self {
        Self { exact, kept: Mutex::new(HashMap::new()) }
    }

    /// Whether a list of this length is to be counted for all.
    pub(crate) const fn is_long(&self, total: i64) -> bool {
        total > self.exact
    }

    /// What is known of a list at `now`.
    pub(crate) fn look(&self, key: &K, now: Instant) -> Known<V> {
        let mut kept = self.kept();
        let Some(found) = kept.get_mut(key) else { return Known::Nothing };
        let age = now.saturating_duration_since(found.counted);
        if age > LAG {
            return Known::Nothing;
        }
        let awaited = found.renewing.is_some_and(|since| now.saturating_duration_since(since) <= LAG);
        if age <= LAG / 2 || awaited {
            return Known::This(found.value.clone());
        }
        found.renewing = Some(now);
        Known::Aging(found.value.clone())
    }

    /// Keeps what was counted from `counted` on, or forgets the list when it has become too short to share.
    /// What was counted earlier than what is known is of no use.
    pub(crate) fn learn(&self, key: K, total: i64, value: V, counted: Instant) {
        let mut kept = self.kept();
        if kept.get(&key).is_some_and(|known| known.counted > counted) {
            return;
        }
        if !self.is_long(total) {
            kept.remove(&key);
            return;
        }
        if kept.len() >= MOST && !kept.contains_key(&key) {
            let oldest = kept.iter().min_by_key(|(_, known)| known.counted).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| kept.remove(&oldest));
        }
        kept.insert(key, Kept { value, counted, renewing: None });
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<K, Kept<V>>> {
        // Nothing under this lock can panic half-way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: i64 = 1_000;
    const LONG: i64 = EXACT + 1;

    fn known() -> (Shared<&'static str, i64>, Instant) {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        shared.learn("list", LONG, 7, now);
        (shared, now)
    }

    #[test]
    fn it_is_told_as_long_as_it_is_recent() {
        let (shared, now) = known();
        assert_eq!(shared.look(&"another", now), Known::Nothing);
        assert_eq!(shared.look(&"list", now), Known::This(7));
        assert_eq!(shared.look(&"list", now + LAG / 2), Known::This(7));
        let (shared, now) = known();
        assert_eq!(shared.look(&"list", now + LAG), Known::Aging(7));
        let (shared, now) = known();
        assert_eq!(shared.look(&"list", now + LAG + Duration::from_nanos(1)), Known::Nothing);
    }

    #[test]
    fn one_alone_counts_anew() {
        let (shared, start) = known();
        let now = start + LAG * 3 / 4;
        assert_eq!(shared.look(&"list", now), Known::Aging(7));
        assert_eq!(shared.look(&"list", now), Known::This(7));
        shared.learn("list", LONG, 8, now);
        assert_eq!(shared.look(&"list", now + LAG / 2), Known::This(8));
        assert_eq!(shared.look(&"list", now + LAG), Known::Aging(8));
    }

    #[test]
    fn an_older_count_does_not_replace_a_younger_one() {
        let (shared, start) = known();
        shared.learn("list", LONG, 8, start + LAG);
        shared.learn("list", LONG, 9, start + LAG / 2);
        shared.learn("list", 1, 9, start + LAG / 2);
        assert_eq!(shared.look(&"list", start + LAG), Known::This(8));
    }

    #[test]
    fn short_lists_are_not_kept() {
        let (shared, now) = known();
        shared.learn("short", EXACT, 1, now);
        shared.learn("list", EXACT, 1, now);
        assert_eq!(shared.look(&"short", now), Known::Nothing);
        assert_eq!(shared.look(&"list", now), Known::Nothing);
    }

    #[test]
    fn it_does_not_grow_without_bounds() {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        for number in 0..=MOST {
            shared.learn(number, LONG, number, now + Duration::from_nanos(u64::try_from(number).unwrap()));
        }
        assert_eq!(shared.kept().len(), MOST);
        assert_eq!(shared.look(&0, now), Known::Nothing);
        assert_eq!(shared.look(&1, now), Known::This(1));
    }
}
