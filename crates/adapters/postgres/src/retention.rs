//! Removing what nobody needs any more: a few rows at a time, oldest first, each time in a
//! transaction of its own, so that nobody waits for it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use ports::retention::{Leftover, Retention};
use ports::store::{StoreError, UnitOfWork};

use crate::error::{refused, store_error};
use crate::link::Line;
use crate::pool::Database;
use crate::statement::statement;
use crate::uow::bounded;

/// `$1`: from before when, `$2`: how many at most. The age is asked for twice, because a row may have
/// become young again by the time it is reached.
macro_rules! removal {
    ($rest:literal) => {
        concat!("WITH wanted AS (SELECT $1::timestamptz AS before, $2::bigint AS most) ", $rest)
    };
}

const REQUEST_KEYS: &str = removal!(
    "DELETE FROM idempotency_keys USING wanted
     WHERE (user_id, key) IN (
         SELECT user_id, key FROM idempotency_keys WHERE created_at < (SELECT before FROM wanted)
         ORDER BY created_at LIMIT (SELECT most FROM wanted)
     ) AND created_at < wanted.before"
);

const LOGINS: &str = removal!(
    "DELETE FROM sessions USING wanted
     WHERE id IN (
         SELECT id FROM sessions WHERE rotated_at < (SELECT before FROM wanted)
         ORDER BY rotated_at LIMIT (SELECT most FROM wanted)
     ) AND rotated_at < wanted.before"
);

/// The newest of each login stays: it goes with the login.
const REFRESH_TOKENS: &str = removal!(
    "DELETE FROM refresh_tokens
     WHERE digest IN (
         SELECT token.digest
         FROM refresh_tokens AS token JOIN sessions ON sessions.id = token.session_id
         WHERE token.issued_at < (SELECT before FROM wanted) AND token.generation < sessions.generation
         ORDER BY token.issued_at LIMIT (SELECT most FROM wanted)
     )"
);

const ENDED_LOGINS: &str = removal!(
    "DELETE FROM ended_sessions
     WHERE session_id IN (
         SELECT session_id FROM ended_sessions WHERE ended_at < (SELECT before FROM wanted)
         ORDER BY ended_at LIMIT (SELECT most FROM wanted)
     )"
);

const DISPATCHED_FACTS: &str = removal!(
    "DELETE FROM outbox
     WHERE position IN (
         SELECT position FROM outbox WHERE dispatched_at < (SELECT before FROM wanted)
         ORDER BY dispatched_at LIMIT (SELECT most FROM wanted)
     )"
);

/// The counts are held first, as by everybody who marks. A mark goes when no notification needs it any
/// more, and only if it is the one that this statement saw from its beginning: of another one it may
/// not see all notifications.
const READ_MARKS: &str = removal!(
    ", marks AS (
         SELECT user_id, kind, read_up_to, read_up_to_at FROM notification_counts
         WHERE read_up_to_at < (SELECT before FROM wanted)
         ORDER BY user_id, kind LIMIT (SELECT most FROM wanted)
         FOR NO KEY UPDATE
     ), unmarked AS (
         SELECT one.position, marks.read_up_to_at
         FROM marks CROSS JOIN LATERAL (
             SELECT position FROM notifications
             WHERE notifications.user_id = marks.user_id AND notifications.kind = marks.kind
               AND NOT notifications.is_read AND position <= marks.read_up_to
             ORDER BY position DESC LIMIT (SELECT most FROM wanted)
         ) AS one
         LIMIT (SELECT most FROM wanted)
     ), marked AS (
         UPDATE notifications SET is_read = true, read_at = unmarked.read_up_to_at
         FROM unmarked
         WHERE notifications.position = unmarked.position
         RETURNING notifications.position
     ), done AS (
         UPDATE notification_counts counts SET read_up_to = 0, read_up_to_at = NULL
         FROM marks
         WHERE counts.user_id = marks.user_id AND counts.kind = marks.kind
           AND EXISTS (
               SELECT FROM notification_counts seen
               WHERE seen.user_id = marks.user_id AND seen.kind = marks.kind
                 AND seen.read_up_to = marks.read_up_to
           )
           AND NOT EXISTS (
               SELECT FROM notifications
               WHERE notifications.user_id = marks.user_id AND notifications.kind = marks.kind
                 AND NOT notifications.is_read AND position <= marks.read_up_to
                 AND position NOT IN (SELECT position FROM unmarked)
           )
     )
     SELECT position FROM marked"
);

/// What the owners have fewer of is taken from their counts, which are locked in the order of people
/// and kinds.
const READ_NOTIFICATIONS: &str = removal!(
    ", removed AS (
         DELETE FROM notifications USING wanted
         WHERE position IN (
             SELECT position FROM notifications WHERE is_read AND read_at < (SELECT before FROM wanted)
             ORDER BY read_at LIMIT (SELECT most FROM wanted)
         ) AND is_read AND read_at < wanted.before
         RETURNING user_id, kind
     ), tally AS (
         SELECT user_id, kind, count(*) AS removed FROM removed GROUP BY user_id, kind
     ), locked AS (
         SELECT counts.user_id, counts.kind
         FROM notification_counts counts JOIN tally USING (user_id, kind)
         ORDER BY counts.user_id, counts.kind
         FOR NO KEY UPDATE OF counts
     ), counted AS (
         UPDATE notification_counts counts SET total = counts.total - tally.removed
         FROM tally JOIN locked USING (user_id, kind)
         WHERE counts.user_id = tally.user_id AND counts.kind = tally.kind
     )
     SELECT kind FROM removed"
);

/// A job is its kind and its particulars. A schedule that fails leaves a dead one at every tick.
const DEAD_JOBS: &str = removal!(
    "DELETE FROM graphile_worker._private_jobs
     WHERE id IN (
         SELECT dead.id
         FROM (
             SELECT id, updated_at,
                    row_number() OVER (PARTITION BY task_id, payload::jsonb ORDER BY id DESC) AS place
             FROM graphile_worker._private_jobs
             WHERE attempts >= max_attempts AND locked_at IS NULL
         ) AS dead
         WHERE dead.updated_at < (SELECT before FROM wanted) OR dead.place > 1
         ORDER BY dead.id LIMIT (SELECT most FROM wanted)
     ) AND attempts >= max_attempts AND locked_at IS NULL"
);

const fn removal_of(what: Leftover) -> &'static str {
    match what {
        Leftover::RequestKeys => REQUEST_KEYS,
        Leftover::Logins => LOGINS,
        Leftover::RefreshTokens => REFRESH_TOKENS,
        Leftover::EndedLogins => ENDED_LOGINS,
        Leftover::DispatchedFacts => DISPATCHED_FACTS,
        Leftover::ReadMarks => READ_MARKS,
        Leftover::ReadNotifications => READ_NOTIFICATIONS,
        Leftover::DeadJobs => DEAD_JOBS,
    }
}

async fn remove(
    connection: &mut Line<'_>,
    what: Leftover,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StoreError> {
    let removed = statement(removal_of(what))
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(i64::from(limit))
        .execute(connection)
        .await
        .map_err(store_error)?;
    u64::try_from(removed).map_err(|_| refused("more rows than can be counted"))
}

#[async_trait]
impl Retention for Database {
    async fn remove(&self, what: Leftover, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let mut unit = self.begin_unit().await?;
        let removed = bounded!(unit, |connection| remove(connection, what, before, limit))?;
        Box::new(unit).commit().await?;
        Ok(removed)
    }
}
