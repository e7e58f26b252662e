//! Giving a milestone's money back unasked.

use actix_web::{HttpResponse, post, web};
use domain::contracts::MilestoneState;
use domain::ids::{MilestoneNumber, OrderId};
use serde_json::json;

use crate::Api;
use crate::commands;
use crate::document::examples::{active_order, conflict, success};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::orders::{OrderData, Provider};
use crate::wire::OrderName;

/// Give a milestone's money back
///
/// For the provider who holds the order, before the milestone is released: the client gets all of it, with
/// their fee. When it is the last milestone the order is completed, or cancelled if nothing was paid out.
#[utoipa::path(
    tag = "agreements",
    operation_id = "refundMilestone",
    security(("bearer" = [])),
    params(
        ("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"),
        ("milestone_id" = i32, Path, minimum = 1, description = "The milestone's number within the order", example = 3),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": active_order(MilestoneState::Refunded)})))),
        (status = 403, description = "Only providers give money back."),
        (status = 409, description = "The milestone is not paid for, settled, or disputed.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "completed"}))))
    )
)]
#[post("/orders/{order_id}/milestones/{milestone_id}/refund")]
pub(super) async fn refund(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    number: PathId<MilestoneNumber, 1>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let (id, number) = (id.get()?, number.get()?);
    let refund = api.agreements.refund.clone();
    let command = |once| async move { refund.execute(&caller.actor, id, number, &once).await };
    commands::run_once(&api, once, command).await
}
