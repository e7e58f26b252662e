//! Bids: storing, locking, saving.

use std::pin::pin;

use chrono::{DateTime, Utc};
use domain::bidding::{Bid, BidPatch, BidRef, BidState, BidStep, CounterTerms, edit_order};
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::{Order, OrderPatch};
use ports::bidding::{BidStage, WhichBids};
use ports::store::StoreError;

use super::Subject;
use super::deal_scene::{FREE, awarded};
use super::market_scene::{
    a_provider, client, in_days, locked_bids, message, new_bid, next_bid_id, placed, provider, reloaded_bid,
    reloaded_order, save_bids, some_order,
};
use super::money_scene::usd;
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

pub(super) fn terms(
    minor: i64,
    proposed_deadline: Option<DateTime<Utc>>,
    with_message: bool,
) -> CounterTerms {
    let message = with_message.then(|| message("Zeile 1\n\"Zeile\" 2\t\\"));
    CounterTerms { amount: usd(minor), proposed_deadline, message }
}

pub(super) fn counter(bid: &mut Bid, order: &Order, terms: CounterTerms) -> BidStep {
    bid.counter(terms, order, client(order.client_id), now()).expect("a counter-offer is made")
}

pub(super) fn withdraw(bid: &mut Bid, order: &Order) {
    let by = provider(bid.provider_id);
    let withdrawn = domain::contracts::withdraw_bid(&mut order.clone(), bid, None, by, now());
    assert!(withdrawn.is_ok_and(|outcome| outcome.events.len() == 1), "it is withdrawn");
}

pub(super) fn decline(bid: &mut Bid, order: &Order) {
    let step = bid.decline(order, client(order.client_id), now()).expect("it is declined");
    assert!(step.offer.is_none());
}

/// An order and a live bid on it.
pub(super) async fn on_offer(subject: &Subject) -> (Order, Bid) {
    let order = some_order(subject).await;
    let bid = placed(subject, &order, a_provider(subject).await, 11_500).await;
    (order, bid)
}

pub(super) async fn a_bid_is_found_as_it_was_stored(subject: &Subject) {
    let order = some_order(subject).await;
    for proposed_deadline in [None, Some(in_days(20))] {
        let mut work = begin(subject).await;
        let id = next_bid_id(work.as_mut()).await;
        let (mut bid, offer) = new_bid(id, &order, a_provider(subject).await, 99_999);
        bid.proposed_deadline = proposed_deadline;
        work.bids().insert(&bid, &offer).await.expect("a bid is inserted");
        let reference = bid.reference(&order);
        let one = WhichBids::One(id);
        assert_eq!(locked_bids(work.as_mut(), order.id, one).await, [bid.clone()], "inside");
        assert_eq!(work.bids().find(id).await.expect("the question is answered"), Some(reference));
        assert_eq!(subject.bids.bid(id).await.expect("the question is answered"), None, "not yet");
        commit(work).await;
        assert_eq!(reloaded_bid(subject, &bid).await, bid, "as everybody sees it");
        let mut work = begin(subject).await;
        assert_eq!(work.bids().find(id).await.expect("the question is answered"), Some(reference));
        rollback(work).await;
    }
    assert_eq!(reloaded_order(subject, order.id).await, order, "a bid changes nothing of the order");
}

pub(super) async fn unknown_bids_are_not_found(subject: &Subject) {
    let (order, bid) = on_offer(subject).await;
    let other = some_order(subject).await;
    let unknown = BidId::new(i64::MAX).expect("a number");
    let mut work = begin(subject).await;
    assert_eq!(work.bids().find(unknown).await.expect("the question is answered"), None);
    assert_eq!(locked_bids(work.as_mut(), order.id, WhichBids::One(unknown)).await, []);
    assert_eq!(locked_bids(work.as_mut(), other.id, WhichBids::One(bid.id)).await, [], "not on that order");
    rollback(work).await;
    assert_eq!(subject.bids.bid(unknown).await.expect("the question is answered"), None);
    assert_eq!(subject.bids.offers(unknown).await.expect("the question is answered"), []);
}

