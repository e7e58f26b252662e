//! One's own bids.

use actix_web::{HttpResponse, get, web};
use domain::bidding::{BidCounts, BidStatus};
use ports::bidding::BidList;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::caller::BidderOrAdmin;
use super::wire::BidRow;
use super::words::BidFilterWord;
use crate::Api;
use crate::document::examples::{bid, pagination, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{ALL, Filter, ListParameters, ListQuery, Pagination, Query};

/// A part of a list of bids.
#[derive(Serialize, ToSchema)]
pub(super) struct BidsData {
    /// Newest first.
    bids: Vec<BidRow>,
    pagination: Pagination,
    summary: BidsSummary,
}

/// What all of somebody's bids come to, whatever the filter and the page.
#[derive(Serialize, ToSchema)]
pub(super) struct BidsSummary {
    /// Open, unconfirmed and declined ones: accepted bids are orders.
    #[schema(example = 23)]
    total_bids: i64,
    #[schema(example = 12)]
    open: i64,
    #[schema(example = 3)]
    unconfirmed: i64,
    #[schema(example = 8)]
    declined: i64,
    /// Accepted bids of all accepted and declined ones, in per cent; zero before the first.
    #[schema(minimum = 0, maximum = 100, example = 67)]
    success_rate: u32,
}

impl From<&BidCounts> for BidsSummary {
    fn from(counts: &BidCounts) -> Self {
        Self {
            total_bids: counts.listed(),
            open: counts.of_status(BidStatus::Open),
            unconfirmed: counts.of_status(BidStatus::Unconfirmed),
            declined: counts.of_status(BidStatus::Declined),
            success_rate: counts.success_rate(),
        }
    }
}

/// Which bids are wanted.
#[derive(Debug)]
pub(super) struct PlacedBids(Option<BidStatus>);

/// The filter `status` of bids in its one spelling.
pub(super) fn canonical(status: Option<BidStatus>) -> String {
    status.map_or(ALL, BidStatus::as_str).to_owned()
}

impl Filter for PlacedBids {
    const LIST: &'static str = "bids";

    fn read(query: &mut Query) -> Self {
        Self(query.one_of("status", BidStatus::ALL, BidStatus::as_str))
    }

    fn canonical(&self) -> String {
        canonical(self.0)
    }
}

/// See one's bids
///
/// For providers theirs, for administrators everybody's. Newest first.
#[utoipa::path(
    tag = "bids",
    operation_id = "listBids",
    security(("bearer" = [])),
    params(
        ("status" = inline(Option<BidFilterWord>), Query, nullable = false, example = "open",
            description = "`all` (default): `open`, `unconfirmed` and `declined` ones. Or one of those, or \
                `accepted` or `withdrawn`."),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<BidsData>,
        example = json!(success(&json!({
            "bids": [bid()],
            "pagination": pagination(23, 2, Some("YmlkczphNTljNGUwOGMxN2QyYjNmOjE")),
            "summary": {"total_bids": 23, "open": 12, "unconfirmed": 3, "declined": 8, "success_rate": 67}})))),
        (status = 403, description = "Clients see the bids on each of their orders.")
    )
)]
#[get("/bids")]
pub(super) async fn list(
    caller: BidderOrAdmin,
    api: web::Data<Api>,
    query: ListQuery<PlacedBids>,
) -> Result<HttpResponse, ApiError> {
    let PlacedBids(status) = query.filter;
    let found = api.bids.list.execute(&caller.actor, status, query.window()).await?;
    let BidList { bids, tally } = &found;
    Ok(ok(BidsData {
        pagination: query.pagination(bids),
        summary: tally.into(),
        bids: bids.rows.iter().map(BidRow::from).collect(),
    }))
}
