//! What long lists come to: totals over whole tables, for which everybody asks.
//!
//! Counting everything for each page would make every page slower as the tables grow. So a total that is
//! large is kept for a moment and shared by all who ask this process for the same list. It may be
//! [`LAG`] old, and the API description says so; it is counted anew in the background when it is half that
//! old, so that nobody waits for it as long as somebody asks every second. Totals up to
//! [`crate::pool::EXACT_TOTALS`] are never kept, only that they are small: they are counted with their page,
//! and are exact.
//!
//! A list is not counted twice at once, unless the first count is given up for lost. Whoever asks for one of which
//! nothing is known waits for the count, which is cheap beside collecting a long list; if a crowd collected it
//! instead, the counts would come too late for the next crowd, and so on. Counts queue for one connection, so
//! no more than a few lists of which nothing is known are counted at once; further ones are collected.
//!
//! Deliberately absent: whatever belongs to one person. One's own lists and what one has hidden from oneself
//! are counted when asked for, so that everybody reads their own writes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ports::store::StoreError;
use tokio::sync::watch;

use crate::pool::{Database, Totals};

/// The oldest that a shared total may be.
pub(crate) const LAG: Duration = Duration::from_secs(2);

/// How many lists are remembered at most; the one counted longest ago makes room.
const MOST: usize = 512;

/// How long after its beginning a count is waited for. Whoever has waited in vain collects the list.
const PATIENCE: Duration = Duration::from_secs(1);

/// Lists of which nothing is known that are counted at once.
const AT_ONCE: usize = 4;

/// The totals of one kind of list, by what it was filtered by.
#[derive(Debug)]
pub(crate) struct Shared<K, V> {
    /// Totals up to here are not shared.
    exact: i64,
    kept: Mutex<HashMap<K, Kept<V>>>,
}

#[derive(Debug)]
struct Kept<V> {
    told: Option<Told<V>>,
    counting: Option<Counting>,
}

/// What a count has told.
#[derive(Debug)]
struct Told<V> {
    /// Nothing where the list is too short to share.
    value: Option<V>,
    /// When counting began: whatever happened later may be missing.
    counted: Instant,
}

impl<V> Kept<V> {
    fn is_unknown_and_counted(&self, now: Instant) -> bool {
        let is_known = self.told.as_ref().is_some_and(|told| !told.is_old(now));
        !is_known && self.counting.as_ref().is_some_and(|counting| counting.is_under_way(now))
    }
}

impl<V> Told<V> {
    fn is_old(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.counted) > LAG
    }
}

/// Somebody is counting.
#[derive(Debug)]
struct Counting {
    since: Instant,
    /// Ends with whoever counts.
    done: watch::Receiver<()>,
}

impl Counting {
    /// Begins one at `now`. Whoever holds what comes with it counts.
    fn begin(now: Instant) -> (Self, watch::Sender<()>) {
        let (counter, done) = watch::channel(());
        (Self { since: now, done }, counter)
    }

    /// Whether it is still to be expected. One that takes too long is given up for lost.
    fn is_under_way(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) <= LAG && self.done.has_changed().is_ok()
    }
}

/// What is known of a list.
#[derive(Debug)]
pub(crate) enum Known<V> {
    /// Nothing, or nothing that is recent enough: somebody is counting, since then and until `done` ends. With
    /// `begin` that is the one who was told so.
    Nothing { begin: Option<watch::Sender<()>>, since: Instant, done: watch::Receiver<()> },
    /// That it is short, or that it cannot be counted now.
    Short,
    /// This. With `begin` whoever was told so is to count anew.
    This { value: V, begin: Option<watch::Sender<()>> },
}

/// How a list is counted: how long it is, and what it comes to.
pub(crate) type Count<V> = Result<(i64, V), StoreError>;

impl<K: Eq + Hash + Clone, V: Clone> Shared<K, V> {
    /// Nothing is known yet. Totals up to `exact` are not shared.
    pub(crate) fn new(exact: i64) -> Self {
        Self { exact, kept: Mutex::new(HashMap::new()) }
    }

