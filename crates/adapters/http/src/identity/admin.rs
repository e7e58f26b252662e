//! An administrator shuts somebody out, and lets them in again.

use actix_web::{HttpResponse, post, web};
use domain::identity::BlockReason;
use domain::ids::UserId;
use serde::Deserialize;
use usecases::error::UseCaseError;
use usecases::identity::Blocked;
use utoipa::ToSchema;
use validator::Validate;

use super::rules;
use super::wire::AdminAccountData;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{AdminCaller, IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};

/// Why an account is to be blocked.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockRequest {
    /// For the record; not shown to the account's owner.
    #[validate(custom(function = "rules::block_reason"))]
    #[schema(min_length = 1, max_length = 2000, example = "Repeated spam")]
    reason: String,
}

/// Block an account
///
/// For administrators. All logins of the account end: here at once, on every other server within a
/// second. Open orders of the account and those that wait for payment are called off a moment later, and
/// its bids are taken back; work that is paid for goes on. Unblocking brings nothing of it back. Blocking
/// an account that is not active, or one's own, is 409.
#[utoipa::path(
    tag = "admin",
    operation_id = "blockUser",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account"), IdempotencyHeader),
    request_body = BlockRequest,
    responses(
        (status = 200, description = "The account as it is now.", body = Envelope<AdminAccountData>,
        example = json!({"status": "success", "data": {"user": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com",
            "full_name": "John Doe", "role": "writer", "phone": null,
            "created_at": "2024-01-15T10:30:00Z", "updated_at": "2024-01-16T08:00:00Z",
            "state": "blocked", "blocked_reason": "Repeated spam", "state_since": "2024-01-16T08:00:00Z"}}})),
        (status = 409, description = "The account is not active, or one's own.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "an account that is blocked cannot be blocked",
            "details": {"reason": "invalid_transition", "state": "blocked"}}}))
    )
)]
#[post("/admin/users/{id}/block")]
pub(super) async fn block(
    caller: AdminCaller,
    api: web::Data<Api>,
    id: PathId<UserId>,
    key: IdempotencyKey,
    body: JsonBody<BlockRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |Blocked { user, .. }| stored_ok(AdminAccountData::from(user)));
    let reason = BlockReason::parse(&body.into_inner().reason)
        .map_err(|error| UseCaseError::field("reason", error.to_string()))?;
    let id = id.get()?;
    let block_user = api.use_cases.block_user.clone();
    commands::run_once(&api, once, |once| async move {
        block_user.execute(&caller.actor, id, &reason, &once).await
    })
    .await
}

/// Unblock an account
///
/// For administrators. Its owner can log in again; logins that were ended stay ended.
#[utoipa::path(
    tag = "admin",
    operation_id = "unblockUser",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The account"), IdempotencyHeader),
    responses(
        (status = 200, description = "The account as it is now.", body = Envelope<AdminAccountData>,
        example = json!({"status": "success", "data": {"user": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com",
            "full_name": "John Doe", "role": "writer", "phone": null,
            "created_at": "2024-01-15T10:30:00Z", "updated_at": "2024-01-17T09:00:00Z",
            "state": "active", "blocked_reason": null, "state_since": null}}})),
        (status = 409, description = "The account is not blocked.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "an account that is active cannot be unblocked",
            "details": {"reason": "invalid_transition", "state": "active"}}}))
    )
)]
#[post("/admin/users/{id}/unblock")]
pub(super) async fn unblock(
    caller: AdminCaller,
    api: web::Data<Api>,
    id: PathId<UserId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |user| stored_ok(AdminAccountData::from(user)));
    let id = id.get()?;
    let unblock_user = api.use_cases.unblock_user.clone();
    commands::run_once(&api, once, |once| async move { unblock_user.execute(&caller.actor, id, &once).await })
        .await
}
