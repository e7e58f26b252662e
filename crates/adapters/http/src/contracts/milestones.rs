//! What the client answers to a milestone that was handed in.

use actix_web::{HttpResponse, post, web};
use domain::contracts::{ChangesMessage, MilestoneState};
use domain::ids::{MilestoneNumber, OrderId};
use ports::idempotency::StoredAnswer;
use ports::orders::OrderDetail;
use serde::Deserialize;
use serde_json::json;
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::Api;
use crate::commands;
use crate::document::examples::{active_order, conflict, success};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::orders::{Client, OrderData};
use crate::wire::OrderName;

/// How every answer here looks.
fn shown(detail: &OrderDetail) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(OrderData::from(detail))
}

/// Approve a milestone
///
/// For the client of the order: the milestone's money goes to the provider. The last one completes
/// the order.
#[utoipa::path(
    tag = "orders",
    operation_id = "approveMilestone",
    security(("bearer" = [])),
    params(
        ("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"),
        ("milestone_id" = i32, Path, minimum = 1, description = "The milestone's number within the order", example = 3),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": active_order(MilestoneState::Completed)})))),
        (status = 403, description = "Only clients approve."),
        (status = 409, description = "The milestone has not been handed in, or it is settled.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "in_progress"}))))
    )
)]
#[post("/orders/{order_id}/milestones/{milestone_id}/approve")]
pub(super) async fn approve(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    number: PathId<MilestoneNumber, 1>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let (id, number) = (id.get()?, number.get()?);
    let approve = api.contracts.approve.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { approve.execute(&caller.actor, id, number, &once).await },
    )
    .await
}

/// What is to be done again.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestChangesRequest {
    /// The provider reads it.
    #[schema(min_length = 1, max_length = 10_000, example = "Please add a chart on rainfall.")]
    message: String,
}

impl RequestChangesRequest {
    fn read(&self) -> Result<ChangesMessage, ValidationErrors> {
        let Self { message } = self;
        let mut fields = Fields::default();
        let message = fields.take("message", ChangesMessage::parse(message));
        fields.finish(|| message)
    }
}

/// Ask for changes
///
/// For the client of the order: the milestone goes back to the provider, who hands it in again.
#[utoipa::path(
    tag = "orders",
    operation_id = "requestChanges",
    security(("bearer" = [])),
    params(
        ("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"),
        ("milestone_id" = i32, Path, minimum = 1, description = "The milestone's number within the order", example = 3),
        IdempotencyHeader
    ),
    request_body = RequestChangesRequest,
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": active_order(MilestoneState::ChangesRequested)})))),
        (status = 403, description = "Only clients ask for changes."),
        (status = 409, description = "The milestone has not been handed in, or it is settled.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "in_progress"}))))
    )
)]
#[post("/orders/{order_id}/milestones/{milestone_id}/request-changes")]
pub(super) async fn request_changes(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    number: PathId<MilestoneNumber, 1>,
    key: IdempotencyKey,
    body: JsonBody<RequestChangesRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let message = body.read(RequestChangesRequest::read)?;
    let (id, number) = (id.get()?, number.get()?);
    let request_changes = api.contracts.request_changes.clone();
    commands::run_once(&api, once, |once| async move {
        request_changes.execute(&caller.actor, id, number, message, &once).await
    })
    .await
}
