//! [`Database`]: what everything else hangs on.
//!
//! It holds a pool of connections for transactions and the connections for questions
//! ([`crate::read`]). Making one never fails because the server is away: connections are made when
//! they are wanted. A server that went away and came back is noticed without anybody's help:
//! connections whose socket has closed are thrown away when their turn comes, and the rare one that
//! is dead without its socket knowing shows in BEGIN, which has no effect and is tried again.
//!
//! Connections of the pool live on the runtime given to [`Database::connect`], whoever asks for
//! them, so that a transaction outlives the worker thread that began it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use deadpool::managed::Pool;
use diesel::sql_types::{Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::profiles::Period;
use futures_util::FutureExt;
use ports::environment::{DatabaseHealth, DatabaseStatus, SharedClock};
use ports::money::FieldCipher;
use ports::outbox::Bells;
use ports::store::{Store, StoreError, UnitOfWork};
use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::connector::{Connector, SessionLimits, SetupError};
use crate::error::unavailable;
use crate::link::{Links, PooledLink};
use crate::migrations::{self, SchemaState};
use crate::orders::{Everybodys, Sought, Sums, TallyRow};
use crate::profiles::leaderboard::{ANY_RANKING, Board};
use crate::read::Reads;
use crate::shared::Shared;
use crate::statement::statement;
use crate::uow::PgUnitOfWork;

/// How long [`DatabaseHealth::check`] waits.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(1);

/// Totals of lists up to here are always exact. Larger ones are counted for all who ask, and may be two seconds
/// old.
pub const EXACT_TOTALS: i64 = 1_000;

/// Settings of a [`Database`].
#[derive(Clone, Debug)]
pub struct PoolConfig {
    /// The serving role's URL.
    pub url: SecretString,
    /// The most connections for transactions; at least 1.
    pub size: usize,
    /// The most connections for questions, best as many as there are worker threads; at least 1.
    /// Three more are kept: for commands and jobs, for health checks and the polling of ended sessions, and for
    /// counting long lists.
    pub readers: usize,
    /// How long to wait for a connection.
    pub wait: Duration,
    /// The longest that one statement may run. Zero: no limit.
    pub statement_timeout: Duration,
    /// The longest that one statement may wait for a lock. Zero: no limit.
    pub lock_timeout: Duration,
    /// The longest that a transaction may be left idle before the server ends it. Zero: no limit.
    pub idle_in_transaction_timeout: Duration,
    /// Shown in `pg_stat_activity`.
    pub application_name: String,
}

/// A PostgreSQL database. Clones share their connections.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Links>,
    reads: Arc<Reads>,
    wait: Duration,
    cipher: Arc<dyn FieldCipher>,
    /// Rung after commits, if anybody listens.
    bells: Option<Bells>,
    /// How long to wait for an answer before the database counts as gone.
    patience: Duration,
    totals: Arc<Totals>,
    runtime: Handle,
}

/// What long lists come to, and what else is the same for everybody.
#[derive(Debug)]
pub(crate) struct Totals {
    pub(crate) available: Shared<Sought, Sums>,
    pub(crate) orders: Shared<(), TallyRow>,
    pub(crate) found_orders: Shared<Everybodys, i64>,
    pub(crate) withdrawals: Shared<Vec<&'static str>, i64>,
    pub(crate) leaderboards: Shared<Period, Arc<Board>>,
}

impl Totals {
    fn new(exact: i64) -> Self {
        Self {
            available: Shared::new(exact),
            orders: Shared::new(exact),
            found_orders: Shared::new(exact),
            withdrawals: Shared::new(exact),
            leaderboards: Shared::new(ANY_RANKING - 1),
        }
    }
}

impl Database {
    /// Prepares the use of a database; connects nowhere yet. `cipher` seals what is stored
    /// encrypted. `runtime` is the process's main runtime: it must outlive all use of transactions.
    ///
    /// # Errors
    /// [`SetupError`] for settings that can never work.
    pub fn connect(
        config: PoolConfig,
        cipher: Arc<dyn FieldCipher>,
        runtime: &Handle,
    ) -> Result<Self, SetupError> {
        let PoolConfig {
            url,
            size,
            readers,
            wait,
            statement_timeout,
            lock_timeout,
            idle_in_transaction_timeout,
            application_name,
        } = config;
        let limits = SessionLimits { statement_timeout, lock_timeout, idle_in_transaction_timeout };
        let connector = Arc::new(Connector::new(&url, &application_name, &limits)?);
        let pool = Pool::builder(Links::new(Arc::clone(&connector), runtime.clone()))
            .max_size(size.max(1))
            .build()
            .map_err(|error| SetupError::Pool(error.to_string()))?;
        let patience = if statement_timeout.is_zero() { Duration::MAX } else { statement_timeout + wait };
        let reads = Arc::new(Reads::new(connector, runtime.clone(), readers.max(1), wait, patience));
        let (totals, runtime) = (Arc::new(Totals::new(EXACT_TOTALS)), runtime.clone());
        Ok(Self { pool, reads, wait, cipher, bells: None, patience, totals, runtime })
    }

