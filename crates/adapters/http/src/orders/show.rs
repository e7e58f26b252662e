//! One order.

use actix_web::{HttpResponse, get, web};
use domain::ids::OrderId;
use serde_json::json;

use super::wire::OrderData;
use crate::Api;
use crate::document::examples::{order, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, PathId, Version};
use crate::wire::OrderName;

/// See an order
///
/// An open order is shown to every provider; an awarded one only to its client, to the provider who
/// holds it, and to administrators.
#[utoipa::path(
    tag = "orders",
    operation_id = "getOrder",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001")),
    responses((status = 200, description = "The order.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": order()})))))
)]
#[get("/orders/{order_id}")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<OrderId>,
) -> Result<HttpResponse, ApiError> {
    let detail = api.orders.view.execute(&caller.actor, id.get()?).await?;
    let (name, value) = detail.version.header()?;
    let mut answer = ok(OrderData::from(&detail));
    answer.headers_mut().insert(name, value);
    Ok(answer)
}
