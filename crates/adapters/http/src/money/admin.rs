//! An administrator answers withdrawals.

use actix_web::{HttpResponse, get, post, web};
use domain::ids::WithdrawalId;
use domain::money::{FailureReason, RejectionReason, WithdrawalStatus};
use ports::idempotency::StoredAnswer;
use ports::money::WithdrawalView;
use serde::Deserialize;
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use validator::Validate;

use super::caller::WithdrawalAdmin;
use super::rules;
use super::wire::{WithdrawalData, WithdrawalRow, WithdrawalsData};
use super::words::WithdrawalFilterWord;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, ok, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    ALL, Filter, IdempotencyHeader, IdempotencyKey, JsonBody, ListParameters, ListQuery, NoFields, PathId,
    Query,
};
use crate::wire::WithdrawalName;

/// Which of all withdrawals are wanted.
#[derive(Debug)]
pub(super) struct AllWithdrawals(Option<WithdrawalStatus>);

impl Filter for AllWithdrawals {
    const LIST: &'static str = "all-withdrawals";

    fn read(query: &mut Query) -> Self {
        Self(rules::status(query))
    }

    fn canonical(&self) -> String {
        self.0.map_or(ALL, WithdrawalStatus::as_str).to_owned()
    }
}

/// See everybody's withdrawals
///
/// For administrators. Newest first.
#[utoipa::path(
    tag = "admin",
    operation_id = "listAllWithdrawals",
    security(("bearer" = [])),
    params(
        ("status" = inline(Option<WithdrawalFilterWord>), Query, nullable = false, example = "pending",
            description = "`all` (default), `pending`, `completed`, `rejected`, `cancelled` or `failed`."),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<WithdrawalsData>,
        example = json!({"status": "success", "data": {
            "withdrawals": [{
                "id": "WD-043", "amount": 500.00, "status": "pending", "state": "approved",
                "method": "bank_transfer", "account_details": {"account_number": "****7890",
                    "bank_name": "Example Bank", "account_holder": "J*** D***"},
                "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
                "sent_at": null, "completed_at": null, "rejection_reason": null, "failure_reason": null,
                "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"}}],
            "pagination": {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": false,
                "has_prev": false, "next_cursor": null}}})))
)]
#[get("/admin/withdrawals")]
pub(super) async fn list(
    caller: WithdrawalAdmin,
    api: web::Data<Api>,
    query: ListQuery<AllWithdrawals>,
) -> Result<HttpResponse, ApiError> {
    let AllWithdrawals(status) = query.filter;
    let found = api.money.list_all_withdrawals.execute(&caller.actor, status, query.window()).await?;
    let pagination = query.pagination(&found);
    let withdrawals = found.rows.iter().map(WithdrawalRow::for_admin).collect();
    Ok(ok(WithdrawalsData { withdrawals, pagination }))
}

/// How every answer of a command here looks.
fn shown(withdrawal: &WithdrawalView) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(WithdrawalData::for_admin(withdrawal))
}

/// Agree to a withdrawal
///
/// For administrators. It is to be paid, and its owner cannot call it back any more. Above the limit that
/// is set (`FOUR_EYES_LIMIT`) it takes two different administrators: after the first one its `state` is
/// `countersign`, and the same one again is answered with 409 `second_administrator_required`.
#[utoipa::path(
    tag = "admin",
    operation_id = "approveWithdrawal",
    security(("bearer" = [])),
    params(("id" = inline(WithdrawalName), Path, description = "The withdrawal", example = "WD-043"), IdempotencyHeader),
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Envelope<WithdrawalData>,
        example = json!({"status": "success", "data": {"withdrawal": {
            "id": "WD-043", "amount": 500.00, "status": "pending", "state": "approved",
            "method": "bank_transfer", "account_details": {"account_number": "****7890",
                "bank_name": "Example Bank", "account_holder": "J*** D***"},
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
            "sent_at": null, "completed_at": null, "rejection_reason": null, "failure_reason": null,
            "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"}}}})),
        (status = 409, description = "The withdrawal does not wait for an administrator, or not for this one.",
        body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "a second administrator has to approve this withdrawal",
            "details": {"reason": "second_administrator_required", "state": "countersign"}}}))
    )
)]
#[post("/admin/withdrawals/{id}/approve")]
pub(super) async fn approve(
    caller: WithdrawalAdmin,
    api: web::Data<Api>,
    id: PathId<WithdrawalId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let approve_withdrawal = api.money.approve_withdrawal.clone();
    commands::run_once(&api, once, |once| async move {
        approve_withdrawal.execute(&caller.actor, id, &once).await
    })
    .await
}

