//! Turning requests away when too many are under way: a quick 503 serves everybody better than a
//! queue that only grows.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many requests are under way in this process.
pub(crate) struct InFlight {
    count: Arc<AtomicUsize>,
    limit: usize,
}

/// A request's place; given back when it is dropped.
pub(crate) struct Place(Arc<AtomicUsize>);

impl InFlight {
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        Self { count: Arc::default(), limit: limit.get() }
    }

    /// `None` when every place is taken.
    pub(crate) fn enter(&self) -> Option<Place> {
        let place = Place(Arc::clone(&self.count));
        let before = self.count.fetch_add(1, Ordering::AcqRel);
        (before < self.limit).then_some(place)
    }

    /// Places taken, and places that there are.
    pub(crate) fn usage(&self) -> (usize, usize) {
        (self.count.load(Ordering::Acquire), self.limit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let in_flight = InFlight::new(NonZeroUsize::new(2).unwrap());
        let first = in_flight.enter();
        let second = in_flight.enter();
        assert!(first.is_some() && second.is_some());
        assert!(in_flight.enter().is_none());
        assert_eq!(in_flight.usage(), (2, 2));
        drop(first);
        assert!(in_flight.enter().is_some());
        drop(second);
        assert_eq!(in_flight.usage(), (0, 2));
    }
}
