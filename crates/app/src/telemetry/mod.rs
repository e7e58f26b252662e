//! What the program tells its operators: a log on standard error and figures for Prometheus.
//!
//! Invariants: nothing here blocks or panics a request, whatever has become of standard error; standard
//! output stays free for reports. A log line that finds no room is counted, not waited for.
//!
//! Deliberately absent: traces to a collector (they come with their capability) and the descriptions of
//! single figures (beside the code that records them).

mod prometheus;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal as _},
    panic::PanicHookInfo,
    time::Duration,
};

use tracing::{Dispatch, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub use self::prometheus::metrics;
use self::writer::Queue;
use crate::settings::{Log, LogFormat, Settings};

/// How long the end of the program waits for the last log lines.
const FLUSH: Duration = Duration::from_secs(1);

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `LOG_LEVEL` is no filter after all.
    #[error("the log filter is not usable: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The thread that writes the log could not be started.
    #[error("the log cannot be started: {0}")]
    Thread(#[from] io::Error),
    /// Something in this process logs already.
    #[error("the log is set up already")]
    AlreadySetUp,
}

/// The running log. Keep it until the end of `main`: dropping it waits (one second at most) until what was
/// logged is written. `std::process::exit` drops nothing; call [`Telemetry::flush`] before it.
#[derive(Debug)]
#[must_use = "dropping it at once would wait for the log at the wrong moment"]
pub struct Telemetry {
    queue: Queue,
}

impl Telemetry {
    /// Waits until everything logged so far is written, `limit` at most; false when it took longer.
    #[must_use]
    pub fn flush(&self, limit: Duration) -> bool {
        self.queue.flush(limit)
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // Whether it worked makes no difference any more.
        self.queue.flush(FLUSH);
    }
}

/// Sends events and panics of the whole process to standard error, in the format and with the filter of the
/// settings. Tests that run the program inside their own process do without it.
///
/// # Errors
/// [`TelemetryError`]; nothing is changed then.
pub fn init(settings: &Settings) -> Result<Telemetry, TelemetryError> {
    let stderr = io::stderr();
    let colours = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let queue = Queue::start(stderr)?;
    let dispatch = dispatch(&settings.log, colours, queue.clone())?;
    dispatch.try_init().map_err(|_| TelemetryError::AlreadySetUp)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(Telemetry { queue })
}

/// The subscriber. Times are RFC 3339 in UTC.
fn dispatch(log: &Log, colours: bool, queue: Queue) -> Result<Dispatch, TelemetryError> {
    let filter = EnvFilter::builder().parse(directives(log))?;
    // Without `log_internal_errors(false)` the layer would report its errors by `eprintln!`, which panics on
    // a closed pipe.
    let layer = fmt::layer().with_writer(queue).log_internal_errors(false);
    let layer = match log.format {
        LogFormat::Text => layer.with_ansi(colours).boxed(),
        // All spans instead of the innermost one: the request's id is on the outermost.
        LogFormat::Json => {
            layer.json().flatten_event(true).with_current_span(false).with_span_list(true).boxed()
        }
    };
    Ok(dispatcher(tracing_subscriber::registry().with(layer.with_filter(filter))))
}

/// What the HTTP libraries say on their own is left out unless it is asked for by name: the workers'
/// life below `warn`, as the program says the same in its own words, and every request whose head
/// cannot be parsed, as anybody could fill the log with errors.
fn directives(log: &Log) -> String {
    let asked = log.filter.directives();
    let mut directives = asked.to_owned();
    for (library, quiet) in
        [("actix_server", "actix_server=warn"), ("actix_http", "actix_http::h1::dispatcher=off")]
    {
        if !asked.contains(library) {
            directives = format!("{directives},{quiet}");
        }
    }
    directives
}

fn dispatcher(subscriber: impl Subscriber + Send + Sync + 'static) -> Dispatch {
    Dispatch::new(subscriber)
}

/// A panic as one event of the log, in place of the standard hook's several lines straight to standard error.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("(no message)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(target: "panic", place, thread = thread.name(), backtrace, "panicked: {message}");
}
