//! The names that callers give their requests: the rows of `idempotency_keys`.
//!
//! An advisory lock says who is at a key, so that nobody waits; the row says what became of it. The
//! lock is asked for in a statement of its own: one that took the lock and read the row could read
//! what was there before the lock came.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use ports::idempotency::{KeyClaim, RequestKey, StoredAnswer};
use ports::store::StoreError;

use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::idempotency_keys;
use crate::statement::statement;

/// Held until the transaction ends. The seed keeps these numbers apart from other advisory locks'.
const TRY_LOCK: &str =
    "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 6955810472366342507)) AS is_taken";

/// Takes the key's lock without waiting for it, and looks the key up. An answer that is there is given
/// to everybody; only where there is none, and somebody else is at the key, it is in flight.
pub(crate) async fn claim(
    connection: &mut Line<'_>,
    key: &RequestKey,
    not_before: DateTime<Utc>,
) -> Result<KeyClaim, StoreError> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = Bool)]
        is_taken: bool,
    }
    let RequestKey { user_id, key: name, fingerprint } = key;
    let Lock { is_taken } = statement(TRY_LOCK)
        .bind::<Text, _>(format!("{user_id}:{name}"))
        .get_result(connection)
        .await
        .map_err(store_error)?;
    // Also without the lock: what is there is final, and whoever holds the lock reads it, too.
    let found: Option<(Vec<u8>, i16, String)> = idempotency_keys::table
        .find((user_id.uuid(), name))
        .filter(idempotency_keys::created_at.ge(not_before))
        .select((idempotency_keys::fingerprint, idempotency_keys::status, idempotency_keys::body))
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    let Some((stored, status, body)) = found else {
        return Ok(if is_taken { KeyClaim::Fresh } else { KeyClaim::InFlight });
    };
    if stored != fingerprint {
        return Ok(KeyClaim::Different);
    }
    let status = u16::try_from(status)
        .map_err(|_| corrupt("idempotency_keys", "status", user_id, "is no HTTP status"))?;
    Ok(KeyClaim::Replay(StoredAnswer { status, body }))
}

/// Keeps an answer. One that was given before gives way: the claim found it too old.
pub(crate) async fn remember(
    connection: &mut Line<'_>,
    key: &RequestKey,
    answer: &StoredAnswer,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // On an upsert the condition of its UPDATE.
    use diesel::query_dsl::methods::FilterDsl;

    let RequestKey { user_id, key, fingerprint } = key;
    let StoredAnswer { status, body } = answer;
    let status = i16::try_from(*status).map_err(|_| refused("an HTTP status is out of range"))?;
    let affected = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::user_id.eq(user_id.uuid()),
            idempotency_keys::key.eq(key),
            idempotency_keys::fingerprint.eq(fingerprint.as_slice()),
            idempotency_keys::status.eq(status),
            idempotency_keys::body.eq(body),
            idempotency_keys::created_at.eq(now),
        ))
        .on_conflict((idempotency_keys::user_id, idempotency_keys::key))
        .do_update()
        .set((
            idempotency_keys::fingerprint.eq(excluded(idempotency_keys::fingerprint)),
            idempotency_keys::status.eq(excluded(idempotency_keys::status)),
            idempotency_keys::body.eq(excluded(idempotency_keys::body)),
            idempotency_keys::created_at.eq(excluded(idempotency_keys::created_at)),
        ))
        .filter(idempotency_keys::created_at.lt(now))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "request key")
}
