//! A cluster per run and a database per test, and small things to put into it.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use adapter_postgres::{Database, PoolConfig, migrate};
use chrono::{DateTime, TimeZone, Utc};
use domain::identity::{EmailAddress, FullName, NewUser, PasswordHash, Role as UserRole, Session, User};
use domain::ids::{EventId, SessionId, UserId};
use ports::identity::{EmailClaim, TokenDigest};
use ports::store::Store;
use private_postgres::{Error, Options, PrivatePostgres, Role};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use uuid::Uuid;

const TEMPLATE: &str = "template_of_tests";
/// How long the impatient test waits for what must happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// The server ends with this process. Its folder stays and is used by the next run; runs side by
/// side take one folder each.
static CLUSTER: LazyLock<PrivatePostgres> = LazyLock::new(|| {
    for slot in 0..64 {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("adapter-postgres-{slot}"));
        let options = Options { durable: false, ..Options::new(folder) };
        match PrivatePostgres::start(options) {
            Ok(server) => return server,
            Err(Error::AlreadyRunning { .. }) => {}
            Err(error) => panic!("the test server does not start: {error}"),
        }
    }
    panic!("all folders for test servers are in use");
});

static TEMPLATE_READY: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of one test's own; dropped with it.
pub(crate) struct TestDb {
    pub(crate) name: String,
}

/// A migrated database.
pub(crate) async fn database() -> TestDb {
    TEMPLATE_READY.get_or_init(make_template).await;
    create(&format!("TEMPLATE {TEMPLATE} STRATEGY file_copy")).await
}

/// A database without a schema.
pub(crate) async fn empty_database() -> TestDb {
    TEMPLATE_READY.get_or_init(make_template).await;
    create("").await
}

async fn create(from: &str) -> TestDb {
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let owner = Role::Owner.name();
    let sql = format!("CREATE DATABASE {name} OWNER {owner} {from}");
    connect(&CLUSTER.superuser_url()).await.batch_execute(&sql).await.unwrap();
    TestDb { name }
}