    /// What is known of a list at `now`.
    pub(crate) fn look(&self, key: &K, now: Instant) -> Known<V> {
        let mut kept = self.kept();
        make_room(&mut kept, key);
        let strangers = kept.values().filter(|entry| entry.is_unknown_and_counted(now)).count();
        let entry = kept.entry(key.clone()).or_insert_with(|| Kept { told: None, counting: None });
        entry.counting.take_if(|counting| !counting.is_under_way(now));
        match entry.told.as_ref().filter(|told| !told.is_old(now)) {
            Some(Told { value: None, .. }) => Known::Short,
            Some(Told { value: Some(value), counted }) => {
                let is_aging = now.saturating_duration_since(*counted) > LAG / 2;
                let begin = (is_aging && entry.counting.is_none()).then(|| {
                    let (counting, counter) = Counting::begin(now);
                    entry.counting = Some(counting);
                    counter
                });
                Known::This { value: value.clone(), begin }
            }
            None => match &entry.counting {
                Some(Counting { since, done }) => {
                    Known::Nothing { begin: None, since: *since, done: done.clone() }
                }
                None if strangers >= AT_ONCE => Known::Short,
                None => {
                    let (counting, counter) = Counting::begin(now);
                    let done = counting.done.clone();
                    entry.counting = Some(counting);
                    Known::Nothing { begin: Some(counter), since: now, done }
                }
            },
        }
    }

    /// What a list comes to, if that was not too old at `asked` and it is long.
    fn told(&self, key: &K, asked: Instant) -> Option<V> {
        let kept = self.kept();
        let told = kept.get(key)?.told.as_ref()?;
        if told.is_old(asked) { None } else { told.value.clone() }
    }

