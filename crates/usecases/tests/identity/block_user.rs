//! An administrator shuts somebody out, and lets them in again.

use adapter_memory::Operation;
use domain::actor::Actor;
use domain::identity::{AccountState, IdentityEvent, Role};
use domain::ids::UserId;
use ports::idempotency::{RequestKey, StoredAnswer};
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};
use usecases::identity::{Blocked, Registered};
use uuid::Uuid;

use super::world::{Block, PASSWORD, World, conflict, reason, unauthorized, within};

#[tokio::test]
async fn a_blocked_account_is_shut_everywhere_at_once() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let elsewhere = world.enter("ada@example.com").await;
    let eve = world.account("eve@example.com").await;
    world.authenticate.poll().await.unwrap();
    world.clock.advance(chrono::TimeDelta::milliseconds(100));
    let user = world.block().execute(&admin, ada.user.id, &reason("spam")).await.unwrap();

    let since = ada.user.created_at + chrono::TimeDelta::milliseconds(100);
    assert_eq!(user.state, AccountState::Blocked { reason: "spam".into(), since });
    assert_eq!(world.stored(ada.user.id).await, user, "it answers what is stored");
    let fact = IdentityEvent::Blocked { user_id: ada.user.id, by: admin.user_id, reason: "spam".into() };
    assert_eq!(world.last_fact(), fact);
    let asked = world.store.calls(Operation::IsLive);
    assert!(!world.is_in(&ada.tokens).await && !world.is_in(&elsewhere.tokens).await);
    assert!(world.is_in(&eve.tokens).await);
    assert_eq!(world.store.calls(Operation::IsLive), asked, "known without asking the store");
    assert!(!world.is_live(&ada.tokens).await && !world.is_live(&elsewhere.tokens).await);
    let error = world.try_enter("ada@example.com", PASSWORD).await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_blocked"));
}

#[tokio::test]
async fn unblocking_lets_them_in_but_leaves_old_logins_ended() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    world.block().execute(&admin, ada.user.id, &reason("spam")).await.unwrap();
    let user = world.unblock().execute(&admin, ada.user.id).await.unwrap();
    assert_eq!(user.state, AccountState::Active);
    assert_eq!(world.stored(ada.user.id).await, user);
    let fact = IdentityEvent::Unblocked { user_id: ada.user.id, by: admin.user_id };
    assert_eq!(world.last_fact(), fact);
    assert!(!world.is_in(&ada.tokens).await && !world.is_live(&ada.tokens).await);
    let entered = world.enter("ada@example.com").await;
    assert!(world.is_in(&entered.tokens).await);
}

#[tokio::test]
async fn it_is_for_administrators() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let unknown = UserId::new(Uuid::from_u128(7));
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let other = world.account_as(&format!("{role}@example.com"), role).await;
        let actor = world.actor(&other.tokens).await;
        let begun = world.store.calls(Operation::Begin);
        for id in [ada.user.id, other.user.id, unknown] {
            let error = world.block().execute(&actor, id, &reason("spam")).await.unwrap_err();
            assert!(matches!(error, UseCaseError::Forbidden), "{role}: {error:?}");
            let error = world.unblock().execute(&actor, id).await.unwrap_err();
            assert!(matches!(error, UseCaseError::Forbidden), "{role}: {error:?}");
        }
        assert_eq!(world.store.calls(Operation::Begin), begun, "whatever the account: it is not looked at");
    }
    assert_eq!(world.stored(ada.user.id).await, ada.user);
}

#[tokio::test]
async fn nobody_blocks_themselves_but_one_administrator_another() {
    let world = World::new();
    let (one, two) = (world.admin("one@example.com").await, world.admin("two@example.com").await);
    let error = world.block().execute(&one, one.user_id, &reason("oops")).await.unwrap_err();
    assert_eq!(conflict(error), ("own_administrator_account", "active"));
    world.enter("one@example.com").await;
    world.block().execute(&one, two.user_id, &reason("left us")).await.unwrap();
    assert_eq!(
        unauthorized(world.try_enter("two@example.com", PASSWORD).await.unwrap_err()),
        Some("account_blocked")
    );
}

#[tokio::test]
async fn an_unknown_account_is_not_found() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let id = UserId::new(Uuid::from_u128(7));
    let error = world.block().execute(&admin, id, &reason("spam")).await.unwrap_err();
    assert!(matches!(error, UseCaseError::NotFound), "{error:?}");
    let error = world.unblock().execute(&admin, id).await.unwrap_err();
    assert!(matches!(error, UseCaseError::NotFound), "{error:?}");
}

