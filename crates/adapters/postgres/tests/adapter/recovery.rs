//! A database that goes away and comes back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use adapter_memory::PlainFieldCipher;
use adapter_postgres::{Database, PoolConfig, migrate};
use ports::environment::DatabaseHealth;
use ports::identity::{AccountQueries, EmailClaim};
use ports::store::{Store, StoreError};
use private_postgres::{Options, PrivatePostgres, Role};
use secrecy::SecretString;

use crate::support::{database, eventually, pool_config, user};

fn connect(config: PoolConfig) -> Database {
    Database::connect(config, Arc::new(PlainFieldCipher), &tokio::runtime::Handle::current()).unwrap()
}

#[tokio::test]
async fn connections_killed_between_transactions_are_replaced() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 4);
    for _ in 0..3 {
        let (a, b, c, d) =
            tokio::join!(database.begin(), database.begin(), database.begin(), database.begin());
        for unit in [a, b, c, d] {
            unit.unwrap().commit().await.unwrap();
        }
        let ada = user("ada@example.com");
        assert_eq!(database.account(ada.id).await.unwrap(), None);
        test.terminate_backends().await;
        // Nothing may fail now: BEGIN and questions have no effect and are tried again.
        let (a, b, c, d) =
            tokio::join!(database.begin(), database.begin(), database.begin(), database.begin());
        for unit in [a, b, c, d] {
            unit.unwrap().commit().await.unwrap();
        }
        assert_eq!(database.account(ada.id).await.unwrap(), None);
        database.check().await.unwrap();
    }
    test.assert_no_open_transaction().await;
}

/// The same before the driver had a chance to notice: this test's only thread is blocked meanwhile.
#[tokio::test]
async fn connections_that_died_unnoticed_are_replaced() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 3);
    let (a, b, c) = tokio::join!(database.begin(), database.begin(), database.begin());
    for unit in [a, b, c] {
        unit.unwrap().commit().await.unwrap();
    }
    let ada = user("ada@example.com");
    assert_eq!(database.account(ada.id).await.unwrap(), None);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(test.terminate_backends());
        });
    });
    let (unit, account) = tokio::join!(database.begin(), database.account(ada.id));
    unit.unwrap().commit().await.unwrap();
    assert_eq!(account.unwrap(), None);
}

#[tokio::test]
async fn a_server_that_stops_and_starts_again_serves_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { durable: false, ..Options::new(folder.path()) };
    let server = PrivatePostgres::start(options.clone()).unwrap();
    let (owner, app) = (SecretString::from(server.owner_url()), SecretString::from(server.app_url()));
    migrate(&owner, Some(Role::App.name()), Duration::from_secs(10)).await.unwrap();
    let mut config = pool_config(app);
    config.size = 3;
    let database = connect(config);
    assert_serves(&database).await;
    let open = database.begin().await.unwrap();

    server.stop().unwrap();
    let started = Instant::now();
    let begun = database.begin().await.map(|_| ());
    assert!(matches!(begun, Err(StoreError::Unavailable(_))), "{begun:?}");
    let asked = database.account(user("ada@example.com").id).await;
    assert!(matches!(asked, Err(StoreError::Unavailable(_))), "{asked:?}");
    let health = database.check().await;
    assert!(matches!(health, Err(StoreError::Unavailable(_))), "{health:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "no waiting for nothing");
    drop(open);

    let server = PrivatePostgres::start(options).unwrap();
    assert_serves(&database).await;
    drop(database);
    server.stop().unwrap();
}

async fn assert_serves(database: &Database) {
    let unit = database.begin().await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(database.account(user("ada@example.com").id).await.unwrap(), None);
    let status = database.check().await.unwrap();
    assert!(status.version.starts_with(|c: char| c.is_ascii_digit()), "{}", status.version);
    assert!(database.has_current_schema().await.unwrap());
}

#[tokio::test]
async fn an_absent_database_costs_nothing_until_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "postgres:///none?host={}&user=nobody",
        folder.path().display().to_string().replace('/', "%2F")
    );
    let database = connect(pool_config(SecretString::from(url)));
    let begun = database.begin().await.map(|_| ());
    assert!(matches!(begun, Err(StoreError::Unavailable(_))), "{begun:?}");
}

#[tokio::test]
async fn health_tells_of_the_pool() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 3);
    let (first, second) = (database.begin().await.unwrap(), database.begin().await.unwrap());
    first.commit().await.unwrap();
    let status = database.check().await.unwrap();
    assert_eq!((status.pool_connections, status.pool_idle, status.pool_capacity), (2, 1, 3));
    assert!(status.round_trip < Duration::from_secs(1));
    second.commit().await.unwrap();
}

/// A worker thread's runtime may end before the process does. Transactions begun there go on, and
/// questions find another connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_worker_runtime_harms_nobody() {
    let test = database().await;
    let database = test.open();
    let unit = {
        let database = database.clone();
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                assert_eq!(database.account(user("ada@example.com").id).await.unwrap(), None);
                database.begin().await.unwrap()
            })
        });
        tokio::task::spawn_blocking(move || worker.join().unwrap()).await.unwrap()
    };
    let mut unit = unit;
    let ada = user("ada@example.com");
    assert_eq!(unit.users().insert(&ada).await.unwrap(), EmailClaim::Granted);
    unit.commit().await.unwrap();
    for _ in 0..4 {
        assert!(database.account(ada.id).await.unwrap().is_some());
    }
    eventually("only the lanes in use keep their connections", async || {
        let postgres = test.superuser().await;
        test.backends(&postgres, "true").await <= 3
    })
    .await;
}
