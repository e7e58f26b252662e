//! Awarding an order.

use actix_web::{HttpResponse, post, web};
use domain::bidding::Expected;
use domain::contracts;
use domain::ids::BidId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use usecases::bidding::AcceptedBid;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::terms;
use super::wire::BidRow;
use crate::Api;
use crate::commands;
use crate::document::examples::{bid, conflict, pending_order, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::{Client, Order};
use crate::wire::{Amount, BidName, GivenAmount, present};

/// What the client believes that they accept: send what you have shown to the person who decides.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_amount": 150.00, "revision": 1}))]
pub(super) struct AcceptBidRequest {
    /// The price; without it, whatever it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    bid_amount: Option<GivenAmount>,
    /// The revision that the bid holds for; without it, whatever it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 1, nullable = false)]
    revision: Option<i64>,
}

impl AcceptBidRequest {
    fn read(&self) -> Result<Expected, ValidationErrors> {
        let Self { bid_amount, revision } = self;
        let mut fields = Fields::default();
        let amount = fields.take("bid_amount", bid_amount.as_ref().map(terms::amount).transpose());
        let revision = fields.take("revision", terms::revision(*revision));
        fields.finish(|| Some(Expected { amount: amount?, revision: revision? }))
    }
}

/// An awarded order and the bid that won it.
#[derive(Serialize, ToSchema)]
pub(super) struct AcceptedBidData {
    bid: BidRow,
    order: Order,
    /// What has to be paid before the work can begin; null if it is in escrow.
    #[schema(required = true)]
    payment_required: Option<PaymentRequired>,
}

/// What has to be paid before the work can begin.
#[derive(Serialize, ToSchema)]
pub(super) struct PaymentRequired {
    /// The price, and the client's fee on top.
    amount: Amount,
    /// What the client's wallet holds.
    available: Amount,
    /// Of what, as in ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
}

impl From<&AcceptedBid> for AcceptedBidData {
    fn from(accepted: &AcceptedBid) -> Self {
        let AcceptedBid { bid, order, payment_required } = accepted;
        let payment_required = payment_required.map(|required| {
            let contracts::PaymentRequired { amount, available } = required;
            let currency = amount.currency().as_str();
            PaymentRequired { amount: Amount(amount), available: Amount(available), currency }
        });
        Self { bid: bid.into(), order: order.into(), payment_required }
    }
}

/// Accept a bid
///
/// For the client of the order: it goes to this bidder at the bid's price, and all other bids are
/// declined. If the client's wallet covers price and fee, they go into escrow and the order is
/// `active`; otherwise it is `pending` and `payment_required` says what is missing: pay in, then
/// fund the order within 7 days.
#[utoipa::path(
    tag = "bids",
    operation_id = "acceptBid",
    security(("bearer" = [])),
    params(("bid_id" = inline(BidName), Path, description = "The bid", example = "BID-001"), IdempotencyHeader),
    request_body = AcceptBidRequest,
    responses(
        (status = 200, description = "The order is awarded.", body = Envelope<AcceptedBidData>,
        example = json!(success(&json!({
            "bid": with(bid(), json!({"order_id": "ORD-001",
                "order_title": "Research Paper on Climate Change", "subject": "Environmental Science",
                "bid_amount": 115.00, "original_budget": 120.00, "status": "accepted", "state": "accepted",
                "response_date": "2024-01-08T14:30:00Z", "order_deadline": "2024-01-15T23:59:59Z",
                "updated_at": "2024-01-08T14:30:00Z"})),
            "order": pending_order(),
            "payment_required": {"amount": 115.00, "available": 20.00, "currency": "USD"}})))),
        (status = 403, description = "Only clients award orders."),
        (status = 409, description = "The bid is not what the client expected (`bid_changed`, with the present \
            `details.bid`), it waits for its bidder (`bid_unconfirmed`, `counter_pending`), a deadline has passed \
            (`deadline_passed`), the bidder's account is closed (`bidder_unavailable`), or bid or order are not open.",
        body = ErrorBody, example = json!(conflict("the bid has changed",
            &json!({"reason": "bid_changed", "state": "open", "bid": with(bid(), json!({"bid_amount": 155.00}))})))),
        (status = 422, description = "The price is less than a cent for each milestone (`amount_too_small`).")
    )
)]
#[post("/bids/{bid_id}/accept")]
pub(super) async fn accept(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<BidId>,
    key: IdempotencyKey,
    body: JsonBody<AcceptBidRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |accepted| stored_ok(AcceptedBidData::from(accepted)));
    let expected = body.read(AcceptBidRequest::read)?;
    let id = id.get()?;
    let accept = api.bids.accept.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { accept.execute(&caller.actor, id, expected, &once).await },
    )
    .await
}