async fn account_in_state(world: &World, admin: &Actor, state: &str) -> Registered {
    let account = world.account(&format!("{state}@example.com")).await;
    match state {
        "active" => {}
        "blocked" => {
            world.block().execute(admin, account.user.id, &reason("the first")).await.unwrap();
        }
        _ => world.deactivate().execute(&world.actor(&account.tokens).await).await.unwrap(),
    }
    account
}

#[tokio::test]
async fn every_command_in_every_state() {
    for (state, may_block, may_unblock) in
        [("active", true, false), ("blocked", false, true), ("deactivated", false, false)]
    {
        for blocks in [true, false] {
            let world = World::new();
            let admin = world.admin("root@example.com").await;
            let id = account_in_state(&world, &admin, state).await.user.id;
            let (before, facts) = (world.stored(id).await, world.facts().len());
            let outcome = if blocks {
                world.block().execute(&admin, id, &reason("the second")).await
            } else {
                world.unblock().execute(&admin, id).await
            };
            let may = if blocks { may_block } else { may_unblock };
            match outcome {
                Ok(user) => {
                    assert!(may, "{state}, blocks: {blocks}");
                    assert_eq!(world.stored(id).await, user);
                    assert_eq!(user.state.as_str(), if blocks { "blocked" } else { "active" });
                    assert_eq!(world.facts().len(), facts + 1);
                }
                Err(error) => {
                    assert!(!may, "{state}, blocks: {blocks}");
                    assert_eq!(conflict(error), ("invalid_transition", state));
                    assert_eq!(world.stored(id).await, before, "a refused command changes nothing");
                    assert_eq!(world.facts().len(), facts);
                }
            }
        }
    }
}

#[tokio::test]
async fn of_two_administrators_at_once_one_blocks() {
    let world = World::new();
    let (one, two) = (world.admin("one@example.com").await, world.admin("two@example.com").await);
    let ada = world.account("ada@example.com").await;
    let (first, second) = (world.block(), world.block());
    let (text_one, text_two) = (reason("one says so"), reason("two says so"));
    let (first, second) = within(async {
        tokio::join!(
            first.execute(&one, ada.user.id, &text_one),
            second.execute(&two, ada.user.id, &text_two)
        )
    })
    .await;
    let (winner, loser) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(conflict(loser.unwrap_err()), ("invalid_transition", "blocked"));
    assert_eq!(world.stored(ada.user.id).await, winner.unwrap());
    assert_eq!(world.fact_names(ada.user.id), ["user.registered", "user.blocked"]);
}

/// Both requests were let in before either block; at the end somebody must be able to unblock.
#[tokio::test]
async fn of_two_administrators_who_block_each_other_one_stays() {
    for _ in 0..20 {
        let world = World::new();
        let (first, second) =
            (world.admin("first@example.com").await, world.admin("second@example.com").await);
        let (block, why) = (world.block(), reason("rivalry"));
        let outcomes = within(async {
            tokio::join!(
                block.execute(&first, second.user_id, &why),
                block.execute(&second, first.user_id, &why),
            )
        })
        .await;
        let refusal = match outcomes {
            (Ok(_), Err(refusal)) | (Err(refusal), Ok(_)) => refusal,
            both => panic!("{both:?}"),
        };
        assert_eq!(unauthorized(refusal), Some("account_blocked"));
    }
}

#[tokio::test]
async fn a_blocked_administrator_cannot_let_themselves_in_again() {
    let world = World::new();
    let (root, rogue) = (world.admin("root@example.com").await, world.admin("rogue@example.com").await);
    world.block().execute(&root, rogue.user_id, &reason("rogue")).await.unwrap();
    let error = world.unblock().execute(&rogue, rogue.user_id).await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_blocked"));
    let error = world.block().execute(&rogue, root.user_id, &reason("revenge")).await.unwrap_err();
    assert_eq!(unauthorized(error), Some("account_blocked"));
}

#[tokio::test]
async fn a_named_block_is_done_once() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let key = RequestKey { user_id: admin.user_id, key: "spam-7".into(), fingerprint: [7; 32] };
    let once = Once {
        key: Some(key),
        render: |blocked: &Blocked| Ok(StoredAnswer { status: 200, body: blocked.user.id.to_string() }),
    };
    let Block(block) = world.block();
    let first = block.execute(&admin, ada.user.id, &reason("spam"), &once).await.unwrap();
    assert!(matches!(first, Answered::Now(_)));
    let again = block.execute(&admin, ada.user.id, &reason("spam"), &once).await.unwrap();
    let Answered::Before(answer) = again else { panic!("{again:?}") };
    assert_eq!(answer.body, ada.user.id.to_string());
}
