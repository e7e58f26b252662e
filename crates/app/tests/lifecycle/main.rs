//! The program as a process: starting, stopping, being killed, and its commands beside a server.
//!
//! Each test has a data folder of its own, so each first start makes a database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a broken premise should stop them at once"
)]

mod process;
mod readme;

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::Signal;

use process::{Folder, answer, head, wait_until};

const REGISTER: &str =
    r#"{"email":"ada@example.com","password":"SecurePass123!","full_name":"Ada","role":"writer"}"#;
const LOGIN: &str = r#"{"email":"ada@example.com","password":"SecurePass123!"}"#;

fn database_runs(data: &Path) -> bool {
    data.join("pgdata").join("postmaster.pid").exists()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn sigterm_stops_everything_in_order_and_nothing_is_lost() {
    let folder = Folder::new();
    let mut server = folder.serve(&[]);
    let opened = server.post("/api/v1/auth/register", REGISTER);
    assert!(opened.starts_with("HTTP/1.1 201"), "{opened}");
    server.signal(Signal::SIGTERM);
    assert!(server.ends(), "a stop that was asked for is a success");
    assert!(!database_runs(&folder.data()));

    let mut server = folder.serve(&[]);
    let entered = server.post("/api/v1/auth/login", LOGIN);
    assert!(entered.starts_with("HTTP/1.1 200"), "{entered}");
    server.signal(Signal::SIGINT);
    assert!(server.ends());
}

#[test]
fn a_request_that_runs_is_finished_before_the_end() {
    let folder = Folder::new();
    let mut server = folder.serve(&[]);
    let mut stream = server.connect();
    let (first, rest) = REGISTER.split_at(20);
    stream.write_all(head("/api/v1/auth/register", REGISTER).as_bytes()).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    // Another request's answer shows that the first one's head has been read.
    let health = server.post("/api/v1/auth/login", LOGIN);
    assert!(health.starts_with("HTTP/1.1 401"), "{health}");
    server.signal(Signal::SIGTERM);
    wait_until("the stop begins", || server.log.try_iter().any(|line| line.contains("stopping")));
    stream.write_all(rest.as_bytes()).unwrap();
    let opened = answer(stream);
    assert!(opened.starts_with("HTTP/1.1 201"), "{opened}");
    assert!(server.ends());
}

#[test]
fn a_killed_program_takes_its_database_down_cleanly() {
    let folder = Folder::new();
    let mut server = folder.serve(&[]);
    let opened = server.post("/api/v1/auth/register", REGISTER);
    assert!(opened.starts_with("HTTP/1.1 201"), "{opened}");
    server.signal(Signal::SIGKILL);
    assert!(!server.ends());
    wait_until("the database goes down, too", || !database_runs(&folder.data()));
    // It says so after it has let go of its folder.
    wait_until("it was in order", || {
        let log = std::fs::read_to_string(folder.data().join("postgres.log")).unwrap();
        log.contains("database system is shut down")
    });

    let server = folder.serve(&[]);
    let entered = server.post("/api/v1/auth/login", LOGIN);
    assert!(entered.starts_with("HTTP/1.1 200"), "{entered}");
}

#[test]
fn a_second_instance_on_the_same_folder_gets_one_clear_error() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let second = folder.run(&["serve"], &[]);
    assert!(!second.status.success());
    let complaint = text(&second.stderr);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("data folder"), "{complaint}");
    let entered = server.post("/api/v1/auth/login", LOGIN);
    assert!(entered.starts_with("HTTP/1.1 401"), "the first one is not disturbed: {entered}");
}

#[test]
fn an_address_in_use_is_one_clear_error_and_leaves_nothing_running() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::new();
    let output = folder.run(&["serve"], &[("BIND_ADDR", &address), ("LOG_LEVEL", "error")]);
    assert!(!output.status.success());
    let complaint = text(&output.stderr);
    assert!(complaint.contains(&address) && complaint.contains("BIND_ADDR"), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(!database_runs(&folder.data()));
}

