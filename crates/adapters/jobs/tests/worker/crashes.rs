//! Workers that die, and databases that go away.

use std::time::{Duration, Instant};

use adapter_jobs::WorkerSettings;
use domain::jobs::JobState;
use ports::retention::Leftover;
use tokio_util::sync::CancellationToken;

use crate::support::{Outcome, Queue, Script, settings, until, within};

/// With the usual 30 s of silence everything here takes thirty times as long: the first pause after
/// a crash (e seconds) and half a second until somebody looks come on top, and that is below 60 s.
const SILENCE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_workers_job_runs_again() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Hangs)]);
    let settings = WorkerSettings { silence: SILENCE, ..settings() };
    // Everything that the first worker is dies with its runtime, without a word to the database.
    let doomed = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    doomed.spawn(queue.worker(&script, settings).run(CancellationToken::new()));
    queue.enqueue("a", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 1).await;
    doomed.shutdown_background();

    let died = Instant::now();
    script.set(Leftover::Logins, Outcome::Done);
    let other = queue.start_with(&script, settings);
    within(Duration::from_secs(60), "it runs again", async || script.tries(Leftover::Logins) == 2).await;
    // Noticed within one and a half times the silence, then the pause and a look; the rest is for a
    // machine that is busy.
    assert!(died.elapsed() < Duration::from_secs(20), "{:?}", died.elapsed());
    queue.until_empty().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_counts_as_an_attempt() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Hangs)]);
    let settings = WorkerSettings { silence: SILENCE, ..settings() };
    let doomed = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    doomed.spawn(queue.worker(&script, settings).run(CancellationToken::new()));
    queue.enqueue("a", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 1).await;
    doomed.shutdown_background();
    let other = queue.start_with(&script, settings);
    until("it is taken from the dead", async || queue.job().await.state == JobState::Retrying).await;
    let job = queue.job().await;
    assert_eq!((job.attempts, job.last_error.as_deref()), (1, Some("WorkerCrashed")));
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_gives_signs_of_life_keeps_its_job_however_long_it_takes() {
    let queue = Queue::new().await;
    let script = Script::new(&[(Leftover::Logins, Outcome::Hangs)]);
    let settings = WorkerSettings { silence: SILENCE, ..settings() };
    let worker = queue.start_with(&script, settings);
    queue.enqueue("a", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 1).await;
    let other = queue.start_with(&script, settings);
    let started = Instant::now();
    within(Duration::from_secs(30), "three silences pass", async || started.elapsed() > 3 * SILENCE).await;
    assert_eq!(script.tries(Leftover::Logins), 1);
    assert_eq!(queue.job().await.state, JobState::Running);
    script.release_one();
    queue.until_empty().await;
    worker.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_survives_its_connections() {
    let queue = Queue::new().await;
    let script = Script::new(&[]);
    let worker = queue.start(&script);
    for round in 1..=3 {
        queue.enqueue(round, Leftover::Logins).await;
        script.until_tried(Leftover::Logins, round).await;
        queue.until_empty().await;
        queue.cut_all_connections().await;
    }
    queue.enqueue("last", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 4).await;
    queue.until_empty().await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_do_not_get_in_each_others_way() {
    let queue = Queue::new().await;
    let script = Script::new(&[]);
    let workers = [queue.start(&script), queue.start(&script), queue.start(&script)];
    for number in 0..90 {
        queue.enqueue(number, Leftover::Logins).await;
    }
    queue.until_empty().await;
    assert_eq!(script.tries(Leftover::Logins), 90, "each once");
    for worker in workers {
        worker.stop().await;
    }
}
