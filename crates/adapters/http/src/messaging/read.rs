//! Having read what the other side wrote.

use actix_web::{HttpResponse, post, web};
use domain::ids::{ChatId, MessageId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::caller::Participant;
use super::wire::{ChatData, chat};
use crate::Api;
use crate::commands;
use crate::document::examples::{success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::ApiError;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::wire::{GivenId, present};

/// How far somebody has read.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadChatRequest {
    /// The last message that one has read; without it the last one that there is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>, nullable = false, example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e41")]
    up_to: Option<GivenId>,
}

/// Mark messages as read
///
/// For the two sides of the chat, each for themselves. What was read stays read: an earlier message
/// than before changes nothing.
#[utoipa::path(
    tag = "chats",
    operation_id = "readChat",
    security(("bearer" = [])),
    params(
        ("chat_id" = String, Path, format = Uuid, description = "The chat",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31"),
        IdempotencyHeader
    ),
    request_body = ReadChatRequest,
    responses(
        (status = 200, description = "The chat as it is now.", body = Envelope<ChatData>,
        example = json!(success(&json!({"chat": with(chat(), json!({"unread_count": 0}))})))),
        (status = 403, description = "Administrators take no part in chats."),
        (status = 404, description = "There is no such chat, it is not the caller's, or the message is none of it.")
    )
)]
#[post("/chats/{chat_id}/read")]
pub(super) async fn read(
    caller: Participant,
    api: web::Data<Api>,
    id: PathId<ChatId>,
    key: IdempotencyKey,
    body: JsonBody<ReadChatRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |chat| stored_ok(ChatData::from(chat)));
    let ReadChatRequest { up_to } = body.into_inner();
    let (id, up_to) = (id.get()?, up_to.map(|up_to| MessageId::new(up_to.0)));
    let read = api.messaging.read.clone();
    commands::run_once(&api, once, |once| async move { read.execute(&caller.actor, id, up_to, &once).await })
        .await
}
