//! Doing a thing once, however often it is asked for.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::money::Outside;
use usecases::error::UseCaseError;
use usecases::idempotency::{KEPT, Once};

use super::world::Command::{Approve, Cancel, MarkPaid, Reject};
use super::world::{World, before, key, now, of_deposit, of_withdrawal, unprocessable, within};

#[tokio::test]
async fn asked_again_it_gives_the_same_answer_and_does_nothing() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    let first = now(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
    world.pay_in(&ada, 5, None).await.unwrap();
    let (facts, booked) = (world.facts(), world.store.calls(Operation::Book));
    let again = before(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
    assert_eq!(again, of_deposit(&first).unwrap(), "the wallet of that time");
    assert_eq!((world.facts(), world.store.calls(Operation::Book)), (facts, booked), "nothing ran");
    assert_eq!(world.holds(&ada).await, (105, 0));
}

#[tokio::test]
async fn every_command_has_its_key() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let first = now(world.withdraw(&ada, 10, key(&ada, "w", 1)).await.unwrap());
    let again = before(world.withdraw(&ada, 10, key(&ada, "w", 1)).await.unwrap());
    assert_eq!(again, of_withdrawal(&first).unwrap());
    let (other, third) = (world.requested(&ada, 10).await, world.requested(&ada, 10).await);
    for (command, by, id) in [
        (Approve, &admin, first.id),
        (MarkPaid, &admin, first.id),
        (Cancel, &ada, other),
        (Reject, &admin, third),
    ] {
        let name = format!("{command:?}");
        let first = now(world.answer(command, by, id, key(by, &name, 1)).await.unwrap());
        let again = before(world.answer(command, by, id, key(by, &name, 1)).await.unwrap());
        assert_eq!(again, of_withdrawal(&first).unwrap(), "{name}: no conflict");
    }
    assert_eq!(world.holds(&ada).await, (90, 0));
    assert_eq!(world.facts().len(), 8, "each was told once");
}

#[tokio::test]
async fn another_request_may_not_have_the_key() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap();
    let outcome = world.pay_in(&ada, 200, key(&ada, "k", 2)).await;
    assert_eq!(unprocessable(outcome), "idempotency_key_reused");
    let outcome = world.withdraw(&ada, 10, key(&ada, "k", 3)).await;
    assert_eq!(unprocessable(outcome), "idempotency_key_reused");
    assert_eq!(world.holds(&ada).await, (100, 0));
}

#[tokio::test]
async fn keys_are_each_persons_own_and_without_one_it_is_done_again() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    let eve = world.person("eve@example.com").await;
    now(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
    now(world.pay_in(&eve, 100, key(&eve, "k", 2)).await.unwrap());
    now(world.pay_in(&ada, 100, key(&ada, "other", 1)).await.unwrap());
    for _ in 0..3 {
        now(world.pay_in(&ada, 1, None).await.unwrap());
    }
    assert_eq!((world.holds(&ada).await, world.holds(&eve).await), ((203, 0), (100, 0)));
}

#[tokio::test]
async fn while_the_first_is_at_it_the_second_is_sent_away() {
    for operation in [Operation::LockUser, Operation::Book, Operation::Remember, Operation::Commit] {
        let world = World::new();
        let ada = world.person("ada@example.com").await;
        let eve = world.person("eve@example.com").await;
        let mut held = world.store.hold_next(operation);
        let first = tokio::spawn({
            let world = world.clone();
            async move { world.pay_in(&ada, 100, key(&ada, "k", 1)).await }
        });
        held.reached().await;
        for request in [1, 2] {
            let outcome = within(world.pay_in(&ada, 100, key(&ada, "k", request))).await;
            assert!(matches!(outcome, Err(UseCaseError::InProgress)), "{operation:?} {outcome:?}");
        }
        now(within(world.pay_in(&eve, 5, key(&eve, "k", 1))).await.unwrap());
        held.release();
        let done = now(within(first).await.unwrap().unwrap());
        let again = before(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
        assert_eq!(again, of_deposit(&done).unwrap());
        assert_eq!(world.holds(&ada).await, (100, 0));
    }
}

#[tokio::test]
async fn given_up_half_way_it_leaves_the_key_unused() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::Remember);
    let first = tokio::spawn({
        let world = world.clone();
        async move { world.pay_in(&ada, 100, key(&ada, "k", 1)).await }
    });
    held.reached().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    now(world.pay_in(&ada, 100, key(&ada, "k", 2)).await.unwrap());
    assert_eq!(world.holds(&ada).await, (100, 0));
}

