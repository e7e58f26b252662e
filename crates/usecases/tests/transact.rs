//! Beginning, running again, committing and rolling back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::atomic::{AtomicU32, Ordering};

use adapter_memory::{Fault, MemoryStore, Operation};
use chrono::{TimeZone, Utc};
use domain::event::Event;
use domain::identity::IdentityEvent;
use domain::ids::{EventId, UserId};
use ports::identity::Lock;
use ports::store::{StoreError, UnitOfWork};
use usecases::error::UseCaseError;
use usecases::transact::{Transaction, transact};
use uuid::Uuid;

/// Writes one fact under its number, and then answers or refuses.
#[derive(Default)]
struct Telling {
    number: u128,
    refuses: bool,
    runs: AtomicU32,
}

impl Transaction for Telling {
    type Output = u32;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<u32, UseCaseError> {
        let run = self.runs.fetch_add(1, Ordering::Relaxed) + 1;
        let user_id = UserId::new(Uuid::from_u128(self.number));
        let occurred_at = Utc.timestamp_opt(1_780_000_000, 0).unwrap();
        let event = Event { fact: IdentityEvent::PasswordChanged { user_id }.into(), occurred_at };
        work.outbox().append(&[(EventId::new(Uuid::from_u128(self.number)), event)]).await?;
        work.users().lock(user_id, Lock::Shared).await?;
        if self.refuses { Err(UseCaseError::NotFound) } else { Ok(run) }
    }
}

/// How often it was begun, committed and rolled back.
fn calls(store: &MemoryStore) -> [usize; 3] {
    [Operation::Begin, Operation::Commit, Operation::Rollback].map(|operation| store.calls(operation))
}

