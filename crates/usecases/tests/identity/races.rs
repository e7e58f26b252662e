//! Two at once, move by move and in a crowd.

use adapter_memory::Operation;
use domain::actor::Actor;
use domain::identity::User;
use tokio::task::JoinHandle;
use usecases::error::UseCaseError;
use usecases::identity::LoggedIn;

use super::world::{PASSWORD, World, copy, invalid, reason, unauthorized, within};

const NEW_PASSWORD: &str = "another horse entirely";

fn spawn_login(world: &World) -> JoinHandle<Result<LoggedIn, UseCaseError>> {
    let world = world.clone();
    tokio::spawn(async move { world.try_enter("ada@example.com", PASSWORD).await })
}

fn spawn_block(world: &World, admin: Actor, user: &User) -> JoinHandle<Result<User, UseCaseError>> {
    let (world, id) = (world.clone(), user.id);
    tokio::spawn(async move { world.block().execute(&admin, id, &reason("spam")).await })
}

fn spawn_change(world: &World, actor: Actor, password: &'static str) -> JoinHandle<Result<(), UseCaseError>> {
    let world = world.clone();
    tokio::spawn(async move { world.change_password().execute(&actor, PASSWORD.into(), password).await })
}

#[tokio::test]
async fn a_login_before_a_block_is_ended_by_it() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::Commit);
    let login = spawn_login(&world);
    held.reached().await;
    let block = spawn_block(&world, admin, &ada.user);
    world.store.until_waiting(1).await;
    held.release();
    let entered = login.await.unwrap().unwrap();
    block.await.unwrap().unwrap();
    assert!(!world.is_in(&entered.tokens).await, "the block saw the login");
    assert!(!world.is_live(&entered.tokens).await);
    assert!(!world.is_live(&ada.tokens).await);
}

#[tokio::test]
async fn a_login_after_a_block_is_refused() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::Commit);
    let block = spawn_block(&world, admin, &ada.user);
    held.reached().await;
    let login = spawn_login(&world);
    world.store.until_waiting(1).await;
    held.release();
    block.await.unwrap().unwrap();
    assert_eq!(unauthorized(login.await.unwrap().unwrap_err()), Some("account_blocked"), "it saw the block");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_they_meet_nobody_is_in_a_blocked_account() {
    let (mut came_first, mut came_second) = (0, 0);
    for round in 0..200 {
        let world = World::new();
        let admin = world.admin("root@example.com").await;
        let ada = world.account("ada@example.com").await;
        let (login, block) = if round % 2 == 0 {
            let login = spawn_login(&world);
            (login, spawn_block(&world, admin, &ada.user))
        } else {
            let block = spawn_block(&world, admin, &ada.user);
            (spawn_login(&world), block)
        };
        within(block).await.unwrap().unwrap();
        match within(login).await.unwrap() {
            Ok(entered) => {
                came_first += 1;
                assert!(!world.is_in(&entered.tokens).await, "round {round}");
                assert!(!world.is_live(&entered.tokens).await, "round {round}");
            }
            Err(error) => {
                came_second += 1;
                assert_eq!(unauthorized(error), Some("account_blocked"), "round {round}");
            }
        }
    }
    assert_eq!(came_first + came_second, 200);
}

#[tokio::test]
async fn a_login_before_a_change_of_password_is_ended_by_it() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let mut held = world.store.hold_next(Operation::Commit);
    let login = spawn_login(&world);
    held.reached().await;
    let change = spawn_change(&world, actor, NEW_PASSWORD);
    world.store.until_waiting(1).await;
    held.release();
    let entered = login.await.unwrap().unwrap();
    change.await.unwrap().unwrap();
    assert!(!world.is_in(&entered.tokens).await);
    assert!(world.is_in(&ada.tokens).await);
}

