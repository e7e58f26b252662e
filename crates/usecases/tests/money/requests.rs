//! Asking for one's money.

use adapter_memory::{Fault, Operation};
use domain::money::{MoneyEvent, WithdrawalRef, WithdrawalState, estimated_completion};
use ports::environment::Clock;
use usecases::error::UseCaseError;

use super::world::{World, nobody, now, unprocessable, usd};

#[tokio::test]
async fn the_money_is_set_aside_and_told() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    let view = now(world.withdraw(&ada, 30, None).await.unwrap());
    assert_eq!((view.user_id, view.amount, view.state), (ada.user_id, usd(30), WithdrawalState::Pending));
    assert_eq!((view.user_name.as_str(), view.rejection_reason), ("Ada Lovelace", None));
    assert_eq!((view.requested_at, view.completed_at), (world.clock.now(), None));
    assert_eq!(view.estimated_completion, estimated_completion(world.clock.now()));
    assert_eq!(view.account_masked.len(), 1);
    assert_ne!(view.account_masked[0].1, "ada@example.com", "it is masked");
    let reference = WithdrawalRef { withdrawal_id: view.id, user_id: ada.user_id, amount: usd(30) };
    assert_eq!(world.facts().last(), Some(&MoneyEvent::WithdrawalRequested(reference)));
    assert_eq!(world.holds(&ada).await, (70, 30));
    assert_eq!(world.history(&ada).await, [100, -30]);
    assert_eq!(world.wallet(&ada).await.total_withdrawn, usd(30));
}

#[tokio::test]
async fn all_of_it_can_be_had_and_not_a_cent_more() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    assert_eq!(unprocessable(world.withdraw(&ada, 101, None).await), "insufficient_funds");
    assert_eq!(world.store.calls(Operation::InsertWithdrawal), 0);
    assert_eq!(world.store.calls(Operation::NextWithdrawalId), 0, "no number is lost");
    assert_eq!(world.fact_names(), ["deposit.completed"]);
    assert_eq!(world.holds(&ada).await, (100, 0));
    world.requested(&ada, 100).await;
    assert_eq!(world.holds(&ada).await, (0, 100));
    assert_eq!(unprocessable(world.withdraw(&ada, 1, None).await), "insufficient_funds");
    assert_eq!(world.holds(&ada).await, (0, 100));
    assert_eq!(world.fact_names(), ["deposit.completed", "withdrawal.requested"]);
}

#[tokio::test]
async fn anothers_money_is_out_of_reach() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    let eve = world.person("eve@example.com").await;
    assert_eq!(unprocessable(world.withdraw(&eve, 1, None).await), "insufficient_funds");
    assert_eq!((world.holds(&ada).await, world.holds(&eve).await), ((100, 0), (0, 0)));
}

#[tokio::test]
async fn whoever_may_not_gets_nothing() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let outcome = world.withdraw(&admin, 1, None).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    let outcome = world.withdraw(&nobody(), 1, None).await;
    assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
    world.block(&admin, &ada).await;
    let outcome = world.withdraw(&ada, 1, None).await;
    assert!(
        matches!(outcome, Err(UseCaseError::Unauthorized { reason: Some("account_blocked"), .. })),
        "{outcome:?}"
    );
    assert_eq!(world.holds(&ada).await, (100, 0));
    assert_eq!(world.fact_names(), ["deposit.completed"]);
}

#[tokio::test]
async fn a_fault_anywhere_leaves_nothing() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    for operation in [
        Operation::LockUser,
        Operation::LockBalances,
        Operation::NextWithdrawalId,
        Operation::InsertWithdrawal,
        Operation::Book,
        Operation::Append,
        Operation::WithdrawalInside,
        Operation::Commit,
    ] {
        world.store.fail_next(operation, Fault::Unavailable);
        let outcome = world.withdraw(&ada, 30, None).await;
        assert!(matches!(outcome, Err(UseCaseError::Unavailable { .. })), "{operation:?} {outcome:?}");
        assert_eq!(world.holds(&ada).await, (100, 0), "{operation:?}");
        assert_eq!(world.fact_names(), ["deposit.completed"], "{operation:?}");
    }
}
