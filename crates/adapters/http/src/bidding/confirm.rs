//! Saying that one's offer still holds.

use actix_web::{HttpResponse, post, web};
use domain::ids::BidId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::wire::BidData;
use crate::Api;
use crate::commands;
use crate::document::examples::{bid, conflict, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::Provider;
use crate::wire::{BidName, present};

/// What the bidder has read.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmBidRequest {
    /// The revision of the order; without it the bid is confirmed whatever the order is now.
    #[serde(default, deserialize_with = "present")]
    #[validate(range(min = 1))]
    #[schema(minimum = 1, example = 2, nullable = false)]
    revision: Option<i64>,
}

/// Confirm a bid
///
/// For its bidder, after the order has changed: the bid holds for the order as it is now.
#[utoipa::path(
    tag = "bids",
    operation_id = "confirmBid",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    request_body = ConfirmBidRequest,
    responses(
        (status = 200, description = "The bid as it is now.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": with(bid(), json!({"revision": 2,
            "response_date": "2024-01-16T08:00:00Z", "updated_at": "2024-01-11T08:00:00Z"}))})))),
        (status = 403, description = "Only providers have bids."),
        (status = 409, description = "The order has changed again (`order_changed`, with its present \
            `details.revision`), a counter-offer waits for an answer (`counter_pending`), the order's deadline or \
            the bid's own has passed (`deadline_passed`), or there is nothing to confirm.", body = ErrorBody,
        example = json!(conflict("the order has changed again",
            &json!({"reason": "order_changed", "state": "changed", "revision": 3}))))
    )
)]
#[post("/bids/{bid_id}/confirm")]
pub(super) async fn confirm(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<ConfirmBidRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |bid| stored_ok(BidData::from(bid)));
    let ConfirmBidRequest { revision } = body.into_inner();
    let id = id.get()?;
    let confirm = api.bids.confirm.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { confirm.execute(&caller.actor, id, revision, &once).await },
    )
    .await
}