    /// Keeps what was counted from `counted` on, or that the list is too short to share; without anything, only
    /// that nobody counts any more. What was counted earlier than what is known is of no use.
    pub(crate) fn learn(&self, key: &K, count: Option<(i64, V)>, counted: Instant) {
        let mut kept = self.kept();
        let Some(entry) = kept.get_mut(key) else { return };
        // Unless it was given up, and another one has begun.
        entry.counting.take_if(|counting| counting.since <= counted);
        let is_newer = entry.told.as_ref().is_none_or(|told| told.counted <= counted);
        if let Some((total, value)) = count.filter(|_| is_newer) {
            entry.told = Some(Told { value: (total > self.exact).then_some(value), counted });
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<K, Kept<V>>> {
        // Nothing under this lock can panic half-way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets go of the list that was counted longest ago, if there are too many.
fn make_room<K: Eq + Hash + Clone, V>(kept: &mut HashMap<K, Kept<V>>, key: &K) {
    if kept.len() < MOST || kept.contains_key(key) {
        return;
    }
    let last = |entry: &Kept<V>| {
        let (told, counting) = (entry.told.as_ref(), entry.counting.as_ref());
        told.map(|told| told.counted).max(counting.map(|counting| counting.since))
    };
    let oldest = kept.iter().min_by_key(|(_, entry)| last(entry)).map(|(key, _)| key.clone());
    oldest.and_then(|oldest| kept.remove(&oldest));
}

impl Database {
    /// What a list comes to, if it is long; nothing if it is short, and is to be collected. `count` counts it, in
    /// the background and on the lane for that.
    pub(crate) async fn come_to<K, V, F>(
        &self,
        lists: fn(&Totals) -> &Shared<K, V>,
        key: K,
        count: impl FnOnce(Self, K) -> F,
    ) -> Option<V>
    where
        K: Eq + Hash + Clone + Send + 'static,
        V: Clone + Send + 'static,
        F: Future<Output = Count<V>> + Send + 'static,
    {
        let asked = Instant::now();
        let (begin, done, value) = match lists(self.totals()).look(&key, asked) {
            Known::Short => return None,
            Known::This { value, begin } => (begin, None, Some(value)),
            Known::Nothing { begin, since, done } => (begin, Some((since, done)), None),
        };
        if let Some(counter) = begin {
            let (database, key) = (self.clone(), key.clone());
            let counting = count(self.clone(), key.clone());
            self.spawn(async move {
                let count = counting.await;
                if let Err(error) = &count {
                    tracing::warn!(%error, "what is kept for all could not be found out");
                }
                lists(database.totals()).learn(&key, count.ok(), asked);
                drop(counter);
            });
        }
        let Some((since, mut done)) = done else { return value };
        tokio::time::timeout_at((since + PATIENCE).into(), done.changed()).await.ok();
        lists(self.totals()).told(&key, asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: i64 = 1_000;
    const LONG: i64 = EXACT + 1;

    /// What is known, in a word; a question mark where one is to count, with what that takes.
    fn known(
        shared: &Shared<&'static str, i64>,
        key: &'static str,
        now: Instant,
    ) -> (String, Option<watch::Sender<()>>) {
        let (word, begin) = match shared.look(&key, now) {
            Known::Nothing { begin, .. } => ("nothing".to_owned(), begin),
            Known::Short => ("short".to_owned(), None),
            Known::This { value, begin } => (value.to_string(), begin),
        };
        let mark = if begin.is_some() { "?" } else { "" };
        (word + mark, begin)
    }

    fn word(shared: &Shared<&'static str, i64>, key: &'static str, now: Instant) -> String {
        known(shared, key, now).0
    }

    fn one_list(total: i64) -> (Shared<&'static str, i64>, Instant) {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        let (said, counter) = known(&shared, "list", now);
        assert_eq!(said, "nothing?");
        shared.learn(&"list", Some((total, 7)), now);
        drop(counter);
        (shared, now)
    }

    #[test]
    fn it_is_told_as_long_as_it_is_recent() {
        let (shared, now) = one_list(LONG);
        assert_eq!(word(&shared, "another", now), "nothing?");
        assert_eq!(word(&shared, "list", now + LAG / 2), "7");
        assert_eq!(word(&shared, "list", now + LAG), "7?");
        let (shared, now) = one_list(LONG);
        assert_eq!(word(&shared, "list", now + LAG + Duration::from_nanos(1)), "nothing?");
    }

    #[test]
    fn one_alone_counts() {
        let (shared, start) = one_list(LONG);
        let now = start + LAG * 3 / 4;
        let (said, counter) = known(&shared, "list", now);
        assert_eq!((said.as_str(), word(&shared, "list", now).as_str()), ("7?", "7"));
        shared.learn(&"list", Some((LONG, 8)), now);
        drop(counter);
        let (said, _counter) = known(&shared, "list", now + LAG);
        assert_eq!(said, "8?");
        // Too old to be told, and as long as that one may still come.
        assert_eq!(word(&shared, "list", now + LAG * 3 / 2), "nothing");
        assert_eq!(word(&shared, "list", now + LAG * 5 / 2), "nothing?");
    }

    #[test]
    fn a_count_that_came_to_nothing_is_noticed_at_once() {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        let (said, counter) = known(&shared, "list", now);
        assert_eq!((said.as_str(), word(&shared, "list", now).as_str()), ("nothing?", "nothing"));
        drop(counter);
        assert_eq!(word(&shared, "list", now), "nothing?");
    }

    #[test]
    fn a_count_that_was_given_up_does_not_end_the_next_one() {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        let (_, _first) = known(&shared, "list", now);
        let later = now + LAG + Duration::from_nanos(1);
        let (said, _second) = known(&shared, "list", later);
        assert_eq!(said, "nothing?");
        shared.learn(&"list", Some((LONG, 7)), now);
        assert_eq!(word(&shared, "list", later), "nothing", "the second is still counting");
    }

    #[test]
    fn no_more_than_a_few_unknown_lists_are_counted_at_once() {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        let names = ["a", "b", "c", "d"];
        let counters: Vec<_> = names.map(|name| known(&shared, name, now)).into();
        assert!(counters.iter().all(|(said, _)| said == "nothing?"));
        assert_eq!(word(&shared, "e", now), "short");
        assert_eq!(word(&shared, "a", now), "nothing");
        drop(counters);
        assert_eq!(word(&shared, "e", now), "nothing?");
    }

    #[tokio::test]
    async fn the_others_wait_for_it() {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        let (_, counter) = known(&shared, "list", now);
        let Known::Nothing { begin: None, since, mut done } = shared.look(&"list", now) else {
            panic!("it counts")
        };
        assert_eq!((since, done.has_changed().unwrap()), (now, false));
        shared.learn(&"list", Some((LONG, 7)), now);
        drop(counter);
        assert!(done.changed().await.is_err(), "nobody counts any more");
        assert_eq!(word(&shared, "list", now), "7");
    }

    #[test]
    fn an_older_count_does_not_replace_a_younger_one() {
        let (shared, start) = one_list(LONG);
        shared.learn(&"list", Some((LONG, 8)), start + LAG);
        shared.learn(&"list", Some((LONG, 9)), start + LAG / 2);
        shared.learn(&"list", Some((1, 9)), start + LAG / 2);
        assert_eq!(word(&shared, "list", start + LAG), "8");
    }

    #[test]
    fn of_short_lists_only_that_is_kept() {
        let (shared, now) = one_list(EXACT);
        assert_eq!(word(&shared, "list", now + LAG), "short");
        assert_eq!(word(&shared, "list", now + LAG * 2), "nothing?");
    }

    #[test]
    fn it_does_not_grow_without_bounds() {
        let (shared, now) = (Shared::new(EXACT), Instant::now());
        for number in 0..=MOST {
            let now = now + Duration::from_nanos(u64::try_from(number).unwrap());
            drop(shared.look(&number, now));
            shared.learn(&number, Some((LONG, number)), now);
        }
        assert_eq!(shared.kept().len(), MOST);
        assert!(matches!(shared.look(&1, now), Known::This { value: 1, .. }));
        assert!(matches!(shared.look(&0, now), Known::Nothing { .. }));
    }
}
