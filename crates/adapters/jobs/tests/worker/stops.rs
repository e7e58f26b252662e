//! Stopping in order.

use std::time::{Duration, Instant};

use adapter_jobs::WorkerSettings;
use domain::jobs::JobState;
use ports::retention::Leftover;

use crate::support::{Outcome, Queue, Script, settings};

/// The library may have taken a job while the stop was on its way to it; then that is finished like any
/// other that runs.
#[tokio::test(flavor = "multi_thread")]
async fn what_runs_may_finish_and_what_is_new_comes_to_no_harm() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Hangs)]);
    let worker = queue.start(&script);
    queue.enqueue("a", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 1).await;
    worker.begin_stop();
    queue.enqueue("b", Leftover::RequestKeys).await;
    script.release_one();
    worker.stop().await;
    let left = queue.jobs().await;
    assert!(left.iter().all(|job| job.key.as_deref() == Some("b")), "the one that ran is done: {left:?}");
    let was_begun = usize::from(left.is_empty());
    assert_eq!(script.tries(Leftover::RequestKeys), was_begun, "what was begun is done");
    assert!(left.iter().all(|job| (job.state, job.attempts) == (JobState::Waiting, 0)), "{left:?}");

    let next = queue.start(&script);
    queue.until_empty().await;
    next.stop().await;
    assert_eq!(script.tries(Leftover::RequestKeys), 1, "and is done once in any case");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_finish_is_given_back_unharmed() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Hangs)]);
    let worker =
        queue.start_with(&script, WorkerSettings { grace: Duration::from_millis(100), ..settings() });
    queue.enqueue("a", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 1).await;
    let started = Instant::now();
    worker.stop().await;
    assert!(started.elapsed() >= Duration::from_millis(100), "it had its grace");
    let job = queue.job().await;
    assert_eq!((job.state, job.attempts), (JobState::Waiting, 0), "it has lost no attempt");

    script.set(Leftover::Logins, Outcome::Done);
    let other = queue.start(&script);
    queue.until_empty().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stops_while_the_database_is_away() {
    let queue = Queue::new().await;
    let mut worker = queue.worker(&Script::new(&[]), settings());
    worker.access.config.dbname("not there");
    let stop = tokio_util::sync::CancellationToken::new();
    let mut task = tokio::spawn(worker.run(stop.clone()));
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut task).await;
    assert!(early.is_err(), "it keeps trying");
    stop.cancel();
    tokio::time::timeout(crate::support::PATIENCE, task).await.expect("it stops").unwrap();
}
