//! Where the rate limits keep their counts: a map in several parts, so that threads seldom wait for
//! each other, with a bound, so that nobody can fill the memory with invented addresses.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

const PARTS: usize = 16;
/// Together 65,536 keys, some 3 MB for each limit.
const KEYS_PER_PART: usize = 4096;

/// When each key's bucket will be full, in nanoseconds since the limiter was made.
pub(super) struct Buckets<K> {
    parts: [Mutex<HashMap<K, u64>>; PARTS],
    hasher: RandomState,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { parts: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl<K: Hash + Eq> Buckets<K> {
    fn part(&self, key: &K) -> Option<MutexGuard<'_, HashMap<K, u64>>> {
        let parts = u64::try_from(PARTS).unwrap_or(1);
        let index = usize::try_from(self.hasher.hash_one(key) % parts).unwrap_or(0);
        self.parts.get(index).map(lock)
    }
}

/// A panic while counting leaves a count as it was, so a poisoned lock is used on.
fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Hash + Eq + Clone> StateStore for Buckets<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let Some(mut part) = self.part(key) else { return measure(None).map(|(verdict, _)| verdict) };
        if let Some(full_at) = part.get_mut(key) {
            let (verdict, new) = measure(Some((*full_at).into()))?;
            *full_at = new.into();
            return Ok(verdict);
        }
        let (verdict, new) = measure(None)?;
        if part.len() >= KEYS_PER_PART {
            make_room(&mut part);
        }
        part.insert(key.clone(), new.into());
        Ok(verdict)
    }
}

/// Forgets those who have used less than the average: they lose the least by it, and whoever is
/// near a limit stays counted.
fn make_room<K: Hash + Eq>(part: &mut HashMap<K, u64>) {
    let count = u128::try_from(part.len()).unwrap_or(u128::MAX).max(1);
    let average = part.values().map(|full_at| u128::from(*full_at)).sum::<u128>() / count;
    part.retain(|_, full_at| u128::from(*full_at) > average);
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Buckets<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        let drop_below = drop_below.as_u64();
        for part in &self.parts {
            let mut part = lock(part);
            part.retain(|_, full_at| *full_at > drop_below);
            part.shrink_to(KEYS_PER_PART / 8);
        }
    }

    fn len(&self) -> usize {
        self.parts.iter().map(|part| lock(part).len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_keys_is_bounded_and_heavy_users_stay() {
        let buckets = Buckets::default();
        let put = |key: u32, full_at: u64| {
            buckets.measure_and_replace::<_, _, ()>(&key, |_| Ok(((), full_at.into()))).unwrap();
        };
        put(u32::MAX, u64::MAX);
        for key in 0..200_000 {
            put(key, u64::from(key));
        }
        assert!(buckets.len() <= PARTS * KEYS_PER_PART, "{}", buckets.len());
        let kept = buckets.measure_and_replace(&u32::MAX, Err::<((), Nanos), _>).unwrap_err();
        assert_eq!(kept, Some(u64::MAX.into()));
    }

    #[test]
    fn full_buckets_are_dropped() {
        let buckets = Buckets::default();
        for key in 0_u64..10 {
            buckets.measure_and_replace::<_, _, ()>(&key, |_| Ok(((), key.into()))).unwrap();
        }
        buckets.retain_recent(4.into());
        assert_eq!(buckets.len(), 5);
        assert!(!buckets.is_empty());
    }
}
