//! Paying for an order.

use actix_web::{HttpResponse, post, web};
use domain::ids::OrderId;
use serde_json::json;

use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, payment_required, started_order, success};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::orders::{Client, OrderData};
use crate::wire::OrderName;

/// Pay for an order
///
/// For the client of a pending order: price and fee go from the wallet into escrow, and the work can
/// begin.
#[utoipa::path(
    tag = "orders",
    operation_id = "fundOrder",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": started_order()})))),
        (status = 402, description = "The wallet is short: pay in `details.required` less `details.available`, \
            then ask again.", body = ErrorBody, example = json!(payment_required())),
        (status = 403, description = "Only clients pay."),
        (status = 409, description = "The order is not pending.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "active"}))))
    )
)]
#[post("/orders/{order_id}/fund")]
pub(super) async fn fund(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let id = id.get()?;
    let fund = api.contracts.fund.clone();
    commands::run_once(&api, once, |once| async move { fund.execute(&caller.actor, id, &once).await }).await
}
