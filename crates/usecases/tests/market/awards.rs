//! Accepting a bid.

use domain::bidding::{BidEvent, BidState, DeclineReason, Expected};
use domain::contracts::{ContractEvent, PaymentRequired};
use domain::event::Fact;
use domain::identity::Role;
use domain::orders::{OrderEvent, OrderState};
use domain::profiles::Figures;
use ports::bidding::BidView;
use ports::environment::Clock;
use usecases::bidding::BidTerms;
use usecases::error::{Present, UseCaseError};
use usecases::idempotency::Answered;

use super::world::{
    Deal, Outcome, World, budget, counter_terms, for_amount, now, terms, unknown_bid, usd, word,
};

fn at(amount: i64, revision: i64) -> Expected {
    Expected { amount: Some(usd(amount)), revision: Some(revision) }
}

/// What a refused award says that the bid is.
fn present<T>(outcome: &Outcome<T>) -> Option<&BidView> {
    match outcome {
        Err(UseCaseError::Conflict { present: Some(Present::Bid(bid)), .. }) => Some(bid),
        Err(_) | Ok(Answered::Now(_) | Answered::Before(_)) => None,
    }
}

#[tokio::test]
async fn an_award_that_the_wallet_covers_is_paid_for_at_once() {
    let world = World::new().with_fees();
    let deal = Deal::offered(&world, &[24, 48, 72]).await;
    let loser = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.pay_in(&deal.client, 10_500).await;
    world.news();
    world.clock.set(world.in_hours(1));
    let awarded = now(world.accept(&deal.client, deal.bid, at(10_000, 1)).await.unwrap());
    assert_eq!(awarded.payment_required, None);
    assert_eq!((awarded.bid.state, awarded.bid.response_date), (BidState::Accepted, world.clock.now()));
    let card = &awarded.order.card;
    assert_eq!((card.state, card.accepted_bid), (OrderState::Active, Some(usd(10_000))));
    assert_eq!((card.started_at, card.bids_count), (Some(world.clock.now()), 0));
    assert_eq!(card.provider.as_ref().map(|person| person.id), Some(deal.provider.user_id));
    let amounts: Vec<_> = awarded.order.milestones.iter().map(|step| step.amount).collect();
    assert_eq!(amounts, [3_333, 3_333, 3_334].map(|minor| Some(usd(minor))));
    assert_eq!(world.bid(deal.bid).await, awarded.bid);

    let facts = world.news();
    let names: Vec<_> = facts.iter().map(Fact::name).collect();
    assert_eq!(
        names,
        ["bid.accepted", "bid.declined", "contract.made", "contract.funded", "order.started", "chat.opened"]
    );
    let lost = world.bid(loser).await;
    let declined = BidEvent::Declined { bid: lost.reference(), reason: DeclineReason::AnotherBidWon };
    assert_eq!((lost.state, facts[1].clone()), (BidState::Declined, declined.into()));
    let Fact::Contract(ContractEvent::Made { contract, price }) = &facts[2] else { panic!("{facts:?}") };
    assert_eq!((contract.order_id, *price), (deal.order, usd(10_000)));
    assert_eq!((contract.client_id, contract.provider_id), (deal.client.user_id, deal.provider.user_id));
    let (order_id, client_id, provider_id) = (deal.order, contract.client_id, contract.provider_id);
    assert_eq!(facts[4], OrderEvent::Started { order_id, client_id, provider_id }.into());

    assert_eq!(world.holds(&deal.client).await, (0, 0, 10_500), "price and fee");
    assert_eq!(world.holds(&deal.provider).await, (0, 9_000, 0), "price less fee");
    let started = Figures { orders_total: 1, ..Figures::default() };
    assert_eq!(world.figures(&deal.provider).await, started);
    assert_eq!(world.figures(&deal.client).await, Figures { orders_posted: 1, ..started });
    assert_eq!(world.figures(&deal.other_provider).await, Figures::default());
}

