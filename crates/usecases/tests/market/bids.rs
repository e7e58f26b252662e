//! Making an offer, changing it, taking it back.

use domain::actor::Party;
use domain::bidding::{BidEvent, BidPatch, BidState};
use domain::profiles::Figures;
use ports::bidding::BidQueries;
use ports::environment::Clock;
use usecases::bidding::BidTerms;
use usecases::error::{Present, UseCaseError};

use super::world::{
    Deal, World, budget, counter_terms, for_amount, message, now, terms, unknown_order, usd, word,
};

#[tokio::test]
async fn a_bid_is_placed_and_told() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let deadline = world.in_hours(48);
    let offer = BidTerms { proposed_deadline: Some(deadline), ..terms(15_000) };
    let bid = now(world.place(&deal.other_provider, deal.order, offer).await.unwrap());
    assert_eq!(bid.id.to_string(), "BID-002");
    assert_eq!((bid.order_id, bid.provider_id), (deal.order, deal.other_provider.user_id));
    assert_eq!((bid.amount, bid.original_budget), (usd(15_000), usd(12_000)), "above the budget");
    assert_eq!((bid.proposed_deadline, bid.message.as_str()), (Some(deadline), "I can do it"));
    assert_eq!((bid.state, bid.revision, bid.submitted_at), (BidState::Open, 1, world.clock.now()));
    assert_eq!(bid.response_date, world.in_hours(5 * 24));
    assert_eq!(world.bid(bid.id).await, bid);
    assert_eq!(world.news(), [BidEvent::Placed(bid.reference()).into()]);
    assert_eq!(world.order(deal.order).await.card.bids_count, 2);
    let history = world.store.offers(bid.id).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].author, history[0].amount), (Party::Provider, usd(15_000)));
    assert_eq!(world.figures(&deal.other_provider).await, Figures::default());
}

#[tokio::test]
async fn an_offer_must_be_possible() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let other = deal.other_provider;
    for hours in [0, -1] {
        let late = BidTerms { proposed_deadline: Some(world.in_hours(hours)), ..terms(100) };
        let outcome = world.place(&other, deal.order, late).await;
        assert_eq!(word(&outcome), "deadline_not_in_future proposed_deadline");
    }
    assert_eq!(word(&world.place(&other, unknown_order(), terms(100)).await), "not_found");
    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.news();
    let outcome = world.place(&deal.provider, deal.order, terms(100)).await;
    assert_eq!(word(&outcome), "duplicate_bid countered");
    world.clock.set(world.order(deal.order).await.card.deadline);
    assert_eq!(word(&world.place(&other, deal.order, terms(100)).await), "deadline_passed open");
    assert!(world.told().is_empty());
    assert_eq!(world.order(deal.order).await.card.bids_count, 1);
}

#[tokio::test]
async fn a_bid_is_changed_and_the_old_terms_are_kept() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.clock.set(world.in_hours(1));
    let deadline = world.in_hours(48);
    let patch = BidPatch {
        amount: Some(usd(9_000)),
        proposed_deadline: Some(Some(deadline)),
        message: Some(message("for less")),
    };
    let bid = now(world.edit_bid(&deal.provider, deal.bid, patch.clone(), None).await.unwrap());
    assert_eq!(
        (bid.amount, bid.proposed_deadline, bid.message.as_str()),
        (usd(9_000), Some(deadline), "for less")
    );
    assert_eq!(bid.response_date, world.in_hours(5 * 24), "from now on");
    assert_eq!(world.news(), [BidEvent::Edited(bid.reference()).into()]);
    assert_eq!(world.bid(deal.bid).await, bid);
    let minors = async || -> Vec<i64> {
        world.store.offers(deal.bid).await.unwrap().iter().map(|offer| offer.amount.minor()).collect()
    };
    assert_eq!(minors().await, [10_000, 9_000]);
    for nothing in [BidPatch::default(), patch, for_amount(9_000)] {
        let same = now(world.edit_bid(&deal.provider, deal.bid, nothing, None).await.unwrap());
        assert_eq!(same, bid, "it changes nothing");
    }
    assert!(world.told().is_empty());
    let past = BidPatch { proposed_deadline: Some(Some(world.in_hours(0))), ..BidPatch::default() };
    let outcome = world.edit_bid(&deal.provider, deal.bid, past, None).await;
    assert_eq!(word(&outcome), "deadline_not_in_future proposed_deadline");
    assert_eq!(minors().await, [10_000, 9_000]);
}

