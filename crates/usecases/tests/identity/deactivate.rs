//! Closing one's own account.

use adapter_memory::{Fault, Operation};
use domain::identity::{AccountState, IdentityEvent, Role};
use ports::store::StoreError;
use usecases::error::UseCaseError;

use super::world::{PASSWORD, World, conflict, copy, reason, unauthorized, unavailable, within};

#[tokio::test]
async fn a_closed_account_is_shut_everywhere_at_once() {
    for role in [Role::Client, Role::Writer, Role::Freelancer, Role::Professional] {
        let world = World::new();
        let ada = world.account_as("ada@example.com", role).await;
        let elsewhere = world.enter("ada@example.com").await;
        let eve = world.account("eve@example.com").await;
        world.authenticate.poll().await.unwrap();
        let actor = world.actor(&ada.tokens).await;
        world.deactivate().execute(&actor).await.unwrap();

        let asked = world.store.calls(Operation::IsLive);
        assert!(!world.is_in(&ada.tokens).await && !world.is_in(&elsewhere.tokens).await);
        assert!(world.is_in(&eve.tokens).await);
        assert_eq!(world.store.calls(Operation::IsLive), asked, "known without asking the store");
        assert!(!world.is_live(&ada.tokens).await && !world.is_live(&elsewhere.tokens).await);
        let stored = world.stored(ada.user.id).await;
        assert!(matches!(stored.state, AccountState::Deactivated { .. }), "{stored:?}");
        assert_eq!(world.last_fact(), IdentityEvent::Deactivated { user_id: ada.user.id });
        let error = world.try_enter("ada@example.com", PASSWORD).await.unwrap_err();
        assert_eq!(unauthorized(error), Some("account_deactivated"));
        let error = world.refresh().execute(copy(&elsewhere.tokens.refresh_token)).await.unwrap_err();
        assert!(matches!(error, UseCaseError::Unauthorized { .. }), "{error:?}");
        let error = world.register().execute(super::world::registration("ADA@example.com")).await;
        assert!(error.is_err(), "the address stays taken");
    }
}

#[tokio::test]
async fn an_administrator_cannot() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let error = world.deactivate().execute(&admin).await.unwrap_err();
    assert_eq!(conflict(error), ("own_administrator_account", "active"));
    assert_eq!(world.stored(admin.user_id).await.state, AccountState::Active);
    world.enter("root@example.com").await;
}

#[tokio::test]
async fn only_an_active_account_can_be_closed() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let closed = world.account("closed@example.com").await;
    let blocked = world.account("blocked@example.com").await;
    let (one, two) = (world.actor(&closed.tokens).await, world.actor(&blocked.tokens).await);
    world.deactivate().execute(&one).await.unwrap();
    world.block().execute(&admin, two.user_id, &reason("spam")).await.unwrap();
    let facts = world.facts().len();
    let error = world.deactivate().execute(&one).await.unwrap_err();
    assert_eq!(conflict(error), ("invalid_transition", "deactivated"));
    let error = world.deactivate().execute(&two).await.unwrap_err();
    assert_eq!(conflict(error), ("invalid_transition", "blocked"));
    assert_eq!(world.facts().len(), facts);
}

#[tokio::test]
async fn of_two_at_once_one_closes_it() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let (first, second) = (world.deactivate(), world.deactivate());
    let (first, second) = within(async { tokio::join!(first.execute(&actor), second.execute(&actor)) }).await;
    let loser = if first.is_ok() { second } else { first };
    assert_eq!(conflict(loser.unwrap_err()), ("invalid_transition", "deactivated"));
    assert_eq!(world.fact_names(ada.user.id), ["user.registered", "user.deactivated"]);
}

#[tokio::test]
async fn what_was_not_stored_did_not_happen() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    for operation in
        [Operation::Begin, Operation::LockUser, Operation::EndAll, Operation::Append, Operation::Commit]
    {
        world.store.fail_next(operation, Fault::Unavailable);
        let error = world.deactivate().execute(&actor).await.unwrap_err();
        assert!(matches!(unavailable(error), StoreError::Unavailable(_)), "{operation:?}");
        assert!(world.is_in(&ada.tokens).await, "{operation:?}");
    }
    assert_eq!(world.stored(ada.user.id).await, ada.user);
}

#[tokio::test]
async fn an_account_that_is_gone_is_not_found() {
    let world = World::new();
    let mut actor = world.actor(&world.account("ada@example.com").await.tokens).await;
    actor.user_id = domain::ids::UserId::new(uuid::Uuid::from_u128(7));
    let error = world.deactivate().execute(&actor).await.unwrap_err();
    assert_eq!(unauthorized(error), None);
}