#[tokio::test]
async fn an_error_leaves_the_key_unused() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    assert_eq!(unprocessable(world.withdraw(&ada, 10, key(&ada, "k", 1)).await), "insufficient_funds");
    for operation in [Operation::ClaimKey, Operation::Book, Operation::Remember, Operation::Commit] {
        world.store.fail_next(operation, Fault::Unavailable);
        let outcome = world.pay_in(&ada, 100, key(&ada, "k", 2)).await;
        assert!(matches!(outcome, Err(UseCaseError::Unavailable { .. })), "{operation:?} {outcome:?}");
        assert_eq!(world.holds(&ada).await, (0, 0), "{operation:?}");
    }
    now(world.pay_in(&ada, 100, key(&ada, "k", 3)).await.unwrap());
    now(world.withdraw(&ada, 10, key(&ada, "w", 1)).await.unwrap());
    assert_eq!(world.holds(&ada).await, (90, 10));
}

#[tokio::test]
async fn an_answer_that_cannot_be_made_undoes_all() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    let once = Once { key: key(&ada, "k", 1), render: |_| Err(UseCaseError::Internal("no answer".into())) };
    let outcome = world.open_deposit().execute(&ada, super::world::usd(100), Outside::Sandbox, &once).await;
    assert!(matches!(outcome, Err(UseCaseError::Internal(_))), "{outcome:?}");
    assert_eq!(world.store.calls(Operation::Book), 1, "it had been done");
    assert_eq!(world.holds(&ada).await, (0, 0));
    assert_eq!(world.fact_names(), [""; 0]);
    now(world.pay_in(&ada, 100, key(&ada, "k", 2)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_collision_is_run_again_with_its_key() {
    for operation in [Operation::Book, Operation::Remember, Operation::Commit] {
        let world = World::new();
        let ada = world.person("ada@example.com").await;
        world.store.fail_next(operation, Fault::Collision);
        let done = now(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
        assert_eq!(world.store.calls(Operation::ClaimKey), 2, "{operation:?}");
        let again = before(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
        assert_eq!(again, of_deposit(&done).unwrap());
        assert_eq!(world.holds(&ada).await, (100, 0), "{operation:?}");
        assert_eq!(world.fact_names(), ["deposit.completed"], "{operation:?}");
    }
}

#[tokio::test]
async fn whatever_became_of_a_commit_asking_again_does_it_once() {
    for written in [true, false] {
        let world = World::new();
        let ada = world.person("ada@example.com").await;
        world.store.fail_next(Operation::Commit, Fault::OutcomeUnknown { written });
        let outcome = world.pay_in(&ada, 100, key(&ada, "k", 1)).await;
        assert!(matches!(outcome, Err(UseCaseError::Unavailable { .. })), "{outcome:?}");
        assert_eq!(world.store.calls(Operation::ClaimKey), 1, "nobody but the caller asks again");
        let again = world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap();
        let answer = if written { before(again) } else { of_deposit(&now(again)).unwrap() };
        assert_eq!(before(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap()), answer);
        assert_eq!(world.holds(&ada).await, (100, 0), "{written}");
        assert_eq!(world.fact_names(), ["deposit.completed"], "{written}");
    }
}

#[tokio::test]
async fn a_key_is_kept_for_a_day() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    now(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
    assert_eq!(KEPT, TimeDelta::hours(24));
    world.clock.advance(TimeDelta::hours(24));
    before(world.pay_in(&ada, 100, key(&ada, "k", 1)).await.unwrap());
    world.clock.advance(TimeDelta::seconds(1));
    now(world.pay_in(&ada, 7, key(&ada, "k", 2)).await.unwrap());
    before(world.pay_in(&ada, 7, key(&ada, "k", 2)).await.unwrap());
    assert_eq!(world.holds(&ada).await, (107, 0));
}
