//! A database per test, and small things to put into it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use adapter_memory::PlainFieldCipher;
use adapter_postgres::{Database, PoolConfig};
use chrono::{DateTime, TimeZone, Utc};
use domain::identity::{EmailAddress, FullName, NewUser, PasswordHash, Role as UserRole, Session, User};
use domain::ids::{EventId, SessionId, UserId};
use ports::identity::{EmailClaim, Lock, TokenDigest};
use ports::store::Store;
use secrecy::SecretString;
pub(crate) use test_cluster::{Role, TestDatabase, connect};
use uuid::Uuid;

/// How long the impatient test waits for what must happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// A database of one test's own; dropped with it.
pub(crate) struct TestDb {
    database: TestDatabase,
}

/// A migrated database.
pub(crate) async fn database() -> TestDb {
    TestDb { database: TestDatabase::migrated().await }
}

/// A database without a schema.
pub(crate) async fn empty_database() -> TestDb {
    TestDb { database: TestDatabase::empty().await }
}

impl TestDb {
    pub(crate) fn name(&self) -> &str {
        self.database.name()
    }

    pub(crate) fn url(&self, role: Role) -> SecretString {
        SecretString::from(self.database.url(role))
    }

    /// A pool of one connection, with time limits that no test reaches by accident.
    pub(crate) fn open(&self) -> Database {
        self.open_with(|_| {})
    }

    pub(crate) fn open_with(&self, change: impl FnOnce(&mut PoolConfig)) -> Database {
        let mut config = pool_config(self.url(Role::App));
        change(&mut config);
        Database::connect(config, Arc::new(PlainFieldCipher), &tokio::runtime::Handle::current()).unwrap()
    }

    /// A bare connection of the superuser.
    pub(crate) async fn superuser(&self) -> tokio_postgres::Client {
        connect(&self.database.url(Role::Superuser)).await
    }

    /// A bare connection of the schema's owner.
    pub(crate) async fn owner(&self) -> tokio_postgres::Client {
        connect(&self.database.url(Role::Owner)).await
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// After whatever went wrong: no transaction was left open (asked before the pool is, which might
    /// clean up), the one pooled connection is free again at once, and nothing was written.
    pub(crate) async fn assert_unharmed(&self, database: &Database) {
        self.assert_no_open_transaction().await;
        let started = Instant::now();
        let mut unit = database.begin().await.unwrap();
        unit.users().lock(user("nobody@example.com").id, Lock::Shared).await.unwrap();
        unit.commit().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "usable at once");
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
        postgres.query_one(&sql, &[&self.name()]).await.unwrap().get(0)
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
                &[&self.name()],
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

pub(crate) fn pool_config(url: SecretString) -> PoolConfig {
    PoolConfig {
        url,
        size: 1,
        readers: 2,
        wait: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(60),
        lock_timeout: Duration::from_secs(30),
        idle_in_transaction_timeout: Duration::from_secs(60),
        application_name: "adapter test".to_owned(),
    }
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
