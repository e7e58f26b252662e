//! Jobs that do not succeed.

use adapter_security::system::SystemClock;
use domain::jobs::JobState;
use ports::environment::Clock;
use ports::jobs::JobKind;
use ports::retention::Leftover;
use ports::store::Store;

use crate::support::{Outcome, Queue, Script, until};

const ATTEMPTS: u16 = JobKind::CleanUp.max_attempts();

async fn until_dead(queue: &Queue) {
    until("it is dead", async || queue.job().await.state == JobState::Dead).await;
}

async fn retry(queue: &Queue) {
    let mut work = queue.database.begin().await.unwrap();
    let job = work.jobs().lock(queue.job().await.id).await.unwrap().unwrap();
    work.jobs().retry(&job).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_waits_longer_each_time() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Fails)]);
    let worker = queue.start(&script);
    queue.enqueue("a", Leftover::Logins).await;
    // e to the power of the attempt, and up to half as much again.
    for (attempt, seconds) in [(1, 2.71), (2, 7.38), (3, 20.0)] {
        until("it waits", async || {
            let job = queue.job().await;
            job.state == JobState::Retrying && job.attempts == attempt
        })
        .await;
        let job = queue.job().await;
        assert_eq!(job.last_error.as_deref(), Some("it did not work"));
        let now = SystemClock::new().now();
        let pause = (job.run_at - now).as_seconds_f64();
        assert!(pause > seconds - 2.0 && pause < seconds * 1.5 + 0.1, "{attempt}: {pause} s");
        queue.make_due().await;
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_keeps_failing_is_dead_in_the_end_and_can_be_retried() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Fails)]);
    let worker = queue.start(&script);
    queue.enqueue("a", Leftover::Logins).await;
    for attempt in 1..=ATTEMPTS {
        script.until_tried(Leftover::Logins, attempt.into()).await;
        until("the attempt is over", async || queue.job().await.state != JobState::Running).await;
        queue.make_due().await;
    }
    let dead = queue.job().await;
    assert_eq!((dead.state, dead.attempts), (JobState::Dead, ATTEMPTS));
    // Two that come after it are done; it is not tried any more.
    for key in ["b", "c"] {
        queue.enqueue(key, Leftover::RequestKeys).await;
    }
    script.until_tried(Leftover::RequestKeys, 2).await;
    until("they are done", async || queue.jobs().await.len() == 1).await;
    assert_eq!(script.tries(Leftover::Logins), usize::from(ATTEMPTS));

    script.set(Leftover::Logins, Outcome::Done);
    retry(&queue).await;
    queue.until_empty().await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hopeless_job_is_dead_at_once_and_has_all_attempts_when_it_is_retried() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Never)]);
    let worker = queue.start(&script);
    queue.enqueue("a", Leftover::Logins).await;
    until_dead(&queue).await;
    let dead = queue.job().await;
    assert_eq!((dead.attempts, dead.last_error.as_deref()), (1, Some("it never will")));
    worker.stop().await;
    retry(&queue).await;
    let retried = queue.job().await;
    assert_eq!((retried.state, retried.attempts, retried.max_attempts), (JobState::Waiting, 0, ATTEMPTS));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_like_any_other() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Panics)]);
    let worker = queue.start(&script);
    queue.enqueue("a", Leftover::Logins).await;
    until("it is noted", async || queue.job().await.state == JobState::Retrying).await;
    assert_eq!(queue.job().await.last_error.as_deref(), Some("the test wanted it so"));
    script.set(Leftover::Logins, Outcome::Done);
    queue.make_due().await;
    queue.until_empty().await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_job_delays_nobody() {
    let queue = Queue::new().await;
    let poisons = [(Leftover::Logins, Outcome::Fails), (Leftover::EndedLogins, Outcome::Hangs)];
    let script = Script::new(&poisons);
    queue.enqueue("fails", Leftover::Logins).await;
    queue.enqueue("hangs", Leftover::EndedLogins).await;
    for number in 0..40 {
        queue.enqueue(number, Leftover::RequestKeys).await;
    }
    let started = std::time::Instant::now();
    let worker = queue.start(&script);
    script.until_tried(Leftover::RequestKeys, 40).await;
    // One place of two is left to them; had each waited for the next look, it would be 20 s.
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    until("the others are done", async || queue.jobs().await.len() == 2).await;
    script.release_one();
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_cannot_be_read_are_hopeless() {
    let queue = Queue::new().await;
    queue
        .sql("SELECT graphile_worker.add_job('clean_up', '{\"what\": \"everything\"}', job_key => 'a')")
        .await;
    let script = Script::new(&[]);
    let worker = queue.start(&script);
    until_dead(&queue).await;
    let error = queue.job().await.last_error.unwrap();
    assert!(error.contains("no usable field"), "{error}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_a_newer_program_is_left_to_it() {
    let queue = Queue::new().await;
    queue.sql("SELECT graphile_worker.add_job('send_pigeon', '{}', job_key => 'a')").await;
    let script = Script::new(&[]);
    let worker = queue.start(&script);
    queue.enqueue("b", Leftover::Logins).await;
    until("ours is done", async || queue.jobs().await.len() == 1).await;
    let theirs = queue.job().await;
    assert_eq!((theirs.kind.as_str(), theirs.state, theirs.attempts), ("send_pigeon", JobState::Waiting, 0));
    worker.stop().await;
}
