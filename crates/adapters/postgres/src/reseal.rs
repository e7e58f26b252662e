//! Sealing what is stored sealed with another key (`guildhall keys`).
//!
//! The owner does it, beside running servers: they read rows sealed with any key that they know, and a row
//! is changed only while it is as it was read, so that nothing that somebody else wrote is lost. Rows that
//! the first key has sealed already are passed over: a run that was cut off is simply started again.
//!
//! `withdrawals.account_sealed` is the only column with something sealed in it. Whoever adds another one
//! adds it here.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ports::money::{FieldCipher, KeyName};
use ports::store::Cause;
use secrecy::SecretString;

use crate::migrations::{MigrateError, connect};
use crate::money::withdrawals::{context, withdrawal_id};

/// Rows of one transaction.
const BATCH: i64 = 500;

/// How many rows each key has sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedRows {
    /// By the key's name, whether it is known or not.
    pub by_key: BTreeMap<KeyName, i64>,
    /// Those that do not look sealed.
    pub nameless: i64,
}

/// What sealing anew came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Rows that the first key has sealed now.
    pub resealed: u64,
    /// Rows that it had sealed before.
    pub current: u64,
    /// Rows that cannot be opened, and why: they stay as they are.
    pub unopened: Vec<(String, String)>,
}

#[derive(QueryableByName)]
struct CountedRow {
    #[diesel(sql_type = Binary)]
    beginning: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct SealedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

/// Counts the rows by their keys.
///
/// # Errors
/// See [`MigrateError`]: the database does not answer, or refuses.
pub async fn count_sealed(url: &SecretString, cipher: &dyn FieldCipher) -> Result<SealedRows, MigrateError> {
    let mut connection = connect(url, "guildhall keys status").await?;
    // What is sealed begins with format and key, in five bytes.
    let counted: Vec<CountedRow> = diesel::sql_query(
        "SELECT substring(account_sealed FROM 1 FOR 5) AS beginning, count(*) AS count
         FROM withdrawals GROUP BY 1",
    )
    .load(&mut connection)
    .await?;
    let mut rows = SealedRows::default();
    for CountedRow { beginning, count } in counted {
        match cipher.key_of(&beginning) {
            Some(key) => *rows.by_key.entry(key).or_default() += count,
            None => rows.nameless += count,
        }
    }
    Ok(rows)
}

/// Seals every row with the first key that another one has sealed. Each batch is a transaction.
///
/// # Errors
/// See [`MigrateError`]; what was sealed before stays sealed.
pub async fn reseal(url: &SecretString, cipher: &dyn FieldCipher) -> Result<Resealed, MigrateError> {
    let mut connection = connect(url, "guildhall keys reencrypt").await?;
    let first = cipher.keys().into_iter().next();
    let mut done = Resealed::default();
    let mut after = 0_i64;
    loop {
        let rows: Vec<SealedRow> = diesel::sql_query(
            "SELECT id, account_sealed AS sealed FROM withdrawals WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(BATCH)
        .load(&mut connection)
        .await?;
        let Some(last) = rows.last() else { return Ok(done) };
        after = last.id;
        let mut anew = Vec::new();
        for SealedRow { id, sealed } in rows {
            if cipher.key_of(&sealed) == first {
                done.current = done.current.saturating_add(1);
                continue;
            }
            match sealed_anew(id, &sealed, cipher) {
                Ok(fresh) => anew.push((id, sealed, fresh)),
                Err((name, problem)) => done.unopened.push((name, problem.to_string())),
            }
        }
        let changed = replace(&mut connection, &anew).await?;
        done.resealed = done.resealed.saturating_add(changed);
    }
}

/// What a row is to hold; or the row's name, and why it cannot be opened.
fn sealed_anew(id: i64, sealed: &[u8], cipher: &dyn FieldCipher) -> Result<Vec<u8>, (String, Cause)> {
    let id = withdrawal_id(id).map_err(|problem| (id.to_string(), Cause::from(problem)))?;
    let context = context(id);
    let plain = cipher.open(sealed, &context).map_err(|problem| (id.to_string(), problem))?;
    cipher.seal(&plain, &context).map_err(|problem| (id.to_string(), problem))
}

/// Changes those rows of a batch that are still as they were read.
async fn replace(
    connection: &mut AsyncPgConnection,
    anew: &[(i64, Vec<u8>, Vec<u8>)],
) -> Result<u64, MigrateError> {
    if anew.is_empty() {
        return Ok(0);
    }
    let ids: Vec<i64> = anew.iter().map(|(id, _, _)| *id).collect();
    let before: Vec<&[u8]> = anew.iter().map(|(_, before, _)| before.as_slice()).collect();
    let fresh: Vec<&[u8]> = anew.iter().map(|(_, _, fresh)| fresh.as_slice()).collect();
    let changed = diesel::sql_query(
        "UPDATE withdrawals SET account_sealed = anew.fresh
         FROM unnest($1, $2, $3) AS anew (id, before, fresh)
         WHERE withdrawals.id = anew.id AND withdrawals.account_sealed = anew.before",
    )
    .bind::<diesel::sql_types::Array<BigInt>, _>(ids)
    .bind::<diesel::sql_types::Array<Binary>, _>(before)
    .bind::<diesel::sql_types::Array<Binary>, _>(fresh)
    .execute(connection)
    .await?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}
