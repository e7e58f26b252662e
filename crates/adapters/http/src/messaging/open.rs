//! Wanting to write to the other side.

use actix_web::{HttpResponse, post, web};
use domain::ids::{OrderId, UserId};
use serde::Deserialize;
use serde_json::json;
use usecases::messaging::AnsweredChat;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::caller::Participant;
use super::wire::{ChatData, chat};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success, with};
use crate::envelope::{Envelope, stored_created, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::wire::{GivenId, given_order};

/// To whom, and about what.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenChatRequest {
    /// The order.
    #[schema(pattern = "^(ORD|AO)-(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,17})$", example = "ORD-001")]
    order_id: String,
    /// For a client somebody who bid on it, for a provider its client.
    #[schema(value_type = Uuid, example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22")]
    participant_id: GivenId,
}

impl OpenChatRequest {
    fn read(&self) -> Result<(OrderId, UserId), ValidationErrors> {
        let Self { order_id, participant_id } = self;
        let mut fields = Fields::default();
        let order_id = fields.take("order_id", given_order(order_id));
        fields.finish(|| Some((order_id?, UserId::new(participant_id.0))))
    }
}

/// Get or open a chat
///
/// A client may write to whoever bid on their order. A provider may write to the order's client once
/// that client has made them a counter-offer that stands, or has accepted their bid; both open the
/// chat by themselves. Whoever has a chat gets it, whatever has become of order and bid since. A new
/// chat begins with the message of the bid.
#[utoipa::path(
    tag = "chats",
    operation_id = "openChat",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = OpenChatRequest,
    responses(
        (status = 200, description = "The chat, which was there.", body = Envelope<ChatData>,
        example = json!(success(&json!({"chat": chat()})))),
        (status = 201, description = "The new chat.", body = Envelope<ChatData>,
        example = json!(success(&json!({"chat": with(chat(), json!({
            "participant": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "name": "Sarah Johnson",
                "avatar_url": null, "role": "writer"},
            "last_message": {"content": "I have extensive experience in climate research...",
                "sent_at": "2024-01-08T12:00:00Z", "sender_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22"},
            "unread_count": 1}))})))),
        (status = 403, description = "Administrators take no part in chats."),
        (status = 404, description = "There is no such order, or the caller has no part in it."),
        (status = 409, description = "The client has not opened the way yet (`chat_not_opened`), the bid was taken \
            back (`bid_withdrawn`), or the other side's account is closed or blocked (`participant_unavailable`).",
        body = ErrorBody,
        example = json!(conflict("the client opens the chat: by writing, by a counter-offer or by accepting the bid",
            &json!({"reason": "chat_not_opened", "state": "open"})))),
        (status = 422, description = "They have not bid on it (`not_a_bidder`), or are not its client \
            (`not_the_client`).", body = ErrorBody,
        example = json!(impossible("participant_id must be somebody who bid on this order", "not_a_bidder",
            "participant_id")))
    )
)]
#[post("/chats")]
pub(super) async fn open(
    caller: Participant,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<OpenChatRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |answered: &AnsweredChat| {
        let chat = ChatData::from(&answered.chat);
        if answered.is_new { stored_created(chat) } else { stored_ok(chat) }
    });
    let (order_id, with) = body.read(OpenChatRequest::read)?;
    let open = api.messaging.open.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { open.execute(&caller.actor, order_id, with, &once).await },
    )
    .await
}