#[tokio::test]
async fn of_two_changes_of_password_the_second_is_refused() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    let (one, two) = (world.actor(&ada.tokens).await, world.actor(&elsewhere.tokens).await);
    let mut held = world.store.hold_next(Operation::Commit);
    let first = spawn_change(&world, one, "the first new one");
    held.reached().await;
    let second = spawn_change(&world, two, "the second new one");
    world.store.until_waiting(1).await;
    held.release();
    first.await.unwrap().unwrap();
    assert_eq!(invalid(second.await.unwrap().unwrap_err()).0, "old_password");
    world.try_enter("ada@example.com", "the first new one").await.unwrap();
    assert_eq!(world.fact_names(ada.user.id), ["user.registered", "user.password_changed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_refreshes_of_one_token_get_the_same_successor() {
    use secrecy::ExposeSecret;
    for round in 0..100 {
        let world = World::new();
        let ada = world.account("ada@example.com").await;
        let refreshes: Vec<_> = (0..4)
            .map(|_| {
                let (world, token) = (world.clone(), copy(&ada.tokens.refresh_token));
                tokio::spawn(async move { world.refresh().execute(token).await })
            })
            .collect();
        let mut pairs = Vec::new();
        for refresh in refreshes {
            pairs.push(within(refresh).await.unwrap().unwrap());
        }
        for pair in &pairs {
            let (one, other) = (&pairs[0].refresh_token, &pair.refresh_token);
            assert_eq!(one.expose_secret(), other.expose_secret(), "round {round}");
            assert!(world.is_in(pair).await);
        }
        assert_eq!(world.store.calls(Operation::SaveRotation), 1, "one of them rotated");
        world.refresh().execute(copy(&pairs[0].refresh_token)).await.unwrap();
    }
}

#[tokio::test]
async fn a_refresh_that_waited_for_another_is_a_replay() {
    use secrecy::ExposeSecret;
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let spawn = || {
        let (world, token) = (world.clone(), copy(&ada.tokens.refresh_token));
        tokio::spawn(async move { world.refresh().execute(token).await })
    };
    let mut held = world.store.hold_next(Operation::Commit);
    let first = spawn();
    held.reached().await;
    let second = spawn();
    world.store.until_waiting(1).await;
    held.release();
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    assert_eq!(first.refresh_token.expose_secret(), second.refresh_token.expose_secret());
    assert_eq!(world.store.calls(Operation::SaveRotation), 1);
    assert_eq!(world.fact_names(ada.user.id), ["user.registered"], "no theft");
}

#[tokio::test]
async fn a_refresh_after_a_block_that_it_met_is_refused() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::Commit);
    let block = spawn_block(&world, admin, &ada.user);
    held.reached().await;
    let refresh = tokio::spawn({
        let (world, token) = (world.clone(), copy(&ada.tokens.refresh_token));
        async move { world.refresh().execute(token).await }
    });
    world.store.until_waiting(1).await;
    held.release();
    block.await.unwrap().unwrap();
    assert!(matches!(refresh.await.unwrap(), Err(UseCaseError::Unauthorized { .. })));
    assert_eq!(world.store.calls(Operation::SaveRotation), 0);
}

#[tokio::test]
async fn a_refresh_before_a_block_is_ended_by_it() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::Commit);
    let refresh = tokio::spawn({
        let (world, token) = (world.clone(), copy(&ada.tokens.refresh_token));
        async move { world.refresh().execute(token).await }
    });
    held.reached().await;
    let block = spawn_block(&world, admin, &ada.user);
    world.store.until_waiting(1).await;
    held.release();
    let pair = refresh.await.unwrap().unwrap();
    block.await.unwrap().unwrap();
    assert!(!world.is_in(&pair).await);
    let again = world.refresh().execute(pair.refresh_token).await;
    assert!(matches!(again, Err(UseCaseError::Unauthorized { .. })));
}

#[tokio::test]
async fn a_request_that_is_given_up_half_way_leaves_nothing_and_holds_nothing() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let actor = world.actor(&ada.tokens).await;
    let mut held = world.store.hold_next(Operation::Append);
    let change = spawn_change(&world, actor, NEW_PASSWORD);
    held.reached().await;
    change.abort();
    assert!(change.await.unwrap_err().is_cancelled());
    let entered = within(world.enter("ada@example.com")).await;
    assert!(world.is_in(&entered.tokens).await, "with the old password");
    assert!(world.is_in(&ada.tokens).await);
    assert_eq!(world.fact_names(ada.user.id), ["user.registered"]);
}
