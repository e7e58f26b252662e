//! What happens by itself: submissions that nobody answers are released after two reminders, and what
//! rests after a release clears.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::actor::Party;
use domain::contracts::{ContractEvent, MilestoneState};
use domain::event::Fact;
use domain::ids::OrderId;
use domain::money::MoneyEvent;
use domain::orders::{OrderEvent, OrderState};
use ports::environment::Clock;
use tokio::task::JoinHandle;
use usecases::contracts::RunDown;
use usecases::error::UseCaseError;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, World, now, number, usd, word};

const NOTHING: RunDown = RunDown { released: 0, reminded: 0 };
const RELEASED: RunDown = RunDown { released: 1, reminded: 0 };
const REMINDED: RunDown = RunDown { released: 0, reminded: 1 };
const MOMENT: TimeDelta = TimeDelta::microseconds(1);

/// A paid order whose one milestone is handed in.
async fn handed_in(world: &World) -> Deal {
    let deal = Deal::active(world, &[]).await;
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.news();
    deal
}

/// Another order of the same people, as far as [`handed_in`].
async fn another_handed_in(world: &World, deal: &Deal) -> OrderId {
    let order = world.posted(&deal.client).await;
    let bid = world.placed(&deal.provider, order, 10_000).await;
    world.pay_in(&deal.client, 10_000).await;
    world.award(&deal.client, bid).await.unwrap();
    world.submit(&deal.provider, order, 1).await.unwrap();
    world.news();
    order
}

fn spawn_release(world: &World) -> JoinHandle<String> {
    let world = world.clone();
    tokio::spawn(async move { world.run_down().await.unwrap().released.to_string() })
}

fn spawn_clearance(world: &World) -> JoinHandle<String> {
    let world = world.clone();
    tokio::spawn(async move { world.clear().await.unwrap().to_string() })
}

#[tokio::test]
async fn a_client_who_does_not_answer_is_reminded_twice_and_then_pays() {
    let world = World::new().with_fees();
    let deal = handed_in(&world).await;
    let seen = world.order(deal.order).await;
    let releases_at = seen.milestones[0].auto_release_at.unwrap();
    assert_eq!(releases_at, world.clock.now() + TimeDelta::days(14));
    for days in [3, 1] {
        world.clock.set(releases_at - TimeDelta::days(days) - MOMENT);
        assert_eq!(world.run_down().await.unwrap(), NOTHING);
        world.clock.advance(MOMENT);
        assert_eq!(world.run_down().await.unwrap(), REMINDED);
        assert_eq!(world.run_down().await.unwrap(), NOTHING, "once");
        let news = world.news();
        let [Fact::Contract(ContractEvent::ReleaseDue { contract, milestone, releases_at: until })] =
            &news[..]
        else {
            panic!("{news:?}")
        };
        assert_eq!((contract.order_id, *milestone, *until), (deal.order, number(1), releases_at));
    }
    assert_eq!(world.order(deal.order).await, seen, "nobody sees a reminder but in the notification");

    world.clock.set(releases_at - MOMENT);
    assert_eq!(world.run_down().await.unwrap(), NOTHING);
    world.clock.advance(MOMENT);
    assert_eq!(world.run_down().await.unwrap(), RELEASED);
    assert_eq!(world.run_down().await.unwrap(), NOTHING, "once");
    let news = world.news();
    let names: Vec<_> = news.iter().map(Fact::name).collect();
    let expected = ["milestone.approved", "payment.received", "contract.completed", "order.completed"];
    assert_eq!(names, expected);
    assert!(matches!(&news[0], Fact::Contract(ContractEvent::MilestoneApproved { by_clock: true, .. })));
    let by_nobody = Party::System;
    assert!(
        matches!(&news[3], Fact::Order(OrderEvent::Completed { settled_by, .. }) if *settled_by == by_nobody)
    );
    let order = world.order(deal.order).await;
    assert_eq!(order.card.state, OrderState::Completed);
    assert_eq!(order.milestones[0].completed_at, Some(world.clock.now()));
    assert_eq!(order.milestones[0].auto_release_at, None);
    assert_eq!(world.holds(&deal.provider).await, (9_000, 0, 0));
    assert_eq!(world.holds(&deal.client).await, (9_500, 0, 0));
}

