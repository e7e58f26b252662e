//! Whoever is closed or blocked keeps neither orders nor bids; whoever is back keeps both.

use adapter_memory::{Fault, Operation};
use domain::actor::Actor;
use domain::bidding::{BidEvent, BidState, DeclineReason};
use domain::event::Fact;
use domain::ids::BidId;
use domain::orders::{Cancellation, OrderEvent, OrderState};
use tokio::task::JoinHandle;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, World, budget, counter_terms, word};

fn spawn_wind_up(world: &World, person: &Actor) -> JoinHandle<String> {
    let (world, person) = (world.clone(), *person);
    tokio::spawn(async move { world.wind_up(&person).await.unwrap().to_string() })
}

fn spawn_block(world: &World, admin: &Actor, person: &Actor) -> JoinHandle<String> {
    let (world, admin, person) = (world.clone(), *admin, *person);
    tokio::spawn(async move {
        world.block(&admin, &person).await;
        "done".to_owned()
    })
}

async fn state(world: &World, id: BidId) -> BidState {
    world.bid(id).await.state
}

#[tokio::test]
async fn a_clients_open_and_pending_orders_end() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    let open = world.posted(&deal.client).await;
    let bid = world.placed(&deal.provider, open, 100).await;
    let others = world.posted(&deal.other_client).await;
    world.block(&deal.admin, &deal.client).await;
    world.news();

    assert_eq!(world.wind_up(&deal.client).await.unwrap(), 2);
    for order in [deal.order, open] {
        assert_eq!(world.order(order).await.card.state, OrderState::Cancelled);
    }
    assert_eq!(world.order(others).await.card.state, OrderState::Open, "somebody else's");
    assert_eq!(
        (state(&world, deal.bid).await, state(&world, bid).await),
        (BidState::Declined, BidState::Declined)
    );
    let (client_id, provider_id) = (deal.client.user_id, Some(deal.provider.user_id));
    let reason = Cancellation::ClientUnavailable;
    let cancelled = |order_id, provider_id| -> Fact {
        OrderEvent::Cancelled { order_id, client_id, provider_id, reason }.into()
    };
    let news = world.news();
    let names: Vec<_> = news.iter().map(Fact::name).collect();
    assert_eq!(
        names,
        ["order.cancelled", "bid.declined", "contract.ended", "order.cancelled", "bid.declined"]
    );
    assert_eq!((&news[0], &news[3]), (&cancelled(deal.order, provider_id), &cancelled(open, None)));
    let reference = world.bid(bid).await.reference();
    let declined = BidEvent::Declined { bid: reference, reason: DeclineReason::ClientUnavailable };
    assert_eq!(news[4], declined.into());
    assert_eq!(world.figures(&deal.client).await.orders_cancelled, 1, "one of them was awarded");

    assert_eq!(world.wind_up(&deal.client).await.unwrap(), 0, "once");
    assert!(world.news().is_empty());
    world.close(&deal.provider).await.unwrap();
}

#[tokio::test]
async fn a_bidders_bids_end_whatever_they_wait_for() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(world.posted(&deal.client).await);
    }
    let (changed, countered) = (orders[0], orders[1]);
    let waits = world.placed(&deal.provider, changed, 100).await;
    world.edit(&deal.client, changed, budget(7_700)).await.unwrap();
    let haggles = world.placed(&deal.provider, countered, 100).await;
    world.counter(&deal.client, haggles, counter_terms(90)).await.unwrap();
    let lost = world.placed(&deal.provider, orders[2], 100).await;
    world.decline(&deal.client, lost).await.unwrap();
    let others = world.placed(&deal.other_provider, deal.order, 100).await;
    world.close(&deal.provider).await.unwrap();
    world.news();

    assert_eq!(world.wind_up(&deal.provider).await.unwrap(), 3);
    for bid in [deal.bid, waits, haggles] {
        let bid = world.bid(bid).await;
        assert_eq!((bid.state, bid.counter), (BidState::Withdrawn, None));
    }
    assert_eq!(state(&world, lost).await, BidState::Declined);
    assert_eq!(state(&world, others).await, BidState::Open);
    assert_eq!(world.told(), ["bid.withdrawn"; 3]);
    assert_eq!(world.order(deal.order).await.card.bids_count, 1);
    assert_eq!(world.wind_up(&deal.provider).await.unwrap(), 0, "once");
}

#[tokio::test]
async fn an_order_that_waits_for_payment_is_open_again_without_its_provider() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    world.block(&deal.admin, &deal.provider).await;
    world.news();
    assert_eq!(world.wind_up(&deal.provider).await.unwrap(), 1);
    let order = world.order(deal.order).await;
    assert_eq!((order.card.state, order.card.provider), (OrderState::Open, None));
    assert_eq!(state(&world, deal.bid).await, BidState::Withdrawn);
    assert_eq!(world.told(), ["bid.withdrawn", "contract.ended", "order.reopened"]);
    let again = world.placed(&deal.other_provider, deal.order, 9_000).await;
    assert_eq!(word(&world.award(&deal.client, again).await), "done", "another may have it");
}

#[tokio::test]
async fn work_that_is_paid_for_goes_on() {
    for gone in ["client", "provider"] {
        let world = World::new();
        let deal = Deal::active(&world, &[]).await;
        let person = if gone == "client" { deal.client } else { deal.provider };
        world.block(&deal.admin, &person).await;
        assert_eq!(world.wind_up(&person).await.unwrap(), 0, "{gone}");
        assert_eq!(world.order(deal.order).await.card.state, OrderState::Active, "{gone}");
        assert_eq!(world.holds(&deal.client).await, (10_000, 0, 10_000), "{gone}");
    }
}

