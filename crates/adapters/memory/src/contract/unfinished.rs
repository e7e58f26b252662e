//! What people have under way that is not paid for.

use domain::bidding::{Bid, BidState, edit_order};
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::OrderPatch;

use super::Subject;
use super::bids::{counter, decline, terms, withdraw};
use super::deal_scene::{Deal, FREE, awarded};
use super::market_scene::{a_client, a_provider, client, few_details, placed, posted, save_bids};
use super::money_scene::usd;
use super::scene::now;

/// An order that is awarded, and not paid for.
async fn pending(subject: &Subject, (client, provider): (UserId, UserId)) -> Deal {
    let order = posted(subject, client, few_details(), &[]).await;
    let bid = placed(subject, &order, provider, 10_000).await;
    awarded(subject, order, bid, FREE).await
}

/// A bid on an order of its own that has come to this state without an award.
async fn bid_in(subject: &Subject, (client_id, provider): (UserId, UserId), state: BidState) -> Bid {
    let mut order = posted(subject, client_id, few_details(), &[]).await;
    let mut bid = placed(subject, &order, provider, 10_000).await;
    match state {
        BidState::Open | BidState::Accepted => return bid,
        BidState::Changed => {
            let patch = OrderPatch { budget: Some(usd(12_345)), ..OrderPatch::default() };
            let (bids, by) = (std::slice::from_mut(&mut bid), client(client_id));
            let _edited = edit_order(&mut order, bids, patch, by, now()).expect("the order is edited");
        }
        BidState::Countered => drop(counter(&mut bid, &order, terms(9_000, None, false))),
        BidState::Declined => decline(&mut bid, &order),
        BidState::Withdrawn => withdraw(&mut bid, &order),
    }
    save_bids(subject, std::slice::from_mut(&mut bid)).await;
    assert_eq!(bid.state, state);
    bid
}

/// Orders of these two that were awarded: pending, active, left, cancelled.
async fn one_of_each(subject: &Subject, people: (UserId, UserId)) -> [Deal; 4] {
    let waiting = pending(subject, people).await;
    let mut paid = pending(subject, people).await;
    paid.fund(subject).await;
    let mut left = pending(subject, people).await;
    left.leave(subject).await;
    let mut cancelled = pending(subject, people).await;
    cancelled.cancel(subject).await;
    [waiting, paid, left, cancelled]
}

async fn people(subject: &Subject) -> (UserId, UserId) {
    (a_client(subject).await, a_provider(subject).await)
}

async fn orders(subject: &Subject, client: UserId, after: Option<OrderId>, limit: u32) -> Vec<OrderId> {
    subject.unfinished.unfinished_orders(client, after, limit).await.expect("the question is answered")
}

async fn bids(subject: &Subject, provider: UserId, after: Option<BidId>, limit: u32) -> Vec<BidId> {
    subject.unfinished.unfinished_bids(provider, after, limit).await.expect("the question is answered")
}

pub(super) async fn what_a_client_has_open_or_unpaid_is_unfinished(subject: &Subject) {
    let people = people(subject).await;
    let open = posted(subject, people.0, few_details(), &[]).await.id;
    let [waiting, _, left, _] = one_of_each(subject, people).await;
    let other = people_and_their_order(subject).await;
    let found = orders(subject, people.0, None, 100).await;
    assert_eq!(found, [open, waiting.order.id, left.order.id]);
    assert!(!found.contains(&other), "somebody else's");
    assert_eq!(orders(subject, people.1, None, 100).await, [], "a provider has none");
}

async fn people_and_their_order(subject: &Subject) -> OrderId {
    posted(subject, a_client(subject).await, few_details(), &[]).await.id
}

pub(super) async fn what_a_provider_bids_or_holds_unpaid_is_unfinished(subject: &Subject) {
    let people = people(subject).await;
    let mut expected = Vec::new();
    for state in BidState::ALL.iter().filter(|state| **state != BidState::Accepted) {
        let bid = bid_in(subject, people, *state).await;
        expected.extend(state.is_live().then_some(bid.id));
    }
    let [waiting, ..] = one_of_each(subject, people).await;
    expected.push(waiting.bid.id);
    let order = posted(subject, people.0, few_details(), &[]).await;
    let _other = placed(subject, &order, a_provider(subject).await, 10_000).await;
    assert_eq!(bids(subject, people.1, None, 100).await, expected);
    assert_eq!(bids(subject, people.0, None, 100).await, [], "a client has none");
}

pub(super) async fn unfinished_business_is_found_part_by_part(subject: &Subject) {
    let people = people(subject).await;
    let (mut all_orders, mut all_bids) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let order = posted(subject, people.0, few_details(), &[]).await;
        all_orders.push(order.id);
        all_bids.push(placed(subject, &order, people.1, 10_000).await.id);
        let deal = pending(subject, people).await;
        all_orders.push(deal.order.id);
        all_bids.push(deal.bid.id);
    }
    for count in [1, 2, 3, 6] {
        let limit = u32::try_from(count).expect("a few");
        let last = count - 1;
        assert_eq!(orders(subject, people.0, None, limit).await, all_orders[..count]);
        assert_eq!(orders(subject, people.0, Some(all_orders[last]), 100).await, all_orders[count..]);
        assert_eq!(bids(subject, people.1, None, limit).await, all_bids[..count]);
        assert_eq!(bids(subject, people.1, Some(all_bids[last]), 100).await, all_bids[count..]);
    }
}
