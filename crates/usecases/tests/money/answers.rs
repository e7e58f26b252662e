//! What becomes of a withdrawal: called back, approved, paid, rejected.

use adapter_memory::{Fault, Operation};
use domain::ids::WithdrawalId;
use domain::money::{MoneyEvent, WithdrawalRef, WithdrawalState};
use ports::environment::Clock;
use usecases::error::UseCaseError;

use super::world::Command::{Approve, Cancel, MarkFailed, MarkPaid, Reject};
use super::world::{World, conflict, usd};

#[tokio::test]
async fn cancelled_it_comes_back() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    let id = world.requested(&ada, 30).await;
    let view = world.done(Cancel, &ada, id).await;
    assert_eq!((view.id, view.state, view.completed_at), (id, WithdrawalState::Cancelled, None));
    let reference = WithdrawalRef { withdrawal_id: id, user_id: ada.user_id, amount: usd(30) };
    assert_eq!(world.facts().last(), Some(&MoneyEvent::WithdrawalCancelled(reference)));
    assert_eq!(world.history(&ada).await, [100, -30, 30]);
    assert_eq!(world.wallet(&ada).await.total_withdrawn, usd(0));
    assert_eq!(world.holds(&ada).await, (100, 0));
}

#[tokio::test]
async fn approved_and_paid_it_leaves() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let id = world.requested(&ada, 30).await;
    let view = world.done(Approve, &admin, id).await;
    assert_eq!((view.state, view.completed_at), (WithdrawalState::Approved, None));
    assert_eq!(world.holds(&ada).await, (70, 30), "nothing moves yet");
    world.clock.advance(chrono::TimeDelta::hours(1));
    let view = world.done(MarkPaid, &admin, id).await;
    assert_eq!((view.state, view.completed_at), (WithdrawalState::Paid, Some(world.clock.now())));
    assert_eq!(world.holds(&ada).await, (70, 0));
    assert_eq!(world.wallet(&ada).await.total_withdrawn, usd(30));
    assert_eq!(world.history(&ada).await, [100, -30]);
    let names = ["deposit.completed", "withdrawal.requested", "withdrawal.approved", "withdrawal.paid"];
    assert_eq!(world.fact_names(), names);
}

#[tokio::test]
async fn rejected_it_comes_back_with_the_reason() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    for is_approved in [false, true] {
        let id = world.requested(&ada, 30).await;
        if is_approved {
            world.done(Approve, &admin, id).await;
        }
        let view = world.done(Reject, &admin, id).await;
        assert_eq!(view.state, WithdrawalState::Rejected);
        assert_eq!(view.rejection_reason.as_deref(), Some("who are you?"));
        let withdrawal = WithdrawalRef { withdrawal_id: id, user_id: ada.user_id, amount: usd(30) };
        let fact = MoneyEvent::WithdrawalRejected { withdrawal, reason: "who are you?".into() };
        assert_eq!(world.facts().last(), Some(&fact));
        assert_eq!(world.holds(&ada).await, (100, 0));
        assert_eq!(world.wallet(&ada).await.total_withdrawn, usd(0));
    }
    assert_eq!(world.history(&ada).await, [100, -30, 30, -30, 30]);
}

#[tokio::test]
async fn who_may_do_what() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let eve = world.rich("eve@example.com", 100).await;
    let id = world.requested(&ada, 30).await;
    let facts = world.facts();
    for command in [Approve, MarkPaid, MarkFailed, Reject] {
        for person in [&ada, &eve] {
            let outcome = world.answer(command, person, id, None).await;
            assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{command:?} {outcome:?}");
        }
        let outcome = world.answer(command, &admin, WithdrawalId::new(999).unwrap(), None).await;
        assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{command:?} {outcome:?}");
    }
    for id in [id, WithdrawalId::new(999).unwrap()] {
        let outcome = world.answer(Cancel, &admin, id, None).await;
        assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    }
    for (person, id) in [(&eve, id), (&ada, WithdrawalId::new(999).unwrap())] {
        let outcome = world.answer(Cancel, person, id, None).await;
        assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
    }
    assert_eq!(world.holds(&ada).await, (70, 30));
    assert_eq!(world.facts(), facts);
}

#[tokio::test]
async fn an_administrator_who_was_blocked_a_moment_ago_pays_nobody() {
    let world = World::new();
    let (admin, rogue) = (world.admin().await, world.admin_at("rogue@example.com").await);
    let ada = world.rich("ada@example.com", 100).await;
    let id = world.requested(&ada, 30).await;
    world.block(&admin, &rogue).await;
    for command in [Approve, MarkPaid, MarkFailed, Reject] {
        let outcome = world.answer(command, &rogue, id, None).await;
        assert!(matches!(outcome, Err(UseCaseError::Unauthorized { .. })), "{command:?}: {outcome:?}");
    }
    assert_eq!(world.holds(&ada).await, (70, 30));
}

#[tokio::test]
async fn what_is_over_stays_as_it_is() {
    let ways: [(&[_], &[_], &str); 5] = [
        (&[], &[MarkPaid, MarkFailed], "pending"),
        (&[Approve], &[Approve, MarkFailed, Cancel], "approved"),
        (&[Approve, MarkPaid], &[Approve, MarkPaid, MarkFailed, Reject, Cancel], "paid"),
        (&[Reject], &[Approve, MarkPaid, MarkFailed, Reject, Cancel], "rejected"),
        (&[Cancel], &[Approve, MarkPaid, MarkFailed, Reject, Cancel], "cancelled"),
    ];
    for (way, refused, state) in ways {
        let world = World::new();
        let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
        let id = world.requested(&ada, 30).await;
        let by = |command| if command == Cancel { &ada } else { &admin };
        for command in way {
            world.done(*command, by(*command), id).await;
        }
        let (held, facts) = (world.holds(&ada).await, world.facts());
        for command in refused {
            let outcome = world.answer(*command, by(*command), id, None).await;
            assert_eq!(conflict(outcome), ("invalid_transition", state), "{command:?}");
        }
        assert_eq!((world.holds(&ada).await, world.facts()), (held, facts), "{state}");
    }
}

#[tokio::test]
async fn a_fault_anywhere_changes_nothing() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let id = world.requested(&ada, 30).await;
    let facts = world.facts();
    for (command, by) in [(Cancel, &ada), (Reject, &admin)] {
        for operation in [
            Operation::LockWithdrawal,
            Operation::SaveWithdrawal,
            Operation::Book,
            Operation::Append,
            Operation::WithdrawalInside,
            Operation::Commit,
        ] {
            world.store.fail_next(operation, Fault::Unavailable);
            let outcome = world.answer(command, by, id, None).await;
            assert!(matches!(outcome, Err(UseCaseError::Unavailable { .. })), "{operation:?} {outcome:?}");
            assert_eq!(world.holds(&ada).await, (70, 30), "{operation:?}");
            assert_eq!(world.facts(), facts, "{operation:?}");
        }
    }
    world.done(Cancel, &ada, id).await;
}
