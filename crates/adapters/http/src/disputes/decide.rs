//! The administrator's decision.

use actix_web::{HttpResponse, post, web};
use domain::disputes::DecisionReason;
use domain::ids::DisputeId;
use domain::money::{MARKET_CURRENCY, Money};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::caller::Arbiter;
use super::wire::{DisputeData, dispute, shown};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::wire::GivenShare;

/// How the money is divided, and why.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to_provider": 15.00, "reason": "The text is good; the charts were agreed and are missing."}))]
pub(super) struct DecideDisputeRequest {
    /// What the provider is given, before their fee; the rest goes back to the client.
    to_provider: GivenShare,
    /// Why. Both sides read it.
    #[schema(min_length = 1, max_length = 10_000)]
    reason: String,
}

impl DecideDisputeRequest {
    fn read(&self) -> Result<(Money, DecisionReason), ValidationErrors> {
        let Self { to_provider, reason } = self;
        let mut fields = Fields::default();
        let to_provider = fields.take("to_provider", to_provider.read(MARKET_CURRENCY));
        let reason = fields.take("reason", DecisionReason::parse(reason));
        fields.finish(|| Some((to_provider?, reason?)))
    }
}

/// Decide a dispute
///
/// One that is in review: the money is divided at once, and both sides are told.
#[utoipa::path(
    tag = "admin",
    operation_id = "decideDispute",
    security(("bearer" = [])),
    params(
        ("dispute_id" = String, Path, format = Uuid, description = "The dispute",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61"),
        IdempotencyHeader
    ),
    request_body = DecideDisputeRequest,
    responses(
        (status = 200, description = "The dispute as it is now.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": dispute(json!({"state": "resolved", "due_at": null,
            "at_deadline": null, "resolution": {"by": "administrator", "to_provider": 15.00,
            "reason": "The text is good; the charts were agreed and are missing.",
            "resolved_at": "2024-01-16T10:00:00Z"}, "updated_at": "2024-01-16T10:00:00Z"}))})))),
        (status = 403, description = "For administrators."),
        (status = 409, description = "It is not in review.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "negotiating"})))),
        (status = 422, description = "More than is disputed (`more_than_disputed`).", body = ErrorBody,
        example = json!(impossible("to_provider must be at most 28.75", "more_than_disputed", "to_provider")))
    )
)]
#[post("/admin/disputes/{dispute_id}/decide")]
pub(super) async fn decide(
    caller: Arbiter,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
    key: IdempotencyKey,
    body: JsonBody<DecideDisputeRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let decision = body.read(DecideDisputeRequest::read)?;
    let id = id.get()?;
    let decide = api.disputes.decide.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { decide.execute(&caller.actor, id, decision, &once).await },
    )
    .await
}