pub(super) async fn finding_a_bid_takes_no_lock(subject: &Subject) {
    let (order, bid) = on_offer(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    locked_bids(first.as_mut(), order.id, WhichBids::Live).await;
    let found = must_end(second.bids().find(bid.id), "who only looks").await;
    let BidRef { bid_id, provider_id, .. } = found.expect("the question is answered").expect("it is there");
    assert_eq!((bid_id, provider_id), (bid.id, bid.provider_id));
    let shown = must_end(subject.bids.bid(bid.id), "a question").await.expect("it is answered");
    assert!(shown.is_some());
    rollback(second).await;
    rollback(first).await;
}

pub(super) async fn numbers_of_bids_rise(subject: &Subject) {
    let mut taken = Vec::new();
    for _ in 0..3 {
        let mut work = begin(subject).await;
        taken.push(next_bid_id(work.as_mut()).await);
        taken.push(next_bid_id(work.as_mut()).await);
        rollback(work).await;
    }
    assert!(taken.is_sorted_by(|a, b| a < b), "none twice, not even after a rollback: {taken:?}");
}

pub(super) async fn a_new_bid_is_staged(subject: &Subject) {
    let (order, provider_id) = (some_order(subject).await, a_provider(subject).await);
    for _ in 0..3 {
        // More than once on one connection: the second time everything is sent at once.
        let mut work = begin(subject).await;
        let BidStage { provider, order: staged, live, next_id } =
            work.bids().stage(order.id, provider_id).await.expect("it is staged");
        assert_eq!(provider.map(|user| user.id), Some(provider_id));
        assert_eq!((staged.as_ref(), live), (Some(&order), None));
        let (bid, offer) = new_bid(next_id, &order, provider_id, 1);
        work.bids().insert(&bid, &offer).await.expect("a bid is inserted");
        let BidStage { live, next_id: later, .. } =
            work.bids().stage(order.id, provider_id).await.expect("it is staged");
        assert_eq!(live.map(|live| live.id), Some(bid.id));
        assert!(later > next_id);
        rollback(work).await;
    }
    let mut work = begin(subject).await;
    let nowhere = OrderId::new(i64::MAX).expect("a number");
    let BidStage { provider, order: staged, live, next_id: _ } =
        work.bids().stage(nowhere, UserId::new(fresh_uuid())).await.expect("it is staged");
    assert!(provider.is_none() && staged.is_none() && live.is_none());
    rollback(work).await;
}

pub(super) async fn staging_a_bid_waits_for_the_order(subject: &Subject) {
    let (order, provider_id) = (some_order(subject).await, a_provider(subject).await);
    let mut first = begin(subject).await;
    let BidStage { next_id, .. } = first.bids().stage(order.id, provider_id).await.expect("it is staged");
    let (bid, offer) = new_bid(next_id, &order, provider_id, 1);
    first.bids().insert(&bid, &offer).await.expect("a bid is inserted");
    for _ in 0..2 {
        // So that what is sent at once is tried as well.
        let mut work = begin(subject).await;
        let elsewhere = some_order(subject).await;
        work.bids().stage(elsewhere.id, provider_id).await.expect("it is staged");
        rollback(work).await;
    }
    let mut second = begin(subject).await;
    let staged = {
        let mut waiting = pin!(second.bids().stage(order.id, provider_id));
        must_wait(waiting.as_mut(), "the second bid").await;
        commit(first).await;
        must_end(waiting, "the second bid").await.expect("the lock comes")
    };
    assert_eq!(staged.live.map(|live| live.id), Some(bid.id), "what was committed meanwhile is seen");
    rollback(second).await;
}

pub(super) async fn changes_of_a_bid_are_saved(subject: &Subject) {
    type Step = fn(&mut Bid, &mut Order);
    let edit: Step = |bid, order| {
        let patch = BidPatch {
            amount: Some(usd(1)),
            proposed_deadline: Some(Some(in_days(9))),
            message: Some(message("something else")),
        };
        let step = bid.edit(patch, order, provider(bid.provider_id), now()).expect("it is edited");
        assert!(step.is_some());
    };
    let counter_in_full: Step = |bid, order| drop(counter(bid, order, terms(11_000, Some(in_days(8)), true)));
    let counter_in_short: Step = |bid, order| drop(counter(bid, order, terms(10_500, None, false)));
    let accept: Step =
        |bid, order| drop(bid.accept_counter(order, provider(bid.provider_id), now()).expect("it is taken"));
    let reject: Step =
        |bid, order| drop(bid.reject_counter(order, provider(bid.provider_id), now()).expect("it is not"));
    let outdate: Step = |bid, order| {
        let patch = OrderPatch { budget: Some(usd(12_345)), ..OrderPatch::default() };
        let bids = std::slice::from_mut(bid);
        let _edited =
            edit_order(order, bids, patch, client(order.client_id), now()).expect("the order is edited");
        assert_eq!(bid.state, BidState::Changed);
    };
    let confirm: Step =
        |bid, order| drop(bid.confirm(None, order, provider(bid.provider_id), now()).expect("it holds"));
    let (decline, withdraw): (Step, Step) =
        (|bid, order| decline(bid, order), |bid, order| withdraw(bid, order));
    for steps in [
        vec![edit, counter_in_full, counter_in_short, accept, edit, decline],
        vec![counter_in_full, accept, outdate, confirm, withdraw],
        vec![counter_in_full, reject, counter_in_short, withdraw],
        vec![outdate, edit],
    ] {
        let (mut order, mut bid) = on_offer(subject).await;
        for step in steps {
            let (version, before) = (bid.version, bid.clone());
            step(&mut bid, &mut order);
            assert_ne!(bid, before, "the step was taken");
            let mut work = begin(subject).await;
            work.bids().save(std::slice::from_mut(&mut bid)).await.expect("it is saved");
            assert!(bid.version > version);
            let inside = locked_bids(work.as_mut(), order.id, WhichBids::One(bid.id)).await;
            assert_eq!(inside, [bid.clone()], "as the transaction itself sees it");
            commit(work).await;
            assert_eq!(reloaded_bid(subject, &bid).await, bid, "as everybody sees it");
        }
    }
}

pub(super) async fn what_a_bid_is_stays(subject: &Subject) {
    let (_, stored) = on_offer(subject).await;
    let somebody = a_provider(subject).await;
    let mut bid = Bid { provider_id: somebody, submitted_at: in_days(-1), ..stored.clone() };
    save_bids(subject, std::slice::from_mut(&mut bid)).await;
    let found = reloaded_bid(subject, &stored).await;
    assert_eq!(found, Bid { version: bid.version, ..stored });
}

pub(super) async fn stale_bids_are_refused(subject: &Subject) {
    let (order, stale) = on_offer(subject).await;
    let other = placed(subject, &order, a_provider(subject).await, 10_000).await;
    let mut current = stale.clone();
    save_bids(subject, std::slice::from_mut(&mut current)).await;
    let nowhere = Bid { id: BidId::new(i64::MAX).expect("a number"), ..current.clone() };
    for mut bids in [vec![stale.clone()], vec![stale.clone(), other.clone()], vec![other.clone(), nowhere]] {
        for bid in &mut bids {
            decline(bid, &order);
        }
        let mut work = begin(subject).await;
        let saved = work.bids().save(&mut bids).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    }
    assert_eq!(reloaded_bid(subject, &current).await, current);
    assert_eq!(reloaded_bid(subject, &other).await, other);
}

pub(super) async fn bids_are_locked(subject: &Subject) {
    let (order, bid) = on_offer(subject).await;
    let theirs = placed(subject, &order, a_provider(subject).await, 10_000).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut mine = locked_bids(first.as_mut(), order.id, WhichBids::One(bid.id)).await;
    let other = WhichBids::One(theirs.id);
    let free = must_end(locked_bids(second.as_mut(), order.id, other), "who wants another bid").await;
    assert_eq!(free, std::slice::from_ref(&theirs));
    for bid in &mut mine {
        let patch = BidPatch { amount: Some(usd(7)), ..BidPatch::default() };
        let step = bid.edit(patch, &order, provider(bid.provider_id), now()).expect("it is edited");
        assert!(step.is_some());
    }
    let seen = {
        let mut waiting = pin!(second.bids().lock(order.id, WhichBids::Live));
        must_wait(waiting.as_mut(), "the second transaction").await;
        first.bids().save(&mut mine).await.expect("it is saved");
        commit(first).await;
        must_end(waiting, "the second transaction").await.expect("the locks come")
    };
    mine.push(theirs);
    assert_eq!(seen, mine, "what the first one left, in the order of their numbers");
    commit(second).await;
}

pub(super) async fn bids_that_came_to_their_end_meanwhile_are_left_out(subject: &Subject) {
    let (order, mut bid) = on_offer(subject).await;
    let theirs = placed(subject, &order, a_provider(subject).await, 10_000).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    locked_bids(first.as_mut(), order.id, WhichBids::One(bid.id)).await;
    let seen = {
        let mut waiting = pin!(second.bids().lock(order.id, WhichBids::Live));
        must_wait(waiting.as_mut(), "the second transaction").await;
        decline(&mut bid, &order);
        first.bids().save(std::slice::from_mut(&mut bid)).await.expect("it is saved");
        commit(first).await;
        must_end(waiting, "the second transaction").await.expect("the locks come")
    };
    assert_eq!(seen, [theirs], "the other one is not live any more");
    commit(second).await;
}

pub(super) async fn the_bids_that_are_wanted_are_locked(subject: &Subject) {
    let order = some_order(subject).await;
    let mut bids = Vec::new();
    for _ in 0..5 {
        bids.push(placed(subject, &order, a_provider(subject).await, 10_000).await);
    }
    let [winner, open, mut countered, mut declined, mut withdrawn] =
        <[Bid; 5]>::try_from(bids).expect("five of them");
    drop(counter(&mut countered, &order, terms(9_000, None, false)));
    decline(&mut declined, &order);
    withdraw(&mut withdrawn, &order);
    let mut changed = [withdrawn, countered, declined];
    save_bids(subject, &mut changed).await;
    let [withdrawn, countered, declined] = changed;
    placed(subject, &some_order(subject).await, open.provider_id, 1).await;

    let ids = async |which| {
        let mut work = begin(subject).await;
        let found = locked_bids(work.as_mut(), order.id, which).await;
        rollback(work).await;
        found.into_iter().map(|bid| bid.id).collect::<Vec<_>>()
    };
    let live = [winner.id, open.id, countered.id];
    assert_eq!(ids(WhichBids::Live).await, live);
    assert_eq!(ids(WhichBids::LiveAndAccepted).await, live);
    assert_eq!(ids(WhichBids::LiveAnd(open.id)).await, live, "one of them");
    let with_declined = [winner.id, open.id, countered.id, declined.id];
    assert_eq!(ids(WhichBids::LiveAnd(declined.id)).await, with_declined);
    for bid in [&winner, &open, &countered] {
        assert_eq!(ids(WhichBids::LiveOf(bid.provider_id)).await, [bid.id]);
    }
    for bid in [&declined, &withdrawn] {
        assert_eq!(ids(WhichBids::LiveOf(bid.provider_id)).await, [], "{}", bid.state);
        assert_eq!(ids(WhichBids::One(bid.id)).await, [bid.id], "{}", bid.state);
    }
    awarded(subject, order.clone(), winner.clone(), FREE).await;
    assert_eq!(ids(WhichBids::Live).await, live[1..]);
    assert_eq!(ids(WhichBids::LiveAndAccepted).await, live, "in the order of their numbers");
    assert_eq!(ids(WhichBids::LiveOf(winner.provider_id)).await, []);
}
