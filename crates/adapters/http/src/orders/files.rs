//! Adding files to an order.

use actix_web::{HttpResponse, post, web};
use domain::files::FileList;
use domain::ids::OrderId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::attached::some_files;
use super::caller::EitherSide;
use super::wire::OrderData;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, file, impossible, order, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::wire::GivenId;

/// Which files.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15"]}))]
pub(super) struct AttachFilesRequest {
    /// Files that you have uploaded with `POST /files` and not attached to anything, each once.
    #[schema(min_items = 1, max_items = 20, value_type = Vec<Uuid>)]
    file_ids: Vec<GivenId>,
}

impl AttachFilesRequest {
    fn read(&self) -> Result<FileList, ValidationErrors> {
        let Self { file_ids } = self;
        let mut fields = Fields::default();
        let files = fields.take("file_ids", some_files(file_ids));
        fields.finish(|| files)
    }
}

/// Add files to an order
///
/// For its client while it is open or active, and for the provider who holds it while it is active; not
/// while it is pending, as it may then be opened again. Upload them first, with `POST /files`; here
/// they become part of the order, for good. Whoever may see the order gets links to them with it:
/// while it is open every provider, afterwards only the two sides and administrators. No bid becomes
/// unconfirmed. What is handed in for a milestone comes with its submission instead.
#[utoipa::path(
    tag = "orders",
    operation_id = "attachFiles",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    request_body = AttachFilesRequest,
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": with(order(), json!({"files": [file(None)]}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "The order is neither active nor, for its client, open; a file is \
            attached already (`file_attached`); or the order has 100 files of yours (`too_many_files`).", body = ErrorBody,
        example = json!(conflict("a file is attached already; upload it again", &json!({"reason": "file_attached", "state": "attached"})))),
        (status = 422, description = "A file is none of yours (`unknown_file`).", body = ErrorBody,
        example = json!(impossible("file_ids[0] must be a file that you have uploaded", "unknown_file", "file_ids[0]")))
    )
)]
#[post("/orders/{order_id}/files")]
pub(super) async fn attach(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<AttachFilesRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let files = body.read(AttachFilesRequest::read)?;
    let id = id.get()?;
    let attach = api.orders.attach_files.clone();
    let command = |once| async move { attach.execute(&caller.actor, id, files, &once).await };
    commands::run_once_versioned(&api, once, |detail| detail.version, command).await
}
