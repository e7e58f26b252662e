//! An administrator has jobs tried again, or not any more.

use domain::identity::Role;
use domain::ids::JobId;
use domain::jobs::JobState;
use ports::idempotency::StoredAnswer;
use ports::jobs::{JobKind, JobView};
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};
use usecases::jobs::{CancelJob, RetryJob};

use super::world::{World, actor};

fn once() -> Once<JobView> {
    Once { key: None, render: |_| Ok(StoredAnswer { status: 200, body: String::new() }) }
}

fn done(outcome: Result<Answered<JobView>, UseCaseError>) -> JobView {
    match outcome.unwrap() {
        Answered::Now(job) => job,
        Answered::Before(answer) => panic!("{answer:?}"),
    }
}

fn conflict(outcome: Result<Answered<JobView>, UseCaseError>) -> &'static str {
    let error = outcome.unwrap_err();
    let UseCaseError::Conflict { reason: "invalid_transition", state, .. } = &error else {
        panic!("{error}");
    };
    state
}

#[tokio::test]
async fn each_command_in_each_state() {
    let world = World::default();
    let retry = RetryJob { store: world.store.clone(), clock: world.clock.clone() };
    let cancel = CancelJob { store: world.store.clone(), clock: world.clock.clone() };
    let admin = actor(Role::Admin);
    let job = world.enqueue("a").await;
    let left_in = |state, attempts| {
        world.store.set_job(JobView { state, attempts, max_attempts: 4, ..job.clone() });
    };
    for state in [JobState::Retrying, JobState::Dead] {
        left_in(state, 4);
        let retried = done(retry.execute(&admin, job.id, &once()).await);
        assert_eq!((retried.state, retried.attempts), (JobState::Waiting, 0));
        assert_eq!(retried.max_attempts, JobKind::CleanUp.max_attempts());
    }
    for state in [JobState::Waiting, JobState::Retrying] {
        left_in(state, 1);
        let cancelled = done(cancel.execute(&admin, job.id, &once()).await);
        assert_eq!(cancelled.state, JobState::Dead);
        assert_eq!(cancelled.last_error.as_deref(), Some("cancelled by an administrator"));
    }
    for state in [JobState::Waiting, JobState::Running] {
        left_in(state, 1);
        assert_eq!(conflict(retry.execute(&admin, job.id, &once()).await), state.as_str());
    }
    for state in [JobState::Running, JobState::Dead] {
        left_in(state, 1);
        assert_eq!(conflict(cancel.execute(&admin, job.id, &once()).await), state.as_str());
    }
}

#[tokio::test]
async fn nobody_else_may_and_nothing_else_is_there() {
    let world = World::default();
    let retry = RetryJob { store: world.store.clone(), clock: world.clock.clone() };
    let cancel = CancelJob { store: world.store.clone(), clock: world.clock.clone() };
    let job = world.enqueue("a").await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let refused = retry.execute(&actor(role), job.id, &once()).await.unwrap_err();
        assert!(matches!(refused, UseCaseError::Forbidden), "{refused}");
        let refused = cancel.execute(&actor(role), job.id, &once()).await.unwrap_err();
        assert!(matches!(refused, UseCaseError::Forbidden), "{refused}");
    }
    let unknown = JobId::new(job.id.number() + 1).unwrap();
    let missing = retry.execute(&actor(Role::Admin), unknown, &once()).await.unwrap_err();
    assert!(matches!(missing, UseCaseError::NotFound), "{missing}");
    assert_eq!(world.store.jobs(), [job]);
}
