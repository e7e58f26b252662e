//! The bids on an order.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::bidding::BidStatus;
use domain::ids::OrderId;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::caller::ClientOrAdmin;
use super::list::canonical;
use super::wire::ReceivedBidRow;
use super::words::BidFilterWord;
use crate::Api;
use crate::document::examples::{bid, pagination, success, with};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Filter, ListParameters, ListQuery, Pagination, PathId, Query};
use crate::wire::OrderName;

/// A part of the list of bids on an order.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceivedBidsData {
    /// Newest first.
    bids: Vec<ReceivedBidRow>,
    pagination: Pagination,
}

/// Which bids are wanted.
#[derive(Debug)]
pub(super) struct ReceivedBids(Option<BidStatus>);

impl Filter for ReceivedBids {
    const LIST: &'static str = "bids-on-order";

    fn read(query: &mut Query) -> Self {
        Self(query.one_of("status", BidStatus::ALL, BidStatus::as_str))
    }

    fn canonical(&self) -> String {
        canonical(self.0)
    }

    fn object(request: &HttpRequest) -> String {
        // A malformed one has no list.
        PathId::<OrderId>::of(request).get().map(|id| id.to_string()).unwrap_or_default()
    }
}

/// See the bids on an order
///
/// For its client, and for administrators. Newest first.
#[utoipa::path(
    tag = "bids",
    operation_id = "listBidsOnOrder",
    security(("bearer" = [])),
    params(
        ("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-101"),
        ("status" = inline(Option<BidFilterWord>), Query, nullable = false, example = "open",
            description = "`all` (default), `open`, `unconfirmed`, `accepted`, `declined` or `withdrawn`."),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<ReceivedBidsData>,
        example = json!(success(&json!({
            "bids": [with(bid(), json!({"writer": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22",
                "name": "Sarah Johnson", "avatar_url": "https://cdn.example.com/avatars/sarah.jpg",
                "rating": 4.9, "orders_completed": 158, "success_rate": 98.7}}))],
            "pagination": pagination(1, 1, None)})))),
        (status = 403, description = "Providers do not see each other's bids.")
    )
)]
#[get("/orders/{order_id}/bids")]
pub(super) async fn list(
    caller: ClientOrAdmin,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    query: ListQuery<ReceivedBids>,
) -> Result<HttpResponse, ApiError> {
    let ReceivedBids(status) = query.filter;
    let found = api.bids.list_on_order.execute(&caller.actor, id.get()?, status, query.window()).await?;
    let pagination = query.pagination(&found);
    Ok(ok(ReceivedBidsData { bids: found.rows.iter().map(ReceivedBidRow::from).collect(), pagination }))
}
