//! Adding notifications and marking them as read. The counts of their owners are kept along with
//! them: locked in the order of people and kinds, and before the notifications that are marked.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{NotificationId, UserId};
use domain::notifications::Notification;
use ports::store::StoreError;

use super::{all_kinds, details};
use crate::error::{corrupt, store_error};
use crate::list::Counted;
use crate::statement::statement;

/// Positions follow the order in which they are given.
const ADD: &str = "\
    WITH added AS (
        INSERT INTO notifications (id, event_id, user_id, kind, event, title, message, details, created_at)
        SELECT id, event_id, user_id, kind, event, title, message, details, created_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY
            AS told (id, event_id, user_id, kind, event, title, message, details, created_at, place)
        WHERE EXISTS (SELECT FROM users WHERE users.id = told.user_id)
        ORDER BY place
        ON CONFLICT (event_id, user_id) DO NOTHING
        RETURNING user_id, kind
    ), counted AS (
        INSERT INTO notification_counts AS counts (user_id, kind, total, unread)
        SELECT user_id, kind, count(*), count(*) FROM added GROUP BY user_id, kind ORDER BY user_id, kind
        ON CONFLICT (user_id, kind) DO UPDATE
        SET total = counts.total + excluded.total, unread = counts.unread + excluded.unread
    )
    SELECT count(*) AS total FROM added";

/// Adds those that are not there yet and says how many that were.
pub(crate) async fn add(
    connection: &mut AsyncPgConnection,
    notifications: &[Notification],
) -> Result<u64, StoreError> {
    let (mut ids, mut event_ids, mut user_ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut kinds, mut events, mut titles, mut messages) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut abouts, mut times) = (Vec::new(), Vec::new());
    for notification in notifications {
        let Notification { id, event_id, recipient, kind, event, title, message, details, created_at } =
            notification;
        ids.push(id.uuid());
        event_ids.push(event_id.uuid());
        user_ids.push(recipient.uuid());
        kinds.push(kind.as_str());
        events.push(*event);
        titles.push(*title);
        messages.push(message.as_str());
        abouts.push(details::to_json(details));
        times.push(*created_at);
    }
    let counted: Counted = statement(ADD)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(event_ids)
        .bind::<Array<SqlUuid>, _>(user_ids)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(events)
        .bind::<Array<Text>, _>(titles)
        .bind::<Array<Text>, _>(messages)
        .bind::<Array<Jsonb>, _>(abouts)
        .bind::<Array<Timestamptz>, _>(times)
        .get_result(connection)
        .await
        .map_err(store_error)?;
    count(&counted)
}

fn count(counted: &Counted) -> Result<u64, StoreError> {
    let total = counted.total;
    u64::try_from(total).map_err(|_| corrupt("notifications", "position", total, "is a negative count"))
}

/// Whoever marks somebody's notifications holds their counts first.
const LOCK: &str = "SELECT kind FROM notification_counts WHERE user_id = $1 ORDER BY kind FOR NO KEY UPDATE";

async fn lock_counts(connection: &mut AsyncPgConnection, owner: UserId) -> Result<(), StoreError> {
    let locking = statement(LOCK).bind::<SqlUuid, _>(owner.uuid());
    locking.execute(connection).await.map(drop).map_err(store_error)
}

const MARK_READ: &str = "\
    WITH marked AS (
        UPDATE notifications SET is_read = true, read_at = $1
        WHERE id = $2 AND user_id = $3 AND NOT is_read
        RETURNING user_id, kind
    ), counted AS (
        UPDATE notification_counts counts SET unread = counts.unread - 1
        FROM marked
        WHERE counts.user_id = marked.user_id AND counts.kind = marked.kind
    )
    SELECT EXISTS (SELECT FROM notifications WHERE id = $4 AND user_id = $5) AS is_there";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    is_there: bool,
}

/// Marks one of somebody's as read; `false` when they have no such.
pub(crate) async fn mark_read(
    connection: &mut AsyncPgConnection,
    owner: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    lock_counts(connection, owner).await?;
    let Found { is_there } = statement(MARK_READ)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<SqlUuid, _>(owner.uuid())
        .get_result(connection)
        .await
        .map_err(store_error)?;
    Ok(is_there)
}

const MARK_ALL_READ: &str = "\
    WITH marked AS (
        UPDATE notifications SET is_read = true, read_at = $1
        WHERE user_id = $2 AND kind = ANY ($3) AND NOT is_read
        RETURNING user_id, kind
    ), tally AS (
        SELECT user_id, kind, count(*) AS marked FROM marked GROUP BY user_id, kind
    ), counted AS (
        UPDATE notification_counts counts SET unread = counts.unread - tally.marked
        FROM tally
        WHERE counts.user_id = tally.user_id AND counts.kind = tally.kind
    )
    SELECT count(*) AS total FROM marked";

/// Marks all of somebody's as read and says how many were not.
pub(crate) async fn mark_all_read(
    connection: &mut AsyncPgConnection,
    owner: UserId,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    lock_counts(connection, owner).await?;
    let counted: Counted = statement(MARK_ALL_READ)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Array<Text>, _>(all_kinds())
        .get_result(connection)
        .await
        .map_err(store_error)?;
    count(&counted)
}
