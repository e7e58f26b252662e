//! Prolonging a login.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::identity::{AccountState, IdentityEvent};
use ports::identity::EmailClaim;
use ports::store::{Store, StoreError};
use secrecy::{ExposeSecret, SecretString};
use usecases::error::UseCaseError;
use usecases::identity::TokenPair;

use super::world::{World, copy, reason, unauthorized, unavailable};

async fn refresh(world: &World, token: &SecretString) -> TokenPair {
    world.refresh().execute(copy(token)).await.unwrap()
}

async fn refused(world: &World, token: &SecretString) -> Option<&'static str> {
    unauthorized(world.refresh().execute(copy(token)).await.unwrap_err())
}

#[tokio::test]
async fn every_use_replaces_the_token() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let before = world.actor(&ada.tokens).await;
    let mut tokens = vec![ada.tokens];
    for _ in 0..5 {
        world.clock.advance(TimeDelta::minutes(14));
        let next = refresh(&world, &tokens.last().unwrap().refresh_token).await;
        assert_eq!(world.actor(&next).await, before, "the same person through the same login");
        assert!(tokens.iter().all(|old| {
            old.refresh_token.expose_secret() != next.refresh_token.expose_secret()
                && old.access_token.expose_secret() != next.access_token.expose_secret()
        }));
        tokens.push(next);
    }
    assert_eq!(world.fact_names(before.user_id), ["user.registered"], "prolonging is no fact");
}

#[tokio::test]
async fn a_lost_answer_is_sent_again_within_ten_seconds() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let first = refresh(&world, &ada.tokens.refresh_token).await;
    world.clock.advance(TimeDelta::seconds(10));
    let second = refresh(&world, &ada.tokens.refresh_token).await;
    assert_eq!(first.refresh_token.expose_secret(), second.refresh_token.expose_secret());
    assert_ne!(first.access_token.expose_secret(), second.access_token.expose_secret());
    assert!(world.is_in(&first).await && world.is_in(&second).await);
    refresh(&world, &second.refresh_token).await;
}

#[tokio::test]
async fn after_ten_seconds_it_is_theft_and_ends_the_login_for_everybody() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    let session_id = world.actor(&ada.tokens).await.session_id;
    let stolen = refresh(&world, &ada.tokens.refresh_token).await;
    world.authenticate.poll().await.unwrap();
    world.clock.advance(TimeDelta::seconds(10) + TimeDelta::microseconds(1));
    world.authenticate.poll().await.unwrap();

    assert_eq!(refused(&world, &ada.tokens.refresh_token).await, None, "told no more than any bad token");
    let fact = IdentityEvent::TokenReuseDetected { user_id: ada.user.id, session_id };
    assert_eq!(world.last_fact(), fact);
    let asked = world.store.calls(Operation::IsLive);
    assert!(!world.is_in(&ada.tokens).await, "known at once");
    assert!(!world.is_in(&stolen).await, "the thief's, too");
    assert_eq!(world.store.calls(Operation::IsLive), asked, "without asking the store");
    assert!(!world.is_live(&stolen).await, "and kept");
    assert_eq!(refused(&world, &stolen.refresh_token).await, None);
    assert!(world.is_in(&elsewhere.tokens).await, "another login of the same person goes on");
    assert_eq!(world.facts().len(), 2, "told once");
}

#[tokio::test]
async fn once_the_successor_was_used_it_is_theft_at_once() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let second = refresh(&world, &ada.tokens.refresh_token).await;
    let third = refresh(&world, &second.refresh_token).await;
    assert_eq!(refused(&world, &ada.tokens.refresh_token).await, None);
    assert!(!world.is_in(&third).await);
    assert_eq!(world.last_fact().name(), "session.token_reuse_detected");
}

#[tokio::test(start_paused = true)]
async fn theft_is_noted_even_when_saying_so_collides() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let second = refresh(&world, &ada.tokens.refresh_token).await;
    refresh(&world, &second.refresh_token).await;
    world.store.fail_next(Operation::Commit, Fault::Collision);
    assert_eq!(refused(&world, &ada.tokens.refresh_token).await, None);
    assert!(!world.is_live(&second).await);
    assert_eq!(world.fact_names(ada.user.id), ["user.registered", "session.token_reuse_detected"]);
}

#[tokio::test]
async fn what_was_never_issued_is_refused() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    for token in ["", "nonsense", "refresh-99.0", ada.tokens.access_token.expose_secret()] {
        assert_eq!(refused(&world, &token.into()).await, None, "{token}");
    }
    assert!(world.is_in(&ada.tokens).await, "and harms nobody");
}

