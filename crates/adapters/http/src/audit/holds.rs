//! An administrator lets somebody be paid again.

use actix_web::{HttpResponse, post, web};
use domain::audit::{LiftReason, PayoutHold};
use domain::ids::UserId;
use ports::idempotency::StoredAnswer;
use serde::Deserialize;
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::Auditor;
use super::wire::HoldData;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId, verdict};

/// What an administrator found out.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftRequest {
    /// For the record; not shown to whom it is about.
    #[validate(custom(function = "lift_reason"))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "A row was restored by hand; the books agree again"
    )]
    reason: String,
}

fn lift_reason(raw: &str) -> Result<(), ValidationError> {
    verdict(LiftReason::parse(raw))
}

fn shown(hold: &PayoutHold) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(HoldData::from(hold))
}

/// Let somebody be paid again
///
/// For administrators, after they have looked. Withdrawals of the person can be approved, sent and paid
/// again. When the next check finds rows of theirs that disagree, they are stopped anew.
#[utoipa::path(
    tag = "admin",
    operation_id = "liftPayoutHold",
    security(("bearer" = [])),
    params(("user_id" = uuid::Uuid, Path, description = "The person"), IdempotencyHeader),
    request_body = LiftRequest,
    responses(
        (status = 200, description = "The hold as it is now.", body = Envelope<HoldData>,
        example = json!({"status": "success", "data": {"payout_hold": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e42", "user_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11",
            "state": "lifted", "check_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e41",
            "placed_at": "2026-11-21T03:00:04Z", "lifted_at": "2026-11-21T09:00:00Z",
            "lifted_by": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e99",
            "reason": "A row was restored by hand; the books agree again"}}})),
        (status = 409, description = "It was lifted before.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "lifted"}}}))
    )
)]
#[post("/admin/payout-holds/{user_id}/lift")]
pub(super) async fn lift(
    caller: Auditor,
    api: web::Data<Api>,
    user_id: PathId<UserId>,
    key: IdempotencyKey,
    body: JsonBody<LiftRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let reason = LiftReason::parse(&body.into_inner().reason)
        .map_err(|error| UseCaseError::field("reason", error.to_string()))?;
    let user_id = user_id.get()?;
    let lift_hold = api.audit.lift_hold.clone();
    commands::run_once(&api, once, |once| async move {
        lift_hold.execute(&caller.actor, user_id, reason, &once).await
    })
    .await
}
