//! Removing what nobody needs any more.

use std::sync::{Arc, Mutex};

use adapter_memory::MemoryBlobs;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::{ACCESS_TOKEN_TTL, REFRESH_TOKEN_TTL};
use ports::environment::Clock;
use ports::jobs::{Job, JobFailure, RunJobs};
use ports::retention::{Leftover, Retention};
use ports::store::StoreError;
use usecases::files::{SweepBlobs, SweepFiles};
use usecases::jobs::{CleanUp, Perform};
use usecases::profiles::RefreshLeaderboard;

use super::world::World;

/// Holds so many rows, and notes what is asked of it.
#[derive(Default)]
struct Attic {
    rows: Mutex<u64>,
    asked: Mutex<Vec<(Leftover, DateTime<Utc>, u32)>>,
}

#[async_trait]
impl Retention for Attic {
    async fn remove(&self, what: Leftover, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.asked.lock().unwrap().push((what, before, limit));
        let mut rows = self.rows.lock().unwrap();
        if *rows == 13 {
            return Err(StoreError::TimedOut("the test wanted it so".into()));
        }
        let removed = (*rows).min(limit.into());
        *rows -= removed;
        Ok(removed)
    }
}

fn perform(world: &World, attic: &Arc<Attic>) -> Perform {
    let facts_kept = TimeDelta::days(7);
    let blobs = Arc::new(MemoryBlobs::new(world.clock.clone()));
    Perform {
        clean_up: CleanUp { retention: attic.clone(), clock: world.clock.clone(), facts_kept },
        clear_payments: world.clear_payments(),
        expire_disputes: world.expire_disputes(),
        expire_orders: world.expire_orders(),
        lapse_orders: world.lapse_orders(),
        lapse_proposals: world.lapse_proposals(),
        pay_withdrawals: world.pay_withdrawals(),
        refresh_leaderboard: RefreshLeaderboard { rankings: world.store.clone(), clock: world.clock.clone() },
        release_milestones: world.release_milestones(),
        settle_debts: world.settle_debts(),
        sweep_files: SweepFiles {
            store: world.store.clone(),
            blobs: blobs.clone(),
            clock: world.clock.clone(),
        },
        sweep_blobs: SweepBlobs { blobs, files: world.store.clone(), clock: world.clock.clone() },
        verify_books: world.verify_books(),
        wind_up_account: world.wind_up_account(),
    }
}

#[tokio::test]
async fn each_thing_is_kept_as_long_as_somebody_may_need_it() {
    let (world, attic) = (World::default(), Arc::new(Attic::default()));
    let perform = perform(&world, &attic);
    for what in Leftover::ALL {
        perform.run(Job::CleanUp(*what)).await.unwrap();
    }
    let now = world.clock.now();
    for (what, before, _) in attic.asked.lock().unwrap().iter() {
        let kept = now - *before;
        match what {
            Leftover::RequestKeys => assert_eq!(kept, TimeDelta::hours(24)),
            Leftover::Logins | Leftover::RefreshTokens => assert!(kept > REFRESH_TOKEN_TTL, "{what:?}"),
            Leftover::EndedLogins => assert!(kept > ACCESS_TOKEN_TTL),
            Leftover::DispatchedFacts => assert_eq!(kept, TimeDelta::days(7)),
            Leftover::ReadMarks => assert_eq!(kept, TimeDelta::zero()),
            Leftover::ReadNotifications => assert_eq!(kept, TimeDelta::days(180)),
            Leftover::DeadJobs => assert_eq!(kept, TimeDelta::days(30)),
        }
    }
    assert_eq!(attic.asked.lock().unwrap().len(), Leftover::ALL.len());
}

#[tokio::test]
async fn much_goes_in_small_batches() {
    let (world, attic) = (World::default(), Arc::new(Attic { rows: Mutex::new(1_700), ..Attic::default() }));
    perform(&world, &attic).run(Job::CleanUp(Leftover::Logins)).await.unwrap();
    let limits: Vec<_> = attic.asked.lock().unwrap().iter().map(|(_, _, limit)| *limit).collect();
    assert_eq!(limits, [500, 500, 500, 500]);
    assert_eq!(*attic.rows.lock().unwrap(), 0);
}

#[tokio::test]
async fn one_job_does_not_go_on_for_ever() {
    let (world, attic) =
        (World::default(), Arc::new(Attic { rows: Mutex::new(u64::MAX), ..Attic::default() }));
    perform(&world, &attic).run(Job::CleanUp(Leftover::Logins)).await.unwrap();
    assert_eq!(attic.asked.lock().unwrap().len(), 200);
}

#[tokio::test]
async fn what_fails_is_tried_again() {
    let (world, attic) = (World::default(), Arc::new(Attic { rows: Mutex::new(13), ..Attic::default() }));
    let failure = perform(&world, &attic).run(Job::CleanUp(Leftover::Logins)).await.unwrap_err();
    assert!(matches!(failure, JobFailure::Again(_)), "{failure}");
}
