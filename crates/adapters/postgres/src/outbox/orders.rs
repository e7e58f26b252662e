//! Facts about orders.

use domain::ids::{OrderId, UserId};
use domain::orders::OrderEvent;
use serde_json::{Map, Value, json};

use super::{object, with};

/// Whose order, invitation or review it is.
pub(super) const fn about(event: &OrderEvent) -> UserId {
    match event {
        OrderEvent::Posted { client_id, .. }
        | OrderEvent::Edited { client_id, .. }
        | OrderEvent::Expired { client_id, .. }
        | OrderEvent::Started { client_id, .. }
        | OrderEvent::Progressed { client_id, .. }
        | OrderEvent::Completed { client_id, .. }
        | OrderEvent::Cancelled { client_id, .. }
        | OrderEvent::Reopened { client_id, .. } => *client_id,
        OrderEvent::Invited { provider_id, .. } | OrderEvent::InvitationDeclined { provider_id, .. } => {
            *provider_id
        }
        OrderEvent::Reviewed { subject_id, .. } => *subject_id,
    }
}

pub(super) fn payload(event: &OrderEvent) -> Value {
    match event {
        OrderEvent::Posted { order_id, client_id } | OrderEvent::Expired { order_id, client_id } => {
            Value::Object(order(*order_id, *client_id))
        }
        OrderEvent::Edited { order_id, client_id, revision, is_material } => with(
            order(*order_id, *client_id),
            [("revision", json!(revision)), ("is_material", json!(is_material))],
        ),
        OrderEvent::Invited { order_id, client_id, provider_id }
        | OrderEvent::InvitationDeclined { order_id, client_id, provider_id }
        | OrderEvent::Started { order_id, client_id, provider_id }
        | OrderEvent::Reopened { order_id, client_id, provider_id } => {
            with(order(*order_id, *client_id), [("provider_id", json!(provider_id.to_string()))])
        }
        OrderEvent::Completed { order_id, client_id, provider_id, settled_by } => with(
            order(*order_id, *client_id),
            [("provider_id", json!(provider_id.to_string())), ("settled_by", json!(settled_by.as_str()))],
        ),
        OrderEvent::Progressed { order_id, client_id, provider_id, progress } => with(
            order(*order_id, *client_id),
            [("provider_id", json!(provider_id.to_string())), ("progress", json!(progress.percent()))],
        ),
        OrderEvent::Cancelled { order_id, client_id, provider_id, reason } => with(
            order(*order_id, *client_id),
            [
                ("provider_id", json!(provider_id.map(|id| id.to_string()))),
                ("reason", json!(reason.as_str())),
            ],
        ),
        OrderEvent::Reviewed { order_id, author_id, subject_id, rating } => json!({
            "order_id": order_id.to_string(),
            "author_id": author_id.to_string(),
            "subject_id": subject_id.to_string(),
            "rating": rating.get(),
        }),
    }
}

fn order(order_id: OrderId, client_id: UserId) -> Map<String, Value> {
    object([("order_id", json!(order_id.to_string())), ("client_id", json!(client_id.to_string()))])
}
