//! Opening an account.

use adapter_memory::{Fault, Operation};
use domain::identity::{AccountState, IdentityEvent, Role};
use ports::identity::HasherError;
use ports::store::StoreError;
use secrecy::ExposeSecret;
use usecases::error::UseCaseError;
use usecases::identity::Registration;

use super::world::{PASSWORD, World, invalid, name, phone, registration, unavailable, within};

#[tokio::test]
async fn a_new_account_is_stored_told_and_logged_in() {
    let world = World::new();
    let registration = Registration {
        full_name: name("Grace Hopper"),
        role: Role::Client,
        phone: Some(phone("030/1234567")),
        ..registration("Grace@Example.com")
    };
    let registered = world.register().execute(registration).await.unwrap();

    let stored = world.stored(registered.user.id).await;
    assert_eq!(stored, registered.user);
    assert_eq!((stored.email.as_str(), stored.full_name.as_str()), ("Grace@Example.com", "Grace Hopper"));
    assert_eq!((stored.role, stored.phone.clone()), (Role::Client, Some(phone("030/1234567"))));
    assert_eq!((stored.state.clone(), stored.is_verified), (AccountState::Active, false));
    assert!(!format!("{registered:?}").contains(PASSWORD), "nothing shows the password");

    let fact = IdentityEvent::Registered { user_id: stored.id, role: Role::Client };
    assert_eq!(world.facts(), [fact]);
    assert_eq!(fact_time(&world), stored.created_at);

    let claims = world.authenticate.read(registered.tokens.access_token.expose_secret()).unwrap();
    assert_eq!((claims.user_id, claims.role, claims.is_verified), (stored.id, Role::Client, false));
    assert_eq!(claims.email, "Grace@Example.com");
    assert_eq!((claims.expires_at - claims.issued_at).num_minutes(), 15);
    assert_eq!(claims.issued_at.timestamp_subsec_nanos(), 0, "whole seconds");
    let actor = world.actor(&registered.tokens).await;
    assert_eq!((actor.user_id, actor.role), (stored.id, Role::Client));
    let view = world.view_account().execute(&actor).await.unwrap();
    assert_eq!((view.id, view.email.as_str()), (stored.id, "Grace@Example.com"));
    world.refresh().execute(registered.tokens.refresh_token).await.unwrap();
}

fn fact_time(world: &World) -> chrono::DateTime<chrono::Utc> {
    world.store.events()[0].1.occurred_at
}

#[tokio::test]
async fn an_address_is_taken_in_any_case() {
    let world = World::new();
    let first = world.account("ada@example.com").await;
    for address in ["ada@example.com", "ADA@example.com", "Ada@Example.Com"] {
        let error = world.register().execute(registration(address)).await.unwrap_err();
        assert_eq!(error.to_string(), "Email already exists", "as the source shows it");
        assert_eq!(invalid(error), ("email".into(), "Email already exists".into()));
    }
    assert_eq!(world.facts().len(), 1, "nobody came");
    let entered = world.enter("ada@example.com").await;
    assert_eq!(entered.account.id, first.user.id, "the first one still has it");
}

#[tokio::test]
async fn of_two_at_once_one_gets_the_address() {
    for round in 0..20 {
        let world = World::new();
        let (first, second) = (world.register(), world.register());
        let (first, second) = within(async {
            tokio::join!(
                first.execute(registration("ada@example.com")),
                second.execute(registration("ADA@example.com"))
            )
        })
        .await;
        let (winner, loser) = if first.is_ok() { (first, second) } else { (second, first) };
        let winner = winner.unwrap();
        assert_eq!(invalid(loser.unwrap_err()).0, "email", "round {round}");
        assert_eq!(world.facts().len(), 1);
        assert_eq!(world.enter("ada@example.com").await.account.id, winner.user.id);
    }
}

#[tokio::test]
async fn a_busy_hasher_turns_people_away() {
    let world = World::new();
    world.hasher.set_busy(true);
    let error = world.register().execute(registration("ada@example.com")).await.unwrap_err();
    let UseCaseError::Unavailable { cause, retry_after } = error else { panic!("{error:?}") };
    assert!(matches!(cause.downcast_ref(), Some(HasherError::Busy)));
    assert!(!retry_after.is_zero());
    assert_eq!(world.store.calls(Operation::Begin), 0, "nothing was begun");
    world.hasher.set_busy(false);
    world.account("ada@example.com").await;
}

#[tokio::test(start_paused = true)]
async fn a_collision_is_run_again_and_leaves_one_account() {
    for operation in [Operation::InsertUser, Operation::InsertSession, Operation::Append, Operation::Commit] {
        let world = World::new();
        world.store.fail_next(operation, Fault::Collision);
        let registered = world.account("ada@example.com").await;
        assert_eq!(world.store.calls(Operation::Begin), 2, "{operation:?}");
        assert_eq!(world.hasher.hashed(), 1, "the slow part is not done again");
        assert_eq!(world.fact_names(registered.user.id), ["user.registered"]);
        assert_eq!(world.stored(registered.user.id).await, registered.user);
        assert!(world.is_in(&registered.tokens).await);
        world.refresh().execute(registered.tokens.refresh_token).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn collisions_without_end_are_given_up_on() {
    let world = World::new();
    for _ in 0..5 {
        world.store.fail_next(Operation::Commit, Fault::Collision);
    }
    let error = world.register().execute(registration("ada@example.com")).await.unwrap_err();
    assert!(matches!(unavailable(error), StoreError::Collision(_)));
    assert!(!world.is_registered("ada@example.com").await);
    assert_eq!(world.facts(), []);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_told_and_not_tried_again() {
    for written in [false, true] {
        let world = World::new();
        world.store.fail_next(Operation::Commit, Fault::OutcomeUnknown { written });
        let error = world.register().execute(registration("ada@example.com")).await.unwrap_err();
        assert!(matches!(unavailable(error), StoreError::OutcomeUnknown(_)));
        assert_eq!(world.store.calls(Operation::Begin), 1);
        assert_eq!(world.is_registered("ada@example.com").await, written);
        assert_eq!(world.facts().len(), usize::from(written));
        if written {
            world.enter("ada@example.com").await;
        }
    }
}

#[tokio::test]
async fn a_database_that_is_down_is_told() {
    let world = World::new();
    world.store.fail_next(Operation::Begin, Fault::Unavailable);
    let error = world.register().execute(registration("ada@example.com")).await.unwrap_err();
    assert!(matches!(unavailable(error), StoreError::Unavailable(_)));
    assert!(!world.is_registered("ada@example.com").await);
}

#[tokio::test]
async fn without_randomness_there_is_no_account() {
    let world = World::new();
    world.refresh.set_broken(true);
    let error = world.register().execute(registration("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, UseCaseError::Internal(_)), "{error:?}");
    assert!(!world.is_registered("ada@example.com").await);
}
