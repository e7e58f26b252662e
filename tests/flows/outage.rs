//! The database is not there yet, goes away, and comes back (contract §7).

use std::sync::Arc;

use adapter_memory::ManualClock;
use chrono::TimeDelta;
use private_postgres::{Options, PrivatePostgres, Role};
use serde_json::json;

use crate::harness::{Database, PASSWORD, TestApp, TestSettings, eventually};

fn options(folder: &tempfile::TempDir) -> Options {
    let mut options = Options::new(folder.path().join("cluster"));
    // It is stopped in order here, so nothing depends on durability.
    options.durable = false;
    options
}

async fn start(folder: &tempfile::TempDir) -> PrivatePostgres {
    let options = options(folder);
    tokio::task::spawn_blocking(|| PrivatePostgres::start(options)).await.unwrap().unwrap()
}

/// The status of `/readyz` once its cached answer is out of date.
async fn readiness(app: &TestApp) -> u16 {
    app.clock.advance(TimeDelta::milliseconds(200));
    app.client.get("/readyz").await.status
}

async fn stop(server: PrivatePostgres) {
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_waits_for_its_database_and_survives_its_absence() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = start(&folder).await;
    let database = Arc::new(Database {
        owner_url: server.url(Role::Owner, "guildhall"),
        app_url: server.url(Role::App, "guildhall"),
        _own: None,
    });
    stop(server).await;

    let mut app =
        TestApp::start_unready(database, TestSettings::default(), Arc::new(ManualClock::default())).await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    assert_eq!(app.client.get("/readyz").await.status, 503);
    let register =
        json!({"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada", "role": "writer"});
    let answer = app.client.post("/api/v1/auth/register", &register).await;
    answer.error(503, "SERVICE_UNAVAILABLE");
    assert!(answer.header("retry-after").is_some());

    let server = start(&folder).await;
    app.ready().await;
    eventually("ready when the database comes", || async { readiness(&app).await == 200 }).await;
    let ada = app.register("writer", "ada@example.com").await;

    stop(server).await;
    eventually("not ready without it", || async { readiness(&app).await == 503 }).await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    app.clock.advance(TimeDelta::seconds(2));
    assert_eq!(app.client.get("/health/database").await.status, 503);
    let answer = ada.client.get("/api/v1/auth/me").await;
    answer.error(503, "SERVICE_UNAVAILABLE");

    let server = start(&folder).await;
    eventually("serving again", || async { ada.client.get("/api/v1/auth/me").await.status == 200 }).await;
    eventually("ready again", || async { readiness(&app).await == 200 }).await;
    app.stop().await;
    stop(server).await;
}
