//! Jobs that take long.

use std::num::NonZeroUsize;

use adapter_jobs::WorkerSettings;
use domain::jobs::JobState;
use ports::jobs::Job;
use ports::retention::Leftover;

use crate::support::{Queue, Script, settings, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_job_keeps_no_other_waiting_even_where_there_is_one_place() {
    let queue = Queue::new().await;
    let script = Script::new(&[]);
    let worker = queue.start_with(&script, WorkerSettings { concurrency: NonZeroUsize::MIN, ..settings() });
    queue.enqueue_job("a", Job::SweepFiles).await;
    until("the sweep has begun", async || script.sweeps() == 1).await;
    queue.enqueue("short", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 1).await;

    // A second one does not take the place of the short ones.
    queue.enqueue_job("b", Job::SweepFiles).await;
    until("it is put off", async || {
        queue
            .jobs()
            .await
            .iter()
            .any(|job| job.key.as_deref() == Some("b") && job.state == JobState::Retrying)
    })
    .await;
    assert_eq!(script.sweeps(), 1);
    queue.enqueue("short", Leftover::Logins).await;
    script.until_tried(Leftover::Logins, 2).await;

    script.release_one();
    until("the first sweep is over", async || queue.jobs().await.len() == 1).await;
    queue.make_due().await;
    until("the second one has begun", async || script.sweeps() == 2).await;
    script.release_one();
    queue.until_empty().await;
    worker.stop().await;
}
