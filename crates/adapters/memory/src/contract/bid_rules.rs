//! Bids: how many of them there can be at a time, how they are counted, and their history.

use std::pin::pin;

use domain::bidding::{Bid, BidPatch, BidState, Offer, edit_order};
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::{Order, OrderPatch};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::bids::{counter, decline, on_offer, terms, withdraw};
use super::deal_scene::{FREE, awarded};
use super::market_scene::{
    a_client, a_provider, client, detail, detail_inside, few_details, in_days, new_bid, next_bid_id, place,
    placed, posted, provider, reloaded_bid, reloaded_order, save_bids, some_order, title,
};
use super::money_scene::usd;
use super::scene::{begin, commit, fresh_uuid, must_be_refused, must_end, must_wait, now, rollback};

async fn live_bids(subject: &Subject, order: &Order) -> i64 {
    detail(subject, order.id).await.card.bids_count
}

/// A second bid, which is not to be.
async fn refused(subject: &Subject, order: &Order, provider_id: UserId) -> BidId {
    let mut work = begin(subject).await;
    let (bid, offer) = new_bid(next_bid_id(work.as_mut()).await, order, provider_id, 1);
    let inserted = work.bids().insert(&bid, &offer).await;
    must_be_refused(inserted, work).await;
    bid.id
}

pub(super) async fn a_second_live_bid_is_refused(subject: &Subject) {
    let (order, bid) = on_offer(subject).await;
    let (other, somebody) = (some_order(subject).await, a_provider(subject).await);
    let mut work = begin(subject).await;
    let elsewhere = place(work.as_mut(), &other, bid.provider_id, 100).await;
    let beside = place(work.as_mut(), &order, somebody, 100).await;
    commit(work).await;
    let twice = refused(subject, &order, somebody).await;
    let refused = refused(subject, &order, bid.provider_id).await;
    for id in [refused, twice] {
        assert_eq!(
            subject.bids.bid(id).await.expect("the question is answered"),
            None,
            "nothing was written"
        );
        assert_eq!(subject.bids.offers(id).await.expect("the question is answered"), []);
    }
    for written in [bid, elsewhere, beside] {
        assert_eq!(reloaded_bid(subject, &written).await, written);
    }
    assert_eq!((live_bids(subject, &order).await, live_bids(subject, &other).await), (2, 1));
}

pub(super) async fn a_bid_of_any_live_state_keeps_a_second_one_out(subject: &Subject) {
    let (mut order, bid) = on_offer(subject).await;
    let mut bids = [bid];
    let patch = OrderPatch { title: Some(title("Changed")), ..OrderPatch::default() };
    let by = client(order.client_id);
    let _edited = edit_order(&mut order, &mut bids, patch, by, now()).expect("it is edited");
    let mut work = begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    commit(work).await;
    let [mut bid] = bids;
    for state in [BidState::Changed, BidState::Countered] {
        if state == BidState::Countered {
            drop(counter(&mut bid, &order, terms(9_000, None, false)));
        }
        assert_eq!(bid.state, state);
        save_bids(subject, std::slice::from_mut(&mut bid)).await;
        refused(subject, &order, bid.provider_id).await;
    }
}

pub(super) async fn after_its_end_one_may_bid_again(subject: &Subject) {
    let order = some_order(subject).await;
    let provider_id = a_provider(subject).await;
    for end in [withdraw, decline] {
        let mut bid = placed(subject, &order, provider_id, 100).await;
        end(&mut bid, &order);
        let mut work = begin(subject).await;
        work.bids().save(std::slice::from_mut(&mut bid)).await.expect("it is saved");
        let again = place(work.as_mut(), &order, provider_id, 100).await;
        rollback(work).await;
        assert_eq!(subject.bids.bid(again.id).await.expect("the question is answered"), None);
        bid.version -= 1;
        save_bids(subject, std::slice::from_mut(&mut bid)).await;
    }
    placed(subject, &order, provider_id, 100).await;
    assert_eq!(live_bids(subject, &order).await, 1);
}

async fn insert_and_commit(
    mut work: Box<dyn UnitOfWork>,
    bid: &Bid,
    offer: &Offer,
) -> Result<(), StoreError> {
    work.bids().insert(bid, offer).await?;
    work.commit().await
}

