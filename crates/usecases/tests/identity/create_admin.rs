//! Making an administrator.

use adapter_memory::Operation;
use domain::identity::{IdentityEvent, Role};
use ports::identity::HasherError;
use usecases::error::UseCaseError;
use usecases::identity::{AdminOutcome, IdentityChange, NewAdmin};

use super::world::{PASSWORD, World, email, new_admin, unauthorized, within};

#[tokio::test]
async fn an_administrator_is_made_and_can_log_in() {
    let world = World::new();
    let outcome = world.create_admin().execute(new_admin("root@example.com")).await.unwrap();
    let AdminOutcome::Created(id) = outcome else { panic!("{outcome:?}") };
    assert_eq!(world.facts(), [IdentityEvent::Registered { user_id: id, role: Role::Admin }]);
    let entered = world.enter("root@example.com").await;
    assert_eq!((entered.account.id, entered.account.role), (id, Role::Admin));
    assert_eq!(world.actor(&entered.tokens).await.role, Role::Admin);
    assert_eq!(world.store.calls(Operation::InsertSession), 1, "making one is no login");
}

#[tokio::test]
async fn one_that_is_there_stays_as_it_is() {
    let world = World::new();
    let AdminOutcome::Created(id) =
        world.create_admin().execute(new_admin("root@example.com")).await.unwrap()
    else {
        panic!("there was none yet")
    };
    let before = world.stored(id).await;
    let address = email("ROOT@example.com");
    let password = domain::identity::NewPassword::parse("another horse entirely", &address).unwrap();
    let again = NewAdmin { password, ..new_admin("ROOT@example.com") };
    let outcome = world.create_admin().execute(again).await.unwrap();
    assert_eq!(outcome, AdminOutcome::AlreadyThere(id));
    assert_eq!(world.stored(id).await, before);
    assert_eq!(world.hasher.hashed(), 1, "the new password was not even hashed");
    world.enter("root@example.com").await;
    let error = world.try_enter("root@example.com", "another horse entirely").await.unwrap_err();
    assert_eq!(unauthorized(error), None);
}

#[tokio::test]
async fn somebody_elses_address_is_reported() {
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let world = World::new();
        let ada = world.account_as("ada@example.com", role).await;
        let outcome = world.create_admin().execute(new_admin("Ada@example.com")).await.unwrap();
        assert_eq!(outcome, AdminOutcome::OtherRole(role));
        assert_eq!(world.stored(ada.user.id).await, ada.user);
        assert_eq!(world.facts().len(), 1);
    }
}

#[tokio::test]
async fn of_two_servers_that_start_at_once_one_makes_it() {
    let world = World::new();
    let (first, second) = (world.create_admin(), world.create_admin());
    let (first, second) = within(async {
        tokio::join!(
            first.execute(new_admin("root@example.com")),
            second.execute(new_admin("root@example.com"))
        )
    })
    .await;
    match (first.unwrap(), second.unwrap()) {
        (AdminOutcome::Created(id), AdminOutcome::AlreadyThere(same))
        | (AdminOutcome::AlreadyThere(same), AdminOutcome::Created(id)) => assert_eq!(id, same),
        other => panic!("one of each, not {other:?}"),
    }
    assert_eq!(world.hasher.hashed(), 2, "both had found nobody");
    assert_eq!(world.facts().len(), 1);
}

#[tokio::test]
async fn a_registration_that_is_quicker_is_reported() {
    let world = World::new();
    let mut held = world.store.hold_next(Operation::Begin);
    let appointment = tokio::spawn({
        let world = world.clone();
        async move { world.create_admin().execute(new_admin("root@example.com")).await }
    });
    held.reached().await;
    world.account_as("root@example.com", Role::Client).await;
    held.release();
    assert_eq!(appointment.await.unwrap().unwrap(), AdminOutcome::OtherRole(Role::Client));
    assert_eq!(world.facts().len(), 1);
}

#[tokio::test]
async fn a_busy_hasher_is_told() {
    let world = World::new();
    world.hasher.set_busy(true);
    let error = world.create_admin().execute(new_admin("root@example.com")).await.unwrap_err();
    let UseCaseError::Unavailable { cause, .. } = error else { panic!("{error:?}") };
    assert!(matches!(cause.downcast_ref(), Some(HasherError::Busy)));
    assert!(!world.is_registered("root@example.com").await);
    assert!(world.try_enter("root@example.com", PASSWORD).await.is_err());
}

/// The address in the settings may be given up, and anybody may take it: neither makes a second
/// administrator with a password that was given up with it, nor keeps the server from starting.
#[tokio::test]
async fn the_first_one_is_made_once_whatever_became_of_the_address() {
    let world = World::new();
    let first = || async { world.create_admin().execute_first(new_admin("root@example.com")).await.unwrap() };
    assert!(matches!(first().await, AdminOutcome::Created(_)));
    assert_eq!(first().await, AdminOutcome::NotNeeded);

    let root = world.actor(&world.enter("root@example.com").await.tokens).await;
    let change = IdentityChange {
        email: Some(email("chief@example.com")),
        current_password: Some(PASSWORD.into()),
        ..IdentityChange::default()
    };
    world.update_identity().execute(&root, change).await.unwrap();
    assert_eq!(first().await, AdminOutcome::NotNeeded);
    assert!(!world.is_registered("root@example.com").await);

    world.account_as("root@example.com", Role::Client).await;
    assert_eq!(first().await, AdminOutcome::NotNeeded);
}

#[tokio::test]
async fn the_first_one_cannot_be_made_of_somebody_else() {
    let world = World::new();
    world.account_as("root@example.com", Role::Client).await;
    let outcome = world.create_admin().execute_first(new_admin("root@example.com")).await.unwrap();
    assert_eq!(outcome, AdminOutcome::OtherRole(Role::Client));
}

#[tokio::test]
async fn of_two_servers_with_different_settings_one_makes_the_first() {
    let world = World::new();
    let (here, there) = (world.create_admin(), world.create_admin());
    let (one, two) = tokio::join!(
        here.execute_first(new_admin("root@example.com")),
        there.execute_first(new_admin("chief@example.com"))
    );
    let outcomes = [one.unwrap(), two.unwrap()];
    let created = outcomes.iter().filter(|outcome| matches!(outcome, AdminOutcome::Created(_))).count();
    assert_eq!(created, 1, "{outcomes:?}");
    assert!(outcomes.contains(&AdminOutcome::NotNeeded), "{outcomes:?}");
}
