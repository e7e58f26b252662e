//! Naming other terms to a bidder.

use actix_web::{HttpResponse, post, web};
use domain::bidding::{BidMessage, CounterTerms};
use domain::ids::BidId;
use domain::text::TextError;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::terms;
use super::wire::BidData;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, countered_bid, impossible, success};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::Client;
use crate::wire::{BidName, GivenAmount, GivenMoment};

/// What the client would rather agree to.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_amount": 140.00, "message": "Could you do it for 140?"}))]
pub(super) struct CounterBidRequest {
    /// The price.
    bid_amount: GivenAmount,
    /// By when, in the future; null or left out for the bidder's.
    proposed_deadline: Option<GivenMoment>,
    /// What goes with it; null, empty or left out for nothing.
    #[schema(max_length = 10_000)]
    message: Option<String>,
}

impl CounterBidRequest {
    fn read(&self) -> Result<CounterTerms, ValidationErrors> {
        let Self { bid_amount, proposed_deadline, message } = self;
        let mut fields = Fields::default();
        let amount = fields.take("bid_amount", terms::amount(bid_amount));
        let deadline = fields.take("proposed_deadline", terms::deadline(proposed_deadline.as_ref()));
        let message = match message.as_deref().map(BidMessage::parse) {
            None | Some(Err(TextError::Empty)) => Ok(None),
            Some(message) => message.map(Some),
        };
        let message = fields.take("message", message);
        fields.finish(|| {
            Some(CounterTerms { amount: amount?, proposed_deadline: deadline?, message: message? })
        })
    }
}

/// Make a counter-offer
///
/// For the client of the order, on a bid that is open or unconfirmed. The bid's own terms stay until
/// the bidder accepts these; a second counter-offer replaces the first.
#[utoipa::path(
    tag = "bids",
    operation_id = "counterBid",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    request_body = CounterBidRequest,
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": countered_bid()})))),
        (status = 403, description = "Only clients make counter-offers."),
        (status = 409, description = "The bid has come to its end, or the order's deadline has passed \
            (`deadline_passed`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "declined"})))),
        (status = 422, description = "The proposed deadline is not in the future.", body = ErrorBody,
        example = json!(impossible("proposed_deadline must be in the future", "deadline_not_in_future",
            "proposed_deadline")))
    )
)]
#[post("/bids/{bid_id}/counter")]
pub(super) async fn counter(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<CounterBidRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |bid| stored_ok(BidData::from(bid)));
    let terms = body.read(CounterBidRequest::read)?;
    let id = id.get()?;
    let counter = api.bids.counter.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { counter.execute(&caller.actor, id, terms, &once).await },
    )
    .await
}
