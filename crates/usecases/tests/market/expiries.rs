//! Open orders whose deadline passes: the client is told, once for each deadline.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::event::Fact;
use domain::ids::OrderId;
use domain::orders::{OrderDetails, OrderEvent, OrderPatch, OrderState};
use tokio::task::JoinHandle;
use usecases::error::UseCaseError;
use usecases::orders::OrderEdit;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, World, now, word};

fn spawn_expire(world: &World) -> JoinHandle<String> {
    let world = world.clone();
    tokio::spawn(async move { world.expire().await.unwrap().to_string() })
}

/// What is said of an order when its deadline passes.
fn expired(deal: &Deal, order_id: OrderId) -> Fact {
    OrderEvent::Expired { order_id, client_id: deal.client.user_id }.into()
}

/// The client sets a deadline so many hours from now on.
fn due_in(world: &World, hours: i64) -> OrderEdit {
    let patch = OrderPatch { deadline: Some(world.in_hours(hours)), ..OrderPatch::default() };
    OrderEdit { patch, ..OrderEdit::default() }
}

#[tokio::test]
async fn each_deadline_that_passes_is_told_once() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let deadline = world.order(deal.order).await.card.deadline;
    world.clock.set(deadline - TimeDelta::microseconds(1));
    assert_eq!(world.expire().await.unwrap(), 0);
    world.clock.set(deadline);
    let before = world.order(deal.order).await;
    assert_eq!(world.expire().await.unwrap(), 1);
    assert_eq!(world.news(), [expired(&deal, deal.order)]);
    assert_eq!(world.order(deal.order).await, before, "nothing that anybody sees has changed");
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.expire().await.unwrap(), 0, "once");

    // Whoever has seen it as it was may change it.
    let edit = OrderEdit { versions: Some(vec![before.version]), ..due_in(&world, 48) };
    world.edit(&deal.client, deal.order, edit).await.unwrap();
    assert_eq!(world.expire().await.unwrap(), 0);
    world.news();
    world.clock.advance(TimeDelta::hours(48));
    assert_eq!(world.expire().await.unwrap(), 1, "the new deadline passes, too");
    assert_eq!(world.expire().await.unwrap(), 0);
    assert_eq!(world.news(), [expired(&deal, deal.order)]);
}

#[tokio::test]
async fn what_is_not_open_does_not_expire() {
    let world = World::new();
    let active = Deal::active(&world, &[]).await;
    let pending = world.posted(&active.client).await;
    let bid = world.placed(&active.provider, pending, 90_000).await;
    world.award(&active.client, bid).await.unwrap();
    let cancelled = world.posted(&active.client).await;
    world.cancel(&active.client, cancelled).await.unwrap();
    world.news();
    world.clock.advance(TimeDelta::days(40));
    assert_eq!(world.expire().await.unwrap(), 0);
    assert!(world.news().is_empty());
    assert_eq!(world.order(pending).await.card.state, OrderState::Pending);
    world.withdraw(&active.provider, bid).await.unwrap();
    world.news();
    assert_eq!(world.expire().await.unwrap(), 1, "it is open again, at the posted deadline");
    assert_eq!(world.news(), [expired(&active, pending)]);
}

/// More than are looked up at once.
#[tokio::test]
async fn all_that_is_due_is_told_in_one_run() {
    const COUNT: usize = 205;
    let world = World::new();
    let client = world.client("client").await;
    for number in 0..COUNT {
        let hours = i64::try_from(number % 3).unwrap() + 1;
        let details = OrderDetails { deadline: world.in_hours(hours), ..world.details() };
        now(world.post(&client, details, &[]).await.unwrap());
    }
    world.news();
    world.clock.advance(TimeDelta::hours(4));
    assert_eq!(world.expire().await.unwrap(), u64::try_from(COUNT).unwrap());
    assert_eq!(world.store.calls(Operation::ExpiredOrders), 3);
    assert_eq!(world.told(), vec!["order.expired"; COUNT]);
}

#[tokio::test]
async fn an_order_that_cannot_expire_holds_up_no_other() {
    for (fault, is_told) in [(Fault::Refused, false), (Fault::TimedOut, true)] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        let other = world.posted(&deal.client).await;
        world.news();
        world.clock.advance(TimeDelta::days(40));
        world.store.fail_next(Operation::SaveExpiry, fault);
        match world.expire().await {
            Ok(count) => assert_eq!((count, is_told), (1, false)),
            Err(UseCaseError::Unavailable { .. }) => assert!(is_told, "it may pass, so it is tried again"),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(world.news(), [expired(&deal, other)]);
        assert_eq!(world.expire().await.unwrap(), 1, "the next time");
        assert_eq!(world.news(), [expired(&deal, deal.order)]);
    }
}

/// Whoever comes second finds what the first has left.
#[tokio::test]
async fn of_an_expiry_and_a_change_the_second_finds_what_the_first_has_left() {
    for expiry_is_first in [true, false] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        world.clock.advance(TimeDelta::days(40));
        let expire = || spawn_expire(&world);
        let cancel = || spawn(&world, Command::Cancel, &deal.client, Target::of(&deal));
        let (answers, told) = if expiry_is_first {
            (one_after_the_other(&world, expire, cancel).await, "1")
        } else {
            let (cancelled, told) = one_after_the_other(&world, cancel, expire).await;
            ((told, cancelled), "0")
        };
        assert_eq!(answers, (told.to_owned(), "done".to_owned()));
        let told = world.told().into_iter().filter(|name| *name == "order.expired").count();
        assert_eq!(told, usize::from(expiry_is_first));
    }
}

#[tokio::test]
async fn two_servers_that_look_at_once_tell_it_once() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.clock.advance(TimeDelta::days(40));
    let answers = one_after_the_other(&world, || spawn_expire(&world), || spawn_expire(&world)).await;
    assert_eq!(answers, ("1".to_owned(), "0".to_owned()));
    assert_eq!(world.told(), ["order.expired"]);
    let late = world.place(&deal.other_provider, deal.order, super::world::terms(100)).await;
    assert_eq!(word(&late), "deadline_passed open");
}
