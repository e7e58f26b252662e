//! Lists of bids: one's own, and those on an order.

use domain::bidding::{Bid, BidCounts, BidState, CounterTerms};
use domain::identity::Role;
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::Order;
use ports::bidding::{BidList, BidView, ReceivedBid};
use ports::list::{Slice, Window};

use super::Subject;
use super::deal_scene::{FREE, awarded};
use super::market_scene::{
    a_provider, client, placed, provider, reloaded_order, save_bids, some_order, stored_person,
};
use super::money_scene::{EVERYTHING, usd};
use super::scene::now;

const ALL: &[BidState] = BidState::ALL;

async fn list(subject: &Subject, of: Option<UserId>, states: &[BidState], window: Window) -> BidList {
    subject.bids.bids(of, states, window).await.expect("the question is answered")
}

async fn received(
    subject: &Subject,
    order_id: OrderId,
    states: &[BidState],
    window: Window,
) -> Slice<ReceivedBid> {
    subject.bids.bids_on(order_id, states, window).await.expect("the question is answered")
}

fn ids(slice: &Slice<BidView>) -> Vec<BidId> {
    slice.rows.iter().map(|view| view.id).collect()
}

fn received_ids(slice: &Slice<ReceivedBid>) -> Vec<BidId> {
    slice.rows.iter().map(|received| received.bid.id).collect()
}

fn counter(bid: &mut Bid, order: &Order) {
    let message = Some(super::market_scene::message("Zeile 1\n\"Zeile\" 2"));
    let terms = CounterTerms { amount: usd(90), proposed_deadline: None, message };
    drop(bid.counter(terms, order, client(order.client_id), now()).expect("a counter-offer is made"));
}

/// One bid in each state, each on an order of its own; the order of the accepted one is awarded.
async fn one_of_each(subject: &Subject, me: UserId) -> Vec<(BidState, BidId)> {
    let mut made = Vec::new();
    for state in ALL {
        let order = some_order(subject).await;
        let mut bid = placed(subject, &order, me, 100).await;
        match state {
            BidState::Open => {}
            BidState::Changed => {
                let patch = domain::orders::OrderPatch {
                    budget: Some(usd(1_000)),
                    ..domain::orders::OrderPatch::default()
                };
                let (mut changed, by) = (order.clone(), client(order.client_id));
                let bids = std::slice::from_mut(&mut bid);
                let edited = domain::bidding::edit_order(&mut changed, bids, patch, by, now());
                assert!(edited.is_ok_and(|edited| edited.events.len() == 2));
            }
            BidState::Countered => counter(&mut bid, &order),
            BidState::Accepted => {
                made.push((*state, bid.id));
                awarded(subject, order, bid, FREE).await;
                continue;
            }
            BidState::Declined => {
                drop(bid.decline(&order, client(order.client_id), now()).expect("it is declined"));
            }
            BidState::Withdrawn => {
                let withdrawn =
                    domain::contracts::withdraw_bid(&mut order.clone(), &mut bid, None, provider(me), now());
                assert!(withdrawn.is_ok_and(|outcome| outcome.events.len() == 1));
            }
        }
        assert_eq!(bid.state, *state);
        if *state != BidState::Open {
            save_bids(subject, std::slice::from_mut(&mut bid)).await;
        }
        made.push((*state, bid.id));
    }
    made
}

pub(super) async fn ones_own_bids_are_listed_by_state(subject: &Subject) {
    use BidState::{Accepted, Changed, Countered, Declined, Open, Withdrawn};
    let (me, somebody) = (a_provider(subject).await, a_provider(subject).await);
    let mut made = one_of_each(subject, me).await;
    made.reverse();
    one_of_each(subject, somebody).await;
    let tally = BidCounts { open: 1, changed: 1, countered: 1, accepted: 1, declined: 1, withdrawn: 1 };
    for states in [ALL, &[Open], &[Changed, Countered], &[Declined, Open], &[Accepted], &[Withdrawn], &[]] {
        let expected: Vec<_> =
            made.iter().filter(|(state, _)| states.contains(state)).map(|(_, id)| *id).collect();
        let found = list(subject, Some(me), states, EVERYTHING).await;
        let total = i64::try_from(expected.len()).expect("few rows");
        assert_eq!((ids(&found.bids), found.bids.total), (expected, total), "{states:?}");
        assert_eq!(found.tally, tally, "whatever the filter");
    }
    let nobodys = list(subject, Some(a_provider(subject).await), ALL, EVERYTHING).await;
    assert_eq!((nobodys.bids.total, nobodys.tally), (0, BidCounts::default()));
}

pub(super) async fn everybodys_bids_are_listed(subject: &Subject) {
    let (one, other) = (a_provider(subject).await, a_provider(subject).await);
    let order = some_order(subject).await;
    let bids = [placed(subject, &order, one, 1).await.id, placed(subject, &order, other, 2).await.id];
    let newest = list(subject, None, ALL, EVERYTHING).await;
    assert!(newest.bids.rows.is_sorted_by(|newer, older| newer.id > older.id));
    assert!(newest.bids.total >= 2 && newest.tally.open >= 2);
    // From above these two on: others may bid meanwhile, and are not in the way.
    let from = Window::Before { position: bids[1].number() + 1, limit: 100 };
    let found = ids(&list(subject, None, &[BidState::Open], from).await.bids);
    assert!(bids.iter().all(|id| found.contains(id)), "{bids:?} in {found:?}");
    let declined = ids(&list(subject, None, &[BidState::Declined], from).await.bids);
    assert!(bids.iter().all(|id| !declined.contains(id)));
}

