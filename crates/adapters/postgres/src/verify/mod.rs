//! Whether what must always be so is so: the invariants of the books, and of what is derived from
//! them, over the whole database (`guildhall ledger verify`).
//!
//! Everything is read in one snapshot, so that a server may be at work meanwhile, and nothing is
//! written. The checks reckon anew from what was written first (postings, milestones, bids) and say
//! which rows disagree; nothing of the program's arithmetic is used, so that it cannot be wrong twice
//! in the same way. Whose money the rows are about is found out from their columns (`people.rs`), for
//! the check that runs every night and stops payouts (`ports::audit`). Each reads its tables from end to
//! end: this is for the night and for tests, not for a request.

mod agreements;
mod books;
mod chargebacks;
mod clearing;
mod contracts;
mod figures;
mod payments;
mod payouts;
mod people;

use async_trait::async_trait;
use diesel::QueryResult;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::ids::UserId;
use ports::audit::{CheckBooks, Finding, Findings};
use ports::store::StoreError;
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{store_error, unavailable};
use crate::migrations::{MigrateError, connect};
use crate::pool::Database;

/// Every check of money there is, from the ledger by itself to what the books are about. Whom their
/// rows name is not paid until somebody has looked: each names people in one of the columns that
/// [`people`] knows.
const CHECKS: [&[Check]; 7] = [
    books::CHECKS,
    payments::CHECKS,
    payouts::CHECKS,
    chargebacks::CHECKS,
    contracts::CHECKS,
    clearing::CHECKS,
    agreements::CHECKS,
];
/// What is derived from that, and shown: wrong, it is a nuisance and no reason to stop payouts.
const DERIVED: [&[Check]; 1] = [figures::CHECKS];

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
    /// Whose rows those are, all of them, where money is concerned.
    pub people: Vec<UserId>,
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
    Ok(check_all(&mut connection).await?)
}

#[async_trait]
impl CheckBooks for Database {
    /// On a connection of its own, so that nobody waits for one that reads for minutes.
    async fn check(&self) -> Result<Findings, StoreError> {
        let connected = self.reads().connector().connect().await;
        let mut connection = connected.map_err(|error| unavailable(error.to_string()))?;
        let reports = check_all(&mut connection).await.map_err(store_error)?;
        let mut concerned: Vec<_> = reports.iter().flat_map(|report| report.people.clone()).collect();
        concerned.sort();
        concerned.dedup();
        Ok(Findings { all: reports.into_iter().map(Finding::from).collect(), concerned })
    }
}

impl From<CheckReport> for Finding {
    fn from(report: CheckReport) -> Self {
        let CheckReport { name, rule, offending, rows, people: _ } = report;
        let rows = Value::Array(rows).to_string();
        Self { check: name.to_owned(), rule: rule.to_owned(), offending, rows }
    }
}

/// Everything, in one snapshot.
async fn check_all(connection: &mut AsyncPgConnection) -> QueryResult<Vec<CheckReport>> {
    connection
        .transaction::<_, diesel::result::Error, _>(async |connection| {
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            connection.batch_execute("SET LOCAL statement_timeout = 0").await?;
            let mut reports = Vec::new();
            for check in CHECKS.into_iter().flatten() {
                let mut report = check.run(connection).await?;
                report.people = check.people(&report, connection).await?;
                reports.push(report);
            }
            for check in DERIVED.into_iter().flatten() {
                reports.push(check.run(connection).await?);
            }
            Ok(reports)
        })
        .await
}

impl Check {
    async fn run(&self, connection: &mut AsyncPgConnection) -> QueryResult<CheckReport> {
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
        Ok(CheckReport { name, rule, offending, rows, people: Vec::new() })
    }

    /// Whose rows disagree.
    async fn people(
        &self,
        report: &CheckReport,
        connection: &mut AsyncPgConnection,
    ) -> QueryResult<Vec<UserId>> {
        #[derive(diesel::QueryableByName)]
        struct Person {
            #[diesel(sql_type = diesel::sql_types::Uuid)]
            id: Uuid,
        }
        if report.offending == 0 {
            return Ok(Vec::new());
        }
        let people: Vec<Person> =
            diesel::sql_query(people::concerned(self.offenders)).load(connection).await?;
        Ok(people.into_iter().map(|Person { id }| UserId::new(id)).collect())
    }
}

/// A share of `$base` in basis points, rounded half up, in SQL.
macro_rules! fee {
    ($base:literal, $bps:literal) => {
        concat!("((", $base, ") * ", $bps, " + 5000) / 10000")
    };
}
use fee;
