//! Changing an order, each side in its own way.

use actix_web::{HttpResponse, patch, web};
use domain::actor::{Issuer, Party};
use domain::ids::{MilestoneNumber, OrderId};
use ports::orders::{OrderDetail, OrderVersion};
use serde_json::json;
use usecases::error::{UseCaseError, Versions};
use usecases::idempotency::Once;
use usecases::orders::{OrderEdit, WorkReport};

use super::caller::EitherSide;
use super::changes::{Edit, Report, UpdateOrderRequest};
use super::wire::OrderData;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, order, success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, IfMatch, IfMatchHeader, JsonBody, PathId};
use crate::wire::OrderName;

/// Change an order
///
/// Its client changes what is wanted, as long as it is open. A change of anything but the milestones
/// and the invitations raises `revision`: open bids become `unconfirmed`. The provider who holds it
/// reports how far the work is, begins milestones and hands them in, as long as it is active. A field
/// that the role may not set is 400. All of it is done or nothing; values equal to the present ones
/// change nothing.
#[utoipa::path(
    tag = "orders",
    operation_id = "updateOrder",
    security(("bearer" = [])),
    params(
        ("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"),
        IdempotencyHeader, IfMatchHeader
    ),
    request_body = UpdateOrderRequest,
    responses(
        (status = 200, description = "The order as it is now.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": with(order(), json!({"progress": 75}))})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "The order is not open (for its client) or not active (for its provider), \
            the milestone is in no state for this, or somebody who is invited has declined before \
            (`invitation_declined`).", body = ErrorBody,
        example = json!(conflict("this is not possible in the present state",
            &json!({"reason": "invalid_transition", "state": "completed"})))),
        (status = 422, description = "A date is not in the future or a milestone comes after the deadline \
            (`deadline_not_in_future`, `due_date_not_in_future`, `due_date_after_deadline`), or somebody who \
            is invited is no provider (`not_a_provider`).", body = ErrorBody,
        example = json!(impossible("deadline must be in the future", "deadline_not_in_future", "deadline")))
    )
)]
#[patch("/orders/{order_id}")]
pub(super) async fn update(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    seen: IfMatch<OrderVersion>,
    body: JsonBody<UpdateOrderRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_ok(OrderData::from(detail)));
    let versions = seen.into_versions();
    if Issuer::from(&caller.actor).party_by_role() == Party::Provider {
        let report = body.read(UpdateOrderRequest::report)?;
        report_work(caller, &api, id.get()?, report, versions, once).await
    } else {
        let edit = body.read(UpdateOrderRequest::edit)?;
        edit_order(caller, &api, id.get()?, edit, versions, once).await
    }
}

async fn edit_order(
    caller: EitherSide,
    api: &Api,
    id: OrderId,
    edit: Edit,
    versions: Versions<OrderVersion>,
    once: Once<OrderDetail>,
) -> Result<HttpResponse, ApiError> {
    let Edit { patch, invited } = edit;
    let edit = OrderEdit { patch, invited, versions };
    let edit_order = api.orders.edit.clone();
    let command = |once| async move { edit_order.execute(&caller.actor, id, edit, &once).await };
    commands::run_once_versioned(api, once, |detail| detail.version, command).await
}

async fn report_work(
    caller: EitherSide,
    api: &Api,
    id: OrderId,
    report: Report,
    versions: Versions<OrderVersion>,
    once: Once<OrderDetail>,
) -> Result<HttpResponse, ApiError> {
    let Report { progress, milestone } = report;
    let milestone = match milestone {
        None => None,
        Some((number, step)) => {
            let number = i32::try_from(number).ok().and_then(MilestoneNumber::new);
            Some((number.ok_or(UseCaseError::NotFound)?, step))
        }
    };
    let report = WorkReport { progress, milestone, versions };
    let report_work = api.orders.report.clone();
    let command = |once| async move { report_work.execute(&caller.actor, id, report, &once).await };
    commands::run_once_versioned(api, once, |detail| detail.version, command).await
}
