//! Paying in.

use actix_web::{HttpResponse, post, web};
use domain::money::{MARKET_CURRENCY, Money, Outside};
use serde::Deserialize;
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use validator::Validate;

use super::caller::WalletOwner;
use super::rules;
use super::wire::DepositData;
use super::words::DepositMethodWord;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, stored_created};
use crate::error::ApiError;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::wire::{GivenAmount, present, to_be_moved};

/// How much to pay in, and through whom.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct DepositRequest {
    /// How much.
    #[validate(custom(function = "to_be_moved"))]
    amount: GivenAmount,
    /// Through whom; the sandbox, if nobody is named.
    #[serde(default, deserialize_with = "present")]
    #[validate(custom(function = "rules::deposit_method"))]
    #[schema(value_type = Option<DepositMethodWord>, nullable = false, default = "sandbox")]
    method: Option<String>,
}

impl DepositRequest {
    fn into_parts(self) -> Result<(Money, Outside), ApiError> {
        let Self { amount, method } = self;
        let amount = amount
            .to_be_moved(MARKET_CURRENCY)
            .map_err(|error| UseCaseError::field("amount", error.to_string()))?;
        let method = method
            .map_or(Ok(Outside::Sandbox), |method| rules::parse_deposit_method(&method))
            .map_err(|error| UseCaseError::field("method", error))?;
        Ok((amount, method))
    }
}

/// Pay into one's wallet
///
/// With the sandbox the money is there at once. In production the sandbox is not available.
#[utoipa::path(
    tag = "payments",
    operation_id = "createDeposit",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = DepositRequest,
    responses(
        (status = 201, description = "The deposit, and the balance after it.", body = Envelope<DepositData>,
        example = json!({"status": "success", "data": {
            "deposit": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e14", "amount": 250.00, "method": "sandbox",
                "status": "completed", "created_at": "2024-01-15T14:30:00Z"},
            "balance": {"available": 1495.50, "debt": 0.00, "pending": 380.00, "clearing": 80.00, "in_escrow": 0.00,
                "total_earned": 12450.00,
                "total_withdrawn": 11204.50, "currency": "USD"}}})),
        (status = 403, description = "Administrators have no wallet."),
        (status = 422, description = "This way of paying is not available here.", body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNPROCESSABLE_ENTITY",
            "message": "This way of paying is not available here",
            "details": {"reason": "payment_method_unavailable"}}}))
    )
)]
#[post("/payments/deposits")]
pub(super) async fn open(
    caller: WalletOwner,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<DepositRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |deposited| stored_created(DepositData::from(deposited)));
    let (amount, method) = body.into_inner().into_parts()?;
    let open_deposit = api.money.open_deposit.clone();
    commands::run_once(&api, once, |once| async move {
        open_deposit.execute(&caller.actor, amount, method, &once).await
    })
    .await
}