/// Note that a withdrawal has been paid
///
/// For administrators: of what they have paid themselves, and of what needs a review because the payment
/// provider did not say what became of it. The money leaves the books; this cannot be undone.
#[utoipa::path(
    tag = "admin",
    operation_id = "markWithdrawalPaid",
    security(("bearer" = [])),
    params(("id" = inline(WithdrawalName), Path, description = "The withdrawal", example = "WD-043"), IdempotencyHeader),
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Envelope<WithdrawalData>,
        example = json!({"status": "success", "data": {"withdrawal": {
            "id": "WD-043", "amount": 500.00, "status": "completed", "state": "paid",
            "method": "bank_transfer", "account_details": {"account_number": "****7890",
                "bank_name": "Example Bank", "account_holder": "J*** D***"},
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
            "sent_at": null, "completed_at": "2024-01-16T11:00:00Z", "rejection_reason": null, "failure_reason": null,
            "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"}}}})),
        (status = 409, description = "The withdrawal has not been approved, is with the payment provider, or is over.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "pending"}}}))
    )
)]
#[post("/admin/withdrawals/{id}/mark-paid")]
pub(super) async fn mark_paid(
    caller: WithdrawalAdmin,
    api: web::Data<Api>,
    id: PathId<WithdrawalId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let mark_withdrawal_paid = api.money.mark_withdrawal_paid.clone();
    commands::run_once(&api, once, |once| async move {
        mark_withdrawal_paid.execute(&caller.actor, id, &once).await
    })
    .await
}

/// Why a withdrawal did not arrive.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct MarkFailedRequest {
    /// Its owner reads it.
    #[validate(custom(function = "rules::failure_reason"))]
    #[schema(min_length = 1, max_length = 2000, example = "The bank knows no such account")]
    reason: String,
}

/// Note that a withdrawal has not arrived
///
/// For administrators, when it needs a review: the payment provider did not say within an hour what became
/// of it, and its own records show that nothing was paid. The money is available to its owner again; this
/// cannot be undone.
#[utoipa::path(
    tag = "admin",
    operation_id = "markWithdrawalFailed",
    security(("bearer" = [])),
    params(("id" = inline(WithdrawalName), Path, description = "The withdrawal", example = "WD-043"), IdempotencyHeader),
    request_body = MarkFailedRequest,
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Envelope<WithdrawalData>,
        example = json!({"status": "success", "data": {"withdrawal": {
            "id": "WD-043", "amount": 500.00, "status": "failed", "state": "failed",
            "method": "bank_transfer", "account_details": {"account_number": "****7890",
                "bank_name": "Example Bank", "account_holder": "J*** D***"},
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
            "sent_at": "2024-01-16T11:00:00Z", "completed_at": null, "rejection_reason": null,
            "failure_reason": "The bank knows no such account",
            "approved_by": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e12"],
            "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"}}}})),
        (status = 409, description = "The withdrawal does not need a review.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "sent"}}}))
    )
)]
#[post("/admin/withdrawals/{id}/mark-failed")]
pub(super) async fn mark_failed(
    caller: WithdrawalAdmin,
    api: web::Data<Api>,
    id: PathId<WithdrawalId>,
    key: IdempotencyKey,
    body: JsonBody<MarkFailedRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let reason = FailureReason::parse(&body.into_inner().reason)
        .map_err(|error| UseCaseError::field("reason", error.to_string()))?;
    let id = id.get()?;
    let mark_withdrawal_failed = api.money.mark_withdrawal_failed.clone();
    commands::run_once(&api, once, |once| async move {
        mark_withdrawal_failed.execute(&caller.actor, id, reason, &once).await
    })
    .await
}

/// Why a withdrawal is refused.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectRequest {
    /// Its owner reads it.
    #[validate(custom(function = "rules::rejection_reason"))]
    #[schema(min_length = 1, max_length = 2000, example = "The account is in another name")]
    reason: String,
}

/// Refuse a withdrawal
///
/// For administrators, as long as it is neither with a payment provider nor over. The money is available to its owner again.
#[utoipa::path(
    tag = "admin",
    operation_id = "rejectWithdrawal",
    security(("bearer" = [])),
    params(("id" = inline(WithdrawalName), Path, description = "The withdrawal", example = "WD-043"), IdempotencyHeader),
    request_body = RejectRequest,
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Envelope<WithdrawalData>,
        example = json!({"status": "success", "data": {"withdrawal": {
            "id": "WD-043", "amount": 500.00, "status": "rejected", "state": "rejected",
            "method": "bank_transfer", "account_details": {"account_number": "****7890",
                "bank_name": "Example Bank", "account_holder": "J*** D***"},
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
            "sent_at": null, "completed_at": null, "rejection_reason": "The account is in another name", "failure_reason": null,
            "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"}}}})),
        (status = 409, description = "The withdrawal is with a payment provider, or over.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "paid"}}}))
    )
)]
#[post("/admin/withdrawals/{id}/reject")]
pub(super) async fn reject(
    caller: WithdrawalAdmin,
    api: web::Data<Api>,
    id: PathId<WithdrawalId>,
    key: IdempotencyKey,
    body: JsonBody<RejectRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let reason = RejectionReason::parse(&body.into_inner().reason)
        .map_err(|error| UseCaseError::field("reason", error.to_string()))?;
    let id = id.get()?;
    let reject_withdrawal = api.money.reject_withdrawal.clone();
    commands::run_once(&api, once, |once| async move {
        reject_withdrawal.execute(&caller.actor, id, reason, &once).await
    })
    .await
}