pub(super) async fn a_second_bid_being_placed_waits_for_the_first(subject: &Subject) {
    for succeeds in [true, false] {
        let (order, provider_id) = (some_order(subject).await, a_provider(subject).await);
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        let earlier = place(first.as_mut(), &order, provider_id, 100).await;
        // Written with this at the latest.
        assert!(first.bids().find(earlier.id).await.expect("the question is answered").is_some());
        let (bid, offer) = new_bid(next_bid_id(second.as_mut()).await, &order, provider_id, 200);
        let mut waiting = pin!(insert_and_commit(second, &bid, &offer));
        must_wait(waiting.as_mut(), "who bids a second time").await;
        if succeeds {
            commit(first).await;
        } else {
            rollback(first).await;
        }
        let outcome = must_end(waiting, "who bids a second time").await;
        assert_eq!(matches!(outcome, Err(StoreError::Refused(_))), succeeds, "{outcome:?}");
        assert_eq!(outcome.is_ok(), !succeeds, "{outcome:?}");
        assert_eq!(live_bids(subject, &order).await, 1, "one of them");
    }
}

pub(super) async fn a_bid_is_over_only_when_it_is(subject: &Subject) {
    for ends in [true, false] {
        let (order, mut bid) = on_offer(subject).await;
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        withdraw(&mut bid, &order);
        first.bids().save(std::slice::from_mut(&mut bid)).await.expect("it is saved");
        let (again, offer) = new_bid(next_bid_id(second.as_mut()).await, &order, bid.provider_id, 200);
        let mut waiting = pin!(insert_and_commit(second, &again, &offer));
        must_wait(waiting.as_mut(), "who bids in its place").await;
        if ends {
            commit(first).await;
        } else {
            rollback(first).await;
        }
        let outcome = must_end(waiting, "who bids in its place").await;
        assert_eq!(outcome.is_ok(), ends, "{outcome:?}");
        assert_eq!(matches!(outcome, Err(StoreError::Refused(_))), !ends, "{outcome:?}");
        assert_eq!(live_bids(subject, &order).await, 1);
    }
}

