//! What is due by a schedule.

use std::sync::Arc;

use adapter_memory::{Fault, Operation};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use ports::environment::Clock;
use ports::jobs::{BadSchedule, Calendar, Job, Schedule};
use ports::retention::Leftover;
use usecases::jobs::FireSchedules;

use super::world::World;

/// Every schedule ticks every hour; one that is called `bad` cannot be read.
struct Hourly;

impl Calendar for Hourly {
    fn last_tick(
        &self,
        schedule: &Schedule,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, BadSchedule> {
        match schedule.name {
            "bad" => Err(BadSchedule { name: "bad", cause: "nonsense".into() }),
            "never" => Ok(None),
            _ => Ok(Some(now.duration_trunc(TimeDelta::hours(1)).unwrap())),
        }
    }
}

fn schedules(world: &World, names: &[&'static str]) -> FireSchedules {
    let schedule = |name: &&'static str| Schedule {
        name,
        cron: "0 * * * *",
        zone: "UTC",
        job: Job::CleanUp(Leftover::Logins),
    };
    let all = names.iter().map(schedule).collect();
    FireSchedules::new(world.store.clone(), Arc::new(Hourly), world.clock.clone(), all)
}

fn keys(world: &World) -> Vec<String> {
    world.store.jobs().into_iter().filter_map(|job| job.key).collect()
}

#[tokio::test]
async fn a_tick_is_asked_for_once_however_many_processes_look() {
    let world = World::default();
    let processes = [schedules(&world, &["a"]), schedules(&world, &["a"])];
    for process in &processes {
        process.execute().await.unwrap();
    }
    assert!(keys(&world).is_empty(), "a schedule begins with its next tick");
    world.clock.advance(TimeDelta::hours(1));
    for process in processes.iter().chain(&processes) {
        process.execute().await.unwrap();
    }
    let tick = world.clock.now().duration_trunc(TimeDelta::hours(1)).unwrap();
    assert_eq!(keys(&world), [format!("a@{}", tick.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))]);
}

#[tokio::test]
async fn ticks_that_were_missed_are_made_up_for_once() {
    let world = World::default();
    schedules(&world, &["a"]).execute().await.unwrap();
    world.clock.advance(TimeDelta::hours(50));
    let after_the_outage = schedules(&world, &["a"]);
    after_the_outage.execute().await.unwrap();
    after_the_outage.execute().await.unwrap();
    assert_eq!(keys(&world).len(), 1);
}

#[tokio::test]
async fn what_was_asked_for_by_a_clock_that_ran_ahead_keeps_nobody_waiting() {
    let world = World::default();
    let process = schedules(&world, &["a"]);
    process.execute().await.unwrap();
    let right = world.clock.now() + TimeDelta::hours(1);
    world.clock.jump(right + TimeDelta::hours(50));
    process.execute().await.unwrap();
    assert_eq!(keys(&world).len(), 1);
    // It is put right, and the next tick is due at once, whoever looks.
    world.clock.jump(right);
    process.execute().await.unwrap();
    schedules(&world, &["a"]).execute().await.unwrap();
    assert_eq!(keys(&world).len(), 2);
    world.clock.advance(TimeDelta::hours(1));
    schedules(&world, &["a"]).execute().await.unwrap();
    process.execute().await.unwrap();
    assert_eq!(keys(&world).len(), 3);
}

#[tokio::test]
async fn a_settled_tick_costs_nothing() {
    let world = World::default();
    let process = schedules(&world, &["a", "b"]);
    for _ in 0..10 {
        process.execute().await.unwrap();
    }
    assert_eq!(world.store.calls(Operation::Begin), 2, "one look for each");
}

#[tokio::test]
async fn a_tick_that_could_not_be_asked_for_is_asked_for_later() {
    let world = World::default();
    let process = schedules(&world, &["a"]);
    process.execute().await.unwrap();
    world.clock.advance(TimeDelta::hours(1));
    world.store.fail_next(Operation::Enqueue, Fault::Unavailable);
    process.execute().await.unwrap_err();
    assert!(keys(&world).is_empty());
    process.execute().await.unwrap();
    assert_eq!(keys(&world).len(), 1);
}

#[tokio::test]
async fn one_bad_schedule_does_not_stop_the_others() {
    let world = World::default();
    let process = schedules(&world, &["bad", "never", "good"]);
    process.execute().await.unwrap_err();
    world.clock.advance(TimeDelta::hours(1));
    process.execute().await.unwrap_err();
    assert_eq!(keys(&world).len(), 1);
    assert!(keys(&world)[0].starts_with("good@"));
}
