//! Orders that nobody pays for: they end by themselves a week after the award, unless somebody is faster.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::bidding::{BidEvent, BidState, DeclineReason};
use domain::event::Fact;
use domain::orders::{Cancellation, FUNDING_PERIOD, OrderEvent, OrderState};
use tokio::task::JoinHandle;
use usecases::error::UseCaseError;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, World, word};

fn spawn_lapse(world: &World) -> JoinHandle<String> {
    let world = world.clone();
    tokio::spawn(async move { world.lapse().await.unwrap().to_string() })
}

#[tokio::test]
async fn an_order_that_nobody_pays_for_ends_after_a_week_and_not_before() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    world.clock.advance(FUNDING_PERIOD - TimeDelta::microseconds(1));
    assert_eq!(world.lapse().await.unwrap(), 0);
    assert!(world.news().is_empty());
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.lapse().await.unwrap(), 1);

    let order = world.order(deal.order).await;
    assert_eq!(order.card.state, OrderState::Cancelled);
    assert_eq!(order.card.provider.map(|person| person.id), Some(deal.provider.user_id), "whose it was");
    let bid = world.bid(deal.bid).await;
    assert_eq!(bid.state, BidState::Declined);
    let news = world.news();
    let (order_id, client_id, provider_id) = (deal.order, deal.client.user_id, Some(deal.provider.user_id));
    let reason = Cancellation::NotFunded;
    assert_eq!(news[0], Fact::from(OrderEvent::Cancelled { order_id, client_id, provider_id, reason }));
    let declined = BidEvent::Declined { bid: bid.reference(), reason: DeclineReason::OrderLapsed };
    assert_eq!(news[1], Fact::from(declined));
    let names: Vec<_> = news.iter().map(Fact::name).collect();
    assert_eq!(names, ["order.cancelled", "bid.declined", "contract.ended"]);
    assert_eq!(world.figures(&deal.client).await.orders_cancelled, 1);

    assert_eq!(world.lapse().await.unwrap(), 0, "once");
    assert!(world.news().is_empty());
    world.close(&deal.provider).await.unwrap();
    world.close(&deal.client).await.unwrap();
}

#[tokio::test]
async fn what_is_not_pending_stays() {
    let world = World::new();
    let active = Deal::active(&world, &[]).await;
    let other = world.posted(&active.client).await;
    let bid = world.placed(&active.provider, other, 100).await;
    world.clock.advance(FUNDING_PERIOD * 2);
    assert_eq!(world.lapse().await.unwrap(), 0);
    assert_eq!(world.order(active.order).await.card.state, OrderState::Active);
    assert_eq!(world.bid(bid).await.state, BidState::Open);
    assert_eq!(world.holds(&active.client).await, (10_000, 0, 10_000));
}

#[tokio::test]
async fn after_another_award_the_week_begins_anew() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    world.clock.advance(FUNDING_PERIOD - TimeDelta::hours(1));
    world.withdraw(&deal.provider, deal.bid).await.unwrap();
    let again = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.award(&deal.client, again).await.unwrap();
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(world.lapse().await.unwrap(), 0);
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Pending);
}

/// More than are looked up at once.
#[tokio::test]
async fn all_that_is_due_ends_in_one_run() {
    const COUNT: usize = 205;
    let world = World::new();
    let (client, provider) = (world.client("client").await, world.provider("provider").await);
    let mut orders = Vec::new();
    for _ in 0..COUNT {
        let order = world.posted(&client).await;
        let bid = world.placed(&provider, order, 100).await;
        world.award(&client, bid).await.unwrap();
        orders.push(order);
    }
    world.clock.advance(FUNDING_PERIOD);
    let before = world.store.calls(Operation::UnpaidOrders);
    assert_eq!(world.lapse().await.unwrap(), u64::try_from(COUNT).unwrap());
    assert_eq!(world.store.calls(Operation::UnpaidOrders) - before, 3);
    for order in orders {
        assert_eq!(world.order(order).await.card.state, OrderState::Cancelled);
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_ended_holds_up_no_other() {
    for (fault, is_told) in [(Fault::Refused, false), (Fault::TimedOut, true)] {
        let world = World::new();
        let deal = Deal::pending(&world, &[]).await;
        let other = world.posted(&deal.client).await;
        let bid = world.placed(&deal.provider, other, 100).await;
        world.award(&deal.client, bid).await.unwrap();
        world.clock.advance(FUNDING_PERIOD);
        world.store.fail_next(Operation::LockOrder, fault);
        match world.lapse().await {
            Ok(count) => assert_eq!((count, is_told), (1, false)),
            Err(UseCaseError::Unavailable { .. }) => assert!(is_told, "it may pass, so it is tried again"),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(world.order(deal.order).await.card.state, OrderState::Pending);
        assert_eq!(world.order(other).await.card.state, OrderState::Cancelled);
        assert_eq!(world.lapse().await.unwrap(), 1, "the next time");
    }
}

/// Whoever comes second finds what the first has left, and changes nothing.
#[tokio::test]
async fn of_a_lapse_and_anything_else_one_happens() {
    use Command::{Cancel, Fund, Withdraw};
    let cases = [
        (Fund, OrderState::Active, "invalid_transition cancelled"),
        (Cancel, OrderState::Cancelled, "invalid_transition cancelled"),
        (Withdraw, OrderState::Open, "invalid_transition declined"),
    ];
    for (command, state, refusal) in cases {
        for lapse_is_first in [true, false] {
            let world = World::new();
            let deal = Deal::pending(&world, &[]).await;
            world.pay_in(&deal.client, 20_000).await;
            world.clock.advance(FUNDING_PERIOD);
            let by = if command == Withdraw { deal.provider } else { deal.client };
            let (lapse, task) = (|| spawn_lapse(&world), || spawn(&world, command, &by, Target::of(&deal)));
            let (expected, answers) = if lapse_is_first {
                (("1".to_owned(), refusal.to_owned()), one_after_the_other(&world, lapse, task).await)
            } else {
                (("done".to_owned(), "0".to_owned()), one_after_the_other(&world, task, lapse).await)
            };
            assert_eq!(answers, expected, "{command:?}");
            let state = if lapse_is_first { OrderState::Cancelled } else { state };
            assert_eq!(world.order(deal.order).await.card.state, state, "{command:?}");
            let is_paid = state == OrderState::Active;
            let held = if is_paid { (10_000, 0, 10_000) } else { (20_000, 0, 0) };
            assert_eq!(world.holds(&deal.client).await, held, "{command:?}");
            let ended = world.told().into_iter().filter(|name| *name == "contract.ended").count();
            assert_eq!(ended, usize::from(!is_paid), "{command:?}");
        }
    }
}

#[tokio::test]
async fn two_servers_that_look_at_once_end_an_order_once() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    world.clock.advance(FUNDING_PERIOD);
    let answers = one_after_the_other(&world, || spawn_lapse(&world), || spawn_lapse(&world)).await;
    assert_eq!(answers, ("1".to_owned(), "0".to_owned()));
    assert_eq!(world.told(), ["order.cancelled", "bid.declined", "contract.ended"]);
    assert_eq!(word(&world.fund(&deal.client, deal.order).await), "invalid_transition cancelled");
}
