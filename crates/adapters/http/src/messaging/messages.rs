//! What was said in a chat.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::ids::ChatId;
use serde::Serialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::caller::Participant;
use super::wire::{MessageRow, message};
use crate::Api;
use crate::document::examples::{pagination, success, with};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Filter, ListQuery, Pagination, PathId, Query};

/// A part of what was said in a chat.
#[derive(Serialize, ToSchema)]
pub(super) struct MessagesData {
    /// Newest first.
    messages: Vec<MessageRow>,
    pagination: Pagination,
}

/// All messages of a chat.
#[derive(Debug)]
pub(super) struct ChatMessages;

impl Filter for ChatMessages {
    const LIST: &'static str = "messages";
    const LIMIT: i64 = 50;

    fn read(_: &mut Query) -> Self {
        Self
    }

    fn canonical(&self) -> String {
        String::new()
    }

    fn object(request: &HttpRequest) -> String {
        // A malformed one has no list.
        PathId::<ChatId>::of(request).get().map(|id| id.to_string()).unwrap_or_default()
    }
}

/// What this list takes: as every list, with more on a page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes; the extractor reads the query by itself")]
struct MessagesParameters {
    /// Which page, counted from 1. One behind the last is empty. Not together with `cursor`.
    #[param(minimum = 1, default = 1, required = false, nullable = false, value_type = i64)]
    page: Option<i64>,
    /// How many rows at most.
    #[param(minimum = 1, maximum = 100, default = 50, required = false, nullable = false, value_type = i64)]
    limit: Option<i64>,
    /// The `next_cursor` of an earlier answer, for what comes behind it. Not together with `page`.
    #[param(required = false, nullable = false, value_type = String)]
    cursor: Option<String>,
}

/// Read a chat
///
/// For its two sides. Newest first; the oldest is the message of the bid. Looking marks nothing as
/// read.
#[utoipa::path(
    tag = "chats",
    operation_id = "listMessages",
    security(("bearer" = [])),
    params(
        ("chat_id" = String, Path, format = Uuid, description = "The chat",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31"),
        MessagesParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<MessagesData>,
        example = json!(success(&json!({"messages": [message()],
            "pagination": with(pagination(24, 1, None), json!({"limit": 50}))})))),
        (status = 403, description = "Administrators take no part in chats.")
    )
)]
#[get("/chats/{chat_id}/messages")]
pub(super) async fn list(
    caller: Participant,
    api: web::Data<Api>,
    id: PathId<ChatId>,
    query: ListQuery<ChatMessages>,
) -> Result<HttpResponse, ApiError> {
    let ChatMessages = query.filter;
    let found = api.messaging.list_messages.execute(&caller.actor, id.get()?, query.window()).await?;
    let pagination = query.pagination(&found);
    Ok(ok(MessagesData { messages: found.rows.iter().map(MessageRow::from).collect(), pagination }))
}
