//! Answering a proposal, and taking one back.

use actix_web::{HttpResponse, post, web};
use domain::ids::ProposalId;
use serde_json::json;

use super::wire::{ProposalData, proposal, shown};
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, success, with};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::orders::EitherSide;

/// Accept a proposal
///
/// For the side that did not make it: what it says is done at once.
#[utoipa::path(
    tag = "agreements",
    operation_id = "acceptProposal",
    security(("bearer" = [])),
    params(
        ("proposal_id" = String, Path, format = Uuid, description = "The proposal",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e51"),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The proposal as it is now.", body = Envelope<ProposalData>,
        example = json!(success(&json!({"proposal": with(proposal(), json!({"state": "accepted",
            "ended_at": "2024-01-15T09:00:00Z"}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "It is not open, it is one's own (`own_proposal`), or what it is about \
            has changed (`proposal_outdated`).", body = ErrorBody,
        example = json!(conflict("this is for the other side to answer",
            &json!({"reason": "own_proposal", "state": "open"})))),
        (status = 422, description = "The provider's wallet does not hold what is to go back \
            (`insufficient_funds`).", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNPROCESSABLE_ENTITY",
            "message": "18.00 is needed, but only 10.00 is available", "details": {"reason": "insufficient_funds"}}}))
    )
)]
#[post("/proposals/{proposal_id}/accept")]
pub(super) async fn accept(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<ProposalId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let accept = api.agreements.accept.clone();
    commands::run_once(&api, once, |once| async move { accept.execute(&caller.actor, id, &once).await }).await
}

/// Reject a proposal
///
/// For the side that did not make it: nothing is done.
#[utoipa::path(
    tag = "agreements",
    operation_id = "rejectProposal",
    security(("bearer" = [])),
    params(
        ("proposal_id" = String, Path, format = Uuid, description = "The proposal",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e51"),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The proposal as it is now.", body = Envelope<ProposalData>,
        example = json!(success(&json!({"proposal": with(proposal(), json!({"state": "rejected",
            "ended_at": "2024-01-15T09:00:00Z"}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "It is not open, or it is one's own (`own_proposal`).", body = ErrorBody,
        example = json!(conflict("this is for the other side to answer",
            &json!({"reason": "own_proposal", "state": "open"}))))
    )
)]
#[post("/proposals/{proposal_id}/reject")]
pub(super) async fn reject(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<ProposalId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let reject = api.agreements.reject.clone();
    commands::run_once(&api, once, |once| async move { reject.execute(&caller.actor, id, &once).await }).await
}

/// Take a proposal back
///
/// For the side that made it.
#[utoipa::path(
    tag = "agreements",
    operation_id = "withdrawProposal",
    security(("bearer" = [])),
    params(
        ("proposal_id" = String, Path, format = Uuid, description = "The proposal",
            example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e51"),
        IdempotencyHeader
    ),
    responses(
        (status = 200, description = "The proposal as it is now.", body = Envelope<ProposalData>,
        example = json!(success(&json!({"proposal": with(proposal(), json!({"state": "withdrawn",
            "ended_at": "2024-01-15T09:00:00Z"}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "It is not open, or the other side made it (`others_proposal`).", body = ErrorBody,
        example = json!(conflict("only the side that made it can take it back",
            &json!({"reason": "others_proposal", "state": "open"}))))
    )
)]
#[post("/proposals/{proposal_id}/withdraw")]
pub(super) async fn withdraw(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<ProposalId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let withdraw = api.agreements.withdraw.clone();
    commands::run_once(&api, once, |once| async move { withdraw.execute(&caller.actor, id, &once).await })
        .await
}
