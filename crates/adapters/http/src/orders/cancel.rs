//! Calling an order off.

use actix_web::{HttpResponse, post, web};
use domain::ids::OrderId;
use serde_json::json;

use super::caller::Client;
use super::wire::OrderData;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, open_order, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::wire::OrderName;

/// Call an order off
///
/// For its client, as long as nobody has paid for it. All bids on it are declined, an accepted one too.
#[utoipa::path(
    tag = "orders",
    operation_id = "cancelOrder",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": with(open_order(), json!({"status": "cancelled",
            "cancelled_at": "2024-01-09T08:00:00Z", "updated_at": "2024-01-09T08:00:00Z"}))})))),
        (status = 403, description = "Only clients call orders off."),
        (status = 409, description = "The order is neither open nor pending.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "active"}))))
    )
)]
#[post("/orders/{order_id}/cancel")]
pub(super) async fn cancel(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let id = id.get()?;
    let cancel = api.orders.cancel.clone();
    commands::run_once(&api, once, |once| async move { cancel.execute(&caller.actor, id, &once).await }).await
}
