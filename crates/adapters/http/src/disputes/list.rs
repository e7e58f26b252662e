//! Looking at disputes.

use actix_web::{HttpResponse, get, web};
use domain::disputes::{Dispute, DisputeState};
use domain::ids::DisputeId;
use ports::list::Slice;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::caller::Arbiter;
use super::wire::{DisputeData, DisputeRow, dispute, evidence, offer, summary};
use super::words::DisputeFilterWord;
use crate::Api;
use crate::document::examples::{pagination, success, with};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, Filter, ListParameters, ListQuery, Pagination, PathId, Query};
use crate::orders::EitherSide;

/// A part of a list of disputes.
#[derive(Serialize, ToSchema)]
pub(super) struct DisputesData {
    /// Newest first.
    disputes: Vec<DisputeRow>,
    pagination: Pagination,
}

/// Which disputes are wanted: of one's own, or of all.
#[derive(Debug)]
pub(super) struct Disputes<const ALL: bool>(Option<DisputeState>);

impl<const ALL: bool> Filter for Disputes<ALL> {
    const LIST: &'static str = if ALL { "all-disputes" } else { "disputes" };

    fn read(query: &mut Query) -> Self {
        Self(query.one_of("state", DisputeState::ALL, DisputeState::as_str))
    }

    fn canonical(&self) -> String {
        self.0.map_or_else(String::new, |state| state.to_string())
    }
}

fn page<F: Filter>(query: &ListQuery<F>, found: &Slice<Dispute>) -> HttpResponse {
    let disputes = found.rows.iter().map(DisputeRow::from).collect();
    ok(DisputesData { pagination: query.pagination(found), disputes })
}

/// See one's disputes
///
/// Those in which one is one of the two sides, newest first.
#[utoipa::path(
    tag = "agreements",
    operation_id = "listDisputes",
    security(("bearer" = [])),
    params(
        ("state" = inline(Option<DisputeFilterWord>), Query, nullable = false, example = "in_review",
            description = "Those in one state, or `all`"),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<DisputesData>,
        example = json!(success(&json!({"disputes": [summary()], "pagination": pagination(1, 1, None)})))),
        (status = 403, description = "Administrators take no side.")
    )
)]
#[get("/disputes")]
pub(super) async fn list(
    caller: EitherSide,
    api: web::Data<Api>,
    query: ListQuery<Disputes<false>>,
) -> Result<HttpResponse, ApiError> {
    let found = api.disputes.list.execute(&caller.actor, query.filter.0, query.window()).await?;
    Ok(page(&query, &found))
}

/// See all disputes
///
/// Newest first; those that wait for a decision have the state `in_review`.
#[utoipa::path(
    tag = "admin",
    operation_id = "listAllDisputes",
    security(("bearer" = [])),
    params(
        ("state" = inline(Option<DisputeFilterWord>), Query, nullable = false, example = "in_review",
            description = "Those in one state, or `all`"),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<DisputesData>,
        example = json!(success(&json!({"disputes": [summary()], "pagination": pagination(1, 1, None)})))),
        (status = 403, description = "For administrators.")
    )
)]
#[get("/admin/disputes")]
pub(super) async fn list_all(
    caller: Arbiter,
    api: web::Data<Api>,
    query: ListQuery<Disputes<true>>,
) -> Result<HttpResponse, ApiError> {
    let found = api.disputes.list_all.execute(&caller.actor, query.filter.0, query.window()).await?;
    Ok(page(&query, &found))
}

/// See a dispute
///
/// With its offers, all that was brought forward, its deadline and what happens at it. For its two sides, and for
/// administrators.
#[utoipa::path(
    tag = "agreements",
    operation_id = "getDispute",
    security(("bearer" = [])),
    params(("dispute_id" = String, Path, format = Uuid, description = "The dispute",
        example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61")),
    responses((status = 200, description = "The dispute.", body = Envelope<DisputeData>,
        example = json!(success(&json!({"dispute": dispute(json!({
            "offers": [with(offer(), json!({"made_by": "client", "to_provider": 15.00}))],
            "evidence": [evidence()]}))})))))
)]
#[get("/disputes/{dispute_id}")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<DisputeId>,
) -> Result<HttpResponse, ApiError> {
    let view = api.disputes.view.execute(&caller.actor, id.get()?).await?;
    Ok(ok(DisputeData::from(&view)))
}