pub(super) async fn only_one_bid_is_accepted(subject: &Subject) {
    let (order, bid) = on_offer(subject).await;
    let mut other = placed(subject, &order, a_provider(subject).await, 10_000).await;
    let deal = awarded(subject, order, bid, FREE).await;
    (other.state, other.answered_at) = (BidState::Accepted, Some(now()));
    let mut work = begin(subject).await;
    let refused = work.bids().save(std::slice::from_mut(&mut other)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
    assert_eq!(reloaded_bid(subject, &other).await.state, BidState::Open);
    assert_eq!(reloaded_bid(subject, &deal.bid).await, deal.bid);
}

pub(super) async fn a_number_of_a_bid_is_given_once(subject: &Subject) {
    let (_, stored) = on_offer(subject).await;
    let (order, provider_id) = (some_order(subject).await, a_provider(subject).await);
    let (twin, offer) = new_bid(stored.id, &order, provider_id, 100);
    let mut work = begin(subject).await;
    let inserted = work.bids().insert(&twin, &offer).await;
    must_be_refused(inserted, work).await;
    assert_eq!(reloaded_bid(subject, &stored).await, stored);
}

pub(super) async fn bids_belong_to_what_is_there(subject: &Subject) {
    let order = some_order(subject).await;
    let nowhere = Order { id: OrderId::new(i64::MAX).expect("a number"), ..order.clone() };
    let nobody = UserId::new(fresh_uuid());
    for (order, provider_id) in [(&nowhere, a_provider(subject).await), (&order, nobody)] {
        let mut work = begin(subject).await;
        let (bid, offer) = new_bid(next_bid_id(work.as_mut()).await, order, provider_id, 100);
        let inserted = work.bids().insert(&bid, &offer).await;
        must_be_refused(inserted, work).await;
    }
}

pub(super) async fn live_bids_are_counted(subject: &Subject) {
    let client_id = a_client(subject).await;
    let order = posted(subject, client_id, few_details(), &[]).await;
    let mut work = begin(subject).await;
    let mut bids = Vec::new();
    for count in 1..=5 {
        bids.push(place(work.as_mut(), &order, a_provider(subject).await, 100).await);
        assert_eq!(detail_inside(work.as_mut(), order.id).await.card.bids_count, count);
    }
    assert_eq!(live_bids(subject, &order).await, 0, "not yet outside");
    commit(work).await;
    assert_eq!(live_bids(subject, &order).await, 5);

    drop(counter(&mut bids[0], &order, terms(90, None, true)));
    save_bids(subject, &mut bids[..1]).await;
    assert_eq!(live_bids(subject, &order).await, 5, "it still runs");
    withdraw(&mut bids[1], &order);
    decline(&mut bids[2], &order);
    let mut work = begin(subject).await;
    work.bids().save(&mut bids).await.expect("all at once");
    assert_eq!(detail_inside(work.as_mut(), order.id).await.card.bids_count, 3);
    rollback(work).await;
    assert_eq!(live_bids(subject, &order).await, 5, "as if it had never been");
    for bid in &mut bids {
        bid.version -= 1;
    }
    save_bids(subject, &mut bids).await;
    assert_eq!(live_bids(subject, &order).await, 3);
    let version = reloaded_order(subject, order.id).await.version;
    assert_eq!(version, order.version, "a count is no change of the order");

    let winner = bids.remove(3);
    let deal = awarded(subject, order.clone(), winner, FREE).await;
    assert_eq!(live_bids(subject, &order).await, 2, "without the one that won");
    let mut losers = [bids.remove(0), bids.remove(2)];
    for bid in &mut losers {
        decline(bid, &deal.order);
    }
    save_bids(subject, &mut losers).await;
    assert_eq!(live_bids(subject, &order).await, 0);
}

pub(super) async fn a_history_names_every_offer(subject: &Subject) {
    let order = some_order(subject).await;
    let provider_id = a_provider(subject).await;
    let mut work = begin(subject).await;
    let id = next_bid_id(work.as_mut()).await;
    let (mut bid, first) = new_bid(id, &order, provider_id, 11_500);
    work.bids().insert(&bid, &first).await.expect("no error");
    commit(work).await;
    // All at the same moment: they stand in the order in which they were made.
    let at = first.made_at;
    let mut made = vec![first];
    let by = client(order.client_id);
    for terms in [terms(11_000, Some(in_days(9)), true), terms(10_000, None, false)] {
        let step = bid.counter(terms, &order, by, at).expect("a counter-offer is made");
        made.push(step.offer.expect("it names terms"));
    }
    let patch = BidPatch { amount: Some(usd(10_500)), ..BidPatch::default() };
    let step = bid.edit(patch, &order, provider(provider_id), at).expect("it is edited");
    made.extend(step.expect("something changed").offer);
    for offer in &made[1..] {
        let mut work = begin(subject).await;
        work.bids().add_offer(offer).await.expect("it is added");
        commit(work).await;
    }
    let lost = &made[0];
    let mut work = begin(subject).await;
    work.bids().add_offer(lost).await.expect("it is added");
    rollback(work).await;
    placed(subject, &order, a_provider(subject).await, 1).await;

    let history = subject.bids.offers(id).await.expect("the question is answered");
    assert_eq!(history.len(), 4, "its own, and none that was rolled back");
    for (view, offer) in history.iter().zip(&made) {
        assert_eq!((view.author, view.author_id), (offer.author, offer.author_id));
        assert_eq!(view.author_name, "Ádá Lovelace");
        assert_eq!((view.amount, view.proposed_deadline), (offer.amount, offer.proposed_deadline));
        assert_eq!(view.message.as_deref(), offer.message.as_ref().map(|message| message.as_str()));
        assert_eq!(view.made_at, offer.made_at);
    }
    let minors: Vec<_> = history.iter().map(|view| view.amount.minor()).collect();
    assert_eq!(minors, [11_500, 11_000, 10_000, 10_500], "oldest first");
    let authors: Vec<_> = history.iter().map(|view| view.author_id).collect();
    assert_eq!(authors, [provider_id, order.client_id, order.client_id, provider_id]);
}

pub(super) async fn a_history_belongs_to_a_bid(subject: &Subject) {
    let (order, bid) = on_offer(subject).await;
    let (_, offer) = new_bid(BidId::new(i64::MAX).expect("a number"), &order, bid.provider_id, 1);
    let mut work = begin(subject).await;
    let refused = work.bids().add_offer(&offer).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
}
