//! Payments that their payers' banks took back, as administrators say.

use actix_web::{HttpResponse, get, post, web};
use domain::ids::{ChargebackId, DepositId};
use domain::money::{ChargebackReason, ChargebackState};
use ports::idempotency::StoredAnswer;
use ports::money::ChargebackView;
use serde::Deserialize;
use serde_json::{Value, json};
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use validator::Validate;

use super::caller::ChargebackAdmin;
use super::chargeback_wire::{ChargebackData, ChargebackRow, ChargebacksData};
use super::rules;
use super::words::ChargebackFilterWord;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, success, with};
use crate::envelope::{Envelope, ok, stored_created, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    ALL, Filter, IdempotencyHeader, IdempotencyKey, JsonBody, ListParameters, ListQuery, NoFields, PathId,
    Query,
};
use crate::wire::GivenId;

/// Which chargebacks are wanted.
#[derive(Debug)]
pub(super) struct WantedChargebacks(Option<ChargebackState>);

impl Filter for WantedChargebacks {
    const LIST: &'static str = "chargebacks";

    fn read(query: &mut Query) -> Self {
        Self(rules::chargeback_state(query))
    }

    fn canonical(&self) -> String {
        self.0.map_or(ALL, ChargebackState::as_str).to_owned()
    }
}

/// The example of this page.
fn example() -> Value {
    json!({
        "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31", "deposit_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21",
        "amount": 500.00, "reason": "Reported as fraudulent", "state": "received", "refunded": 310.00,
        "taken": {"available": 420.00, "debt": 80.00, "losses": 0.00},
        "received_at": "2024-01-20T10:00:00Z", "decided_at": null,
        "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"}})
}

/// See the payments that were taken back
///
/// For administrators. Newest first.
#[utoipa::path(
    tag = "admin",
    operation_id = "listChargebacks",
    security(("bearer" = [])),
    params(
        ("state" = inline(Option<ChargebackFilterWord>), Query, nullable = false, example = "received",
            description = "`all` (default), `received`, `won` or `lost`."),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<ChargebacksData>,
        example = json!(success(&json!({"chargebacks": [example()],
            "pagination": {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": false,
                "has_prev": false, "next_cursor": null}})))))
)]
#[get("/admin/chargebacks")]
pub(super) async fn list(
    caller: ChargebackAdmin,
    api: web::Data<Api>,
    query: ListQuery<WantedChargebacks>,
) -> Result<HttpResponse, ApiError> {
    let WantedChargebacks(state) = query.filter;
    let found = api.money.list_chargebacks.execute(&caller.actor, state, query.window()).await?;
    let pagination = query.pagination(&found);
    let chargebacks = found.rows.iter().map(ChargebackRow::from).collect();
    Ok(ok(ChargebacksData { chargebacks, pagination }))
}

/// Which payment was taken back, and why.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct ChargebackRequest {
    /// The deposit.
    #[schema(value_type = Uuid, example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21")]
    deposit_id: GivenId,
    /// As far as the bank said.
    #[validate(custom(function = "rules::chargeback_reason"))]
    #[schema(min_length = 1, max_length = 2000, example = "Reported as fraudulent")]
    reason: String,
}

/// How the answer of a new one looks.
fn created(chargeback: &ChargebackView) -> Result<StoredAnswer, UseCaseError> {
    stored_created(ChargebackData::from(chargeback))
}

/// How every other answer of a command here looks.
fn shown(chargeback: &ChargebackView) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(ChargebackData::from(chargeback))
}

/// Note that a payment was taken back
///
/// For administrators: the payer's bank has taken the whole deposit back. The payer's unfinished milestones
/// that are not in dispute are refunded, the newest contract first, until enough has come back; then what
/// they have paid for and rests with providers is returned, as much as is missing; then the amount leaves the
/// payer's wallet. What it does not cover they owe, up to `DEBT_LIMIT` in all, and the rest the platform
/// loses. A debt is paid from whatever comes into the wallet; until then its owner can withdraw nothing.
/// Everybody concerned is told.
#[utoipa::path(
    tag = "admin",
    operation_id = "receiveChargeback",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = ChargebackRequest,
    responses(
        (status = 201, description = "The chargeback.", body = Envelope<ChargebackData>,
        example = json!(success(&json!({"chargeback": example()})))),
        (status = 404, description = "There is no such deposit."),
        (status = 409, description = "The deposit was taken back before (`already_charged_back`), or its money \
            never came.", body = ErrorBody,
        example = json!(conflict("this deposit has been charged back already",
            &json!({"reason": "already_charged_back", "state": "received"}))))
    )
)]
#[post("/admin/chargebacks")]
pub(super) async fn receive(
    caller: ChargebackAdmin,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<ChargebackRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, created);
    let ChargebackRequest { deposit_id, reason } = body.into_inner();
    let deposit_id = DepositId::new(deposit_id.0);
    let reason =
        ChargebackReason::parse(&reason).map_err(|error| UseCaseError::field("reason", error.to_string()))?;
    let receive_chargeback = api.money.receive_chargeback.clone();
    commands::run_once(&api, once, |once| async move {
        receive_chargeback.execute(&caller.actor, deposit_id, reason, &once).await
    })
    .await
}

/// Note that a chargeback was won
///
/// For administrators: the bank has decided for the platform, and what was taken comes back: what the
/// platform lost to the platform, the rest to what the payer owes, and then to their wallet. Milestones
/// that were refunded stay refunded.
#[utoipa::path(
    tag = "admin",
    operation_id = "winChargeback",
    security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The chargeback",
        example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31"), IdempotencyHeader),
    responses(
        (status = 200, description = "The chargeback as it is now.", body = Envelope<ChargebackData>,
        example = json!(success(&json!({"chargeback": with(example(),
            json!({"state": "won", "decided_at": "2024-02-01T10:00:00Z"}))})))),
        (status = 409, description = "It is decided already.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "lost"}))))
    )
)]
#[post("/admin/chargebacks/{id}/win")]
pub(super) async fn win(
    caller: ChargebackAdmin,
    api: web::Data<Api>,
    id: PathId<ChargebackId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let win_chargeback = api.money.win_chargeback.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { win_chargeback.execute(&caller.actor, id, &once).await },
    )
    .await
}

/// Note that a chargeback was lost
///
/// For administrators: the bank has decided for the payer, and everything stays as it is.
#[utoipa::path(
    tag = "admin",
    operation_id = "loseChargeback",
    security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The chargeback",
        example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31"), IdempotencyHeader),
    responses(
        (status = 200, description = "The chargeback as it is now.", body = Envelope<ChargebackData>,
        example = json!(success(&json!({"chargeback": with(example(),
            json!({"state": "lost", "decided_at": "2024-02-01T10:00:00Z"}))})))),
        (status = 409, description = "It is decided already.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "won"}))))
    )
)]
#[post("/admin/chargebacks/{id}/lose")]
pub(super) async fn lose(
    caller: ChargebackAdmin,
    api: web::Data<Api>,
    id: PathId<ChargebackId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let lose_chargeback = api.money.lose_chargeback.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { lose_chargeback.execute(&caller.actor, id, &once).await },
    )
    .await
}