    /// Has these rung after each commit that concerns them.
    #[must_use]
    pub fn with_bells(self, bells: Bells) -> Self {
        Self { bells: Some(bells), ..self }
    }

    /// Has totals of long lists shared only from this length on, and forgets those that are known.
    #[must_use]
    pub fn with_exact_totals_up_to(self, exact: i64) -> Self {
        Self { totals: Arc::new(Totals::new(exact)), ..self }
    }

    /// Questions of use cases.
    pub(crate) fn reads(&self) -> &Reads {
        &self.reads
    }

    /// What long lists come to.
    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Does something in the background, whoever asked for it.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// Which migrations of this program the database lacks, and which it has beyond them.
    ///
    /// # Errors
    /// [`StoreError`], also when the serving role may not look.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        self.reads.ask_aside(|connection| migrations::state(connection).boxed()).await
    }

    /// Whether all migrations that this program knows have been applied. A database that has more
    /// is current: migrations expand before they contract, so that an older program still serves.
    ///
    /// # Errors
    /// See [`Self::schema_state`].
    pub async fn has_current_schema(&self) -> Result<bool, StoreError> {
        Ok(self.schema_state().await?.is_current())
    }

    /// Closes all idle connections and refuses new transactions; questions are not affected.
    /// For the end of a shutdown.
    pub fn close(&self) {
        self.pool.close();
    }

    /// One transaction, with all that only this crate may do with it.
    pub(crate) async fn begin_unit(&self) -> Result<PgUnitOfWork, StoreError> {
        Ok(PgUnitOfWork::new(self.clone(), self.link().await?))
    }

    /// A connection of the pool.
    pub(crate) async fn link(&self) -> Result<PooledLink, StoreError> {
        match tokio::time::timeout(self.wait, self.pool.get()).await {
            Ok(link) => link.map_err(|error| unavailable(error.to_string())),
            Err(_) => Err(unavailable("no database connection became free in time")),
        }
    }

    /// The most connections of the pool.
    pub(crate) fn most_links(&self) -> usize {
        self.pool.status().max_size
    }

    /// How long to wait for a connection, and for BEGIN.
    pub(crate) const fn wait(&self) -> Duration {
        self.wait
    }

    /// How long to wait for an answer before the database counts as gone.
    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Seals what is stored encrypted.
    pub(crate) fn cipher(&self) -> Arc<dyn FieldCipher> {
        Arc::clone(&self.cipher)
    }

    /// Rung after commits, if anybody listens.
    pub(crate) const fn bells(&self) -> Option<&Bells> {
        self.bells.as_ref()
    }
}

#[async_trait]
impl Store for Database {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_unit().await?))
    }
}

#[async_trait]
impl SharedClock for Database {
    async fn shared_now(&self) -> Result<DateTime<Utc>, StoreError> {
        #[derive(diesel::QueryableByName)]
        struct Reading {
            #[diesel(sql_type = Timestamptz)]
            now: DateTime<Utc>,
        }
        let question = self.reads.ask_aside(|connection| {
            async move {
                let mut connection = connection;
                statement("SELECT clock_timestamp() AS now").get_result::<Reading>(&mut connection).await
            }
            .boxed()
        });
        Ok(question.await?.now)
    }
}

#[async_trait]
impl DatabaseHealth for Database {
    async fn check(&self) -> Result<DatabaseStatus, StoreError> {
        #[derive(diesel::QueryableByName)]
        struct Version {
            #[diesel(sql_type = Text)]
            version: String,
        }
        let started = Instant::now();
        let question = self.reads.ask_aside(|connection| {
            async move {
                let mut connection = connection;
                statement("SELECT current_setting('server_version') AS version")
                    .get_result::<Version>(&mut connection)
                    .await
            }
            .boxed()
        });
        let Version { version } = tokio::time::timeout(HEALTH_TIMEOUT, question)
            .await
            .map_err(|elapsed| StoreError::TimedOut(elapsed.into()))??;
        let round_trip = started.elapsed();
        let pool = self.pool.status();
        Ok(DatabaseStatus {
            // "15.8 (Debian 15.8-0+deb12u1)" → "15.8"
            version: version.split_whitespace().next().unwrap_or_default().to_owned(),
            round_trip,
            pool_connections: pool.size,
            pool_idle: pool.available,
            pool_capacity: pool.max_size,
        })
    }
}
