//! Many at once.

use adapter_memory::Operation;
use usecases::error::UseCaseError;
use usecases::idempotency::Answered;

use super::world::Command::{Approve, Cancel};
use super::world::{World, conflict, key, now, of_deposit, unprocessable, usd, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_withdrawals_over_one_balance_as_many_succeed_as_it_covers() {
    for round in 0..20 {
        let world = World::new();
        let ada = world.rich("ada@example.com", 75).await;
        let spawn = |_| {
            let world = world.clone();
            tokio::spawn(async move { world.withdraw(&ada, 10, None).await })
        };
        let tasks: Vec<_> = (0..20).map(spawn).collect();
        let mut succeeded = 0;
        for task in tasks {
            match within(task).await.unwrap() {
                Ok(_) => succeeded += 1,
                refused => assert_eq!(unprocessable(refused), "insufficient_funds", "round {round}"),
            }
        }
        assert_eq!(succeeded, 7, "round {round}");
        assert_eq!(world.holds(&ada).await, (5, 70));
        assert_eq!(world.facts().len(), 8);
    }
}

/// Move by move: whoever comes second finds the withdrawal as the first one left it.
#[tokio::test]
async fn of_approval_and_cancellation_the_second_is_refused() {
    for (first, second, state) in [(Approve, Cancel, "approved"), (Cancel, Approve, "cancelled")] {
        let world = World::new();
        let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
        let id = world.requested(&ada, 30).await;
        let spawn = |command| {
            let world = world.clone();
            let by = if command == Cancel { ada } else { admin };
            tokio::spawn(async move { world.answer(command, &by, id, None).await })
        };
        let mut held = world.store.hold_next(Operation::Commit);
        let winner = spawn(first);
        held.reached().await;
        let loser = spawn(second);
        world.store.until_waiting(1).await;
        held.release();
        now(within(winner).await.unwrap().unwrap());
        let refused = within(loser).await.unwrap();
        assert_eq!(conflict(refused), ("invalid_transition", state));
        let expected = if first == Cancel { (100, 0) } else { (70, 30) };
        assert_eq!(world.holds(&ada).await, expected);
    }
}

/// A deposit under way keeps the account from closing under it.
#[tokio::test]
async fn an_account_does_not_close_over_a_deposit() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::Commit);
    let deposit = tokio::spawn({
        let world = world.clone();
        async move { world.pay_in(&ada, 100, None).await }
    });
    held.reached().await;
    let closing = tokio::spawn({
        let world = world.clone();
        async move { world.close(&ada).await }
    });
    world.store.until_waiting(1).await;
    held.release();
    now(within(deposit).await.unwrap().unwrap());
    assert_eq!(conflict(within(closing).await.unwrap()), ("money_left", "active"));
    assert_eq!(world.holds(&ada).await, (100, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_from_many_tasks_does_it_once() {
    for round in 0..20 {
        let world = World::new();
        let ada = world.person("ada@example.com").await;
        let spawn = |_| {
            let world = world.clone();
            tokio::spawn(async move { world.pay_in(&ada, 100, key(&ada, "k", 1)).await })
        };
        let tasks: Vec<_> = (0..20).map(spawn).collect();
        let (mut done, mut answers) = (Vec::new(), Vec::new());
        for task in tasks {
            match within(task).await.unwrap() {
                Ok(Answered::Now(deposited)) => done.push(of_deposit(&deposited).unwrap()),
                Ok(Answered::Before(answer)) => answers.push(answer),
                Err(UseCaseError::InProgress) => {}
                Err(other) => panic!("round {round}: {other:?}"),
            }
        }
        assert_eq!(done.len(), 1, "round {round}");
        assert!(answers.iter().all(|answer| *answer == done[0]), "round {round}");
        assert_eq!(world.wallet(&ada).await.available, usd(100));
        assert_eq!(world.holds(&ada).await, (100, 0));
        assert_eq!(world.fact_names(), ["deposit.completed"]);
    }
}