async fn make_template() {
    let postgres = connect(&CLUSTER.superuser_url()).await;
    let leftovers = postgres
        .query("SELECT datname FROM pg_database WHERE datname ~ '^(test_|template_of)'", &[])
        .await
        .unwrap();
    for row in leftovers {
        let name: String = row.get(0);
        postgres.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
    let owner = Role::Owner.name();
    postgres.batch_execute(&format!("CREATE DATABASE {TEMPLATE} OWNER {owner}")).await.unwrap();
    let url = SecretString::from(CLUSTER.url(Role::Owner, TEMPLATE));
    migrate(&url, Some(Role::App.name()), Duration::from_secs(10)).await.unwrap();
}

impl TestDb {
    pub(crate) fn url(&self, role: Role) -> SecretString {
        SecretString::from(CLUSTER.url(role, &self.name))
    }

    /// A pool of one connection, with time limits that no test reaches by accident.
    pub(crate) fn open(&self) -> Database {
        self.open_with(|_| {})
    }

    pub(crate) fn open_with(&self, change: impl FnOnce(&mut PoolConfig)) -> Database {
        let mut config = pool_config(self.url(Role::App));
        change(&mut config);
        Database::connect(config, &tokio::runtime::Handle::current()).unwrap()
    }

    /// A bare connection of the superuser.
    pub(crate) async fn superuser(&self) -> tokio_postgres::Client {
        connect(&CLUSTER.url(Role::Superuser, &self.name)).await
    }

    /// A bare connection of the schema's owner.
    pub(crate) async fn owner(&self) -> tokio_postgres::Client {
        connect(&CLUSTER.url(Role::Owner, &self.name)).await
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// After whatever went wrong: no transaction was left open (asked before the pool is, which might
    /// clean up), the one pooled connection is free again at once, and nothing was written.
    pub(crate) async fn assert_unharmed(&self, database: &Database) {
        self.assert_no_open_transaction().await;
        let started = Instant::now();
        let unit = database.begin().await.unwrap();
        unit.commit().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(1), "usable at once");
        assert_eq!(self.count("SELECT count(*) FROM users").await, 0, "nothing was written");
    }

    pub(crate) async fn assert_no_open_transaction(&self) {
        let postgres = self.superuser().await;
        eventually("no transaction is left open", async || {
            self.backends(&postgres, "state <> 'idle'").await == 0
        })
        .await;
    }

    /// How many connections of the adapter there are with this condition on `pg_stat_activity`.
    pub(crate) async fn backends(&self, postgres: &tokio_postgres::Client, condition: &str) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = $1 AND application_name = 'adapter test' AND {condition}"
        );
        postgres.query_one(&sql, &[&self.name]).await.unwrap().get(0)
    }

    /// Until some connection of the adapter waits for a lock.
    pub(crate) async fn somebody_waits_for_a_lock(&self) {
        let postgres = self.superuser().await;
        eventually("somebody waits for a lock", async || {
            self.backends(&postgres, "wait_event_type = 'Lock'").await > 0
        })
        .await;
    }

    /// Ends all connections of the adapter, as an administrator might, and waits until they are gone.
    pub(crate) async fn terminate_backends(&self) {
        let postgres = self.superuser().await;
        postgres
            .query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = $1 AND application_name = 'adapter test'",
                &[&self.name],
            )
            .await
            .unwrap();
        eventually("terminated", async || self.backends(&postgres, "true").await == 0).await;
    }

    /// An account, committed.
    pub(crate) async fn add_user(&self, database: &Database, email: &str) -> User {
        let user = user(email);
        let mut unit = database.begin().await.unwrap();
        assert_eq!(unit.users().insert(&user).await.unwrap(), EmailClaim::Granted);
        unit.commit().await.unwrap();
        user
    }

    /// A login, committed.
    pub(crate) async fn add_session(&self, database: &Database, user: &User, token: u8) -> Session {
        let session = Session::start(SessionId::new(fresh_uuid()), user.id, now());
        let mut unit = database.begin().await.unwrap();
        unit.sessions().insert(&session, &digest(token)).await.unwrap();
        unit.commit().await.unwrap();
        session
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A test's runtime may be gone or busy with this very drop.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                // What is left behind goes at the next run.
                connect(&CLUSTER.superuser_url()).await.batch_execute(&sql).await.ok();
            });
        });
        dropping.join().ok();
    }
}

pub(crate) fn pool_config(url: SecretString) -> PoolConfig {
    PoolConfig {
        url,
        size: 1,
        readers: 2,
        wait: Duration::from_secs(2),
        statement_timeout: Duration::from_secs(60),
        lock_timeout: Duration::from_secs(30),
        idle_in_transaction_timeout: Duration::from_secs(60),
        application_name: "adapter test".to_owned(),
    }
}

pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Waits for what must come true, and fails when it does not.
pub(crate) async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < DEADLINE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    at(0)
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_700_000_000 + seconds, 123_456_000).unwrap()
}

/// Unlike any other of this run.
pub(crate) fn fresh_uuid() -> Uuid {
    static LAST: AtomicU32 = AtomicU32::new(1);
    Uuid::from_u128(u128::from(LAST.fetch_add(1, Ordering::Relaxed)))
}

pub(crate) fn fresh_event_id() -> EventId {
    EventId::new(fresh_uuid())
}

pub(crate) fn email(address: &str) -> EmailAddress {
    EmailAddress::parse(address).unwrap()
}

pub(crate) fn user(address: &str) -> User {
    let new = NewUser {
        id: UserId::new(fresh_uuid()),
        email: email(address),
        full_name: FullName::parse("Ada Lovelace").unwrap(),
        role: UserRole::Writer,
        phone: None,
        password: PasswordHash::new("$2b$04$hash".to_owned()),
    };
    User::register(new, now()).0
}

pub(crate) fn digest(token: u8) -> TokenDigest {
    TokenDigest([token; 32])
}
