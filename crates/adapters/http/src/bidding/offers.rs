//! The history of a bid.

use actix_web::{HttpResponse, get, web};
use domain::ids::BidId;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::wire::OfferRow;
use crate::Api;
use crate::document::examples::success;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, PathId};
use crate::wire::BidName;

/// All terms that were named.
#[derive(Serialize, ToSchema)]
pub(super) struct OffersData {
    /// Oldest first.
    offers: Vec<OfferRow>,
}

/// See how a bid came about
///
/// All terms that either side has named, oldest first. For the bidder, for the client of the order,
/// and for administrators.
#[utoipa::path(
    tag = "bids",
    operation_id = "listOffers",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001")),
    responses((status = 200, description = "The history.", body = Envelope<OffersData>,
        example = json!(success(&json!({"offers": [
            {"author": "provider", "author_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22",
             "author_name": "Sarah Johnson", "bid_amount": 150.00, "proposed_deadline": null,
             "message": "I have extensive experience in marketing research...",
             "created_at": "2024-01-10T14:30:00Z"},
            {"author": "client", "author_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21",
             "author_name": "John Doe", "bid_amount": 140.00, "proposed_deadline": null,
             "message": "Could you do it for 140?", "created_at": "2024-01-11T09:00:00Z"}]})))))
)]
#[get("/bids/{bid_id}/offers")]
pub(super) async fn list(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<BidId>,
) -> Result<HttpResponse, ApiError> {
    let offers = api.bids.list_offers.execute(&caller.actor, id.get()?).await?;
    Ok(ok(OffersData { offers: offers.iter().map(OfferRow::from).collect() }))
}
