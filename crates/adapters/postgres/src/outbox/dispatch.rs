//! Facts on their way to their readers.
//!
//! **None is missed** because nothing is remembered but the mark on each row: a fact whose
//! transaction commits late is found by the next round, however many younger ones went before it.
//! Facts about one thing still come in their order: their transactions hold that thing's lock from
//! before the fact is written until after it is seen.
//!
//! **None has its effect twice** because the mark is set in the transaction in which the readers
//! write. An advisory lock lets one process dispatch at a time, so that the order holds across them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{EventId, UserId};
use futures_util::FutureExt;
use ports::outbox::{Dispatch, Dispatched, OutboxReader, Particular, Particulars, StoredFact};
use ports::store::{StoreError, UnitOfWork};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{corrupt, refused, store_error};
use crate::link::Line;
use crate::pool::Database;
use crate::statement::statement;
use crate::uow::{PgUnitOfWork, bounded, opening};

/// Held by whoever dispatches until their transaction ends ("Guildfac" in ASCII).
const TRY_LOCK: &str = "SELECT pg_try_advisory_xact_lock(5149287468842508643) AS is_so";

const IS_PENDING: &str = "\
    SELECT EXISTS (
        SELECT FROM outbox WHERE dispatched_at IS NULL AND (retry_at IS NULL OR retry_at <= $1)
    ) AS is_so";

const OLDEST: &str = "\
    SELECT position, id, name, user_id, payload, occurred_at
    FROM outbox
    WHERE dispatched_at IS NULL AND (retry_at IS NULL OR retry_at <= $1)
    ORDER BY position
    LIMIT $2";

const MARK: &str = "UPDATE outbox SET dispatched_at = $1 WHERE position = ANY ($2) AND dispatched_at IS NULL";

const SET_ASIDE: &str = "\
    UPDATE outbox
    SET retry_at = $1 + LEAST(2 ^ LEAST(refusals, 12), 3600) * interval '1 second',
        refusals = LEAST(refusals + 1, 32000),
        last_error = left($2, 2000)
    WHERE id = $3 AND dispatched_at IS NULL";

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    is_so: bool,
}

#[derive(QueryableByName)]
struct FactRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
}

impl TryFrom<FactRow> for StoredFact {
    type Error = StoreError;

    fn try_from(row: FactRow) -> Result<Self, StoreError> {
        let FactRow { position, id, name, user_id, payload, occurred_at } = row;
        let Value::Object(particulars) = payload else {
            return Err(corrupt("outbox", "payload", position, "is no object"));
        };
        Ok(Self {
            id: EventId::new(id),
            name,
            user_id: user_id.map(UserId::new),
            particulars: group(particulars),
            occurred_at,
        })
    }
}

fn group(values: serde_json::Map<String, Value>) -> Particulars {
    values.into_iter().map(|(key, value)| (key, particular(value))).collect()
}

fn particular(value: Value) -> Particular {
    match value {
        Value::Null => Particular::Nothing,
        Value::Bool(flag) => Particular::Flag(flag),
        // Nobody writes any other number.
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Particular::Text(number.to_string()), Particular::Number)
        }
        Value::String(text) => Particular::Text(text),
        Value::Array(values) => Particular::List(values.into_iter().map(particular).collect()),
        Value::Object(values) => Particular::Group(group(values)),
    }
}

async fn try_lock(connection: &mut Line<'_>) -> Result<bool, StoreError> {
    let Answer { is_so } = statement(TRY_LOCK).get_result(connection).await.map_err(store_error)?;
    Ok(is_so)
}

async fn oldest(
    connection: &mut Line<'_>,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<FactRow>, StoreError> {
    let oldest = statement(OLDEST).bind::<Timestamptz, _>(now).bind::<BigInt, _>(i64::from(limit));
    oldest.load(connection).await.map_err(store_error)
}

async fn mark(connection: &mut Line<'_>, now: DateTime<Utc>, positions: Vec<i64>) -> Result<(), StoreError> {
    let count = positions.len();
    let mark = statement(MARK).bind::<Timestamptz, _>(now).bind::<Array<BigInt>, _>(positions);
    let affected = mark.execute(connection).await.map_err(store_error)?;
    if affected == count { Ok(()) } else { Err(StoreError::Stale { what: "fact" }) }
}

