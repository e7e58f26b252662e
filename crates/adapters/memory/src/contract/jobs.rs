//! Ticks of schedules: each is claimed once, whoever asks.
//!
//! What becomes of jobs is the queue's own business; each adapter tests it with its own means.

use std::pin::pin;

use chrono::{DateTime, TimeDelta, Utc};
use ports::jobs::CLAIM_SLACK;
use ports::store::UnitOfWork;

use super::Subject;
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

async fn claim(work: &mut dyn UnitOfWork, schedule: &str, tick: DateTime<Utc>) -> bool {
    work.jobs().claim_tick(schedule, tick, tick).await.expect("the tick is claimed, or not")
}

async fn claim_alone(subject: &Subject, schedule: &str, tick: DateTime<Utc>) -> bool {
    let mut work = begin(subject).await;
    let claimed = claim(work.as_mut(), schedule, tick).await;
    commit(work).await;
    claimed
}

/// A schedule that has been seen before, and the last tick of it that was claimed.
async fn known_schedule(subject: &Subject) -> (String, DateTime<Utc>) {
    let (schedule, tick) = (format!("schedule {}", fresh_uuid()), now());
    assert!(!claim_alone(subject, &schedule, tick).await);
    (schedule, tick)
}

pub(super) async fn a_schedule_begins_with_its_next_tick(subject: &Subject) {
    let (schedule, tick) = known_schedule(subject).await;
    assert!(!claim_alone(subject, &schedule, tick).await, "the tick at which it was first seen");
    assert!(claim_alone(subject, &schedule, tick + TimeDelta::minutes(1)).await);
}

pub(super) async fn a_tick_is_claimed_once(subject: &Subject) {
    let (schedule, tick) = known_schedule(subject).await;
    let (other, _) = known_schedule(subject).await;
    let next = tick + TimeDelta::minutes(1);
    let mut work = begin(subject).await;
    assert!(claim(work.as_mut(), &schedule, next).await);
    assert!(!claim(work.as_mut(), &schedule, next).await);
    commit(work).await;
    assert!(!claim_alone(subject, &schedule, next).await);
    assert!(claim_alone(subject, &other, next).await, "each schedule by itself");
}

pub(super) async fn a_tick_that_is_over_is_not_claimed(subject: &Subject) {
    let (schedule, tick) = known_schedule(subject).await;
    let third = tick + TimeDelta::minutes(3);
    assert!(claim_alone(subject, &schedule, third).await, "those in between are passed over");
    assert!(!claim_alone(subject, &schedule, third - TimeDelta::minutes(1)).await);
}

pub(super) async fn a_tick_that_has_not_been_is_not_believed(subject: &Subject) {
    let (schedule, tick) = known_schedule(subject).await;
    let (next, far) = (tick + TimeDelta::minutes(1), tick + TimeDelta::hours(2));
    // By a clock that ran ahead.
    assert!(claim_alone(subject, &schedule, far).await);
    let now = next + TimeDelta::seconds(1);
    let mut work = begin(subject).await;
    let claimed = work.jobs().claim_tick(&schedule, next, now).await.expect("claimed, or not");
    assert!(claimed, "nobody waits for two hours");
    assert!(!work.jobs().claim_tick(&schedule, next, now).await.expect("claimed, or not"), "once");
    // Somebody who has read the time a little later.
    let later = now + CLAIM_SLACK;
    assert!(work.jobs().claim_tick(&schedule, later, later).await.expect("claimed, or not"));
    assert!(!work.jobs().claim_tick(&schedule, next, now).await.expect("claimed, or not"), "it is over");
    commit(work).await;
}

pub(super) async fn a_tick_that_was_rolled_back_can_be_claimed(subject: &Subject) {
    let (schedule, tick) = known_schedule(subject).await;
    let next = tick + TimeDelta::minutes(1);
    let mut work = begin(subject).await;
    assert!(claim(work.as_mut(), &schedule, next).await);
    rollback(work).await;
    assert!(claim_alone(subject, &schedule, next).await);
}

pub(super) async fn a_tick_being_claimed_is_waited_for(subject: &Subject) {
    let (schedule, tick) = known_schedule(subject).await;
    let next = tick + TimeDelta::minutes(1);
    let mut first = begin(subject).await;
    assert!(claim(first.as_mut(), &schedule, next).await);
    let mut second = begin(subject).await;
    {
        let mut asking = pin!(claim(second.as_mut(), &schedule, next));
        must_wait(asking.as_mut(), "whoever asks while the first may still fail").await;
        commit(first).await;
        assert!(!must_end(asking, "whoever asks").await);
    }
    commit(second).await;
}
