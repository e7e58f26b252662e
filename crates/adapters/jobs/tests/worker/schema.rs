//! The library's schema: made by the owner, used by a role that owns nothing.

use adapter_jobs::{MigrateError, migrate};
use ports::retention::Leftover;
use test_cluster::{Role, TestDatabase, connect};

use crate::support::{Queue, Script, access};

#[tokio::test]
async fn it_is_made_once_however_many_ask_at_once() {
    let database = TestDatabase::empty().await;
    let owner = access(&database.url(Role::Owner));
    let role = Some(Role::App.name());
    let (one, two, three) = tokio::join!(migrate(&owner, role), migrate(&owner, role), migrate(&owner, role));
    one.unwrap();
    two.unwrap();
    three.unwrap();
    migrate(&owner, role).await.unwrap();
    let app = connect(&database.url(Role::App)).await;
    app.batch_execute("SELECT graphile_worker.add_job('clean_up')").await.unwrap();
    let rows = app.query("SELECT id FROM graphile_worker._private_jobs", &[]).await.unwrap();
    assert_eq!(rows.len(), 1, "the rows can be seen in spite of row level security");
}

#[tokio::test]
async fn the_serving_role_owns_nothing_of_it() {
    let queue = Queue::new().await;
    let app = connect_as_app(&queue).await;
    for forbidden in [
        "DROP SCHEMA graphile_worker CASCADE",
        "CREATE TABLE graphile_worker.mine ()",
        "TRUNCATE graphile_worker._private_jobs",
        "INSERT INTO graphile_worker.migrations (id) VALUES (99)",
        "DELETE FROM graphile_worker._private_tasks",
    ] {
        let error = app.batch_execute(forbidden).await.expect_err(forbidden);
        assert_eq!(error.code().unwrap().code(), "42501", "{forbidden}: {error}");
    }
}

async fn connect_as_app(queue: &Queue) -> tokio_postgres::Client {
    let (client, connection) = queue.access().config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn an_address_that_may_not_change_it_can_use_it() {
    let queue = Queue::new().await;
    migrate(&queue.access(), None).await.unwrap();
    let database = TestDatabase::empty().await;
    let refused = migrate(&access(&database.url(Role::App)), None).await;
    assert!(matches!(refused, Err(MigrateError::Failed(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_role_for_everything_works_as_well() {
    let database = TestDatabase::empty().await;
    let owner = access(&database.url(Role::Owner));
    migrate(&owner, Some(Role::Owner.name())).await.unwrap();
    let client = connect(&database.url(Role::Owner)).await;
    client
        .batch_execute("SELECT graphile_worker.add_job('clean_up', '{\"what\": \"logins\"}', job_key => 'a')")
        .await
        .unwrap();
    let queue = Queue::new().await;
    let script = Script::new(&[]);
    let mut worker = queue.worker(&script, crate::support::settings());
    worker.access = owner;
    let stop = tokio_util::sync::CancellationToken::new();
    let task = tokio::spawn(worker.run(stop.clone()));
    script.until_tried(Leftover::Logins, 1).await;
    stop.cancel();
    task.await.unwrap();
}
