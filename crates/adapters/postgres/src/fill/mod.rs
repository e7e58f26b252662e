//! Filling an empty database with a great deal of data, fast (`guildhall demo --scale`): for trying
//! out how the program bears it, and for comparing it with others.
//!
//! The rows are made by PostgreSQL itself, table by table, from the numbers of rows and hashes of
//! them: nothing crosses the wire, and the same [`Load`] makes the same rows, but for what is salted
//! (the password's hash, sealed account details). Everything happens in one transaction of the owner:
//! indexes, keys and triggers are taken away, and put back behind the last row, where every key and
//! foreign key is checked. What breaks off leaves nothing.
//!
//! No use case is asked, so what these keep up to date (counts, figures, balances, words to search by,
//! numbers of chats) is reckoned here a second time; tests hold it to what the program would have
//! made, and `guildhall ledger verify` finds nothing. Deliberately absent: facts in the outbox
//! (everybody has been told), rankings (they are reckoned by whoever calls this), and files (they
//! would need their bytes).

mod scale;
mod seals;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz};
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

/// Why a database was not filled. Nothing was written.
#[derive(Debug, Error)]
pub enum FillError {
    /// There is somebody's data in it.
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

/// For sorting and for building indexes; there is only this one session at it.
const SESSION: &str = "\
    SET LOCAL work_mem = '128MB';
    SET LOCAL maintenance_work_mem = '256MB';
    SET LOCAL lock_timeout = '5s'";

/// What makes the rows, in this order; what comes later builds on what is there.
const BEFORE_WITHDRAWALS: [&str; 9] = [
    include_str!("functions.sql"),
    include_str!("structure_off.sql"),
    include_str!("vocabulary.sql"),
    include_str!("people.sql"),
    include_str!("orders.sql"),
    include_str!("bids.sql"),
    include_str!("contracts.sql"),
    include_str!("chats.sql"),
    include_str!("money.sql"),
];
/// See [`BEFORE_WITHDRAWALS`].
const BEHIND_WITHDRAWALS: [&str; 3] =
    [include_str!("notifications.sql"), include_str!("numbers.sql"), include_str!("structure_on.sql")];

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
/// See [`FillError`].
pub async fn fill(url: &SecretString, load: &Load<'_>) -> Result<(), FillError> {
    let mut connection = connect(url, "guildhall demo").await?;
    connection.transaction::<_, FillError, _>(async |connection| make(connection, load).await).await?;
    tidy(&mut connection).await
}

async fn make(connection: &mut AsyncPgConnection, load: &Load<'_>) -> Result<(), FillError> {
    connection.batch_execute(SESSION).await?;
    connection.batch_execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await?;
    if !is_so(connection, "SELECT NOT EXISTS (SELECT FROM users) AS is_so").await? {
        return Err(FillError::NotEmpty);
    }
    connection.batch_execute(include_str!("plan.sql")).await?;
    plan(connection, load).await?;
    for statements in BEFORE_WITHDRAWALS {
        connection.batch_execute(statements).await?;
    }
    seals::withdrawals(connection, load.cipher).await?;
    for statements in BEHIND_WITHDRAWALS {
        connection.batch_execute(statements).await?;
    }
    Ok(())
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

/// What the planner has to know, and which pages are settled, so that indexes alone can answer.
async fn tidy(connection: &mut AsyncPgConnection) -> Result<(), FillError> {
    #[derive(diesel::QueryableByName)]
    struct Tables {
        #[diesel(sql_type = Array<Text>)]
        names: Vec<String>,
    }
    let Tables { names } = statement(
        "SELECT array_agg(quote_ident(tablename::text) ORDER BY tablename) AS names FROM pg_tables
         WHERE schemaname = 'public' AND tableowner = current_user",
    )
    .get_result(connection)
    .await?;
    connection.batch_execute(&format!("VACUUM (ANALYZE) {}", names.join(", "))).await?;
    Ok(())
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