#[tokio::test]
async fn an_award_that_it_does_not_cover_waits_for_the_money() {
    let world = World::new().with_fees();
    let deal = Deal::offered(&world, &[]).await;
    world.pay_in(&deal.client, 10_499).await;
    world.news();
    let awarded = now(world.award(&deal.client, deal.bid).await.unwrap());
    let required = PaymentRequired { amount: usd(10_500), available: usd(10_499) };
    assert_eq!(awarded.payment_required, Some(required), "a cent too little");
    let card = &awarded.order.card;
    assert_eq!((card.state, card.started_at), (OrderState::Pending, None));
    assert_eq!(world.told(), ["bid.accepted", "contract.made", "chat.opened"]);
    assert_eq!(world.holds(&deal.client).await, (10_499, 0, 0), "nothing has moved");
    assert_eq!(world.holds(&deal.provider).await, (0, 0, 0));
    assert_eq!(world.figures(&deal.provider).await, Figures::default());
}

#[tokio::test]
async fn the_bids_deadline_becomes_the_orders() {
    let world = World::new();
    let deal = Deal::offered(&world, &[24, 24 * 10]).await;
    let deadline = world.in_hours(48);
    let offer = BidTerms { proposed_deadline: Some(deadline), ..terms(9_000) };
    let bid = now(world.place(&deal.other_provider, deal.order, offer).await.unwrap()).id;
    let awarded = now(world.award(&deal.client, bid).await.unwrap());
    assert_eq!(awarded.order.card.deadline, deadline);
    let due: Vec<_> = awarded.order.milestones.iter().map(|step| step.due_date).collect();
    assert_eq!(due, [world.in_hours(24), deadline], "none is due after it");
}

#[tokio::test]
async fn what_is_accepted_is_what_was_seen() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.edit(&deal.client, deal.order, budget(13_000)).await.unwrap();
    world.edit_bid(&deal.provider, deal.bid, for_amount(11_000), None).await.unwrap();
    world.news();
    let before = world.order(deal.order).await;
    for expected in [at(10_000, 2), at(11_000, 1), at(10_000, 1)] {
        let outcome = world.accept(&deal.client, deal.bid, expected).await;
        assert_eq!(word(&outcome), "bid_changed open", "{expected:?}");
        assert_eq!(present(&outcome), Some(&world.bid(deal.bid).await), "what it is");
    }
    for expected in
        [Expected { amount: Some(usd(10_000)), revision: None }, Expected { amount: None, revision: Some(1) }]
    {
        let outcome = world.accept(&deal.client, deal.bid, expected).await;
        assert_eq!(word(&outcome), "bid_changed open", "{expected:?}");
    }
    assert!(world.told().is_empty());
    assert_eq!(world.order(deal.order).await, before);
    let outcome = world.accept(&deal.client, deal.bid, at(11_000, 2)).await;
    assert_eq!(word(&outcome), "done");
}

#[tokio::test]
async fn a_bid_must_hold_for_the_order_as_it_is() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.edit(&deal.client, deal.order, budget(13_000)).await.unwrap();
    let outcome = world.accept(&deal.client, deal.bid, at(10_000, 1)).await;
    assert_eq!(word(&outcome), "bid_unconfirmed changed");
    assert_eq!(present(&outcome), None);
    world.counter(&deal.client, deal.bid, counter_terms(9_000)).await.unwrap();
    assert_eq!(word(&world.award(&deal.client, deal.bid).await), "counter_pending countered");
    world.accept_counter(&deal.provider, deal.bid).await.unwrap();
    world.news();
    assert_eq!(word(&world.accept(&deal.client, deal.bid, at(9_000, 2)).await), "done");
    assert_eq!(world.told(), ["bid.accepted", "contract.made"], "the counter-offer has opened the chat");
}