#[tokio::test]
async fn whoever_answers_stops_the_clock() {
    let world = World::new();
    let deal = handed_in(&world).await;
    world.request_changes(&deal.client, deal.order, 1).await.unwrap();
    world.news();
    world.clock.advance(TimeDelta::days(20));
    assert_eq!(world.run_down().await.unwrap(), NOTHING);
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.news();
    world.clock.advance(TimeDelta::days(11));
    assert_eq!(world.run_down().await.unwrap(), REMINDED, "it begins anew");
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.run_down().await.unwrap(), RELEASED);
}

#[tokio::test]
async fn of_reminders_that_were_missed_only_the_last_one_is_told() {
    let world = World::new();
    let deal = handed_in(&world).await;
    world.clock.advance(TimeDelta::days(13) + TimeDelta::hours(2));
    assert_eq!(world.run_down().await.unwrap(), REMINDED);
    assert_eq!(world.told(), ["milestone.release_due"]);
    assert_eq!(world.run_down().await.unwrap(), NOTHING);
    let other = another_handed_in(&world, &deal).await;
    world.clock.advance(TimeDelta::days(14));
    assert_eq!(world.run_down().await.unwrap(), RunDown { released: 2, reminded: 0 }, "too late to remind");
    for order in [deal.order, other] {
        assert_eq!(world.order(order).await.card.state, OrderState::Completed);
    }
}

#[tokio::test]
async fn the_periods_are_settings_and_count_from_then_on() {
    let world = World::new().with_clocks(2, 0);
    let deal = handed_in(&world).await;
    let later = world.clone().with_clocks(90, 14);
    assert_eq!(later.order(deal.order).await.milestones[0].auto_release_at, Some(world.in_hours(48)));
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(later.run_down().await.unwrap(), REMINDED, "the day before; there were no three days");
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(later.run_down().await.unwrap(), RELEASED);
    let step = &world.order(deal.order).await.milestones[0];
    assert_eq!(step.clears_at, Some(world.in_hours(14 * 24)), "the clearance is that of the release");
}

#[tokio::test]
async fn released_money_rests_and_then_clears() {
    let world = World::new().with_fees().with_clocks(14, 3);
    let deal = handed_in(&world).await;
    let order = now(world.approve(&deal.client, deal.order, 1).await.unwrap());
    let clears_at = world.clock.now() + TimeDelta::days(3);
    assert_eq!((order.milestones[0].clears_at, order.milestones[0].cleared_at), (Some(clears_at), None));
    assert_eq!(order.card.state, OrderState::Completed, "the order does not wait for that");
    assert_eq!(world.holds(&deal.provider).await, (0, 9_000, 0));
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (9_000, 0));
    world.news();
    world.clock.set(clears_at - MOMENT);
    assert_eq!(world.clear().await.unwrap(), 0);
    world.clock.advance(MOMENT);
    assert_eq!(world.clear().await.unwrap(), 1);
    assert_eq!(world.clear().await.unwrap(), 0, "once");
    let news = world.news();
    let [Fact::Money(MoneyEvent::PaymentCleared { contract, milestone, amount })] = &news[..] else {
        panic!("{news:?}")
    };
    assert_eq!((contract.order_id, *milestone, *amount), (deal.order, number(1), usd(9_000)));
    assert_eq!(world.order(deal.order).await.milestones[0].cleared_at, Some(clears_at));
    assert_eq!(world.holds(&deal.provider).await, (9_000, 0, 0));
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (0, 9_000));
}

#[tokio::test]
async fn what_the_clock_releases_rests_as_well() {
    let world = World::new().with_clocks(1, 14);
    let deal = handed_in(&world).await;
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.run_down().await.unwrap(), RELEASED);
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (10_000, 0));
    world.clock.advance(TimeDelta::days(14));
    assert_eq!(world.clear().await.unwrap(), 1);
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (0, 10_000));
}