/// Whether trying the same again may help. Everything else is the fact's, or its reader's, or there
/// were too many of them for the time that a statement may take.
const fn is_passing(error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(_) | StoreError::Collision(_) | StoreError::OutcomeUnknown(_) => true,
        StoreError::TimedOut(_)
        | StoreError::Stale { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Spoilt
        | StoreError::Refused(_) => false,
    }
}

/// All that happens in the transaction; committed when facts were dispatched.
async fn round(
    unit: &mut PgUnitOfWork,
    readers: &[Arc<dyn OutboxReader>],
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Dispatched, StoreError> {
    if !opening!(unit, |connection| try_lock(connection))? {
        return Ok(Dispatched::Elsewhere);
    }
    let rows = bounded!(unit, |connection| oldest(connection, now, limit))?;
    let (count, positions) = (rows.len(), rows.iter().map(|row| row.position).collect());
    let Some(first) = rows.as_slice().first().map(|row| EventId::new(row.id)) else {
        return Ok(Dispatched::Nothing);
    };
    let mut outcome = match rows.into_iter().map(StoredFact::try_from).collect::<Result<Vec<_>, _>>() {
        Ok(facts) => hand_out(unit, readers, &facts).await,
        Err(error) => Err(error),
    };
    if outcome.is_ok() {
        outcome = bounded!(unit, |connection| mark(connection, now, positions));
    }
    match outcome {
        Ok(()) => Ok(Dispatched::Facts(count)),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => Ok(Dispatched::Refused { first, count, error }),
    }
}

async fn hand_out(
    unit: &mut PgUnitOfWork,
    readers: &[Arc<dyn OutboxReader>],
    facts: &[StoredFact],
) -> Result<(), StoreError> {
    for reader in readers {
        // A reader that panics must not end the dispatching of everybody else's facts.
        let read = AssertUnwindSafe(reader.read(facts, unit)).catch_unwind().await;
        read.map_err(|_| refused(format!("the reader {} panicked", reader.name())))??;
    }
    Ok(())
}

#[async_trait]
impl Dispatch for Database {
    async fn is_pending(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let Answer { is_so } = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(IS_PENDING).bind::<Timestamptz, _>(now).get_result(&mut connection).await
                }
                .boxed()
            })
            .await?;
        Ok(is_so)
    }

    async fn dispatch(
        &self,
        readers: &[Arc<dyn OutboxReader>],
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Dispatched, StoreError> {
        let mut unit = self.begin_unit().await?;
        let outcome = round(&mut unit, readers, now, limit).await;
        let unit = Box::new(unit);
        match outcome {
            Ok(dispatched @ Dispatched::Facts(_)) => {
                unit.commit().await?;
                Ok(dispatched)
            }
            other => {
                if let Err(error) = unit.rollback().await {
                    tracing::debug!(%error, "a round of dispatching could not be rolled back; its connection is closed");
                }
                other
            }
        }
    }

    async fn set_aside(&self, fact: EventId, error: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut unit = self.begin_unit().await?;
        bounded!(unit, |connection| set_aside(connection, fact, error, now))?;
        Box::new(unit).commit().await
    }
}

async fn set_aside(
    connection: &mut Line<'_>,
    fact: EventId,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let affected = statement(SET_ASIDE)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(error)
        .bind::<SqlUuid, _>(fact.uuid())
        .execute(connection)
        .await
        .map_err(store_error)?;
    if affected == 0 {
        // Between our refusal and now another process, perhaps a newer program, has dispatched it.
        tracing::debug!(%fact, "a fact was dispatched before it could be set aside");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn particulars_are_read_as_they_were_written() {
        let Value::Object(payload) = json!({
            "withdrawal_id": "WD-042",
            "amount": {"amount_minor": 500, "currency": "USD"},
            "email_changed": true,
            "until": null,
            "to": ["a", "b"],
        }) else {
            panic!("an object")
        };
        let read = group(payload);
        assert_eq!(read["withdrawal_id"].text(), Some("WD-042"));
        assert_eq!(read["amount"].get("amount_minor").and_then(Particular::number), Some(500));
        assert_eq!(read["email_changed"], Particular::Flag(true));
        assert_eq!(read["until"], Particular::Nothing);
        let list = ["a", "b"].map(|text| Particular::Text(text.to_owned()));
        assert_eq!(read["to"], Particular::List(list.to_vec()));
        assert_eq!((read["to"].text(), read["to"].get("a")), (None, None));
    }
}
