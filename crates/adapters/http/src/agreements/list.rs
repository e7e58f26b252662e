//! Looking at proposals.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::ids::{OrderId, ProposalId};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::wire::{ProposalData, ProposalRow, proposal};
use crate::Api;
use crate::document::examples::{pagination, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, Filter, ListParameters, ListQuery, Pagination, PathId, Query};
use crate::wire::OrderName;

/// A part of the list of what was proposed about an order.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalsData {
    /// Newest first.
    proposals: Vec<ProposalRow>,
    pagination: Pagination,
}

/// All that was proposed about an order.
#[derive(Debug)]
pub(super) struct ProposalsOfOrder;

impl Filter for ProposalsOfOrder {
    const LIST: &'static str = "proposals-of-order";

    fn read(_: &mut Query) -> Self {
        Self
    }

    fn canonical(&self) -> String {
        String::new()
    }

    fn object(request: &HttpRequest) -> String {
        // A malformed one has no list.
        PathId::<OrderId>::of(request).get().map(|id| id.to_string()).unwrap_or_default()
    }
}

/// See what was proposed about an order
///
/// For its two sides, and for administrators. Newest first, whatever became of it.
#[utoipa::path(
    tag = "agreements",
    operation_id = "listProposals",
    security(("bearer" = [])),
    params(
        ("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<ProposalsData>,
        example = json!(success(&json!({"proposals": [proposal()], "pagination": pagination(1, 1, None)})))))
)]
#[get("/orders/{order_id}/proposals")]
pub(super) async fn list(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    query: ListQuery<ProposalsOfOrder>,
) -> Result<HttpResponse, ApiError> {
    let ProposalsOfOrder = query.filter;
    let found = api.agreements.list.execute(&caller.actor, id.get()?, query.window()).await?;
    Ok(ok(ProposalsData {
        pagination: query.pagination(&found),
        proposals: found.rows.iter().map(ProposalRow::from).collect(),
    }))
}

/// See a proposal
///
/// For its two sides, and for administrators.
#[utoipa::path(
    tag = "agreements",
    operation_id = "getProposal",
    security(("bearer" = [])),
    params(("proposal_id" = String, Path, format = Uuid, description = "The proposal",
        example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e51")),
    responses((status = 200, description = "The proposal.", body = Envelope<ProposalData>,
        example = json!(success(&json!({"proposal": proposal()})))))
)]
#[get("/proposals/{proposal_id}")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<ProposalId>,
) -> Result<HttpResponse, ApiError> {
    let proposal = api.agreements.view.execute(&caller.actor, id.get()?).await?;
    Ok(ok(ProposalData::from(&proposal)))
}
