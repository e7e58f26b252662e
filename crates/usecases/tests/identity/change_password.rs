//! A new password.

use adapter_memory::{Fault, Operation};
use domain::actor::Actor;
use domain::identity::IdentityEvent;
use domain::ids::UserId;
use ports::identity::HasherError;
use ports::store::StoreError;
use usecases::error::UseCaseError;
use usecases::identity::IdentityChange;

use super::world::{PASSWORD, World, invalid, name, reason, unauthorized, unavailable};

const NEW_PASSWORD: &str = "another horse entirely";

#[tokio::test]
async fn the_new_one_counts_and_the_other_logins_end() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let eve = world.account("eve@example.com").await;
    let (one, two) = (world.enter("ada@example.com").await, world.enter("ada@example.com").await);
    world.authenticate.poll().await.unwrap();
    let actor = world.actor(&one.tokens).await;
    world.clock.advance(chrono::TimeDelta::milliseconds(100));
    world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap();

    let asked = world.store.calls(Operation::IsLive);
    assert!(world.is_in(&one.tokens).await, "one's own login stays");
    assert!(!world.is_in(&ada.tokens).await);
    assert!(!world.is_in(&two.tokens).await);
    assert!(world.is_in(&eve.tokens).await, "other people's, too");
    assert_eq!(world.store.calls(Operation::IsLive), asked, "known without asking the store");
    for (tokens, live) in [(&one.tokens, true), (&ada.tokens, false), (&two.tokens, false)] {
        assert_eq!(world.is_live(tokens).await, live);
    }
    assert_eq!(world.last_fact(), IdentityEvent::PasswordChanged { user_id: ada.user.id });
    let stored = world.stored(ada.user.id).await;
    assert!(stored.updated_at > ada.user.updated_at);

    let old = world.try_enter("ada@example.com", PASSWORD).await.unwrap_err();
    assert_eq!(unauthorized(old), None);
    world.try_enter("ada@example.com", NEW_PASSWORD).await.unwrap();
    world.enter("eve@example.com").await;
    world.refresh().execute(one.tokens.refresh_token).await.unwrap();
}

#[tokio::test]
async fn without_the_old_one_nothing_changes() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let error =
        world.change_password().execute(&actor, "wrong password".into(), NEW_PASSWORD).await.unwrap_err();
    assert_eq!(invalid(error), ("old_password".into(), "is not the present password".into()));
    assert!(world.is_in(&elsewhere.tokens).await);
    assert_eq!(world.stored(ada.user.id).await, ada.user);
    assert_eq!(world.fact_names(ada.user.id), ["user.registered"]);
    world.enter("ada@example.com").await;
}

#[tokio::test]
async fn the_new_one_has_to_keep_the_rules() {
    let world = World::new();
    let ada = world.account("ada.lovelace@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let hashed = world.hasher.hashed();
    let too_long = "x".repeat(73);
    for (new, expected) in [
        ("short", "must have at least 8 characters"),
        (too_long.as_str(), "must have at most 72 bytes"),
        ("Password1", "is among the most common passwords; choose another"),
        ("ADA.lovelace@example.com", "must not be the e-mail address"),
        ("with\0nul byte", "must not contain a NUL character"),
    ] {
        let error = world.change_password().execute(&actor, PASSWORD.into(), new).await.unwrap_err();
        assert_eq!(invalid(error), ("new_password".into(), expected.into()));
    }
    assert_eq!(world.hasher.hashed(), hashed);
    world.enter("ada.lovelace@example.com").await;
}

#[tokio::test]
async fn a_password_changed_in_between_is_the_wrong_one() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let mut held = world.store.hold_next(Operation::Begin);
    let slow = tokio::spawn({
        let world = world.clone();
        async move { world.change_password().execute(&actor, PASSWORD.into(), "the slow new one").await }
    });
    held.reached().await;
    world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap();
    held.release();
    assert_eq!(invalid(slow.await.unwrap().unwrap_err()).0, "old_password");
    world.try_enter("ada@example.com", NEW_PASSWORD).await.unwrap();
    assert_eq!(world.fact_names(ada.user.id), ["user.registered", "user.password_changed"]);
}

#[tokio::test]
async fn a_busy_hasher_turns_people_away() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    world.hasher.set_busy(true);
    let error = world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap_err();
    let UseCaseError::Unavailable { cause, .. } = error else { panic!("{error:?}") };
    assert!(matches!(cause.downcast_ref(), Some(HasherError::Busy)));
}

#[tokio::test]
async fn an_account_that_is_gone_is_not_found() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = Actor { user_id: UserId::new(uuid::Uuid::from_u128(7)), ..world.actor(&ada.tokens).await };
    let error = world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap_err();
    assert_eq!(unauthorized(error), None);
    let error = world.view_account().execute(&actor).await.unwrap_err();
    assert_eq!(unauthorized(error), None);
}

#[tokio::test]
async fn what_was_not_stored_did_not_happen() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    for operation in [
        Operation::Account,
        Operation::CredentialsOf,
        Operation::LockUser,
        Operation::SaveUser,
        Operation::EndAll,
        Operation::Append,
        Operation::Commit,
    ] {
        world.store.fail_next(operation, Fault::TimedOut);
        let error = world.change_password().execute(&actor, PASSWORD.into(), NEW_PASSWORD).await.unwrap_err();
        assert!(matches!(unavailable(error), StoreError::TimedOut(_)), "{operation:?}");
        assert!(world.is_in(&elsewhere.tokens).await, "{operation:?}");
        assert_eq!(world.stored(ada.user.id).await, ada.user, "{operation:?}");
    }
    assert_eq!(world.fact_names(ada.user.id), ["user.registered"]);
}

/// The request was let in before the block.
#[tokio::test]
async fn a_blocked_account_changes_nothing_any_more() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    world.block().execute(&admin, ada.user.id, &reason("spam")).await.unwrap();
    let error = world.change_password().execute(&actor, PASSWORD.into(), "NewSecure456?").await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_blocked"));
    let change = IdentityChange { full_name: Some(name("Eve")), ..IdentityChange::default() };
    let error = world.update_identity().execute(&actor, change).await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_blocked"));
}
