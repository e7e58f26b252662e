//! Bids as they go over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 3) where it has them.

use domain::bidding::{Counter, CounterTerms};
use ports::bidding::{BidView, OfferView, ReceivedBid};
use ports::profiles::PersonView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{BidStateWord, BidStatusWord, OfferAuthorWord};
use crate::wire::{Amount, Timestamp, rating, success_rate};

/// One bid.
#[derive(Serialize, ToSchema)]
pub(super) struct BidData {
    bid: BidRow,
}

impl From<&BidView> for BidData {
    fn from(bid: &BidView) -> Self {
        Self { bid: bid.into() }
    }
}

/// An offer to do an order.
#[derive(Serialize, ToSchema)]
#[schema(as = Bid)]
pub(crate) struct BidRow {
    #[schema(example = "BID-001")]
    id: String,
    #[schema(example = "ORD-101")]
    order_id: String,
    /// Whose bid it is.
    writer_id: Uuid,
    #[schema(example = "Marketing Research Paper")]
    order_title: String,
    #[schema(example = "Marketing")]
    subject: String,
    /// The bidder's price.
    bid_amount: Amount,
    /// The order's budget.
    original_budget: Amount,
    #[schema(value_type = BidStatusWord, example = "open")]
    status: &'static str,
    #[schema(value_type = BidStateWord, example = "open")]
    state: &'static str,
    /// The revision of the order that it holds for.
    #[schema(example = 1)]
    revision: i64,
    /// Whether the client's terms wait for the bidder's answer.
    is_counter_offer: bool,
    /// What the bidder says.
    message: String,
    /// By when the bidder would deliver; null for the order's deadline.
    #[schema(required = true)]
    proposed_deadline: Option<Timestamp>,
    /// The client's terms while they stand; null otherwise.
    #[schema(required = true)]
    counter: Option<CounterOffer>,
    submitted_date: Timestamp,
    /// By when the client should answer; once they have, when they did.
    response_date: Timestamp,
    order_deadline: Timestamp,
    updated_at: Timestamp,
}

/// What the client would rather agree to.
#[derive(Serialize, ToSchema)]
pub(crate) struct CounterOffer {
    bid_amount: Amount,
    /// Null: the bidder's deadline stays.
    #[schema(required = true)]
    proposed_deadline: Option<Timestamp>,
    /// Null if the client said nothing.
    #[schema(required = true)]
    message: Option<String>,
    created_at: Timestamp,
}

impl From<&Counter> for CounterOffer {
    fn from(counter: &Counter) -> Self {
        let Counter { terms: CounterTerms { amount, proposed_deadline, message }, created_at } = counter;
        Self {
            bid_amount: Amount(*amount),
            proposed_deadline: proposed_deadline.map(Timestamp),
            message: message.as_ref().map(|message| message.as_str().to_owned()),
            created_at: Timestamp(*created_at),
        }
    }
}

impl From<&BidView> for BidRow {
    fn from(bid: &BidView) -> Self {
        let BidView {
            id,
            order_id,
            client_id: _,
            provider_id,
            order_title,
            subject,
            original_budget,
            order_deadline,
            amount,
            proposed_deadline,
            message,
            state,
            revision,
            counter,
            submitted_at,
            response_date,
            updated_at,
            version: _,
        } = bid;
        Self {
            id: id.to_string(),
            order_id: order_id.to_string(),
            writer_id: provider_id.uuid(),
            order_title: order_title.clone(),
            subject: subject.clone(),
            bid_amount: Amount(*amount),
            original_budget: Amount(*original_budget),
            status: state.status().as_str(),
            state: state.as_str(),
            revision: *revision,
            is_counter_offer: state.is_counter_offer(),
            message: message.clone(),
            proposed_deadline: proposed_deadline.map(Timestamp),
            counter: counter.as_ref().map(CounterOffer::from),
            submitted_date: Timestamp(*submitted_at),
            response_date: Timestamp(*response_date),
            order_deadline: Timestamp(*order_deadline),
            updated_at: Timestamp(*updated_at),
        }
    }
}

/// A bid beside its bidder.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedBid)]
pub(super) struct ReceivedBidRow {
    #[serde(flatten)]
    bid: BidRow,
    writer: Bidder,
}

/// Somebody who has bid.
#[derive(Serialize, ToSchema)]
pub(super) struct Bidder {
    id: Uuid,
    /// The full name.
    #[schema(example = "Sarah Johnson")]
    name: String,
    /// Where their picture is; null if there is none.
    #[schema(required = true)]
    avatar_url: Option<String>,
    /// Mean of the reviews to two decimals; null before the first.
    #[schema(required = true, example = 4.9)]
    rating: Option<f64>,
    /// Orders that they have completed.
    #[schema(example = 158)]
    orders_completed: u32,
    /// Completed × 100 / total with one decimal, cut off; null before the first order.
    #[schema(required = true, example = 98.7)]
    success_rate: Option<f64>,
}

impl From<&PersonView> for Bidder {
    fn from(person: &PersonView) -> Self {
        let PersonView { id, name, avatar_url, figures } = person;
        Self {
            id: id.uuid(),
            name: name.clone(),
            avatar_url: avatar_url.clone(),
            rating: rating(figures),
            orders_completed: figures.orders_completed,
            success_rate: success_rate(figures),
        }
    }
}

impl From<&ReceivedBid> for ReceivedBidRow {
    fn from(received: &ReceivedBid) -> Self {
        let ReceivedBid { bid, writer } = received;
        Self { bid: bid.into(), writer: writer.into() }
    }
}

/// Terms that one side named to the other.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub(super) struct OfferRow {
    #[schema(value_type = OfferAuthorWord, example = "provider")]
    author: &'static str,
    author_id: Uuid,
    /// The full name.
    #[schema(example = "Sarah Johnson")]
    author_name: String,
    bid_amount: Amount,
    /// Null if none was named.
    #[schema(required = true)]
    proposed_deadline: Option<Timestamp>,
    /// Null if nothing was said.
    #[schema(required = true)]
    message: Option<String>,
    created_at: Timestamp,
}

impl From<&OfferView> for OfferRow {
    fn from(offer: &OfferView) -> Self {
        let OfferView { author, author_id, author_name, amount, proposed_deadline, message, made_at } = offer;
        Self {
            author: author.as_str(),
            author_id: author_id.uuid(),
            author_name: author_name.clone(),
            bid_amount: Amount(*amount),
            proposed_deadline: proposed_deadline.map(Timestamp),
            message: message.clone(),
            created_at: Timestamp(*made_at),
        }
    }
}
