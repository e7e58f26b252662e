//! Writing something.

use actix_web::{HttpResponse, post, web};
use domain::files::{FileList, FileListError};
use domain::ids::{ChatId, FileId};
use domain::messaging::{MessageContent, MessageText};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::caller::Participant;
use super::wire::{SentMessageData, attachment, message};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success, with};
use crate::envelope::{Envelope, stored_created};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::optional;
use crate::wire::{GivenId, present};

/// What somebody says.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct SendMessageRequest {
    /// The words. They may be left out, or be empty, when files are attached.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        nullable = false,
        max_length = 10_000,
        example = "Yes, I'll send the first draft by 5 PM tomorrow."
    )]
    content: Option<String>,
    /// Files that you have uploaded with `POST /files` and not attached to anything, each once.
    #[serde(default)]
    #[schema(max_items = 10, value_type = Vec<Uuid>)]
    attachments: Vec<GivenId>,
}

impl SendMessageRequest {
    fn read(&self) -> Result<MessageContent, ValidationErrors> {
        let Self { content, attachments } = self;
        let mut fields = Fields::default();
        let words = fields.take("content", optional(content.as_ref(), MessageText::parse));
        let files = fields.take("attachments", files(attachments));
        let said = match (words, files) {
            // Of files that will not do nobody knows yet that there are none.
            (Some(words), Some(files)) => fields.take("content", MessageContent::new(words, files)),
            _ => None,
        };
        fields.finish(|| said)
    }
}

fn files(given: &[GivenId]) -> Result<FileList, FileListError> {
    FileList::of_message(given.iter().map(|id| FileId::new(id.0)).collect())
}

/// Write a message
///
/// For the two sides of the chat, also after the order's end. With words, with files, or with both:
/// upload files first, with `POST /files`; here they become part of the message, for good. Both sides
/// get links to them with the message, and nobody else.
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
            "attachments": [attachment()], "sent_at": "2024-01-14T19:00:00Z"}))})))),
        (status = 403, description = "Administrators take no part in chats."),
        (status = 409, description = "The other side's account is closed or blocked (`participant_unavailable`), \
            or a file is attached already (`file_attached`).", body = ErrorBody,
        example = json!(conflict("the other side's account has been closed or blocked",
            &json!({"reason": "participant_unavailable", "state": "unavailable"})))),
        (status = 422, description = "A file is none of yours (`unknown_file`).", body = ErrorBody,
        example = json!(impossible("attachments[0] must be a file that you have uploaded", "unknown_file",
            "attachments[0]")))
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
    let content = body.read(SendMessageRequest::read)?;
    let id = id.get()?;
    let send = api.messaging.send.clone();
    let command = |once| async move { send.execute(&caller.actor, id, content, &once).await };
    commands::run_once(&api, once, command).await
}
