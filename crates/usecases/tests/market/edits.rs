//! Changing what is wanted.

use domain::bidding::BidState;
use domain::ids::UserId;
use domain::orders::{OrderEvent, OrderPatch, Title};
use ports::orders::OrderVersion;
use usecases::orders::OrderEdit;

use super::world::{Deal, World, budget, counter_terms, now, terms, unknown_order, usd, word};

fn patch(patch: OrderPatch) -> OrderEdit {
    OrderEdit { patch, ..OrderEdit::default() }
}

fn inviting(invited: &[UserId]) -> OrderEdit {
    OrderEdit { invited: invited.to_vec(), ..OrderEdit::default() }
}

fn seen(edit: OrderEdit, versions: &[OrderVersion]) -> OrderEdit {
    OrderEdit { versions: Some(versions.to_vec()), ..edit }
}

#[tokio::test]
async fn a_material_change_outdates_the_bids_that_are_open() {
    let world = World::new();
    let deal = Deal::offered(&world, &[24]).await;
    let countered = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.counter(&deal.client, countered, counter_terms(8_000)).await.unwrap();
    world.news();
    let order = now(world.edit(&deal.client, deal.order, budget(15_000)).await.unwrap());
    assert_eq!((order.card.budget, order.revision, order.card.bids_count), (usd(15_000), 2, 2));
    let facts = world.news();
    let edited = OrderEvent::Edited {
        order_id: deal.order,
        client_id: deal.client.user_id,
        revision: 2,
        is_material: true,
    };
    assert_eq!(facts[0], edited.into());
    assert_eq!(facts.iter().map(|fact| fact.name()).collect::<Vec<_>>(), ["order.edited", "bid.outdated"]);
    let bid = world.bid(deal.bid).await;
    assert_eq!((bid.state, bid.revision), (BidState::Changed, 1));
    assert_eq!(world.bid(countered).await.state, BidState::Countered, "it waits for its bidder anyway");
    world.edit(&deal.client, deal.order, budget(16_000)).await.unwrap();
    assert_eq!(world.told(), ["order.edited"], "they know already");
}

#[tokio::test]
async fn a_change_of_milestones_alone_leaves_the_bids() {
    let world = World::new();
    let deal = Deal::offered(&world, &[24]).await;
    let before = world.bid(deal.bid).await;
    let milestones = Some(world.plan(&[1, 2, 3]));
    let edit = patch(OrderPatch { milestones, ..OrderPatch::default() });
    let order = now(world.edit(&deal.client, deal.order, edit).await.unwrap());
    assert_eq!((order.milestones.len(), order.revision), (3, 1));
    assert_eq!(world.told(), ["order.edited"]);
    assert_eq!(world.bid(deal.bid).await, before);
}

#[tokio::test]
async fn what_changes_nothing_is_nothing() {
    let world = World::new();
    let deal = Deal::offered(&world, &[24]).await;
    let before = world.order(deal.order).await;
    for edit in [OrderEdit::default(), budget(12_000)] {
        let order = now(world.edit(&deal.client, deal.order, edit).await.unwrap());
        assert_eq!((order.version, order.card.updated_at), (before.version, before.card.updated_at));
    }
    assert!(world.told().is_empty());
    assert_eq!(world.order(deal.order).await, before);
}

#[tokio::test]
async fn only_what_was_seen_is_changed() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let first = world.order(deal.order).await.version;
    let edited = now(world.edit(&deal.client, deal.order, seen(budget(13_000), &[first])).await.unwrap());
    let second = edited.version;
    assert_ne!(first, second);
    world.news();
    let stale = world.edit(&deal.client, deal.order, seen(budget(14_000), &[first])).await;
    assert_eq!(word(&stale), "stale");
    let stale = world.edit(&deal.client, deal.order, seen(budget(14_000), &[])).await;
    assert_eq!(word(&stale), "stale", "of no version at all");
    let other = OrderVersion { contract: Some(0), ..second };
    let stale = world.edit(&deal.client, deal.order, seen(budget(14_000), &[other])).await;
    assert_eq!(word(&stale), "stale", "of an order with a contract");
    assert!(world.told().is_empty());
    world.edit(&deal.client, deal.order, seen(budget(14_000), &[first, second])).await.unwrap();
    assert_eq!(world.told(), ["order.edited"]);

    // Of several things that are wrong the first is told: who, then which version, then the state.
    for by in [&deal.other_client, &deal.client] {
        let outcome = world.edit(by, deal.order, seen(budget(1), &[first])).await;
        assert_eq!(word(&outcome), if by == &deal.client { "stale" } else { "not_found" });
    }
    let outcome = world.edit(&deal.client, unknown_order(), seen(budget(1), &[first])).await;
    assert_eq!(word(&outcome), "not_found");
    world.confirm(&deal.provider, deal.bid, None).await.unwrap();
    world.award(&deal.client, deal.bid).await.unwrap();
    let pending = world.order(deal.order).await.version;
    assert!(pending.contract.is_some());
    let outcome = world.edit(&deal.client, deal.order, seen(budget(1), &[first])).await;
    assert_eq!(word(&outcome), "stale");
    let outcome = world.edit(&deal.client, deal.order, seen(budget(1), &[pending])).await;
    assert_eq!(word(&outcome), "invalid_transition pending");
}

