//! Orders that end without work: called off, left; and accounts that cannot be closed over them.

use domain::bidding::{BidEvent, BidState, DeclineReason};
use domain::event::Fact;
use domain::orders::{Cancellation, OrderEvent, OrderState};
use domain::profiles::Figures;
use ports::environment::Clock;
use usecases::bidding::BidTerms;

use super::world::{Deal, World, counter_terms, now, terms, usd, word};

#[tokio::test]
async fn an_open_order_is_called_off_with_all_its_bids() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let other = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.counter(&deal.client, other, counter_terms(8_000)).await.unwrap();
    let third = world.provider("third").await;
    let gone = world.placed(&third, deal.order, 100).await;
    world.withdraw(&third, gone).await.unwrap();
    world.news();
    world.clock.set(world.in_hours(1));
    let order = now(world.cancel(&deal.client, deal.order).await.unwrap());
    assert_eq!((order.card.state, order.cancelled_at), (OrderState::Cancelled, Some(world.clock.now())));
    assert_eq!(order.card.bids_count, 0);
    let (order_id, client_id) = (deal.order, deal.client.user_id);
    let reason = Cancellation::ByClient;
    let mut expected: Vec<Fact> =
        vec![OrderEvent::Cancelled { order_id, client_id, provider_id: None, reason }.into()];
    for id in [deal.bid, other] {
        let bid = world.bid(id).await;
        assert_eq!(
            (bid.state, bid.counter, bid.response_date),
            (BidState::Declined, None, world.clock.now())
        );
        let reference = world.bid(id).await.reference();
        expected.push(BidEvent::Declined { bid: reference, reason: DeclineReason::OrderCancelled }.into());
    }
    assert_eq!(world.news(), expected);
    assert_eq!(world.bid(gone).await.state, BidState::Withdrawn, "it was over before");
    let figures = Figures { orders_posted: 1, ..Figures::default() };
    assert_eq!(world.figures(&deal.client).await, figures, "it was never awarded");
}

#[tokio::test]
async fn a_pending_order_is_called_off_with_its_contract() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    let order = now(world.cancel(&deal.client, deal.order).await.unwrap());
    assert_eq!(order.card.state, OrderState::Cancelled);
    assert_eq!(order.card.provider.map(|person| person.id), Some(deal.provider.user_id), "whose it was");
    assert_eq!(world.told(), ["order.cancelled", "bid.declined", "contract.ended"]);
    assert_eq!(world.bid(deal.bid).await.state, BidState::Declined);
    let figures = world.figures(&deal.client).await;
    assert_eq!((figures.orders_cancelled, figures.completion_rate()), (1, Some(0)));
    assert_eq!(world.figures(&deal.provider).await, Figures::default());
    assert_eq!(world.holds(&deal.client).await, (0, 0, 0));
    world.close(&deal.provider).await.unwrap();
    world.close(&deal.client).await.unwrap();
}

#[tokio::test]
async fn what_is_paid_for_is_not_called_off() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    assert_eq!(word(&world.cancel(&deal.client, deal.order).await), "invalid_transition active");
    assert_eq!(word(&world.withdraw(&deal.provider, deal.bid).await), "invalid_transition active");
    assert!(world.told().is_empty());
    assert_eq!(world.holds(&deal.client).await, (10_000, 0, 10_000));
}

#[tokio::test]
async fn a_provider_leaves_and_the_order_is_open_again() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let posted = world.order(deal.order).await;
    let early = BidTerms { proposed_deadline: Some(world.in_hours(24)), ..terms(9_000) };
    let winner = now(world.place(&deal.other_provider, deal.order, early).await.unwrap()).id;
    world.award(&deal.client, winner).await.unwrap();
    world.news();
    let bid = now(world.withdraw(&deal.other_provider, winner).await.unwrap());
    assert_eq!(bid.state, BidState::Withdrawn);
    assert_eq!(bid.order_deadline, posted.card.deadline, "the order's own deadline is back");
    assert_eq!(world.told(), ["bid.withdrawn", "contract.ended", "order.reopened"]);
    let order = world.order(deal.order).await;
    assert_eq!((order.card.state, order.card.provider), (OrderState::Open, None));
    assert_eq!((order.card.accepted_bid, order.card.deadline), (None, posted.card.deadline));
    assert_eq!(order.milestones, posted.milestones, "the plan");
    assert_eq!(world.bid(deal.bid).await.state, BidState::Declined, "the others stay declined");
    assert_eq!(order.card.bids_count, 0);
    assert_eq!(world.figures(&deal.client).await.orders_cancelled, 0);

    let again = world.placed(&deal.provider, deal.order, 8_000).await;
    world.pay_in(&deal.client, 8_000).await;
    let awarded = now(world.award(&deal.client, again).await.unwrap());
    assert_eq!((awarded.order.card.state, awarded.payment_required), (OrderState::Active, None));
    assert_eq!(awarded.order.card.accepted_bid, Some(usd(8_000)));
    assert_eq!(world.holds(&deal.provider).await, (0, 8_000, 0));
    assert_eq!(word(&world.withdraw(&deal.other_provider, winner).await), "invalid_transition withdrawn");
}

#[tokio::test]
async fn nobody_closes_an_account_over_a_running_contract() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    let closes = async |person| word(&world.close(person).await);
    for person in [&deal.client, &deal.provider] {
        assert_eq!(closes(person).await, "contracts_running active", "pending");
    }
    world.pay_in(&deal.client, 10_000).await;
    world.fund(&deal.client, deal.order).await.unwrap();
    for person in [&deal.client, &deal.provider] {
        assert_eq!(closes(person).await, "contracts_running active", "active");
    }
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.approve(&deal.client, deal.order, 1).await.unwrap();
    assert_eq!(closes(&deal.provider).await, "money_left active");
    assert_eq!(closes(&deal.client).await, "done");
    assert_eq!(closes(&deal.other_provider).await, "done", "a bidder who lost has no contract");
}
