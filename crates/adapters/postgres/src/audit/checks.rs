//! Checks of the books: the rows of `ledger_checks`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{LedgerCheckId, UserId};
use ports::audit::{Finding, LedgerCheck};
use ports::store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{corrupt, refused, store_error};
use crate::link::Line;
use crate::schema::{ledger_checks, users};

/// A row of `ledger_checks` as it is stored and loaded.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_checks, check_for_backend(diesel::pg::Pg))]
pub(super) struct CheckRow {
    id: Uuid,
    started_at: DateTime<Utc>,
    finished_at: DateTime<Utc>,
    offending: i64,
    findings: Value,
}

fn stored(finding: &Finding) -> Result<Value, StoreError> {
    let Finding { check, rule, offending, rows } = finding;
    let rows: Value = serde_json::from_str(rows).map_err(|_| refused("a finding's rows are no JSON"))?;
    Ok(json!({ "check": check, "rule": rule, "offending": offending, "rows": rows }))
}

fn found(id: Uuid, finding: &Value) -> Result<Finding, StoreError> {
    let missing = || corrupt("ledger_checks", "findings", id, "lacks something");
    let text = |key| finding.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(missing);
    Ok(Finding {
        check: text("check")?,
        rule: text("rule")?,
        offending: finding.get("offending").and_then(Value::as_i64).ok_or_else(missing)?,
        rows: finding.get("rows").map(Value::to_string).ok_or_else(missing)?,
    })
}

impl TryFrom<&LedgerCheck> for CheckRow {
    type Error = StoreError;

    fn try_from(check: &LedgerCheck) -> Result<Self, StoreError> {
        let LedgerCheck { id, started_at, finished_at, findings } = check;
        Ok(Self {
            id: id.uuid(),
            started_at: *started_at,
            finished_at: *finished_at,
            offending: check.offending(),
            findings: Value::Array(findings.iter().map(stored).collect::<Result<_, _>>()?),
        })
    }
}

impl TryFrom<CheckRow> for LedgerCheck {
    type Error = StoreError;

    fn try_from(row: CheckRow) -> Result<Self, StoreError> {
        let CheckRow { id, started_at, finished_at, offending: _, findings } = row;
        let no_list = || corrupt("ledger_checks", "findings", id, "is no list");
        let findings = findings.as_array().ok_or_else(no_list)?;
        Ok(Self {
            id: LedgerCheckId::new(id),
            started_at,
            finished_at,
            findings: findings.iter().map(|finding| found(id, finding)).collect::<Result<_, _>>()?,
        })
    }
}

/// Keeps a check.
pub(crate) async fn keep(connection: &mut Line<'_>, check: &LedgerCheck) -> Result<(), StoreError> {
    let row = CheckRow::try_from(check)?;
    diesel::insert_into(ledger_checks::table).values(row).execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// Everybody who runs the marketplace and may log in.
pub(crate) async fn administrators(connection: &mut Line<'_>) -> Result<Vec<UserId>, StoreError> {
    let ids: Vec<Uuid> = users::table
        .filter(users::role.eq("admin").and(users::state.eq("active")))
        .order(users::id)
        .select(users::id)
        .load(connection)
        .await
        .map_err(store_error)?;
    Ok(ids.into_iter().map(UserId::new).collect())
}