#[tokio::test]
async fn new_dates_must_lie_ahead() {
    let world = World::new();
    let deal = Deal::offered(&world, &[24]).await;
    let deadline = |hours| OrderPatch { deadline: Some(world.in_hours(hours)), ..OrderPatch::default() };
    let steps = |hours: &[i64]| OrderPatch { milestones: Some(world.plan(hours)), ..OrderPatch::default() };
    for (change, expected) in [
        (deadline(0), "deadline_not_in_future deadline"),
        (deadline(23), "due_date_after_deadline milestones[0].due_date"),
        (steps(&[24, 0]), "due_date_not_in_future milestones[1].due_date"),
        (steps(&[24 * 31]), "due_date_after_deadline milestones[0].due_date"),
    ] {
        assert_eq!(word(&world.edit(&deal.client, deal.order, patch(change)).await), expected);
    }
    assert!(world.told().is_empty());
    // What has been over for long is left alone; a new deadline makes it available again.
    world.clock.set(world.in_hours(24 * 31));
    let title = OrderPatch { title: Title::parse("Another").ok(), ..OrderPatch::default() };
    assert_eq!(word(&world.edit(&deal.client, deal.order, patch(title)).await), "done");
    let outcome = world.place(&deal.other_provider, deal.order, terms(1)).await;
    assert_eq!(word(&outcome), "deadline_passed open");
    assert_eq!(word(&world.edit(&deal.client, deal.order, patch(deadline(1))).await), "done");
    assert_eq!(word(&world.place(&deal.other_provider, deal.order, terms(1)).await), "done");
}

#[tokio::test]
async fn an_edit_can_invite() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let (provider, other) = (deal.provider.user_id, deal.other_provider.user_id);
    world.invite(&deal.client, deal.order, provider).await.unwrap();
    let before = world.order(deal.order).await;
    world.news();
    let edit = inviting(&[other, provider, other]);
    let after = now(world.edit(&deal.client, deal.order, edit).await.unwrap());
    assert_eq!(world.told(), ["order.invited"], "who was asked before is not asked again");
    assert_eq!(after.version, before.version, "an invitation is no change of the order");
    assert_eq!(world.bid(deal.bid).await.state, BidState::Open);

    let guest = world.provider("guest").await.user_id;
    let both = OrderEdit { invited: vec![guest], ..budget(14_000) };
    world.edit(&deal.client, deal.order, both).await.unwrap();
    assert_eq!(world.told(), ["order.edited", "bid.outdated", "order.invited"]);
}

#[tokio::test]
async fn an_edit_that_cannot_invite_changes_nothing() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let (good, closed) = (deal.other_provider, world.provider("closed").await);
    world.close(&closed).await.unwrap();
    world.invite(&deal.client, deal.order, deal.provider.user_id).await.unwrap();
    world.decline_invitation(&deal.provider, deal.order).await.unwrap();
    world.news();
    let before = world.order(deal.order).await;
    let with = |bad| OrderEdit { invited: vec![good.user_id, bad], ..budget(14_000) };
    for bad in [closed.user_id, deal.client.user_id, UserId::new(uuid::Uuid::from_u128(7))] {
        let outcome = world.edit(&deal.client, deal.order, with(bad)).await;
        assert_eq!(word(&outcome), "not_a_provider invited_writers[1]");
    }
    let outcome = world.edit(&deal.client, deal.order, with(deal.provider.user_id)).await;
    assert_eq!(word(&outcome), "invitation_declined open");
    assert_eq!(world.order(deal.order).await, before);
    assert_eq!(world.bid(deal.bid).await.state, BidState::Open);
    assert!(world.told().is_empty());
}
