//! Making an offer.

use actix_web::{HttpResponse, post, web};
use domain::bidding::BidMessage;
use domain::ids::OrderId;
use ports::bidding::BidView;
use serde::{Deserialize, Serialize};
use serde_json::json;
use usecases::bidding::BidTerms;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::terms;
use super::wire::BidRow;
use crate::Api;
use crate::commands;
use crate::document::examples::{bid, conflict, impossible, success, with};
use crate::envelope::{Envelope, stored_created};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::Provider;
use crate::wire::{GivenAmount, GivenMoment, OrderName};

/// What a provider offers.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_amount": 150.00, "proposed_deadline": "2024-01-18T23:59:59Z",
    "message": "I have 5+ years of experience in marketing research with published papers..."}))]
pub(super) struct PlaceBidRequest {
    /// The price; it may be above the budget.
    bid_amount: GivenAmount,
    /// By when they would deliver, in the future; null or left out for the order's deadline.
    proposed_deadline: Option<GivenMoment>,
    /// Why they are the right one; the first message of the chat, if there is one.
    #[schema(min_length = 1, max_length = 10_000)]
    message: String,
}

impl PlaceBidRequest {
    fn read(&self) -> Result<BidTerms, ValidationErrors> {
        let Self { bid_amount, proposed_deadline, message } = self;
        let mut fields = Fields::default();
        let amount = fields.take("bid_amount", terms::amount(bid_amount));
        let deadline = fields.take("proposed_deadline", terms::deadline(proposed_deadline.as_ref()));
        let message = fields.take("message", BidMessage::parse(message));
        fields.finish(|| Some(BidTerms { amount: amount?, proposed_deadline: deadline?, message: message? }))
    }
}

/// A new bid, and a sentence for people.
#[derive(Serialize, ToSchema)]
pub(super) struct PlacedBidData {
    bid: BidRow,
    /// In English.
    #[schema(example = "Bid submitted successfully")]
    message: &'static str,
}

impl From<&BidView> for PlacedBidData {
    fn from(bid: &BidView) -> Self {
        Self { bid: bid.into(), message: "Bid submitted successfully" }
    }
}

/// Bid on an order
///
/// For providers, on an open order before its deadline. One has one live bid on an order; after
/// withdrawing it one may bid again.
#[utoipa::path(
    tag = "bids",
    operation_id = "placeBid",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-101"), IdempotencyHeader),
    request_body = PlaceBidRequest,
    responses(
        (status = 201, description = "The new bid.", body = Envelope<PlacedBidData>,
        example = json!(success(&json!({
            "bid": with(bid(), json!({"id": "BID-024", "proposed_deadline": "2024-01-18T23:59:59Z",
                "message": "I have 5+ years of experience...", "submitted_date": "2024-01-15T11:30:00Z",
                "response_date": "2024-01-20T11:30:00Z", "updated_at": "2024-01-15T11:30:00Z"})),
            "message": "Bid submitted successfully"})))),
        (status = 403, description = "Only providers bid."),
        (status = 409, description = "One has a live bid on it (`duplicate_bid`), its deadline has passed \
            (`deadline_passed`), or it is not open any more.", body = ErrorBody,
        example = json!(conflict("you have a bid on this order already",
            &json!({"reason": "duplicate_bid", "state": "open"})))),
        (status = 422, description = "The proposed deadline is not in the future.", body = ErrorBody,
        example = json!(impossible("proposed_deadline must be in the future", "deadline_not_in_future",
            "proposed_deadline")))
    )
)]
#[post("/orders/{order_id}/bids")]
pub(super) async fn place(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<PlaceBidRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |bid| stored_created(PlacedBidData::from(bid)));
    let terms = body.read(PlaceBidRequest::read)?;
    let id = id.get()?;
    let place = api.bids.place.clone();
    commands::run_once(&api, once, |once| async move { place.execute(&caller.actor, id, terms, &once).await })
        .await
}
