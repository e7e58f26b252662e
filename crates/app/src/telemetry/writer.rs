//! The way from an event to standard error: a bounded queue and one thread that writes.
//!
//! Invariants: handing over a line never waits and never fails; lines keep their order; what finds no room is
//! counted, and the count is logged and recorded (`guildhall_log_lines_dropped_total`) as soon as there is
//! room again.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait at most; some megabytes.
pub(super) const LINES: usize = 8192;
/// Up to so many bytes are written at once.
const BATCH_BYTES: usize = 64 * 1024;
/// Pause between two attempts to get a flush into a full queue.
const PAUSE: Duration = Duration::from_millis(2);

enum Message {
    Line(Vec<u8>),
    /// Answered once everything before it is written.
    Flush(SyncSender<()>),
}

/// The entrance of the queue; clones lead to the same one.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    sender: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl Queue {
    /// Starts the thread, which ends with the last clone of the queue.
    pub(super) fn start(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        thread::Builder::new().name("log".into()).spawn(move || write_all(&receiver, sink, &counter))?;
        Ok(Self { sender, dropped })
    }

    /// Waits until all lines handed over so far are written, `limit` at most.
    pub(super) fn flush(&self, limit: Duration) -> bool {
        let deadline = Instant::now().checked_add(limit);
        let left = || deadline.map_or(limit, |deadline| deadline.saturating_duration_since(Instant::now()));
        let (done, written) = sync_channel(1);
        let mut message = Message::Flush(done);
        loop {
            match self.sender.try_send(message) {
                Ok(()) => return written.recv_timeout(left()).is_ok(),
                Err(TrySendError::Full(back)) if !left().is_zero() => message = back,
                Err(_) => return false,
            }
            thread::sleep(PAUSE);
        }
    }

    /// Lines that found no room and have not been reported yet.
    #[cfg(test)]
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// One event comes as one `write`.
impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.sender.try_send(Message::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn write_all(receiver: &Receiver<Message>, mut sink: impl Write, dropped: &AtomicU64) {
    let mut batch = Vec::new();
    while let Ok(first) = receiver.recv() {
        let mut next = Ok(first);
        let mut flushed = None;
        while let Ok(message) = next {
            match message {
                Message::Line(line) => batch.extend_from_slice(&line),
                Message::Flush(done) => flushed = Some(done),
            }
            let full = flushed.is_some() || batch.len() >= BATCH_BYTES;
            next = if full { Err(TryRecvError::Empty) } else { receiver.try_recv() };
        }
        // Nobody is left to be told when the log itself cannot be written, and later it may work again.
        sink.write_all(&batch).and_then(|()| sink.flush()).ok();
        batch.clear();
        if let Some(done) = flushed {
            done.try_send(()).ok();
        }
        report(dropped.swap(0, Ordering::Relaxed));
    }
}

/// Goes through this same queue; if it finds no room either, the next round counts on.
fn report(lines: u64) {
    if lines > 0 {
        metrics::counter!("guildhall_log_lines_dropped_total").increment(lines);
        tracing::warn!(lines, "log lines were dropped: standard error takes them too slowly");
    }
}