#[tokio::test]
async fn whoever_has_been_let_in_again_keeps_everything() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    for person in [&deal.client, &deal.provider] {
        world.block(&deal.admin, person).await;
        world.unblock(&deal.admin, person).await;
        assert_eq!(world.wind_up(person).await.unwrap(), 0);
    }
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Open);
    assert_eq!(state(&world, deal.bid).await, BidState::Open);
    assert!(world.told().is_empty());
}

/// More than are looked up at once.
#[tokio::test]
async fn all_of_it_ends_in_one_run() {
    const COUNT: usize = 205;
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    for _ in 1..COUNT {
        let order = world.posted(&deal.client).await;
        world.placed(&deal.provider, order, 100).await;
    }
    let count = u64::try_from(COUNT).unwrap();
    world.block(&deal.admin, &deal.provider).await;
    assert_eq!(world.wind_up(&deal.provider).await.unwrap(), count);
    assert_eq!(world.store.calls(Operation::UnfinishedBids), 3);
    world.block(&deal.admin, &deal.client).await;
    assert_eq!(world.wind_up(&deal.client).await.unwrap(), count);
    assert_eq!(
        world.store.calls(Operation::UnfinishedOrders),
        4,
        "one of them for the provider, who has none"
    );
}

/// The job is tried again then, and finds what is left.
#[tokio::test]
async fn what_cannot_be_ended_is_told_and_holds_up_nothing_else() {
    for fault in [Fault::Refused, Fault::TimedOut] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        let other = world.posted(&deal.client).await;
        world.block(&deal.admin, &deal.client).await;
        world.store.fail_next(Operation::LockOrder, fault);
        world.wind_up(&deal.client).await.unwrap_err();
        assert_eq!(world.order(deal.order).await.card.state, OrderState::Open, "{fault:?}");
        assert_eq!(world.order(other).await.card.state, OrderState::Cancelled, "{fault:?}");
        assert_eq!(world.wind_up(&deal.client).await.unwrap(), 1, "{fault:?}: the next time");
    }
}

/// Whoever comes second finds what the first has left, and changes nothing that is over.
#[tokio::test]
async fn of_a_winding_up_and_anything_else_the_second_finds_what_the_first_has_left() {
    use BidState::{Accepted, Declined, Withdrawn};
    use Command::{Accept, Cancel, Decline, Fund, Withdraw};
    // Who is gone, and what the other side does; its answer and the bid's state where the winding up is
    // first; how much is left to be wound up and the bid's state where it is second. Nobody awards
    // anything to somebody who is gone.
    let cases = [
        ("provider", "open", Accept, ("invalid_transition withdrawn", Withdrawn), None),
        ("provider", "open", Decline, ("invalid_transition withdrawn", Withdrawn), Some(("0", Declined))),
        ("provider", "pending", Fund, ("invalid_transition open", Withdrawn), Some(("0", Accepted))),
        ("provider", "pending", Cancel, ("done", Withdrawn), Some(("0", Declined))),
        ("client", "open", Withdraw, ("invalid_transition declined", Declined), Some(("1", Withdrawn))),
        ("client", "pending", Withdraw, ("invalid_transition declined", Declined), Some(("1", Withdrawn))),
    ];
    for (gone, start, command, as_second, as_first) in cases {
        let first_and_second = [Some(("1", as_second)), as_first.map(|(left, bid)| (left, ("done", bid)))];
        for (order, expected) in ["winding up first", "winding up second"].iter().zip(first_and_second) {
            let Some((left, (answer, bid))) = expected else { continue };
            let name = format!("{gone} {start} {command:?}, {order}");
            let world = World::new();
            let deal = match start {
                "open" => Deal::offered(&world, &[]).await,
                _ => Deal::pending(&world, &[]).await,
            };
            world.pay_in(&deal.client, 20_000).await;
            let (person, by) =
                if gone == "client" { (deal.client, deal.provider) } else { (deal.provider, deal.client) };
            world.block(&deal.admin, &person).await;
            let wind_up = || spawn_wind_up(&world, &person);
            let task = || spawn(&world, command, &by, Target::of(&deal));
            if *order == "winding up first" {
                let answers = one_after_the_other(&world, wind_up, task).await;
                assert_eq!(answers, (left.to_owned(), answer.to_owned()), "{name}");
            } else {
                let answers = one_after_the_other(&world, task, wind_up).await;
                assert_eq!(answers, (answer.to_owned(), left.to_owned()), "{name}");
            }
            assert_eq!(state(&world, deal.bid).await, bid, "{name}");
            world.holds(&deal.client).await;
        }
    }
}

/// What comes to be in an account is there before it is blocked, or not at all.
#[tokio::test]
async fn nothing_new_comes_to_be_beside_a_block() {
    use Command::{Place, Post};
    for command in [Place, Post] {
        for block_is_first in [true, false] {
            let world = World::new();
            let deal = Deal::offered(&world, &[]).await;
            let person = if command == Place { deal.other_provider } else { deal.client };
            let block = || spawn_block(&world, &deal.admin, &person);
            let task = || spawn(&world, command, &person, Target::of(&deal));
            let answers = if block_is_first {
                one_after_the_other(&world, block, task).await
            } else {
                one_after_the_other(&world, task, block).await
            };
            let (second, mine) = if block_is_first { ("account_blocked", 0) } else { ("done", 1) };
            assert_eq!(answers, ("done".to_owned(), second.to_owned()), "{command:?}");
            let before = u64::from(command == Post);
            assert_eq!(world.wind_up(&person).await.unwrap(), before + mine, "{command:?}");
        }
    }
}