fn cause(outcome: Result<u32, UseCaseError>) -> StoreError {
    match outcome {
        Err(UseCaseError::Unavailable { cause, .. } | UseCaseError::Internal(cause)) => {
            *cause.downcast().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_run_is_committed_once() {
    let (store, telling) = (MemoryStore::new(), Telling::default());
    assert_eq!(transact(&store, &telling).await.unwrap(), 1);
    assert_eq!(calls(&store), [1, 1, 0]);
    assert_eq!(store.events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_rolled_back_and_handed_on() {
    let store = MemoryStore::new();
    let telling = Telling { refuses: true, ..Telling::default() };
    let outcome = transact(&store, &telling).await;
    assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
    assert_eq!(calls(&store), [1, 0, 1], "rolled back rather than dropped, and not run again");
    assert!(store.events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_fails_does_not_hide_the_error() {
    let store = MemoryStore::new();
    store.fail_next(Operation::Rollback, Fault::Unavailable);
    let telling = Telling { refuses: true, ..Telling::default() };
    let outcome = transact(&store, &telling).await;
    assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
    assert_eq!(calls(&store), [1, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_collision_anywhere_runs_it_again() {
    for operation in [Operation::Append, Operation::LockUser, Operation::Commit] {
        let (store, telling) = (MemoryStore::new(), Telling::default());
        store.fail_next(operation, Fault::Collision);
        store.fail_next(operation, Fault::Collision);
        assert_eq!(transact(&store, &telling).await.unwrap(), 3, "{operation:?}");
        assert_eq!(store.calls(Operation::Begin), 3, "each run has a transaction of its own");
        assert_eq!(store.events().len(), 1, "only the last run counts");
    }
}

#[tokio::test(start_paused = true)]
async fn a_collision_that_could_not_be_rolled_back_runs_it_again_too() {
    let (store, telling) = (MemoryStore::new(), Telling::default());
    store.fail_next(Operation::LockUser, Fault::Collision);
    store.fail_next(Operation::Rollback, Fault::Unavailable);
    assert_eq!(transact(&store, &telling).await.unwrap(), 2);
    assert_eq!(store.events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_five_runs_it_gives_up() {
    let (store, telling) = (MemoryStore::new(), Telling::default());
    for _ in 0..4 {
        store.fail_next(Operation::Commit, Fault::Collision);
    }
    assert_eq!(transact(&store, &telling).await.unwrap(), 5, "the fifth run may still succeed");

    let (store, telling) = (MemoryStore::new(), Telling::default());
    for _ in 0..6 {
        store.fail_next(Operation::Commit, Fault::Collision);
    }
    let outcome = transact(&store, &telling).await;
    assert!(matches!(cause(outcome), StoreError::Collision(_)));
    assert_eq!(telling.runs.into_inner(), 5);
    assert!(store.events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_pauses_longer_before_each_further_run() {
    let (store, telling) = (MemoryStore::new(), Telling::default());
    for _ in 0..4 {
        store.fail_next(Operation::Commit, Fault::Collision);
    }
    let begun = tokio::time::Instant::now();
    transact(&store, &telling).await.unwrap();
    let pauses = 5 + 10 + 20 + 40;
    assert_eq!(begun.elapsed().as_millis() / 5 * 5, pauses, "in milliseconds, on the paused clock");
}

#[tokio::test(start_paused = true)]
async fn nothing_else_is_run_again() {
    let faults = [
        Fault::Unavailable,
        Fault::TimedOut,
        Fault::Stale,
        Fault::Corrupt,
        Fault::Refused,
        Fault::OutcomeUnknown { written: false },
        Fault::OutcomeUnknown { written: true },
    ];
    for fault in faults {
        let (store, telling) = (MemoryStore::new(), Telling::default());
        store.fail_next(Operation::Commit, fault);
        let is_same = match (fault, cause(transact(&store, &telling).await)) {
            (Fault::Unavailable, StoreError::Unavailable(_))
            | (Fault::TimedOut, StoreError::TimedOut(_))
            | (Fault::Stale, StoreError::Stale { .. })
            | (Fault::Corrupt, StoreError::Corrupt { .. })
            | (Fault::Refused, StoreError::Refused(_))
            | (Fault::OutcomeUnknown { .. }, StoreError::OutcomeUnknown(_)) => true,
            (fault, error) => panic!("{fault:?} became {error:?}"),
        };
        assert!(is_same);
        assert_eq!(calls(&store), [1, 1, 0], "{fault:?}");
        let is_written = fault == Fault::OutcomeUnknown { written: true };
        assert_eq!(store.events().len(), usize::from(is_written), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_connection_is_told_at_once() {
    let (store, telling) = (MemoryStore::new(), Telling::default());
    store.set_down(true);
    assert!(matches!(cause(transact(&store, &telling).await), StoreError::Unavailable(_)));
    assert_eq!(calls(&store), [1, 0, 0]);
    assert_eq!(telling.runs.into_inner(), 0);
}

/// Two that lock the same two rows in opposite order: one of them is the victim and runs again.
struct Crossing {
    rows: [UserId; 2],
    runs: AtomicU32,
}

impl Transaction for Crossing {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        for row in self.rows {
            work.users().lock(row, Lock::Exclusive).await?.ok_or(UseCaseError::NotFound)?;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadlock_costs_one_run() {
    let store = MemoryStore::new();
    let mut rows = Vec::new();
    let mut work = ports::store::Store::begin(&store).await.unwrap();
    for (number, name) in [(1, "one"), (2, "two")] {
        let new = domain::identity::NewUser {
            id: UserId::new(Uuid::from_u128(number)),
            email: domain::identity::EmailAddress::parse(&format!("{name}@example.com")).unwrap(),
            full_name: domain::identity::FullName::parse(name).unwrap(),
            role: domain::identity::Role::Client,
            phone: None,
            password: domain::identity::PasswordHash::new("hash".into()),
        };
        let (user, _) = domain::identity::User::register(new, Utc.timestamp_opt(0, 0).unwrap());
        assert_eq!(work.users().insert(&user).await.unwrap(), ports::identity::EmailClaim::Granted);
        rows.push(user.id);
    }
    work.commit().await.unwrap();
    let [one, two] = [rows[0], rows[1]];
    let there = Crossing { rows: [one, two], runs: AtomicU32::new(0) };
    let back = Crossing { rows: [two, one], runs: AtomicU32::new(0) };
    let (first, second) = tokio::join!(transact(&store, &there), transact(&store, &back));
    first.unwrap();
    second.unwrap();
    let runs = there.runs.into_inner() + back.runs.into_inner();
    assert_eq!(runs, 3, "one of them ran twice");
}
