//! The question about notifications: a part of somebody's list, its total and the number of unread
//! ones, in one statement.
//!
//! A list is some ranges of one index, by kind and by what was read; each is read newest first and
//! no further than the page needs. Nothing is counted: the counts are kept in rows of their own.

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

const NOTIFICATIONS: &str = "\
    SELECT summary.total, summary.unread, shown.position AS id, shown.id AS notification_id, shown.kind,
           shown.event, shown.title, shown.message, shown.details, shown.is_read, shown.created_at
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
        SELECT notification.*
        FROM (
            SELECT newest.position
            FROM unnest($5) AS kinds (kind) CROSS JOIN unnest($6) AS marks (is_read) CROSS JOIN LATERAL (
                SELECT position FROM notifications
                WHERE user_id = $7 AND notifications.kind = kinds.kind
                  AND notifications.is_read = marks.is_read AND position < $8
                ORDER BY position DESC LIMIT $9
            ) AS newest
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
            .bind::<Array<Text>, _>(kinds)
            .bind::<Array<Bool>, _>(marks)
            .bind::<SqlUuid, _>(owner.uuid())
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(reach)
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