#[tokio::test]
async fn only_the_bid_that_was_seen_is_changed() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let first = world.bid(deal.bid).await.version;
    let edit = async |minor, versions| {
        word(&world.edit_bid(&deal.provider, deal.bid, for_amount(minor), Some(versions)).await)
    };
    assert_eq!(edit(9_000, vec![first]).await, "done");
    let second = world.bid(deal.bid).await.version;
    world.news();
    assert_eq!(edit(8_000, vec![first]).await, "stale");
    assert_eq!(edit(8_000, vec![]).await, "stale");
    assert!(world.told().is_empty());
    assert_eq!(edit(8_000, vec![first, second]).await, "done");
    let stranger = world.edit_bid(&deal.other_provider, deal.bid, for_amount(1), Some(vec![first])).await;
    assert_eq!(word(&stranger), "not_found", "whoever has nothing to see has seen nothing");
    world.withdraw(&deal.provider, deal.bid).await.unwrap();
    assert_eq!(edit(7_000, vec![first]).await, "stale", "before the state");
    let third = world.bid(deal.bid).await.version;
    assert_eq!(edit(7_000, vec![third]).await, "invalid_transition withdrawn");
}

#[tokio::test]
async fn after_a_change_of_the_order_a_bid_must_be_confirmed() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.edit(&deal.client, deal.order, budget(13_000)).await.unwrap();
    world.edit(&deal.client, deal.order, budget(14_000)).await.unwrap();
    world.news();
    let stale = world.confirm(&deal.provider, deal.bid, Some(2)).await;
    assert_eq!(word(&stale), "order_changed changed");
    let Err(UseCaseError::Conflict { present, .. }) = stale else { panic!("{stale:?}") };
    assert_eq!(present, Some(Present::Revision(3)), "what it is now");
    assert!(world.told().is_empty());
    let bid = now(world.confirm(&deal.provider, deal.bid, Some(3)).await.unwrap());
    assert_eq!((bid.state, bid.revision, bid.amount), (BidState::Open, 3, usd(10_000)));
    assert_eq!(world.news(), [BidEvent::Confirmed(bid.reference()).into()]);
    assert_eq!(word(&world.confirm(&deal.provider, deal.bid, None).await), "invalid_transition open");

    world.edit(&deal.client, deal.order, budget(15_000)).await.unwrap();
    world.news();
    let same = now(world.edit_bid(&deal.provider, deal.bid, for_amount(10_000), None).await.unwrap());
    assert_eq!((same.state, same.revision), (BidState::Open, 4), "naming the same terms confirms them");
    assert_eq!(world.told(), ["bid.edited"]);
    world.edit(&deal.client, deal.order, budget(16_000)).await.unwrap();
    world.news();
    assert_eq!(word(&world.confirm(&deal.provider, deal.bid, None).await), "done", "whatever was read");
    assert_eq!(world.told(), ["bid.confirmed"]);
}

#[tokio::test]
async fn after_the_deadline_nobody_bids_or_confirms() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let countered = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.edit(&deal.client, deal.order, budget(13_000)).await.unwrap();
    world.counter(&deal.client, countered, counter_terms(8_000)).await.unwrap();
    world.news();
    world.clock.set(world.order(deal.order).await.card.deadline);
    let answers = [
        word(&world.confirm(&deal.provider, deal.bid, None).await),
        word(&world.edit_bid(&deal.provider, deal.bid, for_amount(1), None).await),
        word(&world.counter(&deal.client, deal.bid, counter_terms(1)).await),
        word(&world.accept_counter(&deal.other_provider, countered).await),
    ];
    assert_eq!(answers, ["deadline_passed open"; 4]);
    assert!(world.told().is_empty());
    assert_eq!(word(&world.reject_counter(&deal.other_provider, countered).await), "done");
    assert_eq!(word(&world.withdraw(&deal.provider, deal.bid).await), "done", "leaving is always possible");
}

#[tokio::test]
async fn a_bid_is_taken_back_and_another_placed() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let bid = now(world.withdraw(&deal.provider, deal.bid).await.unwrap());
    assert_eq!(bid.state, BidState::Withdrawn);
    assert_eq!(world.news(), [BidEvent::Withdrawn(bid.reference()).into()]);
    assert_eq!(world.order(deal.order).await.card.bids_count, 0);
    assert_eq!(word(&world.withdraw(&deal.provider, deal.bid).await), "invalid_transition withdrawn");
    let again = now(world.place(&deal.provider, deal.order, terms(9_000)).await.unwrap());
    assert_ne!(again.id, deal.bid);
    assert_eq!(world.order(deal.order).await.card.bids_count, 1);
    assert_eq!(world.bid(deal.bid).await, bid, "the old one is as it was");
}
