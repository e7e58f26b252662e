//! The owner changes their name, number or address.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::identity::IdentityEvent;
use ports::identity::{HasherError, SessionQueries};
use ports::store::StoreError;
use usecases::error::UseCaseError;
use usecases::identity::IdentityChange;

use super::world::{PASSWORD, World, email, invalid, name, phone, unauthorized, unavailable, within};

fn move_to(address: &str) -> IdentityChange {
    IdentityChange {
        email: Some(email(address)),
        current_password: Some(PASSWORD.into()),
        ..IdentityChange::default()
    }
}

#[tokio::test]
async fn name_and_number_need_no_password() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    world.clock.advance(TimeDelta::seconds(1));
    let change = IdentityChange {
        full_name: Some(name("Countess Lovelace")),
        phone: Some(Some(phone("12345"))),
        ..IdentityChange::default()
    };
    let user = world.update_identity().execute(&actor, change).await.unwrap();
    assert_eq!((user.full_name.as_str(), user.phone.clone()), ("Countess Lovelace", Some(phone("12345"))));
    assert_eq!(user.updated_at, ada.user.updated_at + TimeDelta::seconds(1));
    assert_eq!(world.stored(user.id).await, user, "it answers what is stored");
    let fact = IdentityEvent::IdentityChanged { user_id: user.id, email_changed: false };
    assert_eq!(world.last_fact(), fact);
    assert_eq!(world.hasher.verifications(), [], "nobody asked for a password");

    let change = IdentityChange { phone: Some(None), ..IdentityChange::default() };
    let user = world.update_identity().execute(&actor, change).await.unwrap();
    assert_eq!((user.full_name.as_str(), user.phone), ("Countess Lovelace", None));
}

#[tokio::test]
async fn a_new_address_needs_the_password() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let change = IdentityChange { current_password: None, ..move_to("countess@example.com") };
    let error = world.update_identity().execute(&actor, change).await.unwrap_err();
    assert_eq!(invalid(error).0, "current_password");
    let change =
        IdentityChange { current_password: Some("wrong password".into()), ..move_to("countess@example.com") };
    let error = world.update_identity().execute(&actor, change).await.unwrap_err();
    assert_eq!(invalid(error), ("current_password".into(), "is not the present password".into()));
    assert_eq!(world.stored(ada.user.id).await, ada.user);
    assert_eq!(world.facts().len(), 1);

    let user = world.update_identity().execute(&actor, move_to("countess@example.com")).await.unwrap();
    assert_eq!(user.email.as_str(), "countess@example.com");
    let fact = IdentityEvent::IdentityChanged { user_id: user.id, email_changed: true };
    assert_eq!(world.last_fact(), fact);
    world.enter("countess@example.com").await;
    assert_eq!(unauthorized(world.try_enter("ada@example.com", PASSWORD).await.unwrap_err()), None);
    world.account("ada@example.com").await;
}

#[tokio::test]
async fn the_same_address_in_capitals_needs_it_too_but_is_no_other_login() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let without = IdentityChange { current_password: None, ..move_to("ADA@example.com") };
    let error = world.update_identity().execute(&actor, without).await.unwrap_err();
    assert_eq!(invalid(error).0, "current_password");
    let user = world.update_identity().execute(&actor, move_to("ADA@example.com")).await.unwrap();
    assert_eq!(user.email.as_str(), "ADA@example.com");
    let fact = IdentityEvent::IdentityChanged { user_id: user.id, email_changed: false };
    assert_eq!(world.last_fact(), fact);
}

#[tokio::test]
async fn what_changes_nothing_is_neither_saved_nor_told() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    world.clock.advance(TimeDelta::seconds(1));
    let same = IdentityChange {
        full_name: Some(name("Ada Lovelace")),
        phone: Some(None),
        email: Some(email("ada@example.com")),
        current_password: None,
    };
    for change in [IdentityChange::default(), same] {
        let user = world.update_identity().execute(&actor, change).await.unwrap();
        assert_eq!(user, ada.user, "it answers the account all the same");
    }
    assert_eq!(world.store.calls(Operation::SaveUser), 0);
    assert_eq!(world.facts().len(), 1);
}

#[tokio::test]
async fn anothers_address_cannot_be_taken() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.account("eve@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let change = IdentityChange { full_name: Some(name("Somebody Else")), ..move_to("EVE@example.com") };
    let error = world.update_identity().execute(&actor, change).await.unwrap_err();
    assert_eq!(invalid(error), ("email".into(), "Email already exists".into()));
    assert_eq!(world.stored(ada.user.id).await, ada.user, "not even the name changed");
    assert_eq!(world.fact_names(ada.user.id), ["user.registered"]);
}

