//! Handing a milestone in.

use actix_web::{HttpResponse, post, web};
use domain::contracts::{MilestoneState, SubmissionMessage};
use domain::ids::{MilestoneNumber, OrderId};
use serde::Deserialize;
use serde_json::json;
use usecases::contracts::HandedIn;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::Api;
use crate::commands;
use crate::document::examples::{active_order, conflict, file, impossible, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::{OrderData, Provider, named_files, optional};
use crate::wire::GivenId;

/// What is handed in.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"message": "The outline, with sources.",
    "file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15"]}))]
pub(super) struct SubmitMilestoneRequest {
    /// A note for the client.
    #[schema(max_length = 10_000)]
    message: Option<String>,
    /// Files that you have uploaded with `POST /files` and not attached to anything, each once.
    #[schema(max_items = 20, value_type = Option<Vec<Uuid>>)]
    file_ids: Option<Vec<GivenId>>,
}

impl SubmitMilestoneRequest {
    fn read(&self) -> Result<HandedIn, ValidationErrors> {
        let Self { message, file_ids } = self;
        let mut fields = Fields::default();
        let message = fields.take("message", optional(message.as_ref(), SubmissionMessage::parse));
        let files = fields.take("file_ids", named_files(file_ids.as_ref()));
        fields.finish(|| Some(HandedIn { message: message?, files: files? }))
    }
}

/// Hand a milestone in
///
/// For the provider who holds the order, with a note, files, both or neither: the client has 14 days to
/// approve it or to ask for changes. Every submission is kept and shown with the order; one that was
/// given back is followed by the next. `PATCH /orders/{order_id}` with `submitted` does the same
/// without note and files.
#[utoipa::path(
    tag = "orders",
    operation_id = "submitMilestone",
    security(("bearer" = [])),
    params(
        ("order_id" = String, Path, description = "The order", example = "ORD-001"),
        ("milestone_id" = i32, Path, description = "The milestone's number within the order", example = 3),
        IdempotencyHeader
    ),
    request_body = SubmitMilestoneRequest,
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": with(active_order(MilestoneState::Submitted),
            json!({"files": [file(Some(3))]}))})))),
        (status = 403, description = "Only providers hand in."),
        (status = 409, description = "The milestone is not paid for, handed in or settled; a file is attached already \
            (`file_attached`); or the order has 100 files of yours (`too_many_files`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "submitted"})))),
        (status = 422, description = "A file is none of yours (`unknown_file`).", body = ErrorBody,
        example = json!(impossible("file_ids[0] must be a file that you have uploaded", "unknown_file", "file_ids[0]")))
    )
)]
#[post("/orders/{order_id}/milestones/{milestone_id}/submissions")]
pub(super) async fn submit(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    number: PathId<MilestoneNumber, 1>,
    key: IdempotencyKey,
    body: JsonBody<SubmitMilestoneRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let handed_in = body.read(SubmitMilestoneRequest::read)?;
    let (id, number) = (id.get()?, number.get()?);
    let submit = api.contracts.submit.clone();
    commands::run_once(&api, once, |once| async move {
        submit.execute(&caller.actor, id, number, handed_in, &once).await
    })
    .await
}
