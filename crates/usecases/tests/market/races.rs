//! Two at once, move by move and in a crowd.

use adapter_memory::Operation;
use domain::actor::Actor;
use domain::bidding::BidState;
use domain::ids::BidId;
use domain::orders::OrderState;
use tokio::task::JoinHandle;

use super::answers::{Command, Target, issue};
use super::world::{Deal, World, within, word};

pub(crate) fn spawn(world: &World, command: Command, by: &Actor, target: Target) -> JoinHandle<String> {
    let (world, by) = (world.clone(), *by);
    tokio::spawn(async move { issue(&world, command, &by, target).await })
}

fn spawn_close(world: &World, person: &Actor) -> JoinHandle<String> {
    let (world, person) = (world.clone(), *person);
    tokio::spawn(async move { word(&world.close(&person).await) })
}

/// The first command stops at its commit; the second one comes to a lock that the first holds, and then
/// finds what the first has left.
pub(crate) async fn one_after_the_other(
    world: &World,
    first: impl FnOnce() -> JoinHandle<String>,
    second: impl FnOnce() -> JoinHandle<String>,
) -> (String, String) {
    let mut held = world.store.hold_next(Operation::Commit);
    let winner = first();
    held.reached().await;
    let loser = second();
    world.store.until_waiting(1).await;
    held.release();
    (within(winner).await.unwrap(), within(loser).await.unwrap())
}

fn on(deal: &Deal, bid: BidId) -> Target {
    Target { bid, ..Target::of(deal) }
}

#[tokio::test]
async fn of_two_awards_the_second_is_refused() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let other = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.pay_in(&deal.client, 20_000).await;
    world.news();
    let accept = |bid| spawn(&world, Command::Accept, &deal.client, on(&deal, bid));
    let answers = one_after_the_other(&world, || accept(deal.bid), || accept(other)).await;
    assert_eq!(answers, ("done".to_owned(), "invalid_transition active".to_owned()));
    assert_eq!(world.bid(deal.bid).await.state, BidState::Accepted);
    assert_eq!(world.bid(other).await.state, BidState::Declined);
    assert_eq!(world.holds(&deal.client).await, (10_000, 0, 10_000), "one of them is paid for");
    let names =
        ["bid.accepted", "bid.declined", "contract.made", "contract.funded", "order.started", "chat.opened"];
    assert_eq!(world.told(), names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_awards_at_once_exactly_one_wins() {
    for round in 0..10 {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        let mut bids = vec![deal.bid];
        for number in 0..7 {
            let bidder = world.provider(&format!("bidder{number}")).await;
            bids.push(world.placed(&bidder, deal.order, 9_000).await);
        }
        world.pay_in(&deal.client, 90_000).await;
        let tasks: Vec<_> = bids
            .iter()
            .chain(&bids)
            .map(|bid| spawn(&world, Command::Accept, &deal.client, on(&deal, *bid)))
            .collect();
        let mut won = 0;
        for task in tasks {
            match within(task).await.unwrap().as_str() {
                "done" => won += 1,
                answer => assert_eq!(answer, "invalid_transition active", "round {round}"),
            }
        }
        assert_eq!(won, 1, "round {round}");
        let mut accepted = Vec::new();
        for bid in bids {
            let bid = world.bid(bid).await;
            match bid.state {
                BidState::Accepted => accepted.push(bid.amount.minor()),
                state => assert_eq!(state, BidState::Declined),
            }
        }
        let [price] = accepted[..] else { panic!("{accepted:?}") };
        assert_eq!(world.holds(&deal.client).await, (90_000 - price, 0, price));
        let made = world.told().into_iter().filter(|name| *name == "contract.made").count();
        assert_eq!(made, 1, "round {round}");
    }
}

#[tokio::test]
async fn an_award_and_a_bidder_who_closes_their_account() {
    for award_is_first in [true, false] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        let accept = || spawn(&world, Command::Accept, &deal.client, Target::of(&deal));
        let close = || spawn_close(&world, &deal.provider);
        let (expected, state) = if award_is_first {
            assert_eq!(
                one_after_the_other(&world, accept, close).await,
                ("done".to_owned(), "contracts_running active".to_owned())
            );
            (vec!["bid.accepted", "contract.made", "chat.opened"], OrderState::Pending)
        } else {
            assert_eq!(
                one_after_the_other(&world, close, accept).await,
                ("done".to_owned(), "bidder_unavailable open".to_owned())
            );
            (vec![], OrderState::Open)
        };
        assert_eq!(world.told(), expected);
        assert_eq!(world.order(deal.order).await.card.state, state);
    }
}

