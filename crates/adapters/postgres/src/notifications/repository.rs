//! Adding notifications and marking them as read. The counts of their owners are kept along with
//! them: everybody holds those first that are concerned, in the order of people and kinds.
//!
//! So the positions of one person's notifications of one kind are drawn under a lock, and become
//! visible in their order. Reading all of them at once is therefore one number in that row, up to which
//! they are read, and costs the same for ten and for a hundred thousand; [`Leftover::ReadMarks`]
//! carries it over to the notifications later.
//!
//! [`Leftover::ReadMarks`]: ports::retention::Leftover::ReadMarks

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{NotificationId, UserId};
use domain::notifications::Notification;
use ports::store::StoreError;

use super::details;
use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::list::Counted;
use crate::statement::statement;

/// Makes the counts of those who are going to be told, where there are none.
const MAKE: &str = "\
    INSERT INTO notification_counts (user_id, kind, total, unread)
    SELECT DISTINCT told.user_id, told.kind, 0, 0
    FROM unnest($1, $2) AS told (user_id, kind)
    WHERE EXISTS (SELECT FROM users WHERE users.id = told.user_id)
      AND NOT EXISTS (SELECT FROM notification_counts counts
                      WHERE counts.user_id = told.user_id AND counts.kind = told.kind)
    ORDER BY 1, 2
    ON CONFLICT (user_id, kind) DO NOTHING";

/// Holds the counts of those who are going to be told. By a statement of its own, so that it sees those that
/// others have made meanwhile, and the next one what whoever held them before has added. They are locked and not
/// touched: a row that its transaction has written before has its foreign key checked with each further write.
const HOLD: &str = "\
    SELECT counts.total
    FROM (SELECT DISTINCT user_id, kind FROM unnest($1, $2) AS told (user_id, kind)) AS told
    JOIN notification_counts counts ON counts.user_id = told.user_id AND counts.kind = told.kind
    ORDER BY counts.user_id, counts.kind
    FOR NO KEY UPDATE OF counts";

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
    ), tally AS (
        SELECT user_id, kind, count(*) AS added FROM added GROUP BY user_id, kind
    ), counted AS (
        UPDATE notification_counts counts
        SET total = counts.total + tally.added, unread = counts.unread + tally.added
        FROM tally
        WHERE counts.user_id = tally.user_id AND counts.kind = tally.kind
    )
    SELECT count(*) AS total FROM added";

/// Adds those that are not there yet and says how many that were.
pub(crate) async fn add(
    connection: &mut Line<'_>,
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
    for text in [MAKE, HOLD] {
        statement(text)
            .bind::<Array<SqlUuid>, _>(&user_ids)
            .bind::<Array<Text>, _>(&kinds)
            .execute(connection)
            .await
            .map_err(store_error)?;
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

/// Holds the counts of one notification's kind; none where somebody has no such.
const HOLD_ONE: &str = "\
    SELECT counts.kind
    FROM notifications JOIN notification_counts counts USING (user_id, kind)
    WHERE notifications.id = $1 AND notifications.user_id = $2
    FOR NO KEY UPDATE OF counts";

const MARK_READ: &str = "\
    WITH marked AS (
        UPDATE notifications SET is_read = true, read_at = $1
        FROM notification_counts counts
        WHERE notifications.id = $2 AND NOT notifications.is_read
          AND counts.user_id = notifications.user_id AND counts.kind = notifications.kind
          AND notifications.position > counts.read_up_to
        RETURNING notifications.user_id, notifications.kind
    )
    UPDATE notification_counts counts SET unread = counts.unread - 1
    FROM marked
    WHERE counts.user_id = marked.user_id AND counts.kind = marked.kind";

#[derive(QueryableByName)]
struct Kind {
    #[diesel(sql_type = Text)]
    kind: String,
}

/// Marks one of somebody's as read; `false` when they have no such.
pub(crate) async fn mark_read(
    connection: &mut Line<'_>,
    owner: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let hold = statement(HOLD_ONE).bind::<SqlUuid, _>(id.uuid()).bind::<SqlUuid, _>(owner.uuid());
    if hold.execute(connection).await.map_err(store_error)? == 0 {
        return Ok(false);
    }
    let mark = statement(MARK_READ).bind::<Timestamptz, _>(now).bind::<SqlUuid, _>(id.uuid());
    mark.execute(connection).await.map_err(store_error)?;
    Ok(true)
}

/// Holds the counts of the kinds of which somebody has unread ones. What is added of others meanwhile
/// came later.
const HOLD_UNREAD: &str = "\
    SELECT kind FROM notification_counts
    WHERE user_id = $1 AND unread > 0
    ORDER BY kind
    FOR NO KEY UPDATE";

/// By a statement of its own: it sees the newest notifications of the kinds that are held.
const MARK_ALL_READ: &str = "\
    WITH held AS (
        SELECT counts.user_id, counts.kind, counts.unread,
               (SELECT max(position) FROM notifications
                WHERE notifications.user_id = counts.user_id AND notifications.kind = counts.kind
                  AND NOT notifications.is_read) AS newest
        FROM notification_counts counts
        WHERE counts.user_id = $1 AND counts.kind = ANY ($2)
    ), marked AS (
        UPDATE notification_counts counts
        SET unread = 0, read_up_to = held.newest, read_up_to_at = $3
        FROM held
        WHERE counts.user_id = held.user_id AND counts.kind = held.kind
    )
    SELECT coalesce(sum(unread), 0)::bigint AS total FROM held";

/// Marks all of somebody's as read and says how many were not.
pub(crate) async fn mark_all_read(
    connection: &mut Line<'_>,
    owner: UserId,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let hold = statement(HOLD_UNREAD).bind::<SqlUuid, _>(owner.uuid());
    let held: Vec<Kind> = hold.load(connection).await.map_err(store_error)?;
    let kinds: Vec<String> = held.into_iter().map(|Kind { kind }| kind).collect();
    let counted: Counted = statement(MARK_ALL_READ)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Array<Text>, _>(kinds)
        .bind::<Timestamptz, _>(now)
        .get_result(connection)
        .await
        .map_err(store_error)?;
    count(&counted)
}
