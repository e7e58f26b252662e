//! Filling an empty database with a great deal of data, fast (`guildhall demo --scale`): for trying
//! out how the program bears it, and for comparing it with others.
//!
//! The rows are made by PostgreSQL itself, table by table, from the numbers of rows and hashes of
//! them: nothing crosses the wire, and the same [`Load`] makes the same rows, but for what is salted
//! (the password's hash, sealed account details). Indexes, keys and triggers are taken away, and put
//! back behind the last row, where every key and foreign key is checked. A table that is emptied in the
//! transaction that fills it, and an index in the one that makes it, need no write-ahead log where the
//! server keeps the least of it (`wal_level = minimal`): hence the `TRUNCATE` of tables that are empty.
//!
//! Two sessions of the owner share the work, since one is busy with one core. So it is not one
//! transaction: what all of it is made from stands in a schema of its own ([`WORKSHOP`]), which is taken
//! away at the end. A database that has it was not finished, and nobody serves from it
//! ([`MigrateError::HalfFilled`]).
//!
//! No use case is asked, so what these keep up to date (counts, figures, balances, words to search by,
//! numbers of chats) is reckoned here a second time; tests hold it to what the program would have
//! made, and `guildhall ledger verify` finds nothing. Deliberately absent: facts in the outbox
//! (everybody has been told), rankings (they are reckoned by whoever calls this), and files (they
//! would need their bytes).

mod scale;
mod seals;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::identity::PasswordHash;
use domain::money::FeeRule;
use ports::money::FieldCipher;
use ports::store::StoreError;
use secrecy::SecretString;
use thiserror::Error;

pub use self::scale::{Scale, ScaleError};
use crate::migrations::{MigrateError, connect};
use crate::statement::statement;

/// What is to be made.
pub struct Load<'a> {
    /// How much of it.
    pub scale: Scale,
    /// The present, as far as the data knows: everything has happened before it.
    pub now: DateTime<Utc>,
    /// Everybody's.
    pub password: &'a PasswordHash,
    /// Of all contracts.
    pub fees: FeeRule,
    /// Seals the account details of withdrawals.
    pub cipher: &'a dyn FieldCipher,
}

