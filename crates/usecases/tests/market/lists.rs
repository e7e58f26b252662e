//! Who sees which orders and bids.

use domain::actor::Actor;
use domain::bidding::{BidCounts, BidState, BidStatus};
use domain::ids::{BidId, OrderId};
use domain::orders::OrderState;
use domain::search::SearchTerms;
use ports::list::Window;
use ports::orders::AvailableFilter;
use usecases::bidding::{ListBids, ListBidsOnOrder, ListOffers, ViewBid};
use usecases::error::UseCaseError;
use usecases::orders::{ListAvailableOrders, ListOrders, ViewOrder};

use super::world::{
    Deal, EVERYTHING, World, counter_terms, for_amount, unknown_bid, unknown_order, usd, word,
};

async fn view(world: &World, by: &Actor, id: OrderId) -> (String, Option<String>) {
    let found =
        ViewOrder { orders: world.store.clone(), passes: world.desk.passes.clone() }.execute(by, id).await;
    let address = found.as_ref().ok().and_then(|order| order.client_email.clone());
    (word(&found), address)
}

#[tokio::test]
async fn an_order_is_shown_to_those_who_may_see_it() {
    let (yes, no) = ("done", "not_found");
    // client, bidder, another client, another provider, administrator; and who sees the address
    for (state, expected, holder_sees) in [
        ("open", [yes, yes, no, yes, yes], false),
        ("pending", [yes, yes, no, no, yes], true),
        ("active", [yes, yes, no, no, yes], true),
        ("left", [yes, yes, no, yes, yes], false),
        ("cancelled while open", [yes, no, no, no, yes], false),
        ("cancelled while pending", [yes, yes, no, no, yes], true),
    ] {
        let world = World::new();
        let deal = match state {
            "open" | "cancelled while open" => Deal::offered(&world, &[]).await,
            "active" => Deal::active(&world, &[]).await,
            _ => Deal::pending(&world, &[]).await,
        };
        if state == "left" {
            world.withdraw(&deal.provider, deal.bid).await.unwrap();
        } else if state.starts_with("cancelled") {
            world.cancel(&deal.client, deal.order).await.unwrap();
        }
        let people = [&deal.client, &deal.provider, &deal.other_client, &deal.other_provider, &deal.admin];
        for (person, expected) in people.into_iter().zip(expected) {
            let (answer, address) = view(&world, person, deal.order).await;
            assert_eq!(answer, expected, "{state} {}", person.role);
            let sees = holder_sees && *person == deal.provider;
            let expected = sees.then(|| "client@example.com".to_owned());
            assert_eq!(address, expected, "{state} {}", person.role);
            assert_eq!(view(&world, person, unknown_order()).await, ("not_found".to_owned(), None));
        }
    }
}

#[tokio::test]
async fn everybody_lists_their_own_orders() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let open = world.posted(&deal.client).await;
    let gone = world.posted(&deal.client).await;
    world.cancel(&deal.client, gone).await.unwrap();
    let theirs = world.posted(&deal.other_client).await;
    let list = ListOrders { orders: world.store.clone() };
    let ids = async |by: &Actor, state, search: Option<&str>| -> Vec<OrderId> {
        let search = search.and_then(|typed| SearchTerms::parse(typed).unwrap());
        let found = list.execute(by, state, search, EVERYTHING).await.unwrap();
        found.orders.rows.iter().map(|card| card.id).collect()
    };
    use OrderState::{Active, Cancelled, Open};
    assert_eq!(ids(&deal.client, None, None).await, [open, deal.order], "all but what was cancelled");
    assert_eq!(ids(&deal.client, Some(Cancelled), None).await, [gone]);
    assert_eq!(ids(&deal.client, Some(Active), None).await, [deal.order]);
    assert_eq!(ids(&deal.client, None, Some(&open.to_string())).await, [open]);
    assert_eq!(ids(&deal.provider, None, None).await, [deal.order]);
    assert_eq!(ids(&deal.provider, Some(Open), None).await, []);
    assert_eq!(ids(&deal.other_provider, None, None).await, []);
    assert_eq!(ids(&deal.other_client, None, None).await, [theirs]);
    assert_eq!(ids(&deal.admin, None, None).await, [theirs, open, deal.order]);
    assert_eq!(ids(&deal.admin, Some(Cancelled), None).await, [gone]);
    let page = list.execute(&deal.admin, None, None, Window::Page { offset: 1, limit: 1 }).await.unwrap();
    let shown: Vec<_> = page.orders.rows.iter().map(|card| card.id).collect();
    assert_eq!((shown, page.orders.total, page.orders.next), (vec![open], 3, Some(open.number())));
    let counts = page.tally.counts;
    assert_eq!((counts.open, counts.pending, counts.active, counts.completed), (2, 0, 1, 0));
}

