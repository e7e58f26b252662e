//! How many files may be on their way in at once.
//!
//! An upload lasts as long as its sender likes, up to its time limit. So it gets one of a few places,
//! and nobody gets more than some of them: slow senders stand in each other's way, not in that of all
//! other requests.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::UserId;

/// Of all requests that may be under way, one in so many may be an upload.
const SHARE: usize = 8;
/// Files that one person may send at once.
const EACH: usize = 4;

/// The places.
pub(crate) struct UploadPlaces {
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
    limit: usize,
}

/// One place; given back when it is dropped.
pub(crate) struct UploadPlace {
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
    user_id: UserId,
}

impl UploadPlaces {
    /// Places for a server that has so many requests under way at most.
    pub(crate) fn new(requests: NonZeroUsize) -> Self {
        Self { taken: Arc::default(), limit: (requests.get() / SHARE).max(1) }
    }

    /// `None` when every place is taken, or every one that this person may have.
    pub(crate) fn enter(&self, user_id: UserId) -> Option<UploadPlace> {
        let mut taken = lock(&self.taken);
        let all: usize = taken.values().sum();
        let own = taken.get(&user_id).copied().unwrap_or_default();
        if all >= self.limit || own >= EACH {
            return None;
        }
        taken.insert(user_id, own.saturating_add(1));
        Some(UploadPlace { taken: Arc::clone(&self.taken), user_id })
    }
}

impl Drop for UploadPlace {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        match taken.get_mut(&self.user_id) {
            Some(own) if *own > 1 => *own = own.saturating_sub(1),
            Some(_) | None => {
                taken.remove(&self.user_id);
            }
        }
    }
}

fn lock(taken: &Mutex<HashMap<UserId, usize>>) -> MutexGuard<'_, HashMap<UserId, usize>> {
    // Nothing under this lock can panic half-way through a change.
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn places_are_few_shared_and_given_back() {
        let user = |number| UserId::new(Uuid::from_u128(number));
        let places = UploadPlaces::new(NonZeroUsize::new(48).unwrap());
        let own: Vec<_> = (0..EACH).map(|_| places.enter(user(1)).unwrap()).collect();
        assert!(places.enter(user(1)).is_none(), "enough for one");
        let (second, third) = (places.enter(user(2)), places.enter(user(3)));
        assert!(second.is_some() && third.is_some());
        assert!(places.enter(user(4)).is_none(), "all six are taken");
        drop(second);
        assert!(places.enter(user(4)).is_some());
        drop(own);
        assert!(places.enter(user(1)).is_some());
        drop(third);
        assert!(lock(&places.taken).is_empty(), "nobody is remembered who is gone");
        assert!(UploadPlaces::new(NonZeroUsize::MIN).enter(user(1)).is_some());
    }
}
