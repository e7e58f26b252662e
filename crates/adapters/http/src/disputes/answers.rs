//! Answering an offer of the other side, and leaving a dispute to an administrator.

use actix_web::{HttpResponse, post, web};
use domain::ids::DisputeId;
use serde_json::json;

use super::wire::{DisputeData, negotiating, offer, shown};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, success, with};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId, PathSegment};
use crate::orders::EitherSide;

/// The number of an offer within its dispute.
#[derive(Debug)]
pub(super) struct OfferNumber(i32);

impl PathSegment for OfferNumber {
    fn from_segment(segment: &str) -> Option<Self> {
        let number = segment.parse().ok().filter(|number| *number >= 1)?;
        (i32::to_string(&number) == segment).then_some(Self(number))
    }
}

/// Accept an offer to settle a dispute
///
/// For the side that did not make it: the money is divided so at once.
#[utoipa::path(
    tag = "agreements",
    operation_id = "acceptSettlement",
    security(("bearer" = [])),
    params(
        ("dispute_id" = String, Path, format = Uuid, description = "The dispute",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61"),
        ("number" = i32, Path, minimum = 1, description = "The offer's number", example = 1),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The dispute as it is now.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": with(negotiating(json!({"state": "resolved", "due_at": null,
            "at_deadline": null, "resolution": {"by": "agreement", "to_provider": 20.00, "reason": null,
            "resolved_at": "2024-01-15T10:00:00Z"}})), json!({"offers": [with(offer(), json!({"state": "accepted",
            "ended_at": "2024-01-15T10:00:00Z"}))]}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "The dispute is resolved, the offer is one's own (`own_offer`), or it does not \
            stand any more (`offer_over`).", body = ErrorBody,
        example = json!(conflict("this is for the other side to answer",
            &json!({"reason": "own_offer", "state": "standing"}))))
    )
)]
#[post("/disputes/{dispute_id}/offers/{number}/accept")]
pub(super) async fn accept(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
    number: PathId<OfferNumber, 1>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let (id, number) = (id.get()?, number.get()?.0);
    let accept = api.disputes.accept.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { accept.execute(&caller.actor, id, number, &once).await },
    )
    .await
}

/// Reject an offer to settle a dispute
///
/// For the side that did not make it.
#[utoipa::path(
    tag = "agreements",
    operation_id = "rejectSettlement",
    security(("bearer" = [])),
    params(
        ("dispute_id" = String, Path, format = Uuid, description = "The dispute",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61"),
        ("number" = i32, Path, minimum = 1, description = "The offer's number", example = 1),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The dispute as it is now.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": negotiating(json!({"offers": [with(offer(),
            json!({"state": "rejected", "ended_at": "2024-01-15T10:00:00Z"}))]}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "The dispute is resolved, the offer is one's own (`own_offer`), or it does not \
            stand any more (`offer_over`).", body = ErrorBody,
        example = json!(conflict("this is for the other side to answer",
            &json!({"reason": "own_offer", "state": "standing"}))))
    )
)]
#[post("/disputes/{dispute_id}/offers/{number}/reject")]
pub(super) async fn reject(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
    number: PathId<OfferNumber, 1>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let (id, number) = (id.get()?, number.get()?.0);
    let reject = api.disputes.reject.clone();
    commands::run_once(
        &api,
        once,
        |once| async move { reject.execute(&caller.actor, id, number, &once).await },
    )
    .await
}

/// Leave a dispute to an administrator
///
/// For its two sides, once the other side has answered. The administrators have 30 days; if they do not decide, the
/// money is divided equally, with the odd cent for the client.
#[utoipa::path(
    tag = "agreements",
    operation_id = "escalateDispute",
    security(("bearer" = [])),
    params(
        ("dispute_id" = String, Path, format = Uuid, description = "The dispute",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61"),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The dispute as it is now.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": negotiating(json!({"state": "in_review",
            "due_at": "2024-02-14T09:00:00Z", "at_deadline": {"outcome": "divided", "to_provider": 14.37}}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "The other side has not answered yet, or it is with an administrator or resolved.", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "in_review"}))))
    )
)]
#[post("/disputes/{dispute_id}/escalate")]
pub(super) async fn escalate(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let escalate = api.disputes.escalate.clone();
    commands::run_once(&api, once, |once| async move { escalate.execute(&caller.actor, id, &once).await })
        .await
}
