//! The log as its readers get it, and standard errors that do not take it.

use std::{
    io::{self, Read as _, Write},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use super::*;

/// Ten times what any of this should take.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::from_sources(pairs, []).unwrap().settings
}

/// What `events` leave on the paper.
fn logged(pairs: &[(&str, &str)], events: impl FnOnce()) -> String {
    let paper = Paper::default();
    let queue = Queue::start(paper.clone()).unwrap();
    let dispatch = dispatch(&settings(pairs).log, false, queue.clone()).unwrap();
    tracing::dispatcher::with_default(&dispatch, events);
    assert!(queue.flush(LIMIT));
    String::from_utf8(paper.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn json_has_one_object_a_line_with_time_level_target_fields_and_spans() {
    let text = logged(&[("LOG_FORMAT", "json")], || {
        let outer = tracing::info_span!("request", request_id = "r-1").entered();
        let inner = tracing::info_span!("statement", table = "orders").entered();
        tracing::warn!(order = "ORD-001", "two\nlines");
        drop((inner, outer));
        tracing::info!("bare");
    });
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{text}");
    let first = &lines[0];
    assert_eq!(
        (&first["level"], &first["message"], &first["order"]),
        (&"WARN".into(), &"two\nlines".into(), &"ORD-001".into())
    );
    assert_eq!(first["target"], module_path!());
    assert_eq!(first["spans"][0]["request_id"], "r-1", "{first}");
    assert_eq!(first["spans"][1]["table"], "orders", "{first}");
    let time = first["timestamp"].as_str().unwrap();
    assert!(time.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
}

#[test]
fn text_is_for_people_and_without_colours_when_nobody_watches() {
    let text = logged(&[("LOG_FORMAT", "text")], || tracing::info!(order = "ORD-001", "accepted"));
    assert!(
        text.contains(" INFO ") && text.contains("accepted") && text.contains("order=\"ORD-001\""),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn the_filter_holds() {
    let events = || {
        tracing::error!("e");
        tracing::info!("i");
        tracing::debug!("d");
        tracing::info!(target: "noisy", "n");
    };
    for (filter, lines) in [("error", 1), ("info", 3), ("debug", 4), ("info,noisy=off", 2), ("off", 0)] {
        assert_eq!(logged(&[("LOG_LEVEL", filter)], events).lines().count(), lines, "{filter}");
    }
}

/// Takes nothing before it is told to.
struct Stuck(Receiver<()>, Paper);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.recv().ok();
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_takes_nothing_holds_nobody_up_and_lost_lines_are_counted() {
    let (release, gate) = channel();
    let paper = Paper::default();
    let queue = Queue::start(Stuck(gate, paper.clone())).unwrap();
    let dispatch = dispatch(&settings(&[]).log, false, queue.clone()).unwrap();
    let (done, finished) = channel();
    std::thread::spawn(move || {
        tracing::dispatcher::with_default(&dispatch, || {
            (0..writer::LINES * 3).for_each(|line| tracing::info!(line));
        });
        done.send(()).unwrap();
    });
    finished.recv_timeout(LIMIT).expect("logging waited for the reader");
    assert!(queue.dropped() > 0);
    assert!(!queue.flush(Duration::from_millis(20)), "nothing could be written");
    drop(release);
    assert!(queue.flush(LIMIT), "what was kept is written later");
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    assert!(text.lines().next().unwrap().ends_with("line=0"), "order");
}

/// What is written to it is lost, as with a pipe nobody reads.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_broken_sink_breaks_nothing() {
    let queue = Queue::start(Broken).unwrap();
    let dispatch = dispatch(&settings(&[]).log, false, queue.clone()).unwrap();
    for _ in 0..2 {
        tracing::dispatcher::with_default(&dispatch, || (0..100).for_each(|line| tracing::info!(line)));
        assert!(queue.flush(LIMIT), "the thread is gone");
    }
}

/// Set in the child process of the next tests: `init` and the panic hook are for a whole process, so they get
/// one of their own.
const CHILD: &str = "TELEMETRY_TEST_CHILD";

fn child() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "--nocapture",
        "--test-threads=1",
        &format!("{}::in_a_process_of_its_own", module_path!().split_once("::").unwrap().1),
    ]);
    command.env(CHILD, "1").env_remove("RUST_BACKTRACE").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Does nothing unless started by one of the tests below.
#[test]
fn in_a_process_of_its_own() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    // Lets the parent close the pipe first.
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    let settings = settings(&[("LOG_FORMAT", "json")]);
    let telemetry = init(&settings).unwrap();
    assert!(matches!(init(&settings), Err(TelemetryError::AlreadySetUp)));
    (0..100).for_each(|line| tracing::info!(line, "event"));
    assert!(std::thread::spawn(|| panic!("for the\nlog")).join().is_err());
    drop(telemetry);
    writeln!(io::stdout(), "still alive").unwrap();
}

#[test]
fn a_closed_standard_error_harms_nobody() {
    let mut child = child().stdin(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("still alive"), "{stdout}");
}

#[test]
fn everything_is_written_before_the_end_panics_included_and_only_to_standard_error() {
    let output = child().stdin(Stdio::null()).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("still alive") && !stdout.contains("\"event\""),
        "{stdout}"
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<serde_json::Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{stderr}")))
        .collect();
    assert_eq!(lines.len(), 101, "{stderr}");
    assert_eq!(lines[99]["line"], 99);
    assert_eq!(
        (&lines[100]["target"], &lines[100]["message"]),
        (&"panic".into(), &"panicked: for the\nlog".into())
    );
    assert!(lines[100]["place"].as_str().unwrap().contains("tests.rs:"), "{stderr}");
}

#[test]
fn figures_are_the_same_for_every_caller_and_in_buckets() {
    let (first, second) = (metrics(), metrics());
    metrics::histogram!("telemetry_test_seconds").record(0.02);
    first.run_upkeep();
    let text = second.render();
    assert!(text.contains("telemetry_test_seconds_bucket{le=\"0.01\"} 0"), "{text}");
    assert!(text.contains("telemetry_test_seconds_bucket{le=\"0.025\"} 1"), "{text}");
}
