//! Bringing the schema up to date, and telling whether it is.
//!
//! Migrations are embedded in the program. [`migrate`] runs as the owner of the schema, which is not
//! the role that serves, and under an advisory lock, so that several replicas may start together:
//! one migrates, the others wait and find nothing to do. Afterwards, and every time, the serving
//! role is given its rights anew ([`crate::grants`]).
//!
//! Deliberately absent: going back. Every `down.sql` is proven by a test and is there for the hands
//! of an operator; no command runs one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use ports::store::Cause;
use secrecy::SecretString;
use thiserror::Error;

use crate::connector::{Connector, SessionLimits, SetupError};
use crate::fill::WORKSHOP;
use crate::grants;

/// All migrations of this program.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations");

/// Key of the advisory lock that a migrating process holds ("Guildhal" in ASCII). The lock is
/// per database and belongs to the session: a process that dies lets go of it.
pub const MIGRATION_LOCK: i64 = 0x4775_696c_6468_616c;

/// How often a waiting process tries for the lock. It does not wait inside the database: a
/// statement that waits holds a snapshot, and `CREATE INDEX CONCURRENTLY` would wait for that.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// What [`migrate`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Versions that were applied now, in order. Empty when the schema was up to date.
    pub versions: Vec<String>,
}

/// How the database's schema compares with this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaState {
    /// Versions that this program knows and the database lacks, in order.
    pub pending: Vec<String>,
    /// Versions that the database has and this program does not know: a newer program migrated it.
    pub unknown: Vec<String>,
}

impl SchemaState {
    /// Whether this program can serve from it.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.pending.is_empty()
    }
}

/// Why the schema could not be brought up to date or looked at.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The URL or TLS settings can never work.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The database is not there.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] diesel::ConnectionError),
    /// Another process held the migration lock all the while.
    #[error("another process has been migrating for {} seconds", .0.as_secs())]
    Busy(Duration),
    /// The serving role does not exist.
    #[error("there is no database role {0:?}; create it, or let the owner serve")]
    NoSuchRole(String),
    /// It was being filled with load data, and that broke off; parts of its structure are missing.
    #[error(
        "the database was being filled by `guildhall demo --scale`, which broke off; make an empty one and begin anew"
    )]
    HalfFilled,
    /// A migration failed. Those before it stay applied, it itself left nothing.
    #[error("a migration failed: {0}")]
    Failed(#[source] Cause),
    /// The database refused a statement beside the migrations.
    #[error("the database refused: {0}")]
    Database(#[from] diesel::result::Error),
}

/// Applies all pending migrations as the owner of the schema and gives `app_role` its rights.
/// `app_role` is the user of the serving URL; `None`, or the owner itself, needs none.
/// `wait` bounds the wait for another process that is migrating. Works on any tokio runtime.
///
/// # Errors
/// See [`MigrateError`].
pub async fn migrate(
    owner_url: &SecretString,
    app_role: Option<&str>,
    wait: Duration,
) -> Result<Applied, MigrateError> {
    let mut connection = connect(owner_url, "guildhall migrate").await?;
    lock(&mut connection, wait).await?;
    must_be_whole(&mut connection).await?;
    let (mut connection, versions) = tokio::task::spawn_blocking(move || run_pending(connection))
        .await
        .map_err(|error| MigrateError::Failed(error.into()))??;
    if let Some(role) = app_role {
        grants::give(&mut connection, role).await?;
    }
    Ok(Applied { versions })
}

/// How the schema at `url` compares with this program; any role that may read the table of
/// migrations will do.
///
/// # Errors
/// See [`MigrateError`].
pub async fn pending_migrations(url: &SecretString) -> Result<SchemaState, MigrateError> {
    let connection = connect(url, "guildhall doctor").await?;
    Ok(state(&connection).await?)
}

/// A connection without limits of time: building an index may take long.
pub(crate) async fn connect(
    url: &SecretString,
    application_name: &str,
) -> Result<AsyncPgConnection, MigrateError> {
    let limits = SessionLimits {
        statement_timeout: Duration::ZERO,
        lock_timeout: Duration::ZERO,
        idle_in_transaction_timeout: Duration::ZERO,
    };
    let connector = Connector::new(url, application_name, &limits)?;
    connector.connect().await.map_err(MigrateError::Unreachable)
}

/// Takes the migration lock for as long as the connection lives.
async fn lock(connection: &mut AsyncPgConnection, wait: Duration) -> Result<(), MigrateError> {
    #[derive(diesel::QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Bool)]
        taken: bool,
    }
    let started = Instant::now();
    loop {
        let Taken { taken } = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken")
            .bind::<BigInt, _>(MIGRATION_LOCK)
            .get_result(connection)
            .await?;
        if taken {
            return Ok(());
        }
        if started.elapsed() >= wait {
            return Err(MigrateError::Busy(wait));
        }
        tokio::time::sleep(LOCK_POLL).await;
    }
}

/// Whether no filling broke off ([`crate::fill`]).
async fn must_be_whole(connection: &mut AsyncPgConnection) -> Result<(), MigrateError> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        is_there: bool,
    }
    let Found { is_there } = diesel::sql_query("SELECT to_regnamespace($1) IS NOT NULL AS is_there")
        .bind::<Text, _>(WORKSHOP)
        .get_result(connection)
        .await?;
    if is_there { Err(MigrateError::HalfFilled) } else { Ok(()) }
}

fn run_pending(connection: AsyncPgConnection) -> Result<(AsyncPgConnection, Vec<String>), MigrateError> {
    let mut harness = AsyncMigrationHarness::new(connection);
    let versions = harness
        .run_pending_migrations(MIGRATIONS)
        .map_err(MigrateError::Failed)?
        .into_iter()
        .map(|version| version.to_string())
        .collect();
    Ok((harness.into_inner(), versions))
}

/// Compares the database with this program.
pub(crate) async fn state(mut connection: &AsyncPgConnection) -> QueryResult<SchemaState> {
    #[derive(diesel::QueryableByName)]
    struct Exists {
        #[diesel(sql_type = Bool)]
        exists: bool,
    }
    #[derive(diesel::QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let Exists { exists } =
        diesel::sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS exists")
            .get_result(&mut connection)
            .await?;
    let applied: BTreeSet<String> = if exists {
        diesel::sql_query("SELECT version::text FROM __diesel_schema_migrations")
            .load::<Version>(&mut connection)
            .await?
            .into_iter()
            .map(|Version { version }| version)
            .collect()
    } else {
        BTreeSet::new()
    };
    let known = known_versions().map_err(diesel::result::Error::QueryBuilderError)?;
    Ok(SchemaState {
        pending: known.difference(&applied).cloned().collect(),
        unknown: applied.difference(&known).cloned().collect(),
    })
}

fn known_versions() -> Result<BTreeSet<String>, Cause> {
    use diesel::migration::MigrationSource;

    let migrations = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
