//! Writing something.

use actix_web::{HttpResponse, post, web};
use domain::ids::ChatId;
use domain::messaging::MessageText;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::caller::Participant;
use super::wire::{SentMessageData, message};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, success, with};
use crate::envelope::{Envelope, stored_created};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::wire::GivenId;

/// What somebody says.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct SendMessageRequest {
    #[schema(
        min_length = 1,
        max_length = 10_000,
        example = "Yes, I'll send the first draft by 5 PM tomorrow."
    )]
    content: String,
    /// Files that go with it: none, as files cannot be sent along yet.
    #[serde(default)]
    #[schema(max_items = 0, value_type = Vec<Uuid>)]
    attachments: Vec<GivenId>,
}

/// Files were named.
#[derive(Debug, Error)]
#[error("must be empty: files cannot be sent along yet")]
struct NoFilesYet;

impl SendMessageRequest {
    fn read(&self) -> Result<MessageText, ValidationErrors> {
        let Self { content, attachments } = self;
        let mut fields = Fields::default();
        let content = fields.take("content", MessageText::parse(content));
        // Here, and in `domain::messaging::Message`, files will come in.
        let attachments = fields.take("attachments", attachments.is_empty().then_some(()).ok_or(NoFilesYet));
        fields.finish(|| attachments.and(content))
    }
}

/// Write a message
///
/// For the two sides of the chat, also after the order's end.
#[utoipa::path(
    tag = "chats",
    operation_id = "sendMessage",
    security(("bearer" = [])),
    params(
        ("chat_id" = String, Path, format = Uuid, description = "The chat",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31"),
        IdempotencyHeader
    ),
    request_body = SendMessageRequest,
    responses(
        (status = 201, description = "The message.", body = Envelope<SentMessageData>,
        example = json!(success(&json!({"message": with(message(), json!({
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e42",
            "sender": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "name": "Sarah Johnson", "role": "writer"},
            "content": "Yes, I'll send the first draft by 5 PM tomorrow.", "is_read": false,
            "sent_at": "2024-01-14T19:00:00Z"}))})))),
        (status = 403, description = "Administrators take no part in chats."),
        (status = 409, description = "The other side's account is closed or blocked (`participant_unavailable`).",
        body = ErrorBody,
        example = json!(conflict("the other side's account has been closed or blocked",
            &json!({"reason": "participant_unavailable", "state": "unavailable"}))))
    )
)]
#[post("/chats/{chat_id}/messages")]
pub(super) async fn send(
    caller: Participant,
    api: web::Data<Api>,
    id: PathId<ChatId>,
    key: IdempotencyKey,
    body: JsonBody<SendMessageRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |message| stored_created(SentMessageData::from(message)));
    let text = body.read(SendMessageRequest::read)?;
    let id = id.get()?;
    let send = api.messaging.send.clone();
    commands::run_once(&api, once, |once| async move { send.execute(&caller.actor, id, text, &once).await })
        .await
}