#[tokio::test]
async fn thirty_days_of_silence_end_it() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    let next = refresh(&world, &ada.tokens.refresh_token).await;
    world.clock.advance(TimeDelta::days(30));
    assert_eq!(refused(&world, &next.refresh_token).await, None);
    assert_eq!(world.facts().len(), 1, "silence is no theft");
}

#[tokio::test]
async fn an_ended_login_cannot_be_prolonged() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.log_out().execute(&world.actor(&ada.tokens).await).await.unwrap();
    assert_eq!(refused(&world, &ada.tokens.refresh_token).await, None);
    assert_eq!(world.facts().len(), 1, "and it is no theft");
}

#[tokio::test]
async fn a_blocked_account_is_shut_even_after_it_is_opened_again() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    world.block().execute(&admin, ada.user.id, &reason("spam")).await.unwrap();
    let error = world.refresh().execute(copy(&ada.tokens.refresh_token)).await.unwrap_err();
    assert!(matches!(error, UseCaseError::Unauthorized { .. }), "{error:?}");
    world.unblock().execute(&admin, ada.user.id).await.unwrap();
    let error = world.refresh().execute(copy(&ada.tokens.refresh_token)).await.unwrap_err();
    assert!(matches!(error, UseCaseError::Unauthorized { .. }), "old logins stay ended: {error:?}");
}

/// A second line of defence: whoever shuts an account ends its logins, but even a live one is no way in.
#[tokio::test]
async fn a_live_login_of_a_shut_account_is_told_why() {
    for (state, expected) in [("blocked", "account_blocked"), ("deactivated", "account_deactivated")] {
        let world = World::new();
        let ada = world.account("ada@example.com").await;
        let replaced = ada.tokens.refresh_token;
        let current = refresh(&world, &replaced).await.refresh_token;
        let mut user = world.stored(ada.user.id).await;
        let since = user.created_at;
        user.state = match state {
            "blocked" => AccountState::Blocked { reason: "spam".into(), since },
            _ => AccountState::Deactivated { since },
        };
        let mut work = world.store.begin().await.unwrap();
        assert_eq!(work.users().save(&mut user).await.unwrap(), EmailClaim::Granted);
        work.commit().await.unwrap();
        let saved = world.store.calls(Operation::SaveRotation);
        assert_eq!(refused(&world, &current).await, Some(expected), "rotating");
        assert_eq!(refused(&world, &replaced).await, Some(expected), "replaying");
        assert_eq!(world.store.calls(Operation::SaveRotation), saved, "nothing was replaced");
    }
}

#[tokio::test(start_paused = true)]
async fn a_collision_rotates_once() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.store.fail_next(Operation::Commit, Fault::Collision);
    let next = refresh(&world, &ada.tokens.refresh_token).await;
    assert!(world.is_in(&next).await);
    refresh(&world, &next.refresh_token).await;
}

#[tokio::test]
async fn a_token_whose_answer_was_lost_while_committing_is_still_good() {
    for written in [false, true] {
        let world = World::new();
        let ada = world.account("ada@example.com").await;
        world.store.fail_next(Operation::Commit, Fault::OutcomeUnknown { written });
        let error = world.refresh().execute(copy(&ada.tokens.refresh_token)).await.unwrap_err();
        assert!(matches!(unavailable(error), StoreError::OutcomeUnknown(_)));
        let next = refresh(&world, &ada.tokens.refresh_token).await;
        refresh(&world, &next.refresh_token).await;
        assert_eq!(world.facts().len(), 1, "no theft");
    }
}

#[tokio::test]
async fn a_broken_signer_costs_no_login() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.access.set_broken(true);
    let error = world.refresh().execute(copy(&ada.tokens.refresh_token)).await.unwrap_err();
    assert!(matches!(error, UseCaseError::Internal(_)), "{error:?}");
    world.access.set_broken(false);
    refresh(&world, &ada.tokens.refresh_token).await;
}

#[tokio::test]
async fn who_is_blocked_or_has_left_is_told_so() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let (ada, bob) = (world.account("ada@example.com").await, world.account("bob@example.com").await);
    let leaving = world.actor(&bob.tokens).await;
    world.block().execute(&admin, ada.user.id, &reason("spam")).await.unwrap();
    world.deactivate().execute(&leaving).await.unwrap();
    let error = world.refresh().execute(ada.tokens.refresh_token).await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_blocked"));
    let error = world.refresh().execute(bob.tokens.refresh_token).await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_deactivated"));
}
