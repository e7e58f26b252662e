//! What either side can do with a bid without saying more.

use actix_web::{HttpResponse, post, web};
use domain::ids::BidId;
use ports::bidding::BidView;
use ports::idempotency::StoredAnswer;
use serde_json::json;
use usecases::error::UseCaseError;

use super::wire::BidData;
use crate::Api;
use crate::commands;
use crate::document::examples::{bid, conflict, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::orders::{Client, Provider};
use crate::wire::BidName;

/// How every answer here looks.
fn shown(bid: &BidView) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(BidData::from(bid))
}

/// Take a bid back
///
/// For its bidder, while it is open or unconfirmed. An accepted one can be taken back as long as
/// nobody has paid: the order is open again.
#[utoipa::path(
    tag = "bids",
    operation_id = "withdrawBid",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": with(bid(), json!({"status": "withdrawn", "state": "withdrawn",
            "updated_at": "2024-01-11T08:00:00Z"}))})))),
        (status = 403, description = "Only providers have bids."),
        (status = 409, description = "The bid has come to its end, or its order is paid for.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "declined"}))))
    )
)]
#[post("/bids/{bid_id}/withdraw")]
pub(super) async fn withdraw(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let withdraw = api.bids.withdraw.clone();
    commands::run_once(&api, once, |once| async move { withdraw.execute(&caller.actor, id, &once).await })
        .await
}

/// Accept a counter-offer
///
/// For the bidder: the client's terms are the bid's now, for the order as it is now. Awarding the
/// order is still the client's to do.
#[utoipa::path(
    tag = "bids",
    operation_id = "acceptCounterOffer",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": with(bid(), json!({"bid_amount": 140.00,
            "response_date": "2024-01-16T10:00:00Z", "updated_at": "2024-01-11T10:00:00Z"}))})))),
        (status = 403, description = "Only providers have bids."),
        (status = 409, description = "There is no counter-offer, or a deadline has passed (`deadline_passed`).",
        body = ErrorBody, example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "open"}))))
    )
)]
#[post("/bids/{bid_id}/accept-counter")]
pub(super) async fn accept_counter(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let accept_counter = api.bids.accept_counter.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { accept_counter.execute(&caller.actor, id, &once).await },
    )
    .await
}

/// Reject a counter-offer
///
/// For the bidder: the bid's own terms stay. If the order has changed meanwhile, the bid is
/// unconfirmed.
#[utoipa::path(
    tag = "bids",
    operation_id = "rejectCounterOffer",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": with(bid(), json!({"updated_at": "2024-01-11T10:00:00Z"}))})))),
        (status = 403, description = "Only providers have bids."),
        (status = 409, description = "There is no counter-offer.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "open"}))))
    )
)]
#[post("/bids/{bid_id}/reject-counter")]
pub(super) async fn reject_counter(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let reject_counter = api.bids.reject_counter.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { reject_counter.execute(&caller.actor, id, &once).await },
    )
    .await
}

/// Turn a bid down
///
/// For the client of the order, while the bid is open or unconfirmed.
#[utoipa::path(
    tag = "bids",
    operation_id = "declineBid",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": with(bid(), json!({"status": "declined", "state": "declined",
            "response_date": "2024-01-11T08:00:00Z", "updated_at": "2024-01-11T08:00:00Z"}))})))),
        (status = 403, description = "Only clients decline bids."),
        (status = 409, description = "The bid has come to its end.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "withdrawn"}))))
    )
)]
#[post("/bids/{bid_id}/decline")]
pub(super) async fn decline(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let decline = api.bids.decline.clone();
    commands::run_once(&api, once, |once| async move { decline.execute(&caller.actor, id, &once).await })
        .await
}
