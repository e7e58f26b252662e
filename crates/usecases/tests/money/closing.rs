//! Closing an account that money is in.

use super::world::Command::{Approve, MarkPaid};
use super::world::{World, conflict, unprocessable};

#[tokio::test]
async fn an_account_closes_only_when_all_its_money_has_left() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let left = ("money_left", "active");
    assert_eq!(conflict(world.close(&ada).await), left, "available");
    let id = world.requested(&ada, 100).await;
    assert_eq!(world.holds(&ada).await, (0, 100));
    assert_eq!(conflict(world.close(&ada).await), left, "set aside");
    world.done(Approve, &admin, id).await;
    assert_eq!(conflict(world.close(&ada).await), left, "approved");
    world.done(MarkPaid, &admin, id).await;
    world.close(&ada).await.unwrap();
    let outcome = world.pay_in(&ada, 1, None).await;
    assert!(outcome.is_err(), "{outcome:?}");
    assert_eq!(world.holds(&ada).await, (0, 0));
}

#[tokio::test]
async fn anothers_money_is_no_hindrance() {
    let world = World::new();
    let (ada, eve) = (world.person("ada@example.com").await, world.rich("eve@example.com", 100).await);
    assert_eq!(unprocessable(world.withdraw(&ada, 1, None).await), "insufficient_funds");
    world.close(&ada).await.unwrap();
    assert_eq!(conflict(world.close(&eve).await), ("money_left", "active"));
}
