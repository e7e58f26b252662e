//! The statements of releases, read from PostgreSQL's log and run again by `pgbench`.

use test_cluster::{Role, TestDatabase, connect};

use super::{CALLERS, Release, per_caller, release_all, server};
use crate::pgbench::{
    Log, Said, behind, copy, each_once, forget, heard, socket_folder, type_names, write_down,
};
use crate::proxy::Proxy;
use crate::scenes::Cast;

/// Makes these releases while PostgreSQL writes down what is said, then has `pgbench` say the same to a copy
/// of the database from before. Transactions per second.
pub(crate) async fn pgbench(
    database: &TestDatabase,
    folder: &tempfile::TempDir,
    casts: &[Cast],
    releases: &[Vec<Release>],
) -> f64 {
    let name = format!("{}_copy", database.name());
    copy(database, &name).await;
    write_down(database, true).await;
    // The log tells values without their types, and `unnest` wants to know.
    let app_url = database.url(Role::App);
    let proxy = Proxy::start(socket_folder(&app_url).join(".s.PGSQL.5432"));
    let log = Log::from_here();
    let running = server(database, behind(&app_url, proxy.folder()), folder);
    // One after the other: in this order they are told apart again.
    for (cast, own) in casts.iter().zip(releases) {
        release_all(cast, &running.base, own).await;
    }
    drop(running);
    let mut said = heard(&log.text()).transactions;
    said.retain(|transaction| releases_something(transaction));
    assert_eq!(said.len(), CALLERS * per_caller(), "every release is in the log");
    let postgres = connect(&database.url(Role::Superuser)).await;
    let types = type_names(&postgres, proxy.control().prepared()).await;
    let speed = each_once(database, &name, folder.path(), CALLERS, (&said, &types)).await;
    forget(database, &name).await;
    speed
}

fn releases_something(transaction: &[Said]) -> bool {
    let mut values = transaction.iter().flat_map(|one| one.values.iter().flatten());
    values.any(|value| value.trim_start_matches(['{', '"']).starts_with("release:"))
}