/// More than are looked up at once.
#[tokio::test]
async fn all_that_is_due_is_seen_to_in_one_run() {
    const COUNT: u64 = 105;
    let world = World::new().with_clocks(14, 1);
    let (client, provider) = (world.client("client").await, world.provider("provider").await);
    for _ in 0..COUNT {
        let order = world.posted(&client).await;
        let bid = world.placed(&provider, order, 100).await;
        world.pay_in(&client, 100).await;
        world.award(&client, bid).await.unwrap();
        world.submit(&provider, order, 1).await.unwrap();
    }
    world.clock.advance(TimeDelta::days(14));
    let before = world.store.calls(Operation::DueMilestones);
    assert_eq!(world.run_down().await.unwrap(), RunDown { released: COUNT, reminded: 0 });
    assert_eq!(
        world.store.calls(Operation::DueMilestones) - before,
        3,
        "two for releases, one for reminders"
    );
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.clear().await.unwrap(), COUNT);
    assert_eq!(world.holds(&provider).await, (100 * i64::try_from(COUNT).unwrap(), 0, 0));
}

#[tokio::test]
async fn a_milestone_that_cannot_be_released_holds_up_no_other() {
    for (fault, is_told) in [(Fault::Refused, false), (Fault::TimedOut, true)] {
        let world = World::new();
        let first = handed_in(&world).await;
        let second = another_handed_in(&world, &first).await;
        world.clock.advance(TimeDelta::days(14));
        world.store.fail_next(Operation::LockOrder, fault);
        match world.run_down().await {
            Ok(done) => assert_eq!((done, is_told), (RELEASED, false)),
            Err(UseCaseError::Unavailable { .. }) => assert!(is_told, "it may pass, so it is tried again"),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(world.order(first.order).await.milestones[0].state, MilestoneState::Submitted);
        assert_eq!(world.order(second).await.milestones[0].state, MilestoneState::Completed);
        assert_eq!(world.run_down().await.unwrap(), RELEASED, "the next time");
    }
}

/// Whoever comes second finds what the first has left, and nobody is paid twice.
#[tokio::test]
async fn of_the_clock_and_the_clients_answer_one_happens() {
    let cases = [
        (Command::Approve, MilestoneState::Completed, 10_000),
        (Command::RequestChanges, MilestoneState::ChangesRequested, 0),
    ];
    for (command, state, earned) in cases {
        for clock_is_first in [true, false] {
            let world = World::new();
            let deal = handed_in(&world).await;
            world.clock.advance(TimeDelta::days(14));
            let (clock, task) =
                (|| spawn_release(&world), || spawn(&world, command, &deal.client, Target::of(&deal)));
            let (expected, answers) = if clock_is_first {
                let refusal = "invalid_transition completed".to_owned();
                (("1".to_owned(), refusal), one_after_the_other(&world, clock, task).await)
            } else {
                (("done".to_owned(), "0".to_owned()), one_after_the_other(&world, task, clock).await)
            };
            assert_eq!(answers, expected, "{command:?}");
            let (state, earned) =
                if clock_is_first { (MilestoneState::Completed, 10_000) } else { (state, earned) };
            assert_eq!(world.order(deal.order).await.milestones[0].state, state, "{command:?}");
            assert_eq!(world.holds(&deal.provider).await.0, earned, "{command:?}");
        }
    }
}

#[tokio::test]
async fn two_servers_that_look_at_once_pay_once() {
    let world = World::new().with_clocks(14, 2);
    let deal = handed_in(&world).await;
    world.clock.advance(TimeDelta::days(14));
    let answers = one_after_the_other(&world, || spawn_release(&world), || spawn_release(&world)).await;
    assert_eq!(answers, ("1".to_owned(), "0".to_owned()));
    world.clock.advance(TimeDelta::days(2));
    let answers = one_after_the_other(&world, || spawn_clearance(&world), || spawn_clearance(&world)).await;
    assert_eq!(answers, ("1".to_owned(), "0".to_owned()));
    assert_eq!(world.holds(&deal.provider).await, (10_000, 0, 0));
    assert_eq!(word(&world.approve(&deal.client, deal.order, 1).await), "invalid_transition completed");
}
