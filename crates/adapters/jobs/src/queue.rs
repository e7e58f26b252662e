//! The library's connections, and how it is woken.
//!
//! The library listens for NOTIFY when its driver can. Ours hands it a bell of this process instead:
//! what is asked for here is begun at once, what is asked for elsewhere when this process looks next,
//! and no connection is spent on listening.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    BuildError, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use futures_util::stream;
use graphile_worker::tokio_postgres::TokioPostgresDatabase;
use graphile_worker::{
    BoxFuture, Database, DatabaseDriver, DbError, DbExecutor, DbParams, DbRow, DbTransaction, Notification,
    NotificationStream,
};
use tokio::sync::Notify;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long to wait for a connection, whether it is busy or has to be made.
const WAIT: Duration = Duration::from_secs(5);
/// What every statement of the library is bound by. The last is for a worker that has fallen silent:
/// its locks must not outlive it.
const SESSION: &str = "\
    SET statement_timeout = '10s'; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '10s'; SET TimeZone = 'UTC'; SET client_min_messages = warning";

/// How the database is reached.
#[derive(Clone)]
pub struct Access {
    /// Address, user and limits of connecting.
    pub config: Config,
    /// Without it the bytes are plain.
    pub tls: Option<MakeRustlsConnect>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("has_tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

impl Access {
    /// A pool; connects nowhere yet.
    pub(crate) fn pool(&self, size: usize) -> Result<Pool, BuildError> {
        let settings = || ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let config = self.config.clone();
        let manager = match &self.tls {
            Some(tls) => Manager::from_config(config, tls.clone(), settings()),
            None => Manager::from_config(config, NoTls, settings()),
        };
        Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
            }))
            .build()
    }
}

/// A driver that is woken by a bell.
pub(crate) struct Belled {
    database: TokioPostgresDatabase,
    bell: Arc<Notify>,
}

impl Belled {
    pub(crate) fn database(pool: Pool, bell: Arc<Notify>) -> Database {
        Database::new(Self { database: TokioPostgresDatabase::new(pool), bell })
    }
}

impl fmt::Debug for Belled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Belled").finish_non_exhaustive()
    }
}

impl DbExecutor for Belled {
    fn execute<'a>(&'a self, sql: &'a str, params: DbParams) -> BoxFuture<'a, Result<u64, DbError>> {
        self.database.execute(sql, params)
    }

    fn fetch_all<'a>(&'a self, sql: &'a str, params: DbParams) -> BoxFuture<'a, Result<Vec<DbRow>, DbError>> {
        self.database.fetch_all(sql, params)
    }
}

impl DatabaseDriver for Belled {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn begin<'a>(&'a self) -> BoxFuture<'a, Result<DbTransaction, DbError>> {
        self.database.begin()
    }

    fn listen<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<Option<NotificationStream>, DbError>> {
        let channel = channel.to_owned();
        let rings = stream::unfold((Arc::clone(&self.bell), channel), |(bell, channel)| async move {
            bell.notified().await;
            let ring = Notification { channel: channel.clone(), payload: String::new() };
            Some((Ok(ring), (bell, channel)))
        });
        Box::pin(async move { Ok(Some(Box::pin(rings) as NotificationStream)) })
    }
}
