//! What one has read.

use actix_web::{HttpResponse, patch, post, web};
use domain::ids::NotificationId;
use ports::idempotency::StoredAnswer;
use usecases::error::UseCaseError;

use super::wire::{AllReadData, ReadData};
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, stored_ok};
use crate::error::ApiError;
use crate::extract::{Caller, IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};

/// Mark a notification as read
///
/// One's own; again changes nothing.
#[utoipa::path(
    tag = "notifications",
    operation_id = "markNotificationRead",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The notification",
        example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31"), IdempotencyHeader),
    responses((status = 200, description = "It is read.", body = Envelope<ReadData>,
        example = json!({"status": "success", "data": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31", "is_read": true}})))
)]
#[patch("/notifications/{id}/read")]
pub(super) async fn read(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<NotificationId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown_as_read);
    let id = id.get()?;
    let mark_read = api.notifications.mark_read.clone();
    commands::run_once(&api, once, |once| async move { mark_read.execute(&caller.actor, id, &once).await })
        .await
}

fn shown_as_read(id: &NotificationId) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(ReadData { id: id.uuid(), is_read: true })
}

fn shown(count: &u64) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(AllReadData { message: "All notifications marked as read", count: *count })
}

/// Mark all notifications as read
///
/// All of one's own that there are at that moment.
#[utoipa::path(
    tag = "notifications",
    operation_id = "markAllNotificationsRead",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    responses((status = 200, description = "They are read.", body = Envelope<AllReadData>,
        example = json!({"status": "success", "data": {
            "message": "All notifications marked as read", "count": 5}})))
)]
#[post("/notifications/mark-all-read")]
pub(super) async fn read_all(
    caller: Caller,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let mark_all_read = api.notifications.mark_all_read.clone();
    commands::run_once(&api, once, |once| async move { mark_all_read.execute(&caller.actor, &once).await })
        .await
}
