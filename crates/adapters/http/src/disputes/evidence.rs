//! Bringing something forward.

use actix_web::{HttpResponse, post, web};
use domain::disputes::{EvidenceContent, EvidenceText};
use domain::ids::DisputeId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::wire::{DisputeData, negotiating, shown};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::{EitherSide, named_files, optional};
use crate::wire::{GivenId, present};

/// What is brought forward.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The brief asked for them.", "file_ids": []}))]
pub(super) struct EvidenceRequest {
    /// In words. They may be left out, or be empty, when files are attached.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, max_length = 10_000)]
    text: Option<String>,
    /// Files that you have uploaded with `POST /files` and not attached to anything, each once.
    #[serde(default)]
    #[schema(max_items = 20, value_type = Option<Vec<Uuid>>)]
    file_ids: Option<Vec<GivenId>>,
}

impl EvidenceRequest {
    fn read(&self) -> Result<EvidenceContent, ValidationErrors> {
        let Self { text, file_ids } = self;
        let mut fields = Fields::default();
        let words = fields.take("text", optional(text.as_ref(), EvidenceText::parse));
        let files = fields.take("file_ids", named_files(file_ids.as_ref()));
        let said = match (words, files) {
            (Some(words), Some(files)) => fields.take("text", EvidenceContent::new(words, files)),
            _ => None,
        };
        fields.finish(|| said)
    }
}

/// Add evidence to a dispute
///
/// For its two sides, until it is resolved. With words, with files, or with both: the files become files of the
/// order, which its two sides and administrators may have. What the side says that did not open the dispute
/// is an answer to it.
#[utoipa::path(
    tag = "agreements",
    operation_id = "addEvidence",
    security(("bearer" = [])),
    params(
        ("dispute_id" = String, Path, format = Uuid, description = "The dispute",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61"),
        IdempotencyHeader
    ),
    request_body = EvidenceRequest,
    responses(
        (status = 200, description = "The dispute as it is now.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": negotiating(json!({"evidence": [{"number": 1, "side": "provider",
            "author_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "text": "The brief did not ask for any.",
            "files": [], "added_at": "2024-01-15T09:00:00Z"}]}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "It is resolved, it has 50 pieces of evidence of yours (`too_many`), a file is attached \
            already (`file_attached`), or the order has 100 files of yours (`too_many_files`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "resolved"})))),
        (status = 422, description = "A file is none of yours (`unknown_file`).", body = ErrorBody,
        example = json!(impossible("file_ids[0] must be a file that you have uploaded", "unknown_file", "file_ids[0]")))
    )
)]
#[post("/disputes/{dispute_id}/evidence")]
pub(super) async fn add(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
    key: IdempotencyKey,
    body: JsonBody<EvidenceRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let content = body.read(EvidenceRequest::read)?;
    let id = id.get()?;
    let add = api.disputes.add_evidence.clone();
    commands::run_once(&api, once, |once| async move { add.execute(&caller.actor, id, content, &once).await })
        .await
}
