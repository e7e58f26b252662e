//! An order from its posting to the payout, as it happens.

use domain::actor::Actor;
use domain::bidding::{BidState, Expected};
use domain::contracts::MilestoneState;
use domain::ids::OrderId;
use domain::orders::OrderState;

use super::world::{World, budget, counter_terms, now, number, progress, usd};

/// The client posts, two providers bid, and after some haggling one of them wins.
async fn agreed(world: &World, [client, ada, eve]: [&Actor; 3]) -> OrderId {
    let details = domain::orders::OrderDetails { milestones: world.plan(&[24, 48]), ..world.details() };
    let order = now(world.post(client, details, &[ada]).await.unwrap()).card.id;
    let first = world.placed(ada, order, 11_000).await;
    let second = world.placed(eve, order, 9_000).await;
    assert_eq!(world.told(), ["order.posted", "order.invited", "bid.placed", "bid.placed"]);

    world.edit(client, order, budget(11_500)).await.unwrap();
    world.confirm(eve, second, Some(2)).await.unwrap();
    world.counter(client, first, counter_terms(10_001)).await.unwrap();
    world.accept_counter(ada, first).await.unwrap();
    assert_eq!(
        world.told(),
        [
            "order.edited",
            "bid.outdated",
            "bid.outdated",
            "bid.confirmed",
            "bid.countered",
            "chat.opened",
            "bid.counter_accepted",
        ]
    );

    let expected = Expected { amount: Some(usd(10_001)), revision: Some(2) };
    let awarded = now(world.accept(client, first, expected).await.unwrap());
    let required = awarded.payment_required.unwrap();
    assert_eq!((required.amount, required.available), (usd(10_501), usd(0)));
    assert_eq!(world.bid(second).await.state, BidState::Declined);
    assert_eq!(world.told(), ["bid.accepted", "bid.declined", "contract.made"]);
    order
}

#[tokio::test]
async fn from_the_posting_to_the_wallet() {
    let world = World::new().with_fees();
    let (client, ada, eve) =
        (world.client("client").await, world.provider("ada").await, world.provider("eve").await);
    let order = agreed(&world, [&client, &ada, &eve]).await;
    world.pay_in(&client, 12_000).await;
    world.fund(&client, order).await.unwrap();
    assert_eq!(world.told(), ["contract.funded", "order.started"]);
    assert_eq!(world.holds(&client).await, (1_499, 0, 10_501));
    assert_eq!(world.holds(&ada).await, (0, 9_001, 0));

    world.start(&ada, order, 1).await.unwrap();
    world.report(&ada, order, progress(30)).await.unwrap();
    world.submit(&ada, order, 1).await.unwrap();
    world.request_changes(&client, order, 1).await.unwrap();
    world.submit(&ada, order, 1).await.unwrap();
    world.approve(&client, order, 1).await.unwrap();
    assert_eq!(
        world.told(),
        [
            "milestone.started",
            "order.progressed",
            "milestone.submitted",
            "milestone.changes_requested",
            "milestone.submitted",
            "milestone.approved",
            "payment.received",
        ]
    );
    assert_eq!(world.holds(&ada).await, (4_500, 4_501, 0));
    assert_eq!(world.holds(&client).await, (1_499, 0, 5_251));

    world.submit(&ada, order, 2).await.unwrap();
    let ended = now(world.approve(&client, order, 2).await.unwrap());
    assert_eq!(
        world.told(),
        [
            "milestone.submitted",
            "milestone.approved",
            "payment.received",
            "contract.completed",
            "order.completed",
        ]
    );
    assert_eq!((ended.card.state, ended.card.progress.percent()), (OrderState::Completed, 100));
    assert!(ended.milestones.iter().all(|step| step.state == MilestoneState::Completed));
    assert_eq!(ended.milestones.last().map(|step| step.number), Some(number(2)));
    assert_eq!(world.holds(&ada).await, (9_001, 0, 0), "100.01 less 10.00");
    assert_eq!(world.holds(&client).await, (1_499, 0, 0));
    assert_eq!(world.holds(&eve).await, (0, 0, 0));

    world.review(&client, order, 5).await.unwrap();
    world.review(&ada, order, 4).await.unwrap();
    assert_eq!(world.told(), ["order.reviewed", "order.reviewed"]);
    let figures = world.figures(&ada).await;
    assert_eq!((figures.orders_total, figures.orders_completed, figures.rating_sum), (1, 1, 5));
    let figures = world.figures(&client).await;
    assert_eq!((figures.orders_posted, figures.orders_completed, figures.rating_sum), (1, 1, 4));
}
