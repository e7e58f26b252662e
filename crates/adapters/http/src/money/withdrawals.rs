//! Taking money out.

use actix_web::{HttpResponse, get, post, web};
use domain::ids::WithdrawalId;
use domain::money::WithdrawalStatus;
use domain::money::policy::administer_withdrawals;

use super::caller::WalletOwner;
use super::rules;
use super::wire::{RequestedWithdrawalData, WithdrawalData, WithdrawalRow, WithdrawalsData};
use super::withdrawal_request::WithdrawalRequest;
use super::withdrawal_shapes::WithdrawalShape;
use super::words::WithdrawalFilterWord;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, ok, stored_created, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    ALL, Caller, Filter, IdempotencyHeader, IdempotencyKey, JsonBody, ListParameters, ListQuery, NoFields,
    PathId, Query,
};
use crate::wire::WithdrawalName;

/// Ask for one's money
///
/// The money is set aside at once: it is not available any more, and counts as withdrawn, unless the
/// withdrawal is cancelled or rejected, or fails. The account's details are kept encrypted and shown
/// masked. Saturdays and Sundays do not count for `estimated_completion`.
#[utoipa::path(
    tag = "payments",
    operation_id = "requestWithdrawal",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = WithdrawalShape,
    responses(
        (status = 201, description = "The request is there.", body = Envelope<RequestedWithdrawalData>,
        example = json!({"status": "success", "data": {
            "withdrawal": {"id": "WD-043", "amount": 500.00, "status": "pending", "state": "pending",
                "method": "bank_transfer", "account_details": {"account_number": "****7890",
                    "bank_name": "Example Bank", "account_holder": "J*** D***"},
                "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
                "sent_at": null, "completed_at": null, "rejection_reason": null, "failure_reason": null},
            "message": "Withdrawal request submitted successfully"}})),
        (status = 403, description = "Administrators have no wallet."),
        (status = 409, description = "Something is owed after a chargeback; it is paid from what comes in.",
        body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "80.00 is owed after a chargeback, and is paid first",
            "details": {"reason": "debt_outstanding", "state": "in_debt"}}})),
        (status = 422, description = "More than is available.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNPROCESSABLE_ENTITY",
            "message": "245.50 is available, which is less than 500.00",
            "details": {"reason": "insufficient_funds"}}}))
    )
)]
#[post("/withdrawals")]
pub(super) async fn request(
    caller: WalletOwner,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<WithdrawalRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |view| stored_created(RequestedWithdrawalData::from(view)));
    let (amount, account) = body.into_inner().into_parts()?;
    let request_withdrawal = api.money.request_withdrawal.clone();
    commands::run_once(&api, once, |once| async move {
        request_withdrawal.execute(&caller.actor, amount, account, &once).await
    })
    .await
}

/// Which of one's withdrawals are wanted.
#[derive(Debug)]
pub(super) struct OwnWithdrawals(Option<WithdrawalStatus>);

impl Filter for OwnWithdrawals {
    const LIST: &'static str = "withdrawals";

    fn read(query: &mut Query) -> Self {
        Self(rules::status(query))
    }

    fn canonical(&self) -> String {
        self.0.map_or(ALL, WithdrawalStatus::as_str).to_owned()
    }
}

/// See one's withdrawals
///
/// Newest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listWithdrawals",
    security(("bearer" = [])),
    params(
        ("status" = inline(Option<WithdrawalFilterWord>), Query, nullable = false, example = "pending",
            description = "`all` (default), `pending`, `completed`, `rejected`, `cancelled` or `failed`."),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<WithdrawalsData>,
        example = json!({"status": "success", "data": {
            "withdrawals": [{"id": "WD-043", "amount": 500.00, "status": "pending", "state": "approved",
                "method": "bank_transfer", "account_details": {"account_number": "****7890",
                    "bank_name": "Example Bank", "account_holder": "J*** D***"},
                "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
                "sent_at": null, "completed_at": null, "rejection_reason": null, "failure_reason": null}],
            "pagination": {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": false,
                "has_prev": false, "next_cursor": null}}})),
        (status = 403, description = "Administrators have no wallet: they see all under `/admin/withdrawals`.")
    )
)]
#[get("/withdrawals")]
pub(super) async fn list(
    caller: WalletOwner,
    api: web::Data<Api>,
    query: ListQuery<OwnWithdrawals>,
) -> Result<HttpResponse, ApiError> {
    let OwnWithdrawals(status) = query.filter;
    let found = api.money.list_withdrawals.execute(&caller.actor, status, query.window()).await?;
    let pagination = query.pagination(&found);
    let withdrawals = found.rows.iter().map(WithdrawalRow::for_owner).collect();
    Ok(ok(WithdrawalsData { withdrawals, pagination }))
}

/// See a withdrawal
///
/// For its owner, and for administrators, who see whose it is.
#[utoipa::path(
    tag = "payments",
    operation_id = "getWithdrawal",
    security(("bearer" = [])),
    params(("id" = inline(WithdrawalName), Path, description = "The withdrawal", example = "WD-043")),
    responses((status = 200, description = "The withdrawal.", body = Envelope<WithdrawalData>,
        example = json!({"status": "success", "data": {"withdrawal": {
            "id": "WD-043", "amount": 500.00, "status": "completed", "state": "paid",
            "method": "bank_transfer", "account_details": {"account_number": "****7890",
                "bank_name": "Example Bank", "account_holder": "J*** D***"},
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
            "sent_at": null, "completed_at": "2024-01-16T11:00:00Z", "rejection_reason": null, "failure_reason": null}}})))
)]
#[get("/withdrawals/{id}")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<WithdrawalId>,
) -> Result<HttpResponse, ApiError> {
    let withdrawal = api.money.view_withdrawal.execute(&caller.actor, id.get()?).await?;
    Ok(ok(match administer_withdrawals(&caller.actor) {
        Ok(()) => WithdrawalData::for_admin(&withdrawal),
        Err(_) => WithdrawalData::for_owner(&withdrawal),
    }))
}

/// Call a withdrawal back
///
/// As long as no administrator has agreed to it; the money is available again.
#[utoipa::path(
    tag = "payments",
    operation_id = "cancelWithdrawal",
    security(("bearer" = [])),
    params(("id" = inline(WithdrawalName), Path, description = "The withdrawal", example = "WD-043"), IdempotencyHeader),
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Envelope<WithdrawalData>,
        example = json!({"status": "success", "data": {"withdrawal": {
            "id": "WD-043", "amount": 500.00, "status": "cancelled", "state": "cancelled",
            "method": "bank_transfer", "account_details": {"account_number": "****7890",
                "bank_name": "Example Bank", "account_holder": "J*** D***"},
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
            "sent_at": null, "completed_at": null, "rejection_reason": null, "failure_reason": null}}})),
        (status = 403, description = "Administrators have no wallet; they reject."),
        (status = 409, description = "The withdrawal is not pending any more.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "approved"}}}))
    )
)]
#[post("/withdrawals/{id}/cancel")]
pub(super) async fn cancel(
    caller: WalletOwner,
    api: web::Data<Api>,
    id: PathId<WithdrawalId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |view| stored_ok(WithdrawalData::for_owner(view)));
    let id = id.get()?;
    let cancel_withdrawal = api.money.cancel_withdrawal.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { cancel_withdrawal.execute(&caller.actor, id, &once).await },
    )
    .await
}
