//! Giving a provider more than the price.

use actix_web::{HttpResponse, post, web};
use domain::contracts::{BonusMessage, MilestoneState};
use domain::ids::OrderId;
use domain::money::{MARKET_CURRENCY, Money};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::Api;
use crate::commands;
use crate::document::examples::{active_order, bonus, conflict, payment_required, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::{Client, OrderData, optional};
use crate::wire::{GivenAmount, OrderName};

/// What is given.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 25.00, "message": "Thank you for the quick turnaround!"}))]
pub(super) struct GiveBonusRequest {
    /// How much; the provider's fee comes off it.
    amount: GivenAmount,
    /// A word with it.
    #[schema(max_length = 1_000)]
    message: Option<String>,
}

impl GiveBonusRequest {
    fn read(&self) -> Result<(Money, Option<BonusMessage>), ValidationErrors> {
        let Self { amount, message } = self;
        let mut fields = Fields::default();
        let amount = fields.take("amount", amount.to_be_moved(MARKET_CURRENCY));
        let message = fields.take("message", optional(message.as_ref(), BonusMessage::parse));
        fields.finish(|| Some((amount?, message?)))
    }
}

/// Give a bonus
///
/// For the client of an order whose work is on or done: the amount goes from their wallet to the provider's
/// at once, less the provider's fee on it. Price and milestones stay as they are; both sides see it with
/// the order.
#[utoipa::path(
    tag = "orders",
    operation_id = "giveBonus",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    request_body = GiveBonusRequest,
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": with(active_order(MilestoneState::Submitted),
            json!({"bonuses": [bonus()]}))})))),
        (status = 402, description = "The wallet is short: pay in `details.required` less `details.available`, \
            then ask again.", body = ErrorBody, example = json!(payment_required())),
        (status = 403, description = "Only clients give."),
        (status = 409, description = "The order is not paid for, or was called off; or the provider's account is closed \
            or blocked (`provider_unavailable`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "pending_funding"}))))
    )
)]
#[post("/orders/{order_id}/bonus")]
pub(super) async fn give(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<GiveBonusRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let given = body.read(GiveBonusRequest::read)?;
    let id = id.get()?;
    let give = api.contracts.give_bonus.clone();
    commands::run_once(&api, once, |once| async move { give.execute(&caller.actor, id, given, &once).await })
        .await
}