#[tokio::test]
async fn an_award_and_a_client_who_closes_their_account() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let accept = || spawn(&world, Command::Accept, &deal.client, Target::of(&deal));
    let close = || spawn_close(&world, &deal.client);
    let answers = one_after_the_other(&world, close, accept).await;
    assert_eq!(answers, ("done".to_owned(), "account_deactivated".to_owned()));
    assert!(world.told().is_empty());
}

/// Pairs of commands that exclude each other, whichever comes first.
#[tokio::test]
async fn of_two_that_exclude_each_other_the_second_is_refused() {
    use Command::{Accept, Approve, Cancel, Decline, Edit, EditBid, Fund, RequestChanges, Withdraw};
    let cases = [
        ("pending", Fund, Cancel, "invalid_transition active"),
        ("pending", Cancel, Fund, "invalid_transition cancelled"),
        ("pending", Fund, Withdraw, "invalid_transition active"),
        ("pending", Withdraw, Fund, "invalid_transition open"),
        ("pending", Cancel, Withdraw, "invalid_transition declined"),
        ("pending", Withdraw, Cancel, "done"),
        ("pending", Fund, Fund, "invalid_transition active"),
        ("open", Accept, Cancel, "done"),
        ("open", Cancel, Accept, "invalid_transition cancelled"),
        ("open", Edit, Accept, "bid_unconfirmed changed"),
        ("open", Accept, Edit, "invalid_transition pending"),
        ("open", EditBid, Accept, "done"),
        ("open", Accept, EditBid, "invalid_transition accepted"),
        ("open", Withdraw, Accept, "invalid_transition withdrawn"),
        ("open", Accept, Decline, "invalid_transition accepted"),
        ("open", Decline, Withdraw, "invalid_transition declined"),
        ("submitted", Approve, RequestChanges, "invalid_transition completed"),
        ("submitted", RequestChanges, Approve, "invalid_transition changes_requested"),
        ("submitted", Approve, Approve, "invalid_transition completed"),
    ];
    for (state, first, second, expected) in cases {
        let world = World::new();
        let deal = match state {
            "open" => Deal::offered(&world, &[]).await,
            "pending" => Deal::pending(&world, &[]).await,
            _ => Deal::active(&world, &[]).await,
        };
        if state == "submitted" {
            world.submit(&deal.provider, deal.order, 1).await.unwrap();
        }
        if state == "pending" {
            world.pay_in(&deal.client, 20_000).await;
        }
        let by = |command| if matches!(command, Withdraw | EditBid) { deal.provider } else { deal.client };
        let task = |command| spawn(&world, command, &by(command), Target::of(&deal));
        let answers = one_after_the_other(&world, || task(first), || task(second)).await;
        assert_eq!(answers, ("done".to_owned(), expected.to_owned()), "{first:?}, then {second:?}");
        let (client, provider) = (world.holds(&deal.client).await, world.holds(&deal.provider).await);
        let is_paid = world.order(deal.order).await.card.state == OrderState::Active;
        if state == "pending" {
            let expected = if is_paid { (10_000, 0, 10_000) } else { (20_000, 0, 0) };
            assert_eq!(client, expected, "{first:?}, then {second:?}");
        }
        if state == "submitted" {
            let is_released = first == Approve;
            let expected = if is_released { (10_000, 0, 0) } else { (0, 10_000, 0) };
            assert_eq!(provider, expected, "{first:?}, then {second:?}");
        }
    }
}

#[tokio::test]
async fn of_two_bids_of_one_provider_one_stands() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let place = || spawn(&world, Command::Place, &deal.other_provider, Target::of(&deal));
    let answers = one_after_the_other(&world, place, place).await;
    assert_eq!(answers, ("done".to_owned(), "duplicate_bid open".to_owned()));
    assert_eq!(world.told(), ["bid.placed"]);
    assert_eq!(world.order(deal.order).await.card.bids_count, 2);
}

