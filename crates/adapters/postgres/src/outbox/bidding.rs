//! Facts about bids.

use domain::bidding::{BidEvent, BidRef};
use serde_json::{Map, Value, json};

use super::{object, with};

pub(super) fn payload(event: &BidEvent) -> Value {
    match event {
        BidEvent::Placed(bid)
        | BidEvent::Edited(bid)
        | BidEvent::Confirmed(bid)
        | BidEvent::Outdated(bid)
        | BidEvent::Countered(bid)
        | BidEvent::CounterAccepted(bid)
        | BidEvent::CounterRejected(bid)
        | BidEvent::Accepted(bid)
        | BidEvent::Withdrawn(bid) => Value::Object(reference(bid)),
        BidEvent::Declined { bid, reason } => with(reference(bid), [("reason", json!(reason.as_str()))]),
    }
}

fn reference(bid: &BidRef) -> Map<String, Value> {
    let BidRef { bid_id, order_id, client_id, provider_id } = bid;
    object([
        ("bid_id", json!(bid_id.to_string())),
        ("order_id", json!(order_id.to_string())),
        ("client_id", json!(client_id.to_string())),
        ("provider_id", json!(provider_id.to_string())),
    ])
}
