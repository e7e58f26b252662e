//! One bid.

use actix_web::{HttpResponse, get, web};
use domain::ids::BidId;
use serde_json::json;

use super::wire::BidData;
use crate::Api;
use crate::document::examples::{bid, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, PathId, Version};
use crate::wire::BidName;

/// See a bid
///
/// For its bidder, for the client of the order, and for administrators.
#[utoipa::path(
    tag = "bids",
    operation_id = "getBid",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001")),
    responses((status = 200, description = "The bid.", body = Envelope<BidData>,
        example = json!(success(&json!({"bid": bid()})))))
)]
#[get("/bids/{bid_id}")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<BidId>,
) -> Result<HttpResponse, ApiError> {
    let bid = api.bids.view.execute(&caller.actor, id.get()?).await?;
    let (name, value) = bid.version.header()?;
    let mut answer = ok(BidData::from(&bid));
    answer.headers_mut().insert(name, value);
    Ok(answer)
}