#[tokio::test]
async fn a_bid_that_comes_during_an_award_is_too_late() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let accept = || spawn(&world, Command::Accept, &deal.client, Target::of(&deal));
    let place = || spawn(&world, Command::Place, &deal.other_provider, Target::of(&deal));
    let answers = one_after_the_other(&world, accept, place).await;
    assert_eq!(answers, ("done".to_owned(), "not_found".to_owned()), "it is somebody else's by now");
    assert_eq!(world.told(), ["bid.accepted", "contract.made", "chat.opened"]);
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let accept = || spawn(&world, Command::Accept, &deal.client, Target::of(&deal));
    let place = || spawn(&world, Command::Place, &deal.other_provider, Target::of(&deal));
    let answers = one_after_the_other(&world, place, accept).await;
    assert_eq!(answers, ("done".to_owned(), "done".to_owned()));
    assert_eq!(world.told(), ["bid.placed", "bid.accepted", "bid.declined", "contract.made", "chat.opened"]);
    assert_eq!(world.order(deal.order).await.card.bids_count, 0, "no bid is left standing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wallet_pays_for_as_many_orders_as_it_covers() {
    for round in 0..10 {
        let world = World::new();
        let deal = Deal::pending(&world, &[]).await;
        let mut orders = vec![deal.order];
        for _ in 0..7 {
            let order = world.posted(&deal.client).await;
            let bid = world.placed(&deal.provider, order, 10_000).await;
            world.award(&deal.client, bid).await.unwrap();
            orders.push(order);
        }
        world.pay_in(&deal.client, 35_000).await;
        let tasks: Vec<_> = orders
            .iter()
            .map(|order| {
                let target = Target { order: *order, ..Target::of(&deal) };
                spawn(&world, Command::Fund, &deal.client, target)
            })
            .collect();
        let mut paid = 0;
        for task in tasks {
            match within(task).await.unwrap().as_str() {
                "done" => paid += 1,
                answer => assert_eq!(answer, "pay 100.00 of 50.00", "round {round}"),
            }
        }
        assert_eq!(paid, 3, "round {round}");
        assert_eq!(world.holds(&deal.client).await, (5_000, 0, 30_000));
        assert_eq!(world.holds(&deal.provider).await, (0, 30_000, 0));
        assert_eq!(world.figures(&deal.provider).await.orders_total, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_milestone_that_many_approve_is_paid_once() {
    for round in 0..10 {
        let world = World::new();
        let deal = Deal::active(&world, &[1, 2]).await;
        for milestone in [1, 2] {
            world.submit(&deal.provider, deal.order, milestone).await.unwrap();
        }
        let approve = |milestone| {
            let (world, client, order) = (world.clone(), deal.client, deal.order);
            tokio::spawn(async move { word(&world.approve(&client, order, milestone).await) })
        };
        let tasks: Vec<_> = (0..16).map(|number| approve(number % 2 + 1)).collect();
        let mut released = 0;
        for task in tasks {
            match within(task).await.unwrap().as_str() {
                "done" => released += 1,
                answer => assert_eq!(answer, "invalid_transition completed", "round {round}"),
            }
        }
        assert_eq!(released, 2, "round {round}");
        assert_eq!(world.holds(&deal.provider).await, (10_000, 0, 0));
        assert_eq!(world.holds(&deal.client).await, (10_000, 0, 0));
        let told = world.told();
        assert_eq!(told.iter().filter(|name| **name == "payment.received").count(), 2);
        assert_eq!(told.iter().filter(|name| **name == "order.completed").count(), 1);
        assert_eq!(world.figures(&deal.client).await.orders_completed, 1);
    }
}

/// Everything at once on few orders: whatever wins, the books balance and nothing hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_leaves_the_books_balanced() {
    for round in 0..5 {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        let other = world.placed(&deal.other_provider, deal.order, 9_000).await;
        world.pay_in(&deal.client, 15_000).await;
        let mut tasks = Vec::new();
        for _ in 0..3 {
            for command in Command::ALL {
                for by in [deal.client, deal.provider, deal.other_provider] {
                    for bid in [deal.bid, other] {
                        tasks.push(spawn(&world, command, &by, on(&deal, bid)));
                    }
                }
            }
        }
        for task in tasks {
            within(task).await.unwrap();
        }
        let held = [world.holds(&deal.client).await, world.holds(&deal.provider).await];
        let others = world.holds(&deal.other_provider).await;
        let sum = held[0].0 + held[0].2 + held[1].0 + others.0;
        assert_eq!(sum, 15_000, "round {round}: what was paid in is somebody's");
        assert_eq!(held[0].2, held[1].1 + others.1, "round {round}: what waits is for a provider");
        let states = [world.bid(deal.bid).await.state, world.bid(other).await.state];
        let accepted = states.iter().filter(|state| **state == BidState::Accepted).count();
        assert!(accepted <= 1, "round {round}: {states:?}");
        let order = world.order(deal.order).await.card;
        let is_awarded = order.provider.is_some() && order.state != OrderState::Cancelled;
        assert_eq!(accepted == 1, is_awarded, "round {round}: {states:?} {:?}", order.state);
    }
}
