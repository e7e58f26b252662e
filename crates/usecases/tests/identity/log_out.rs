//! Logging out.

use adapter_memory::{Fault, Operation};
use ports::store::StoreError;

use super::world::{World, copy, unauthorized, unavailable};

#[tokio::test]
async fn only_this_login_ends_and_at_once() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    world.authenticate.poll().await.unwrap();
    let actor = world.actor(&ada.tokens).await;
    world.log_out().execute(&actor).await.unwrap();
    let asked = world.store.calls(Operation::IsLive);
    assert!(!world.is_in(&ada.tokens).await);
    assert_eq!(world.store.calls(Operation::IsLive), asked, "known without asking the store");
    assert!(!world.is_live(&ada.tokens).await);
    assert!(world.is_in(&elsewhere.tokens).await);
    let refreshed = world.refresh().execute(copy(&ada.tokens.refresh_token)).await;
    assert_eq!(unauthorized(refreshed.unwrap_err()), None);
}

#[tokio::test]
async fn doing_so_twice_is_no_error() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let (first, second) = (world.log_out(), world.log_out());
    let (first, second) = tokio::join!(first.execute(&actor), second.execute(&actor));
    first.unwrap();
    second.unwrap();
    world.log_out().execute(&actor).await.unwrap();
    assert_eq!(world.store.calls(Operation::SaveEnd), 1, "it ended once");
}

#[tokio::test]
async fn a_login_that_is_not_there_is_no_error() {
    let world = World::new();
    let mut actor = world.actor(&world.account("ada@example.com").await.tokens).await;
    actor.session_id = domain::ids::SessionId::new(uuid::Uuid::from_u128(7));
    world.log_out().execute(&actor).await.unwrap();
}

#[tokio::test]
async fn a_logout_that_was_not_stored_did_not_happen() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    world.store.fail_next(Operation::Commit, Fault::Unavailable);
    let error = world.log_out().execute(&actor).await.unwrap_err();
    assert!(matches!(unavailable(error), StoreError::Unavailable(_)));
    assert!(world.is_in(&ada.tokens).await);
    world.log_out().execute(&actor).await.unwrap();
    assert!(!world.is_in(&ada.tokens).await);
}
