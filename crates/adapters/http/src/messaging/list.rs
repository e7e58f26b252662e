//! One's chats.

use actix_web::{HttpResponse, get, web};
use ports::messaging::ChatList;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::caller::Participant;
use super::wire::{ChatRow, chat};
use crate::Api;
use crate::document::examples::{pagination, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Filter, ListParameters, ListQuery, Pagination, Query};

/// A part of the list of one's chats.
#[derive(Serialize, ToSchema)]
pub(super) struct ChatsData {
    /// The one in which something was last said first.
    chats: Vec<ChatRow>,
    /// What is unread in all of one's chats together, whatever the page.
    #[schema(minimum = 0, example = 12)]
    unread_total: i64,
    pagination: Pagination,
}

/// All of one's chats.
#[derive(Debug)]
pub(super) struct OwnChats;

impl Filter for OwnChats {
    const LIST: &'static str = "chats";

    fn read(_: &mut Query) -> Self {
        Self
    }

    fn canonical(&self) -> String {
        String::new()
    }
}

/// See one's chats
///
/// The one in which something was last said first; one that was opened since counts as well. With
/// `cursor` a chat in which something is said meanwhile moves to the front and is not met again.
#[utoipa::path(
    tag = "chats",
    operation_id = "listChats",
    security(("bearer" = [])),
    params(ListParameters),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<ChatsData>,
        example = json!(success(&json!({"chats": [chat()], "unread_total": 12,
            "pagination": pagination(8, 1, None)})))),
        (status = 403, description = "Administrators take no part in chats.")
    )
)]
#[get("/chats")]
pub(super) async fn list(
    caller: Participant,
    api: web::Data<Api>,
    query: ListQuery<OwnChats>,
) -> Result<HttpResponse, ApiError> {
    let OwnChats = query.filter;
    let ChatList { chats, unread_total } = api.messaging.list.execute(&caller.actor, query.window()).await?;
    Ok(ok(ChatsData {
        pagination: query.pagination(&chats),
        chats: chats.rows.iter().map(ChatRow::from).collect(),
        unread_total,
    }))
}
