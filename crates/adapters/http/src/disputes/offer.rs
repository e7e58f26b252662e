//! Offering a split.

use actix_web::{HttpResponse, post, web};
use domain::disputes::SplitMessage;
use domain::ids::DisputeId;
use domain::money::{MARKET_CURRENCY, Money};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::wire::{DisputeData, negotiating, offer as an_offer, shown};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::{EitherSide, optional};
use crate::wire::GivenShare;

/// How the money is to be divided.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to_provider": 20.00, "message": "I can add them for that."}))]
pub(super) struct OfferSplitRequest {
    /// What the provider is to have, before their fee; the rest goes back to the client.
    to_provider: GivenShare,
    /// What goes with it; null, empty or left out for nothing.
    #[schema(max_length = 10_000)]
    message: Option<String>,
}

impl OfferSplitRequest {
    fn read(&self) -> Result<(Money, Option<SplitMessage>), ValidationErrors> {
        let Self { to_provider, message } = self;
        let mut fields = Fields::default();
        let to_provider = fields.take("to_provider", to_provider.read(MARKET_CURRENCY));
        let message = fields.take("message", optional(message.as_ref(), SplitMessage::parse));
        fields.finish(|| Some((to_provider?, message?)))
    }
}

/// Offer to settle a dispute
///
/// For its two sides, until it is resolved. Each side has one offer that stands: a new one replaces it.
#[utoipa::path(
    tag = "agreements",
    operation_id = "offerSettlement",
    security(("bearer" = [])),
    params(
        ("dispute_id" = String, Path, format = Uuid, description = "The dispute",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61"),
        IdempotencyHeader
    ),
    request_body = OfferSplitRequest,
    responses(
        (status = 200, description = "The dispute as it is now.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": negotiating(json!({"offers": [an_offer()]}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "It is resolved, or you have made 50 offers (`too_many`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "resolved"})))),
        (status = 422, description = "More than is disputed (`more_than_disputed`).", body = ErrorBody,
        example = json!(impossible("to_provider must be at most 28.75", "more_than_disputed", "to_provider")))
    )
)]
#[post("/disputes/{dispute_id}/offers")]
pub(super) async fn offer(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
    key: IdempotencyKey,
    body: JsonBody<OfferSplitRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let terms = body.read(OfferSplitRequest::read)?;
    let id = id.get()?;
    let offer = api.disputes.offer.clone();
    commands::run_once(&api, once, |once| async move { offer.execute(&caller.actor, id, terms, &once).await })
        .await
}
