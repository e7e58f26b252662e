//! Changing one's offer.

use actix_web::{HttpResponse, patch, web};
use domain::bidding::{BidMessage, BidPatch};
use domain::ids::BidId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::terms;
use super::wire::BidData;
use crate::Api;
use crate::commands;
use crate::document::examples::{bid, conflict, impossible, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, IfMatch, IfMatchHeader, JsonBody, PathId};
use crate::orders::Provider;
use crate::wire::{BidName, GivenAmount, GivenMoment, nullable, present};

/// What is to change; what is not named stays as it is.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_amount": 145.00}))]
pub(super) struct EditBidRequest {
    /// The price; it may be above the budget.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    bid_amount: Option<GivenAmount>,
    /// By when they would deliver, in the future; null for the order's deadline.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<GivenMoment>)]
    proposed_deadline: Option<Option<GivenMoment>>,
    /// Why they are the right one.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 10_000, nullable = false)]
    message: Option<String>,
}

impl EditBidRequest {
    fn read(&self) -> Result<BidPatch, ValidationErrors> {
        let Self { bid_amount, proposed_deadline, message } = self;
        let mut fields = Fields::default();
        let amount = fields.take("bid_amount", bid_amount.as_ref().map(terms::amount).transpose());
        let deadline = proposed_deadline.as_ref().map(|deadline| terms::deadline(deadline.as_ref()));
        let deadline = fields.take("proposed_deadline", deadline.transpose());
        let message = fields.take("message", message.as_deref().map(BidMessage::parse).transpose());
        fields.finish(|| Some(BidPatch { amount: amount?, proposed_deadline: deadline?, message: message? }))
    }
}

/// Change a bid
///
/// For its bidder, while it is open or unconfirmed and the order's deadline is not over. The bid then
/// holds for the order as it is now, and a counter-offer is off the table. Values equal to the
/// present ones of an open bid change nothing.
#[utoipa::path(
    tag = "bids",
    operation_id = "updateBid",
    security(("bearer" = [])),
    params(
        ("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"),
        IdempotencyHeader, IfMatchHeader
    ),
    request_body = EditBidRequest,
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": with(bid(), json!({"bid_amount": 145.00,
            "updated_at": "2024-01-11T08:00:00Z"}))})))),
        (status = 403, description = "Only providers have bids."),
        (status = 409, description = "The bid has come to its end, or the order's deadline has passed, or \
            the bid's own, which stays as it is (`deadline_passed`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "declined"})))),
        (status = 422, description = "The proposed deadline is not in the future.", body = ErrorBody,
        example = json!(impossible("proposed_deadline must be in the future", "deadline_not_in_future",
            "proposed_deadline")))
    )
)]
#[patch("/bids/{bid_id}")]
pub(super) async fn update(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    seen: IfMatch<i64>,
    body: JsonBody<EditBidRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |bid| stored_ok(BidData::from(bid)));
    let patch = body.read(EditBidRequest::read)?;
    let (id, versions) = (id.get()?, seen.into_versions());
    let edit = api.bids.edit.clone();
    let command = |once| async move { edit.execute(&caller.actor, id, patch, versions, &once).await };
    commands::run_once_versioned(&api, once, |bid| bid.version, command).await
}
