//! What one has been told.

use actix_web::{HttpResponse, get, web};
use domain::notifications::NotificationKind;
use ports::notifications::{NotificationFilter, NotificationList};

use super::wire::{NotificationRow, NotificationsData};
use super::words::NotificationFilterWord;
use crate::Api;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{ALL, Caller, Filter, ListParameters, ListQuery, Query, must_be_one_of};

/// Which notifications are wanted.
#[derive(Debug)]
pub(super) struct WantedNotifications(NotificationFilter);

const fn mark(is_read: bool) -> &'static str {
    if is_read { "true" } else { "false" }
}

impl Filter for WantedNotifications {
    const LIST: &'static str = "notifications";

    fn read(query: &mut Query) -> Self {
        let is_read = query.read("is_read", |text| {
            let known = [true, false].into_iter().find(|is_read| mark(*is_read) == text);
            known.ok_or_else(|| must_be_one_of([true, false].map(mark)))
        });
        let kind = query.one_of("type", NotificationKind::ALL, NotificationKind::as_str);
        Self(NotificationFilter { is_read, kind })
    }

    fn canonical(&self) -> String {
        let NotificationFilter { is_read, kind } = self.0;
        format!("{}\n{}", is_read.map_or(ALL, mark), kind.map_or(ALL, NotificationKind::as_str))
    }
}

/// See one's notifications
///
/// What the caller has been told, newest first: of what others did, never of what they did
/// themselves. It is there at most moments after it happened. `event` says in a stable word what that
/// was, `details` what it is about.
#[utoipa::path(
    tag = "notifications",
    operation_id = "listNotifications",
    security(("bearer" = [])),
    params(
        ("is_read" = inline(Option<bool>), Query, nullable = false, example = false,
            description = "Only those that are read, or only those that are not."),
        ("type" = inline(Option<NotificationFilterWord>), Query, nullable = false, example = "bid",
            description = "`all` (default), `order`, `bid`, `payment`, `review` or `system`."),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<NotificationsData>,
        example = json!({"status": "success", "data": {
            "notifications": [
                {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31", "type": "bid", "event": "bid.accepted",
                 "title": "Bid Accepted",
                 "message": "Your bid for 'Marketing Research Paper' has been accepted!",
                 "is_read": false, "created_at": "2024-01-15T10:30:00Z",
                 "details": {"order_id": "ORD-101", "bid_id": "BID-001",
                    "order_title": "Marketing Research Paper"}},
                {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e32", "type": "payment", "event": "payment.received",
                 "title": "Payment Received",
                 "message": "Payment of $115.00 has been credited to your account",
                 "is_read": true, "created_at": "2024-01-14T15:20:00Z",
                 "details": {"order_id": "ORD-095", "amount": 115.00}}],
            "unread_count": 5,
            "pagination": {"page": 1, "limit": 20, "total": 145, "pages": 8, "has_next": true,
                "has_prev": false, "next_cursor": "bm90aWZpY2F0aW9uczphNTljNGUwOGMxN2QyYjNmOjQx"}}})))
)]
#[get("/notifications")]
pub(super) async fn list(
    caller: Caller,
    api: web::Data<Api>,
    query: ListQuery<WantedNotifications>,
) -> Result<HttpResponse, ApiError> {
    let WantedNotifications(filter) = query.filter;
    let found = api.notifications.list.execute(&caller.actor, filter, query.window()).await?;
    let NotificationList { notifications: found, unread } = found;
    let pagination = query.pagination(&found);
    let notifications = found.rows.into_iter().map(NotificationRow::from).collect();
    Ok(ok(NotificationsData { notifications, unread_count: unread, pagination }))
}
