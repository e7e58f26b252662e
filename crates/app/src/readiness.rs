//! Whether this process may be sent requests: from the moment that the database has been brought
//! up until the stop begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use adapter_http::Readiness;

const STARTING: u8 = 0;
const SERVING: u8 = 1;
const STOPPING: u8 = 2;

const BEING_PREPARED: &str = "the database is being prepared";

/// Shared by everybody who sets it or asks for it.
#[derive(Clone, Debug, Default)]
pub struct Phase(Arc<AtomicU8>);

impl Phase {
    /// The database has been brought up. Has no effect on a server that is stopping.
    pub fn serve(&self) {
        // Whoever loses this race is stopping already, and stays so.
        self.0.compare_exchange(STARTING, SERVING, Ordering::AcqRel, Ordering::Acquire).ok();
    }

    /// The stop has begun.
    pub fn stop(&self) {
        self.0.store(STOPPING, Ordering::Release);
    }
}

impl Readiness for Phase {
    fn obstacle(&self) -> Option<&'static str> {
        match self.0.load(Ordering::Acquire) {
            STARTING => Some(BEING_PREPARED),
            SERVING => None,
            _ => Some("shutting down"),
        }
    }

    fn barrier(&self) -> Option<&'static str> {
        (self.0.load(Ordering::Acquire) == STARTING).then_some(BEING_PREPARED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_between_the_start_and_the_stop() {
        let phase = Phase::default();
        assert!(phase.obstacle().is_some() && phase.barrier().is_some());
        phase.serve();
        assert_eq!((phase.obstacle(), phase.barrier()), (None, None));
        phase.stop();
        phase.serve();
        assert_eq!((phase.obstacle(), phase.barrier()), (Some("shutting down"), None));
    }
}
