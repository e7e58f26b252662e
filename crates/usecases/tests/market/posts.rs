//! Posting work.

use adapter_memory::Operation;
use domain::identity::Role;
use domain::ids::UserId;
use domain::orders::{OrderDetails, OrderEvent, OrderState};
use domain::profiles::Figures;
use ports::environment::Clock;
use usecases::orders::PostOrder;

use super::world::{EVERYTHING, World, actor, now, shown, word};

#[tokio::test]
async fn an_order_is_posted_and_told() {
    let world = World::new();
    let (client, one, two) =
        (world.client("client").await, world.provider("one").await, world.provider("two").await);
    let details = OrderDetails { milestones: world.plan(&[24, 48]), ..world.details() };
    let order = now(world.post(&client, details.clone(), &[&two, &one, &two]).await.unwrap());
    assert_eq!(order.card.id.to_string(), "ORD-001");
    assert_eq!((order.card.state, order.card.client.id), (OrderState::Open, client.user_id));
    assert_eq!((order.card.title.as_str(), order.card.budget), (details.title.as_str(), details.budget));
    assert_eq!((order.card.created_at, order.card.deadline), (world.clock.now(), details.deadline));
    assert_eq!((order.milestones.len(), order.revision, order.card.bids_count), (2, 1, 0));
    assert_eq!(order.client_email, None, "nobody holds it");
    assert_eq!(order.card.client.figures.orders_posted, 1, "this one counts");
    let facts = world.news();
    let (order_id, client_id) = (order.card.id, client.user_id);
    let invited = |provider_id| OrderEvent::Invited { order_id, client_id, provider_id }.into();
    let posted = OrderEvent::Posted { order_id, client_id }.into();
    assert_eq!(facts, [posted, invited(one.user_id), invited(two.user_id)], "each is asked once");
    let seen = world.order(order.card.id).await;
    assert_eq!(seen.card, order.card);
    assert_eq!(world.figures(&client).await, Figures { orders_posted: 1, ..Figures::default() });
    let second = now(world.post(&client, details, &[]).await.unwrap());
    assert_eq!(second.card.id.to_string(), "ORD-002");
    assert_eq!(world.told(), ["order.posted"]);
}

#[tokio::test]
async fn dates_must_lie_ahead_and_in_their_order() {
    let world = World::new();
    let client = world.client("client").await;
    let details = |hours, steps: &[i64]| OrderDetails {
        deadline: world.in_hours(hours),
        milestones: world.plan(steps),
        ..world.details()
    };
    for (details, expected) in [
        (details(0, &[]), "deadline_not_in_future deadline"),
        (details(-1, &[]), "deadline_not_in_future deadline"),
        (details(9, &[1, 0]), "due_date_not_in_future milestones[1].due_date"),
        (details(9, &[-1, 3]), "due_date_not_in_future milestones[0].due_date"),
        (details(9, &[1, 9, 10]), "due_date_after_deadline milestones[2].due_date"),
        (details(9, &[1, 9]), "done"),
        (details(1, &[]), "done"),
    ] {
        assert_eq!(word(&world.post(&client, details, &[]).await), expected);
    }
    assert_eq!(world.told(), ["order.posted"; 2]);
    assert_eq!(world.figures(&client).await.orders_posted, 2);
}

#[tokio::test]
async fn only_providers_are_invited() {
    let world = World::new();
    let (admin, client) = (world.admin().await, world.client("client").await);
    let good = world.person("good", Role::Professional).await;
    let (blocked, closed) = (world.provider("blocked").await, world.provider("closed").await);
    world.block(&admin, &blocked).await;
    world.close(&closed).await.unwrap();
    let nobody = actor(UserId::new(uuid::Uuid::from_u128(7)), Role::Writer);
    for bad in [&client, &admin, &blocked, &closed, &nobody, &world.client("other").await] {
        let outcome = world.post(&client, world.details(), &[&good, bad, &nobody]).await;
        assert_eq!(word(&outcome), "not_a_provider invited_writers[1]");
    }
    assert!(world.told().is_empty());
    assert_eq!(world.store.calls(Operation::InsertOrder), 0);
    let (desk, once) = (world.desk.clone(), usecases::idempotency::Once { key: None, render: shown });
    let posted = PostOrder(desk).execute(&client, world.details(), vec![good.user_id], &once).await;
    assert_eq!(word(&posted), "done");
}

#[tokio::test]
async fn a_new_order_is_offered_to_providers_at_once() {
    let world = World::new();
    let (client, provider) = (world.client("client").await, world.provider("provider").await);
    let order = now(world.post(&client, world.details(), &[&provider]).await.unwrap());
    let list =
        usecases::orders::ListAvailableOrders { orders: world.store.clone(), clock: world.clock.clone() };
    let found = list.execute(&provider, &Default::default(), EVERYTHING).await.unwrap();
    let offered: Vec<_> = found.orders.rows.iter().map(|row| (row.id, row.is_invited)).collect();
    assert_eq!(offered, [(order.card.id, true)]);
    world.clock.set(order.card.deadline);
    let found = list.execute(&provider, &Default::default(), EVERYTHING).await.unwrap();
    assert_eq!(found.orders.total, 0, "its deadline is over");
}