#[tokio::test]
async fn bids_that_came_to_their_end_cannot_win() {
    for (end, expected) in
        [("declined", "invalid_transition declined"), ("withdrawn", "invalid_transition withdrawn")]
    {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        if end == "declined" {
            world.decline(&deal.client, deal.bid).await.unwrap();
        } else {
            world.withdraw(&deal.provider, deal.bid).await.unwrap();
        }
        world.news();
        assert_eq!(word(&world.award(&deal.client, deal.bid).await), expected);
        assert!(world.told().is_empty());
        assert_eq!(world.order(deal.order).await.card.state, OrderState::Open);
    }
}

#[tokio::test]
async fn what_is_too_late_is_not_awarded() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let soon = BidTerms { proposed_deadline: Some(world.in_hours(2)), ..terms(9_000) };
    let quick = now(world.place(&deal.other_provider, deal.order, soon).await.unwrap()).id;
    world.news();
    world.clock.set(world.in_hours(2));
    assert_eq!(word(&world.award(&deal.client, quick).await), "deadline_passed open", "the bid's own");
    world.clock.set(world.order(deal.order).await.card.deadline);
    assert_eq!(word(&world.award(&deal.client, deal.bid).await), "deadline_passed open", "the order's");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn a_bidder_who_is_gone_is_not_awarded() {
    for is_blocked in [true, false] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        if is_blocked {
            world.block(&deal.admin, &deal.provider).await;
        } else {
            world.close(&deal.provider).await.unwrap();
        }
        world.pay_in(&deal.client, 20_000).await;
        world.news();
        let before = (world.order(deal.order).await, world.bid(deal.bid).await);
        assert_eq!(word(&world.award(&deal.client, deal.bid).await), "bidder_unavailable open");
        assert_eq!((world.order(deal.order).await, world.bid(deal.bid).await), before);
        assert!(world.told().is_empty());
        assert_eq!(world.holds(&deal.client).await, (20_000, 0, 0));
        let other = world.placed(&deal.other_provider, deal.order, 9_000).await;
        assert_eq!(word(&world.award(&deal.client, other).await), "done", "another one can be");
    }
}

#[tokio::test]
async fn a_client_who_is_gone_awards_nothing() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.block(&deal.admin, &deal.client).await;
    assert_eq!(word(&world.award(&deal.client, deal.bid).await), "account_blocked");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn a_price_must_reach_for_all_milestones() {
    let world = World::new();
    let deal = Deal::offered(&world, &[1, 2, 3]).await;
    let small = world.placed(&deal.other_provider, deal.order, 2).await;
    world.news();
    assert_eq!(word(&world.award(&deal.client, small).await), "amount_too_small");
    assert!(world.told().is_empty());
    assert_eq!(world.bid(small).await.state, BidState::Open);
    world.edit_bid(&deal.other_provider, small, for_amount(3), None).await.unwrap();
    assert_eq!(word(&world.award(&deal.client, small).await), "done", "a cent for each");
}

#[tokio::test]
async fn bids_are_awarded_by_the_orders_client_alone() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let theirs = world.posted(&deal.other_client).await;
    let bid = world.placed(&deal.provider, theirs, 100).await;
    world.news();
    assert_eq!(word(&world.award(&deal.client, bid).await), "not_found");
    assert_eq!(word(&world.award(&deal.other_client, deal.bid).await), "not_found");
    assert_eq!(word(&world.award(&deal.client, unknown_bid()).await), "not_found");
    world.block(&deal.admin, &deal.other_client).await;
    let answer = word(&world.award(&deal.client, bid).await);
    assert_eq!(answer, "not_found", "a stranger learns nothing about the other client's account");
    assert!(world.told().is_empty());
    for role in [Role::Writer, Role::Admin] {
        let by = domain::actor::Actor { role, ..deal.client };
        assert_eq!(word(&world.award(&by, deal.bid).await), "forbidden");
    }
}
