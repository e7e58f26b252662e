//! Disputing a milestone.

use actix_web::{HttpResponse, post, web};
use domain::contracts::DisputeReason;
use domain::ids::MilestoneNumber;
use domain::money::MARKET_CURRENCY;
use serde::Deserialize;
use serde_json::json;
use usecases::disputes::DisputeRequest;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::wire::{DisputeData, dispute, shown_new};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::orders::EitherSide;
use crate::wire::{GivenShare, given_order};

/// What is disputed.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"order_id": "ORD-001", "milestone_id": 3, "reason": "The charts are missing.",
    "to_provider": 10.00}))]
pub(super) struct OpenDisputeRequest {
    /// The order.
    #[schema(pattern = "^(ORD|AO)-(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,17})$", example = "ORD-001")]
    order_id: String,
    /// The milestone's number within the order.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    milestone_id: i64,
    /// Why. The other side and administrators read it.
    #[schema(min_length = 1, max_length = 10_000)]
    reason: String,
    /// What you want the provider to have of the milestone's amount, before their fee.
    to_provider: GivenShare,
}

impl OpenDisputeRequest {
    fn read(&self) -> Result<DisputeRequest, ValidationErrors> {
        let Self { order_id, milestone_id, reason, to_provider } = self;
        let mut fields = Fields::default();
        let order_id = fields.take("order_id", given_order(order_id));
        let number = i32::try_from(*milestone_id).ok().and_then(MilestoneNumber::new);
        let milestone =
            fields.take("milestone_id", number.ok_or("must be the number of a milestone, from 1 on"));
        let reason = fields.take("reason", DisputeReason::parse(reason));
        let to_provider = fields.take("to_provider", to_provider.read(MARKET_CURRENCY));
        fields.finish(|| {
            Some(DisputeRequest {
                order_id: order_id?,
                milestone: milestone?,
                reason: reason?,
                to_provider: to_provider?,
            })
        })
    }
}

/// Open a dispute
///
/// For the two sides of an order, about a milestone that is paid for and not settled: its money is frozen. The
/// other side has seven days to answer: to bring something forward, to make, accept or reject an offer, or to
/// escalate it. If they do not, the money is divided as you ask; but where a provider asks for money and has handed in
/// nothing, or the other side's account is closed or blocked, it goes to an administrator. After an answer the two
/// sides have 14 days to agree before it does.
#[utoipa::path(
    tag = "agreements",
    operation_id = "openDispute",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = OpenDisputeRequest,
    responses(
        (status = 201, description = "The dispute.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": dispute(json!({}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 404, description = "There is no such order or milestone, or it is not yours."),
        (status = 409, description = "The milestone is not paid for, settled, or disputed.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "disputed"})))),
        (status = 422, description = "More than the milestone's amount (`more_than_disputed`).", body = ErrorBody,
        example = json!(impossible("to_provider must be at most 28.75", "more_than_disputed", "to_provider")))
    )
)]
#[post("/disputes")]
pub(super) async fn open(
    caller: EitherSide,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<OpenDisputeRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown_new);
    let request = body.read(OpenDisputeRequest::read)?;
    let open = api.disputes.open.clone();
    commands::run_once(&api, once, |once| async move { open.execute(&caller.actor, request, &once).await })
        .await
}
