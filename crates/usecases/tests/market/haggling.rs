//! Counter-offers, and turning a bid down.

use chrono::TimeDelta;
use domain::actor::Party;
use domain::bidding::{BidEvent, BidState, CounterTerms, DeclineReason};
use domain::event::Fact;
use ports::bidding::BidQueries;
use ports::environment::Clock;

use super::world::{Deal, World, budget, counter_terms, for_amount, message, now, usd, word};

#[tokio::test]
async fn the_client_names_other_terms_and_the_bidder_takes_them() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.clock.set(world.in_hours(1));
    let deadline = world.in_hours(72);
    let counter = CounterTerms {
        amount: usd(8_000),
        proposed_deadline: Some(deadline),
        message: Some(message("a little less?")),
    };
    let bid = now(world.counter(&deal.client, deal.bid, counter.clone()).await.unwrap());
    assert_eq!((bid.state, bid.amount), (BidState::Countered, usd(10_000)), "its own terms stay");
    assert_eq!(bid.counter.as_ref().map(|standing| &standing.terms), Some(&counter));
    assert_eq!(bid.response_date, world.clock.now(), "the client has answered");
    let facts = world.news();
    let names: Vec<_> = facts.iter().map(Fact::name).collect();
    assert_eq!(names, ["bid.countered", "chat.opened"]);
    assert_eq!(facts[0], BidEvent::Countered(bid.reference()).into());
    assert_eq!(world.order(deal.order).await.card.bids_count, 1);

    let second = counter_terms(8_500);
    world.counter(&deal.client, deal.bid, second.clone()).await.unwrap();
    let standing = world.bid(deal.bid).await.counter.map(|standing| standing.terms);
    assert_eq!(standing, Some(second), "a second one replaces the first");
    world.counter(&deal.client, deal.bid, counter).await.unwrap();
    world.news();
    let taken = now(world.accept_counter(&deal.provider, deal.bid).await.unwrap());
    assert_eq!((taken.state, taken.amount, taken.counter.is_none()), (BidState::Open, usd(8_000), true));
    assert_eq!(taken.proposed_deadline, Some(deadline));
    assert_eq!(world.news(), [BidEvent::CounterAccepted(taken.reference()).into()]);
    let history = world.store.offers(deal.bid).await.unwrap();
    let told: Vec<_> = history.iter().map(|offer| (offer.author, offer.amount.minor())).collect();
    assert_eq!(
        told,
        [(Party::Provider, 10_000), (Party::Client, 8_000), (Party::Client, 8_500), (Party::Client, 8_000),]
    );
    assert_eq!(word(&world.accept_counter(&deal.provider, deal.bid).await), "invalid_transition open");
}

#[tokio::test]
async fn the_bidder_keeps_to_their_own_terms() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.news();
    let kept = now(world.reject_counter(&deal.provider, deal.bid).await.unwrap());
    assert_eq!((kept.state, kept.amount, kept.counter.is_none()), (BidState::Open, usd(10_000), true));
    assert_eq!(world.news(), [BidEvent::CounterRejected(kept.reference()).into()]);

    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.edit(&deal.client, deal.order, budget(13_000)).await.unwrap();
    let kept = now(world.reject_counter(&deal.provider, deal.bid).await.unwrap());
    assert_eq!((kept.state, kept.revision), (BidState::Changed, 1), "the order is another by now");

    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.news();
    let edited = now(world.edit_bid(&deal.provider, deal.bid, for_amount(9_000), None).await.unwrap());
    assert_eq!((edited.state, edited.amount, edited.revision), (BidState::Open, usd(9_000), 2));
    assert_eq!(world.told(), ["bid.edited"], "an edit ends it as well");
}

#[tokio::test]
async fn while_a_counter_offer_stands_nothing_is_confirmed_or_accepted() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.news();
    assert_eq!(word(&world.confirm(&deal.provider, deal.bid, None).await), "counter_pending countered");
    assert_eq!(word(&world.award(&deal.client, deal.bid).await), "counter_pending countered");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn a_counter_offer_must_be_possible() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let due = |hours| CounterTerms { proposed_deadline: Some(world.in_hours(hours)), ..counter_terms(8_000) };
    let outcome = world.counter(&deal.client, deal.bid, due(0)).await;
    assert_eq!(word(&outcome), "deadline_not_in_future proposed_deadline");
    assert!(world.told().is_empty());
    world.counter(&deal.client, deal.bid, due(2)).await.unwrap();
    world.news();
    world.clock.advance(TimeDelta::hours(2));
    let outcome = world.accept_counter(&deal.provider, deal.bid).await;
    assert_eq!(word(&outcome), "deadline_passed countered", "nobody could keep it");
    assert!(world.told().is_empty());
    assert_eq!(world.bid(deal.bid).await.amount, usd(10_000));
}

#[tokio::test]
async fn a_bid_is_turned_down() {
    for is_countered in [false, true] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        if is_countered {
            world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
        }
        world.news();
        world.clock.set(world.in_hours(1));
        let bid = now(world.decline(&deal.client, deal.bid).await.unwrap());
        assert_eq!((bid.state, bid.response_date), (BidState::Declined, world.clock.now()));
        let fact = BidEvent::Declined { bid: bid.reference(), reason: DeclineReason::ByClient };
        assert_eq!(world.news(), [fact.into()]);
        assert_eq!(world.order(deal.order).await.card.bids_count, 0);
        assert_eq!(word(&world.decline(&deal.client, deal.bid).await), "invalid_transition declined");
    }
}