#[test]
fn commands_work_with_and_without_a_server_on_the_same_folder() {
    let folder = Folder::new();
    let create = |email: &str| {
        let mut child = folder
            .guildhall(&["admin", "create", "--email", email], &[])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"SecurePass123!\n").unwrap();
        child.wait_with_output().unwrap()
    };
    let without = create("first@example.com");
    assert!(without.status.success(), "{}", text(&without.stderr));
    let report = text(&without.stdout);
    assert_eq!(report.lines().count(), 1, "standard output carries the report alone: {report}");
    assert!(report.starts_with("created administrator first@example.com"), "{report}");
    assert!(!database_runs(&folder.data()));

    let server = folder.serve(&[]);
    assert!(create("second@example.com").status.success());
    let again = text(&create("second@example.com").stdout);
    assert!(again.contains("already"), "{again}");
    for email in ["first@example.com", "second@example.com"] {
        let body = LOGIN.replace("ada@example.com", email);
        let entered = server.post("/api/v1/auth/login", &body);
        assert!(entered.contains("\"admin\""), "{entered}");
    }
    let migrated = folder.run(&["migrate"], &[]);
    assert!(migrated.status.success(), "{}", text(&migrated.stderr));
    assert!(text(&migrated.stdout).contains("0 migration(s)"), "{}", text(&migrated.stdout));
    let doctor = folder.run(&["doctor"], &[]);
    assert!(doctor.status.success(), "{}", text(&doctor.stdout));
    assert!(text(&doctor.stdout).contains("0 fault(s), 0 warning(s)"), "{}", text(&doctor.stdout));
    let health = folder.run(&["health"], &[("BIND_ADDR", &server.address)]);
    assert!(health.status.success(), "{}", text(&health.stderr));
}

#[test]
fn health_says_when_nobody_answers() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = Folder::new().run(&["health"], &[("BIND_ADDR", &free)]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains(&free), "{}", text(&output.stderr));
}

#[test]
fn unusable_settings_stop_the_start_with_a_line_for_each_fault() {
    let folder = Folder::new();
    let output = folder.run(
        &["serve"],
        &[("BIND_ADDR", "nowhere"), ("LOG_FORMAT", "xml"), ("DATABASE_URL", "mysql://u:secret@h/d")],
    );
    assert!(!output.status.success());
    let complaint = text(&output.stderr);
    assert_eq!(complaint.lines().count(), 3, "{complaint}");
    assert!(!complaint.contains("secret"), "{complaint}");
    assert!(!folder.data().exists(), "nothing half-starts");

    std::fs::write(folder.0.path().join(".env"), "BIND_ADR=127.0.0.1:1\n").unwrap();
    let output = folder.run(&["serve"], &[]);
    let complaint = text(&output.stderr);
    assert!(complaint.contains("BIND_ADR") && complaint.contains("BIND_ADDR"), "{complaint}");
}

#[test]
fn doctor_says_what_is_wrong() {
    let folder = Folder::new();
    let nobody = "postgres://user:secret@127.0.0.1:1/none";
    let output = folder.run(&["doctor"], &[("DATABASE_URL", nobody)]);
    assert!(!output.status.success());
    let report = text(&output.stdout);
    assert!(report.contains("FAULT") && !report.contains("user:secret"), "{report}");
}

#[test]
fn the_openapi_document_goes_to_standard_output_alone() {
    let output = Folder::new().run(&["openapi"], &[]);
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(output.stderr.is_empty());
}

#[test]
fn workers_run_beside_a_server_and_stop_in_order() {
    let folder = Folder::new();
    let mut server = folder.start(&["serve", "--no-worker"], &[]);
    let mut workers = [folder.start(&["worker"], &[]), folder.start(&["worker"], &[])];
    workers[0].signal(Signal::SIGTERM);
    assert!(workers[0].ends(), "one stops");
    assert!(server.post("/api/v1/auth/register", REGISTER).contains("\"status\":\"success\""));
    workers[1].signal(Signal::SIGINT);
    assert!(workers[1].ends(), "the other as well");
    server.signal(Signal::SIGTERM);
    assert!(server.ends());
}

#[test]
fn a_worker_without_a_server_runs_the_private_database_itself() {
    let folder = Folder::new();
    let mut worker = folder.start(&["worker"], &[]);
    worker.signal(Signal::SIGTERM);
    assert!(worker.ends());
    assert!(!folder.data().join("pgdata/postmaster.pid").exists(), "the database was stopped as well");
}