pub(super) async fn a_bid_shows_its_order_as_it_is(subject: &Subject) {
    let mut order = some_order(subject).await;
    let me = a_provider(subject).await;
    let mut bid = placed(subject, &order, me, 100).await;
    counter(&mut bid, &order);
    save_bids(subject, std::slice::from_mut(&mut bid)).await;
    order.details.title = super::market_scene::title("Another Title");
    let mut work = super::scene::begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    super::scene::commit(work).await;
    let expected = BidView::new(&bid, &reloaded_order(subject, order.id).await);
    assert_eq!((expected.order_title.as_str(), expected.counter.is_some()), ("Another Title", true));
    let view = subject.bids.bid(bid.id).await.expect("the question is answered");
    assert_eq!(view.as_ref(), Some(&expected));
    let rows = list(subject, Some(me), ALL, EVERYTHING).await.bids.rows;
    assert_eq!(rows, std::slice::from_ref(&expected));
    let rows = received(subject, order.id, ALL, EVERYTHING).await.rows;
    assert_eq!(rows.into_iter().map(|received| received.bid).collect::<Vec<_>>(), [expected]);
}

pub(super) async fn the_bids_on_an_order_are_listed_beside_their_bidders(subject: &Subject) {
    let order = some_order(subject).await;
    let mut bids = Vec::new();
    let mut writers = Vec::new();
    for role in [Role::Writer, Role::Freelancer, Role::Professional] {
        let writer = stored_person(subject, role).await;
        bids.insert(0, placed(subject, &order, writer.id, 100).await);
        writers.insert(0, writer);
    }
    placed(subject, &some_order(subject).await, writers[0].id, 1).await;
    counter(&mut bids[1], &order);
    save_bids(subject, std::slice::from_mut(&mut bids[1])).await;
    let found = received(subject, order.id, ALL, EVERYTHING).await;
    assert_eq!(
        (received_ids(&found), found.total, found.next),
        (bids.iter().map(|b| b.id).collect(), 3, None)
    );
    for (row, writer) in found.rows.iter().zip(&writers) {
        assert_eq!(row.writer.id, writer.id);
        assert_eq!((row.writer.name.as_str(), row.writer.avatar_url.as_ref()), ("Ádá Lovelace", None));
        assert_eq!(row.writer.figures, domain::profiles::Figures::default());
    }
    for (states, expected) in [
        (&[BidState::Open][..], vec![bids[0].id, bids[2].id]),
        (&[BidState::Countered, BidState::Changed], vec![bids[1].id]),
        (&[BidState::Accepted], vec![]),
    ] {
        let found = received(subject, order.id, states, EVERYTHING).await;
        let total = i64::try_from(expected.len()).expect("few rows");
        assert_eq!((received_ids(&found), found.total), (expected, total), "{states:?}");
    }
    let unknown = OrderId::new(i64::MAX).expect("a number");
    let nothing = received(subject, unknown, ALL, EVERYTHING).await;
    assert_eq!(nothing, Slice { rows: vec![], total: 0, next: None });
}

pub(super) async fn lists_of_bids_are_cut_into_pages(subject: &Subject) {
    let (me, order) = (a_provider(subject).await, some_order(subject).await);
    let (mut own, mut on_order) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        own.insert(0, placed(subject, &some_order(subject).await, me, 100).await.id);
        on_order.insert(0, placed(subject, &order, a_provider(subject).await, 100).await.id);
    }
    for (offset, rows, has_next) in [(0, 2, true), (2, 2, true), (3, 2, false), (4, 1, false), (9, 0, false)]
    {
        let window = Window::Page { offset: i64::try_from(offset).expect("a small number"), limit: 2 };
        let cut = |all: &[BidId]| -> Vec<BidId> { all.iter().skip(offset).take(rows).copied().collect() };
        let next = |ids: &[BidId]| ids.last().filter(|_| has_next).map(|id| id.number());
        let page = list(subject, Some(me), ALL, window).await.bids;
        assert_eq!((ids(&page), page.total, page.next), (cut(&own), 5, next(&cut(&own))), "{offset}");
        let page = received(subject, order.id, ALL, window).await;
        let expected = cut(&on_order);
        assert_eq!((received_ids(&page), page.total), (expected.clone(), 5), "{offset}");
        assert_eq!(page.next, next(&expected), "{offset}");
    }
    let first = Window::Page { offset: 0, limit: 2 };
    let (mut seen, mut window) = (Vec::new(), first);
    loop {
        let page = list(subject, Some(me), &[BidState::Open], window).await.bids;
        seen.extend(ids(&page));
        placed(subject, &some_order(subject).await, me, 100).await;
        let Some(position) = page.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, own, "nothing twice and nothing left out");
    let (mut seen, mut window) = (Vec::new(), first);
    loop {
        let page = received(subject, order.id, &[BidState::Open], window).await;
        seen.extend(received_ids(&page));
        placed(subject, &order, a_provider(subject).await, 100).await;
        let Some(position) = page.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, on_order, "nothing twice and nothing left out");
}