#[tokio::test]
async fn available_orders_are_for_providers() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let list = ListAvailableOrders { orders: world.store.clone(), clock: world.clock.clone() };
    for by in [&deal.client, &deal.admin] {
        let outcome = list.execute(by, &AvailableFilter::default(), EVERYTHING).await;
        assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    }
    let found = list.execute(&deal.other_provider, &AvailableFilter::default(), EVERYTHING).await.unwrap();
    assert_eq!((found.orders.total, found.avg_budget, found.avg_competition_tenths), (1, usd(12_000), 10));
    let dear = AvailableFilter { min_budget: Some(usd(12_001)), ..AvailableFilter::default() };
    let found = list.execute(&deal.other_provider, &dear, EVERYTHING).await.unwrap();
    assert_eq!(found.orders.total, 0);
    let found = list.execute(&deal.provider, &AvailableFilter::default(), EVERYTHING).await.unwrap();
    assert_eq!(found.orders.total, 0, "they have bid on it");
}

#[tokio::test]
async fn providers_list_their_bids() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let mut more = Vec::new();
    for _ in 0..4 {
        let order = world.posted(&deal.client).await;
        more.push(world.placed(&deal.provider, order, 100).await);
    }
    let [countered, declined, accepted, withdrawn] = <[BidId; 4]>::try_from(more).unwrap();
    world.counter(&deal.client, countered, counter_terms(90)).await.unwrap();
    world.decline(&deal.client, declined).await.unwrap();
    world.award(&deal.client, accepted).await.unwrap();
    world.withdraw(&deal.provider, withdrawn).await.unwrap();
    let theirs = world.placed(&deal.other_provider, deal.order, 100).await;
    let list = ListBids { bids: world.store.clone() };
    let outcome = list.execute(&deal.client, None, EVERYTHING).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    for (status, expected) in [
        (None, vec![declined, countered, deal.bid]),
        (Some(BidStatus::Open), vec![deal.bid]),
        (Some(BidStatus::Unconfirmed), vec![countered]),
        (Some(BidStatus::Declined), vec![declined]),
        (Some(BidStatus::Accepted), vec![accepted]),
        (Some(BidStatus::Withdrawn), vec![withdrawn]),
    ] {
        let found = list.execute(&deal.provider, status, EVERYTHING).await.unwrap();
        let ids: Vec<_> = found.bids.rows.iter().map(|bid| bid.id).collect();
        assert_eq!(ids, expected, "{status:?}");
        let counts = BidCounts { open: 1, changed: 0, countered: 1, accepted: 1, declined: 1, withdrawn: 1 };
        assert_eq!(found.tally, counts, "whatever the filter");
    }
    let all = list.execute(&deal.admin, Some(BidStatus::Open), EVERYTHING).await.unwrap();
    let ids: Vec<_> = all.bids.rows.iter().map(|bid| bid.id).collect();
    assert_eq!(ids, [theirs, deal.bid], "everybody's");
}

#[tokio::test]
async fn bids_on_an_order_are_its_clients_to_see() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let other = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.decline(&deal.client, other).await.unwrap();
    let list = ListBidsOnOrder { bids: world.store.clone(), orders: world.store.clone() };
    let ids = async |by: &Actor, id, status| {
        let found = list.execute(by, id, status, EVERYTHING).await;
        found.map(|slice| slice.rows.iter().map(|row| (row.bid.id, row.writer.id)).collect::<Vec<_>>())
    };
    let both = [(other, deal.other_provider.user_id), (deal.bid, deal.provider.user_id)];
    for by in [&deal.client, &deal.admin] {
        assert_eq!(ids(by, deal.order, None).await.unwrap(), both, "of every state");
        assert_eq!(ids(by, deal.order, Some(BidStatus::Declined)).await.unwrap(), both[..1]);
        assert_eq!(ids(by, deal.order, Some(BidStatus::Accepted)).await.unwrap(), []);
        assert_eq!(word(&ids(by, unknown_order(), None).await), "not_found");
    }
    assert_eq!(word(&ids(&deal.other_client, deal.order, None).await), "not_found");
    for by in [&deal.provider, &deal.other_provider] {
        assert_eq!(word(&ids(by, deal.order, None).await), "forbidden", "bidders do not see each other");
    }
}

#[tokio::test]
async fn a_bid_and_its_history_are_for_the_two_sides() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.edit_bid(&deal.provider, deal.bid, for_amount(9_000), None).await.unwrap();
    let (view, offers) = (ViewBid { bids: world.store.clone() }, ListOffers { bids: world.store.clone() });
    for by in [&deal.client, &deal.provider, &deal.admin] {
        let bid = view.execute(by, deal.bid).await.unwrap();
        assert_eq!((bid.id, bid.amount, bid.state), (deal.bid, usd(9_000), BidState::Open));
        let history = offers.execute(by, deal.bid).await.unwrap();
        let told: Vec<_> =
            history.iter().map(|offer| (offer.author_name.as_str(), offer.amount.minor())).collect();
        assert_eq!(told, [("provider", 10_000), ("client", 8_000), ("provider", 9_000)]);
    }
    for by in [&deal.other_client, &deal.other_provider] {
        assert_eq!(word(&view.execute(by, deal.bid).await), "not_found");
        assert_eq!(word(&offers.execute(by, deal.bid).await), "not_found");
    }
    assert_eq!(word(&view.execute(&deal.client, unknown_bid()).await), "not_found");
    assert_eq!(word(&offers.execute(&deal.client, unknown_bid()).await), "not_found");
}