/// Why a database was not filled.
#[derive(Debug, Error)]
pub enum FillError {
    /// There is somebody's data in it; nothing was written.
    #[error("the database is not empty: it has accounts")]
    NotEmpty,
    /// It cannot be reached.
    #[error(transparent)]
    Connection(#[from] MigrateError),
    /// A statement was refused.
    #[error("the database refused: {0}")]
    Database(#[from] diesel::result::Error),
    /// Account details could not be sealed.
    #[error(transparent)]
    Seal(#[from] StoreError),
}

/// The schema of everything that is needed only to make the rows. While it is there the database is not
/// whole.
pub(crate) const WORKSHOP: &str = "filling";

/// For sorting and for building indexes. Both cores are busy with one session each already.
const SESSION: &str = "\
    SET search_path = filling, public;
    SET work_mem = '128MB';
    SET maintenance_work_mem = '256MB';
    SET max_parallel_maintenance_workers = 0;
    SET synchronous_commit = off";

/// What everything else is made from, in this order.
const GROUND: [&str; 6] = [
    include_str!("functions.sql"),
    include_str!("structure_off.sql"),
    include_str!("vocabulary.sql"),
    include_str!("people.sql"),
    include_str!("orders.sql"),
    include_str!("deals.sql"),
];

/// One piece of work for either session, in one transaction.
enum Piece {
    /// These statements.
    Statements(String),
    /// Withdrawals, whose account details the program has to seal.
    Withdrawals,
    /// These, one by one, each in a transaction of its own.
    Series(Vec<String>),
}

/// The rows, none of which needs another's; what takes longest first.
fn rows() -> VecDeque<Piece> {
    let statements = [
        include_str!("notifications.sql"),
        include_str!("contracts.sql"),
        include_str!("money.sql"),
        include_str!("chats.sql"),
        include_str!("bids.sql"),
    ];
    statements.map(|one| Piece::Statements(one.to_owned())).into_iter().chain([Piece::Withdrawals]).collect()
}

/// Whether nobody but administrators has an account. `url` is the owner's.
///
/// # Errors
/// See [`FillError`].
pub async fn is_unused(url: &SecretString) -> Result<bool, FillError> {
    let mut connection = connect(url, "guildhall demo").await?;
    is_so(&mut connection, "SELECT NOT EXISTS (SELECT FROM users WHERE role <> 'admin') AS is_so").await
}

/// Fills an empty database. `url` is the owner's.
///
/// # Errors
/// See [`FillError`]. Unless it was not empty, it is of no use afterwards.
pub async fn fill(url: &SecretString, load: &Load<'_>) -> Result<(), FillError> {
    let mut sessions = (connect(url, "guildhall demo").await?, connect(url, "guildhall demo").await?);
    let first = &mut sessions.0;
    first.transaction::<_, FillError, _>(async |connection| begin(connection, load).await).await?;
    sessions.0.batch_execute(SESSION).await?;
    sessions.1.batch_execute(SESSION).await?;
    for statements in GROUND {
        sessions.0.batch_execute(statements).await?;
    }
    share(&mut sessions, rows(), load.cipher).await?;
    let keys: Vec<String> = put_back(&mut sessions.0, KEYS_BY_TABLE).await?;
    share(&mut sessions, keys.into_iter().map(Piece::Statements).collect(), load.cipher).await?;
    // Foreign keys one by one and by one session: two could wait for each other's tables.
    let mut last: Vec<String> = put_back(&mut sessions.0, REFERENCES).await?;
    last.push(include_str!("numbers.sql").to_owned());
    last.push(format!("DROP SCHEMA {WORKSHOP} CASCADE"));
    let tables = tables(&mut sessions.0).await?;
    // What the planner has to know, and which pages are settled, so that indexes alone can answer.
    let settle = tables.into_iter().map(|table| Piece::Series(vec![format!("VACUUM (ANALYZE) {table}")]));
    share(&mut sessions, [Piece::Series(last)].into_iter().chain(settle).collect(), load.cipher).await
}

/// Both sessions take one piece after the other until none is left.
async fn share(
    (first, second): &mut (AsyncPgConnection, AsyncPgConnection),
    pieces: VecDeque<Piece>,
    cipher: &dyn FieldCipher,
) -> Result<(), FillError> {
    let pieces = Mutex::new(pieces);
    let next = || pieces.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = async |connection: &mut AsyncPgConnection| {
        while let Some(piece) = next() {
            match piece {
                Piece::Statements(statements) => connection.batch_execute(&statements).await?,
                Piece::Withdrawals => seals::withdrawals(connection, cipher).await?,
                Piece::Series(series) => {
                    for statement in series {
                        connection.batch_execute(&statement).await?;
                    }
                }
            }
        }
        Ok::<(), FillError>(())
    };
    tokio::try_join!(work(first), work(second)).map(drop)
}

async fn begin(connection: &mut AsyncPgConnection, load: &Load<'_>) -> Result<(), FillError> {
    connection.batch_execute("SET LOCAL lock_timeout = '5s'").await?;
    connection.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await?;
    if !is_so(connection, "SELECT NOT EXISTS (SELECT FROM users) AS is_so").await? {
        return Err(FillError::NotEmpty);
    }
    connection
        .batch_execute(&format!("CREATE SCHEMA {WORKSHOP}; SET LOCAL search_path = {WORKSHOP}"))
        .await?;
    connection.batch_execute(include_str!("plan.sql")).await?;
    plan(connection, load).await
}

/// Indexes, keys and constraints, one piece for each table, the largest first.
const KEYS_BY_TABLE: &str = "
    SELECT string_agg(again, '; ' ORDER BY name) AS again FROM structure WHERE round = 1
    GROUP BY of_table ORDER BY pg_relation_size(format('public.%I', of_table)::regclass) DESC";
/// Foreign keys, then triggers and whatever else was put to sleep.
const REFERENCES: &str = "SELECT again FROM structure WHERE round > 1 ORDER BY round, of_table, name";

async fn put_back<C: FromIterator<String>>(
    connection: &mut AsyncPgConnection,
    question: &'static str,
) -> Result<C, FillError> {
    #[derive(diesel::QueryableByName)]
    struct Again {
        #[diesel(sql_type = Text)]
        again: String,
    }
    let found: Vec<Again> = statement(question).load(connection).await?;
    Ok(found.into_iter().map(|Again { again }| again).collect())
}

async fn plan(connection: &mut AsyncPgConnection, load: &Load<'_>) -> Result<(), FillError> {
    let Load { scale, now, password, fees: FeeRule { provider, client }, cipher: _ } = load;
    diesel::sql_query("INSERT INTO plan VALUES ($1, $2, $3, $4, $5, $6)")
        .bind::<BigInt, _>(scale.hundredths())
        .bind::<BigInt, _>(scale.people())
        .bind::<Timestamptz, _>(*now)
        .bind::<Text, _>(password.expose())
        .bind::<BigInt, _>(i64::from(provider.get()))
        .bind::<BigInt, _>(i64::from(client.get()))
        .execute(connection)
        .await?;
    Ok(())
}

/// All of them, the largest first.
async fn tables(connection: &mut AsyncPgConnection) -> Result<Vec<String>, FillError> {
    #[derive(diesel::QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let found: Vec<Table> = statement(
        "SELECT format('public.%I', tablename) AS name FROM pg_tables
         WHERE schemaname = 'public' AND tableowner = current_user
         ORDER BY pg_relation_size(format('public.%I', tablename)::regclass) DESC, name",
    )
    .load(connection)
    .await?;
    Ok(found.into_iter().map(|Table { name }| name).collect())
}

async fn is_so(connection: &mut AsyncPgConnection, question: &'static str) -> Result<bool, FillError> {
    #[derive(diesel::QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        is_so: bool,
    }
    let Answer { is_so } = statement(question).get_result(connection).await?;
    Ok(is_so)
}
