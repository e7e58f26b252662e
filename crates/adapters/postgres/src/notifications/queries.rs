//! The question about notifications: a part of somebody's list, its total and the number of unread
//! ones, in one statement.
//!
//! A list is some ranges of one index, by kind and by what was read; each is read newest first and
//! no further than the page needs. Nothing is counted: the counts are kept in rows of their own, and
//! with them up to where all were read at once.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{NotificationId, UserId};
use domain::notifications::NotificationKind;
use futures_util::FutureExt;
use ports::list::Window;
use ports::notifications::{NotificationFilter, NotificationList, NotificationQueries, NotificationView};
use ports::store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use super::{all_kinds, details};
use crate::error::corrupt;
use crate::list::{Beside, Range};
use crate::pool::Database;
use crate::statement::statement;

/// Of each kind there are three ranges: marked as read one by one, unread, and not marked but read all
/// at once. Where one ends is asked of what was found: asked of the index, PostgreSQL would take the
/// range for so short that it reads the whole table in it.
const NOTIFICATIONS: &str = "\
    SELECT summary.total, summary.unread, shown.position AS id, shown.id AS notification_id, shown.kind,
           shown.event, shown.title, shown.message, shown.details, shown.has_been_read AS is_read,
           shown.created_at
    FROM (
        SELECT coalesce(sum(counts.unread), 0)::bigint AS unread,
               coalesce(sum(
                   CASE WHEN true = ANY ($1) THEN counts.total - counts.unread ELSE 0 END
                   + CASE WHEN false = ANY ($2) THEN counts.unread ELSE 0 END
               ) FILTER (WHERE counts.kind = ANY ($3)), 0)::bigint AS total
        FROM notification_counts counts
        WHERE counts.user_id = $4
    ) AS summary
    LEFT JOIN (
        SELECT notification.*, page.has_been_read
        FROM (
            SELECT newest.position, ranges.has_been_read
            FROM (SELECT $5::bigint AS before) AS wanted CROSS JOIN notification_counts counts
            CROSS JOIN LATERAL (
                VALUES (true, true, 0::bigint, wanted.before),
                       (false, false, counts.read_up_to, wanted.before),
                       (false, true, 0, LEAST(wanted.before, counts.read_up_to + 1))
            ) AS ranges (is_marked, has_been_read, above, below)
            CROSS JOIN LATERAL (
                SELECT position FROM notifications
                WHERE notifications.user_id = counts.user_id AND notifications.kind = counts.kind
                  AND notifications.is_read = ranges.is_marked AND position < ranges.below
                ORDER BY position DESC LIMIT $6
            ) AS newest
            WHERE counts.user_id = $7 AND counts.kind = ANY ($8) AND ranges.has_been_read = ANY ($9)
              AND newest.position > ranges.above
            ORDER BY newest.position DESC OFFSET $10 LIMIT $11
        ) AS page
        CROSS JOIN LATERAL (
            SELECT * FROM notifications WHERE position = page.position OFFSET 0
        ) AS notification
    ) AS shown ON true
    ORDER BY shown.position DESC";

/// What is told of the whole list.
#[derive(QueryableByName)]
struct Summary {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    unread: i64,
}

#[derive(QueryableByName)]
struct Row {
    /// The position.
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    notification_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    event: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    message: String,
    #[diesel(sql_type = Jsonb)]
    details: Value,
    #[diesel(sql_type = Bool)]
    is_read: bool,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for NotificationView {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let Row {
            id: position,
            notification_id,
            kind,
            event,
            title,
            message,
            details: about,
            is_read,
            created_at,
        } = row;
        let kind = NotificationKind::from_word(&kind)
            .ok_or_else(|| corrupt("notifications", "kind", position, "is no kind"))?;
        Ok(Self {
            id: NotificationId::new(notification_id),
            position,
            kind,
            event,
            title,
            message,
            details: details::from_json(&about, position)?,
            is_read,
            created_at,
        })
    }
}

#[async_trait]
impl NotificationQueries for Database {
    async fn notifications(
        &self,
        owner: UserId,
        filter: NotificationFilter,
        window: Window,
    ) -> Result<NotificationList, StoreError> {
        let NotificationFilter { is_read, kind } = filter;
        let kinds = kind.map_or_else(all_kinds, |kind| vec![kind.as_str()]);
        let marks = is_read.map_or_else(|| vec![false, true], |is_read| vec![is_read]);
        let range = Range::of(window);
        let Range { before, offset, limit, reach } = range;
        let question = statement(NOTIFICATIONS)
            .bind::<Array<Bool>, _>(marks.clone())
            .bind::<Array<Bool>, _>(marks.clone())
            .bind::<Array<Text>, _>(kinds.clone())
            .bind::<SqlUuid, _>(owner.uuid())
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(reach)
            .bind::<SqlUuid, _>(owner.uuid())
            .bind::<Array<Text>, _>(kinds)
            .bind::<Array<Bool>, _>(marks)
            .bind::<BigInt, _>(offset)
            .bind::<BigInt, _>(limit);
        let rows: Vec<Beside<Summary, Row>> = self
            .reads()
            .ask(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        let (Summary { total, unread }, rows) = Beside::split(rows)?;
        let views = rows.into_iter().map(NotificationView::try_from).collect::<Result<_, _>>()?;
        let notifications = range.slice(views, total, |view: &NotificationView| view.position);
        Ok(NotificationList { notifications, unread })
    }
}
