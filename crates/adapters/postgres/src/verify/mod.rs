//! Whether what must always be so is so: the invariants of the books, and of what is derived from
//! them, over the whole database (`guildhall ledger verify`).
//!
//! Everything is read in one snapshot, so that a server may be at work meanwhile, and nothing is
//! written. The checks reckon anew from what was written first (postings, milestones, bids) and say
//! which rows disagree; nothing of the program's arithmetic is used, so that it cannot be wrong twice
//! in the same way. Each reads its tables from end to end: this is for the night and for tests, not
//! for a request.

mod books;
mod chargebacks;
mod contracts;
mod figures;
mod payments;
mod payouts;

use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use secrecy::SecretString;
use serde_json::Value;

use crate::migrations::{MigrateError, connect};

/// Every check there is, from the ledger by itself to what is derived from what the books are about.
const CHECKS: [&[Check]; 6] = [
    books::CHECKS,
    payments::CHECKS,
    payouts::CHECKS,
    chargebacks::CHECKS,
    contracts::CHECKS,
    figures::CHECKS,
];

/// What came of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// Its stable name.
    pub name: &'static str,
    /// What must be so, in words.
    pub rule: &'static str,
    /// How many rows disagree.
    pub offending: i64,
    /// The first hundred of them, as objects.
    pub rows: Vec<Value>,
}

/// A rule, and the statement that finds the rows that break it.
struct Check {
    name: &'static str,
    rule: &'static str,
    offenders: &'static str,
}

/// Checks everything.
///
/// # Errors
/// See [`MigrateError`]: the database does not answer, or refuses.
pub async fn verify_books(url: &SecretString) -> Result<Vec<CheckReport>, MigrateError> {
    let mut connection = connect(url, "guildhall ledger verify").await?;
    connection
        .transaction::<_, MigrateError, _>(async |connection| {
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            connection.batch_execute("SET LOCAL statement_timeout = 0").await?;
            let mut reports = Vec::new();
            for check in CHECKS.into_iter().flatten() {
                reports.push(check.run(connection).await?);
            }
            Ok(reports)
        })
        .await
}

impl Check {
    async fn run(&self, connection: &mut AsyncPgConnection) -> Result<CheckReport, MigrateError> {
        #[derive(diesel::QueryableByName)]
        struct Found {
            #[diesel(sql_type = BigInt)]
            offending: i64,
            #[diesel(sql_type = Text)]
            rows: String,
        }
        let Self { name, rule, offenders } = self;
        let Found { offending, rows } = diesel::sql_query(format!(
            "WITH offender AS MATERIALIZED ({offenders})
             SELECT (SELECT count(*) FROM offender) AS offending,
                    (SELECT coalesce(jsonb_agg(to_jsonb(first)), '[]') FROM (SELECT * FROM offender LIMIT 100) AS first)::text
                        AS rows"
        ))
        .get_result(connection)
        .await?;
        let rows = serde_json::from_str(&rows).unwrap_or_default();
        Ok(CheckReport { name, rule, offending, rows })
    }
}

/// A share of `$base` in basis points, rounded half up, in SQL.
macro_rules! fee {
    ($base:literal, $bps:literal) => {
        concat!("((", $base, ") * ", $bps, " + 5000) / 10000")
    };
}
use fee;
