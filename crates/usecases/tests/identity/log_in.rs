//! Logging in.

use adapter_memory::{Fault, Operation, Verification};
use ports::identity::HasherError;
use ports::store::StoreError;
use secrecy::ExposeSecret;
use usecases::error::UseCaseError;

use super::world::{PASSWORD, World, email, reason, unauthorized, unavailable};

const NEW_PASSWORD: &str = "another horse entirely";

fn verifications(world: &World) -> Vec<(bool, bool)> {
    world
        .hasher
        .verifications()
        .iter()
        .map(|Verification { had_hash, was_right }| (*had_hash, *was_right))
        .collect()
}

#[tokio::test]
async fn the_right_password_begins_a_login_of_its_own() {
    let world = World::new();
    let registered = world.account("Ada@example.com").await;
    let entered = world.try_enter("aDA@EXAMPLE.com", PASSWORD).await.unwrap();
    assert_eq!(entered.account.id, registered.user.id);
    assert_eq!(entered.account.email, "Ada@example.com", "as its owner typed it");
    let (first, second) = (world.actor(&registered.tokens).await, world.actor(&entered.tokens).await);
    assert_eq!(first.user_id, second.user_id);
    assert_ne!(first.session_id, second.session_id);
    assert_ne!(registered.tokens.refresh_token.expose_secret(), entered.tokens.refresh_token.expose_secret());
    world.refresh().execute(entered.tokens.refresh_token).await.unwrap();
    assert_eq!(world.fact_names(registered.user.id), ["user.registered"], "a login is no fact");
}

#[tokio::test]
async fn unknown_and_wrong_are_told_alike_and_take_alike() {
    let world = World::new();
    world.account("ada@example.com").await;
    let wrong = world.try_enter("ada@example.com", "wrong password").await.unwrap_err();
    let unknown = world.try_enter("eve@example.com", PASSWORD).await.unwrap_err();
    let no_address = world.log_in().execute(None, PASSWORD.into()).await.unwrap_err();
    let told = [&wrong, &unknown, &no_address].map(ToString::to_string);
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    for error in [wrong, unknown, no_address] {
        assert_eq!(unauthorized(error), None);
    }
    let once_each = [(true, false), (false, false), (false, false)];
    assert_eq!(verifications(&world), once_each, "a password is verified in each case");
    assert_eq!(world.store.calls(Operation::Begin), 1, "only the registration wrote anything");
}

#[tokio::test]
async fn only_the_right_password_learns_that_an_account_is_shut() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let blocked = world.account("blocked@example.com").await;
    world.block().execute(&admin, blocked.user.id, &reason("spam")).await.unwrap();
    let closed = world.account("closed@example.com").await;
    world.deactivate().execute(&world.actor(&closed.tokens).await).await.unwrap();
    let sessions = world.store.calls(Operation::InsertSession);
    for (address, expected) in
        [("blocked@example.com", "account_blocked"), ("closed@example.com", "account_deactivated")]
    {
        let wrong = world.try_enter(address, "wrong password").await.unwrap_err();
        assert_eq!(unauthorized(wrong), None, "{address}: strangers learn nothing");
        let right = world.try_enter(address, PASSWORD).await.unwrap_err();
        assert_eq!(unauthorized(right), Some(expected));
    }
    assert_eq!(world.store.calls(Operation::InsertSession), sessions, "no login began");
}

#[tokio::test]
async fn an_unblocked_account_may_come_in_again() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    world.block().execute(&admin, ada.user.id, &reason("a mistake")).await.unwrap();
    world.unblock().execute(&admin, ada.user.id).await.unwrap();
    let entered = world.enter("ada@example.com").await;
    assert!(world.is_in(&entered.tokens).await);
}

#[tokio::test]
async fn a_password_changed_between_check_and_entry_is_wrong() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    // The login has checked the old password and is about to begin its transaction.
    let mut held = world.store.hold_next(Operation::Begin);
    let login = tokio::spawn({
        let world = world.clone();
        async move { world.try_enter("ada@example.com", PASSWORD).await }
    });
    held.reached().await;
    world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap();
    held.release();
    let error = login.await.unwrap().unwrap_err();
    assert_eq!(unauthorized(error), None);
    assert!(world.hasher.verifications().iter().all(|verification| verification.was_right));
    world.try_enter("ada@example.com", NEW_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_busy_hasher_turns_people_away() {
    let world = World::new();
    world.account("ada@example.com").await;
    world.hasher.set_busy(true);
    for address in ["ada@example.com", "eve@example.com"] {
        let error = world.try_enter(address, PASSWORD).await.unwrap_err();
        let UseCaseError::Unavailable { cause, .. } = error else { panic!("{error:?}") };
        assert!(matches!(cause.downcast_ref(), Some(HasherError::Busy)), "known and unknown alike");
    }
}

#[tokio::test]
async fn a_database_that_is_down_is_told() {
    let world = World::new();
    world.account("ada@example.com").await;
    for operation in [Operation::Credentials, Operation::Begin, Operation::Account] {
        world.store.fail_next(operation, Fault::Unavailable);
        let error = world.try_enter("ada@example.com", PASSWORD).await.unwrap_err();
        assert!(matches!(unavailable(error), StoreError::Unavailable(_)), "{operation:?}");
    }
    world.log_in().execute(Some(&email("ada@example.com")), PASSWORD.into()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_collision_is_run_again_and_leaves_one_login() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.store.fail_next(Operation::Commit, Fault::Collision);
    let entered = world.enter("ada@example.com").await;
    assert!(world.is_in(&entered.tokens).await);
    let actor = world.actor(&entered.tokens).await;
    // Whoever changes the password ends all others: there is one other, the first.
    world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap();
    assert!(!world.is_in(&ada.tokens).await);
    let news = ports::identity::SessionQueries::ended_since(
        world.store.as_ref(),
        None,
        chrono::DateTime::UNIX_EPOCH,
    );
    assert_eq!(news.await.unwrap().sessions.len(), 1);
}

#[tokio::test]
async fn a_broken_signer_is_a_fault_of_ours() {
    let world = World::new();
    world.account("ada@example.com").await;
    world.access.set_broken(true);
    let error = world.try_enter("ada@example.com", PASSWORD).await.unwrap_err();
    assert!(matches!(error, UseCaseError::Internal(_)), "{error:?}");
}
