//! Facts about chats: who and where, never what was said.

use domain::messaging::{ChatRef, MessagingEvent};
use serde_json::{Map, Value, json};

use super::{object, with};

pub(super) fn payload(event: &MessagingEvent) -> Value {
    match event {
        MessagingEvent::ChatOpened { chat, opened_by, reason } => with(
            reference(chat),
            [("opened_by", json!(opened_by.to_string())), ("reason", json!(reason.as_str()))],
        ),
        MessagingEvent::MessageSent { chat, message_id, sender_id } => with(
            reference(chat),
            [("message_id", json!(message_id.to_string())), ("sender_id", json!(sender_id.to_string()))],
        ),
        MessagingEvent::MessagesRead { chat, reader_id, up_to } => with(
            reference(chat),
            [("reader_id", json!(reader_id.to_string())), ("up_to", json!(up_to.to_string()))],
        ),
    }
}

fn reference(chat: &ChatRef) -> Map<String, Value> {
    let ChatRef { chat_id, order_id, client_id, provider_id } = chat;
    object([
        ("chat_id", json!(chat_id.to_string())),
        ("order_id", json!(order_id.to_string())),
        ("client_id", json!(client_id.to_string())),
        ("provider_id", json!(provider_id.to_string())),
    ])
}
