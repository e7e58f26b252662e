//! A few threads for work that burns a core for a while: password hashing, later image decoding.
//!
//! Such work must not run on the async threads. It has as many threads as the machine has cores, at a low
//! priority: it takes what requests leave, which is all as long as nobody wants anything else. What does not
//! fit into the bounded queue is turned away at once: a queue without end would answer everybody too late.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{mpsc, oneshot};

/// How much the threads yield to others, on the usual scale of −20 to 19.
const NICENESS: i32 = 10;
/// Jobs that may wait for each thread. A password takes about a quarter of a second, so on a
/// machine that has nothing else to do nobody waits longer than some four seconds.
const QUEUE_PER_THREAD: usize = 16;

type Job = Box<dyn FnOnce() + Send + 'static>;

/// The threads. Dropping the last handle lets them finish what is queued and end.
#[derive(Clone, Debug)]
pub struct SlowWork {
    queue: mpsc::Sender<Job>,
}

/// The job did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlowWorkError {
    /// The queue is full.
    #[error("too much slow work is waiting")]
    Busy,
    /// The job panicked, or the threads are gone.
    #[error("the slow work was lost")]
    Lost,
}

impl SlowWork {
    /// Starts as many threads as the machine has cores.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self::with_threads(cores, QUEUE_PER_THREAD.saturating_mul(cores.get()))
    }

    /// Starts `threads` threads behind a queue of `queue` jobs.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn with_threads(threads: NonZeroUsize, queue: usize) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel::<Job>(queue.max(1));
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads.get() {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new().name(format!("slow-work-{number}")).spawn(move || {
                // On Linux this concerns the calling thread alone. Where it fails, the work is merely as important as any other.
                rustix::process::nice(NICENESS).ok();
                serve(&receiver);
            })?;
        }
        Ok(Self { queue: sender })
    }

    /// Puts a job into the queue and forgets it; `false` when there is no room. A job that panics is
    /// merely lost.
    #[must_use]
    pub fn submit(&self, job: Box<dyn FnOnce() + Send + 'static>) -> bool {
        self.queue.try_send(job).is_ok()
    }

    /// Runs `work` on one of the threads.
    ///
    /// # Errors
    /// See [`SlowWorkError`].
    pub async fn run<T, F>(&self, work: F) -> Result<T, SlowWorkError>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Whoever asked may have gone away; then nobody wants the answer, and the work is spared.
            if !answer.is_closed() {
                answer.send(work()).ok();
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SlowWorkError::Busy,
            mpsc::error::TrySendError::Closed(_) => SlowWorkError::Lost,
        })?;
        result.await.map_err(|_| SlowWorkError::Lost)
    }
}

fn serve(receiver: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // The lock is held while waiting, so exactly one idle thread waits at the queue.
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            // A job that panics loses its own answer and must not take the thread along.
            Some(job) => drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(job))),
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use super::*;

    fn one_thread(queue: usize) -> SlowWork {
        SlowWork::with_threads(NonZeroUsize::MIN, queue).unwrap()
    }

    #[tokio::test]
    async fn it_answers() {
        assert_eq!(one_thread(1).run(|| 6 * 7).await, Ok(42));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_turned_away_and_what_fits_is_done() {
        let work = one_thread(1);
        let (started, has_started) = blocking::channel();
        let (release, released) = blocking::channel::<()>();
        let running = tokio::spawn({
            let work = work.clone();
            async move {
                work.run(move || (started.send(()).unwrap(), released.recv().unwrap())).await.map(|_| ())
            }
        });
        tokio::task::spawn_blocking(move || has_started.recv().unwrap()).await.unwrap();
        let queued = work.run(|| 1);
        tokio::pin!(queued);
        assert!(futures_poll(queued.as_mut()).await.is_none(), "it waits in the queue");
        assert_eq!(work.run(|| 2).await, Err(SlowWorkError::Busy));
        release.send(()).unwrap();
        assert_eq!(queued.await, Ok(1));
        assert_eq!(running.await.unwrap(), Ok(()));
    }

    /// Polls a future once.
    async fn futures_poll<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
                std::task::Poll::Ready(output) => Some(output),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn a_panic_loses_its_own_answer_only() {
        let work = one_thread(2);
        assert_eq!(work.run(|| -> () { panic!("on purpose") }).await, Err(SlowWorkError::Lost));
        assert_eq!(work.run(|| 1).await, Ok(1));
    }
}