#[tokio::test]
async fn of_two_who_want_one_address_one_gets_it() {
    let world = World::new();
    let (ada, eve) = (world.account("ada@example.com").await, world.account("eve@example.com").await);
    let (one, two) = (world.actor(&ada.tokens).await, world.actor(&eve.tokens).await);
    let (first, second) = (world.update_identity(), world.update_identity());
    let (first, second) = within(async {
        tokio::join!(
            first.execute(&one, move_to("free@example.com")),
            second.execute(&two, move_to("FREE@example.com"))
        )
    })
    .await;
    let (winner, loser) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(invalid(loser.unwrap_err()).0, "email");
    assert_eq!(world.enter("free@example.com").await.account.id, winner.unwrap().id);
}

/// Each wants the other's address: whatever comes of it, neither waits for ever and nobody shares one.
#[tokio::test(start_paused = true)]
async fn two_who_swap_addresses_do_not_wait_for_ever() {
    let world = World::new();
    let (ada, eve) = (world.account("ada@example.com").await, world.account("eve@example.com").await);
    let (one, two) = (world.actor(&ada.tokens).await, world.actor(&eve.tokens).await);
    let (first, second) = (world.update_identity(), world.update_identity());
    let (first, second) = within(async {
        tokio::join!(
            first.execute(&one, move_to("eve@example.com")),
            second.execute(&two, move_to("ada@example.com"))
        )
    })
    .await;
    for outcome in [first, second] {
        assert_eq!(invalid(outcome.unwrap_err()).0, "email", "an address is free only when it is free");
    }
}

#[tokio::test]
async fn a_password_changed_in_between_is_the_wrong_one() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let mut held = world.store.hold_next(Operation::Begin);
    let update = tokio::spawn({
        let world = world.clone();
        async move { world.update_identity().execute(&actor, move_to("thief@example.com")).await }
    });
    held.reached().await;
    world.change_password().execute(&actor, PASSWORD.into(), "another horse entirely").await.unwrap();
    held.release();
    assert_eq!(invalid(update.await.unwrap().unwrap_err()).0, "current_password");
    assert_eq!(world.stored(ada.user.id).await.email.as_str(), "ada@example.com");
}

#[tokio::test]
async fn a_change_of_name_ends_no_login() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    world.update_identity().execute(&actor, move_to("countess@example.com")).await.unwrap();
    assert!(world.is_in(&ada.tokens).await && world.is_in(&elsewhere.tokens).await);
    let news = world.store.ended_since(None, chrono::DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(news.sessions, []);
}

#[tokio::test]
async fn an_account_that_is_gone_is_not_found() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let mut actor = world.actor(&ada.tokens).await;
    actor.user_id = domain::ids::UserId::new(uuid::Uuid::from_u128(7));
    for change in [move_to("countess@example.com"), IdentityChange::default()] {
        let error = world.update_identity().execute(&actor, change).await.unwrap_err();
        assert_eq!(unauthorized(error), None);
    }
}

#[tokio::test]
async fn faults_change_nothing() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    for operation in [Operation::CredentialsOf, Operation::SaveUser, Operation::Append, Operation::Commit] {
        world.store.fail_next(operation, Fault::Unavailable);
        let outcome = world.update_identity().execute(&actor, move_to("countess@example.com")).await;
        assert!(matches!(unavailable(outcome.unwrap_err()), StoreError::Unavailable(_)), "{operation:?}");
    }
    world.hasher.set_busy(true);
    let outcome = world.update_identity().execute(&actor, move_to("countess@example.com")).await;
    let Err(UseCaseError::Unavailable { cause, .. }) = outcome else { panic!("{outcome:?}") };
    assert!(matches!(cause.downcast_ref(), Some(HasherError::Busy)));
    assert_eq!(world.stored(ada.user.id).await, ada.user);
    assert_eq!(world.facts().len(), 1);
}

#[tokio::test]
async fn a_password_is_looked_at_only_when_the_address_changes() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    for email in [None, Some(email("ada@example.com"))] {
        let change = IdentityChange {
            full_name: Some(name("Countess")),
            email,
            current_password: Some("wrong".into()),
            ..IdentityChange::default()
        };
        world.update_identity().execute(&actor, change).await.unwrap();
    }
    assert_eq!(world.hasher.verifications().len(), 0);
}
