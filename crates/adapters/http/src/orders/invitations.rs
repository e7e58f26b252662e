//! Asking certain providers to bid, and their saying no.

use actix_web::{HttpResponse, post, web};
use domain::ids::{OrderId, UserId};
use serde::Deserialize;
use serde_json::{Value, json};
use usecases::orders::Invited;
use utoipa::ToSchema;
use validator::Validate;

use super::caller::{Client, Provider};
use super::wire::InvitationData;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success};
use crate::envelope::{Envelope, stored_created, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId};
use crate::wire::{GivenId, OrderName};

/// For the description: an invitation that may have been declined.
fn example(declined_at: Option<&str>) -> Value {
    success(
        &json!({"invitation": {"order_id": "ORD-001", "writer_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22",
        "created_at": "2024-01-08T11:00:00Z", "declined_at": declined_at}}),
    )
}

/// Who is to be asked.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct InviteRequest {
    /// A provider.
    #[schema(value_type = Uuid, example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22")]
    writer_id: GivenId,
}

/// Ask a provider to bid
///
/// For the client of an open order. The provider is told, and sees the order as one that they are
/// invited to. Asking again changes nothing.
#[utoipa::path(
    tag = "orders",
    operation_id = "inviteProvider",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    request_body = InviteRequest,
    responses(
        (status = 200, description = "The invitation that stood already.", body = Envelope<InvitationData>,
        example = json!(example(None))),
        (status = 201, description = "The invitation.", body = Envelope<InvitationData>,
        example = json!(example(None))),
        (status = 403, description = "Only clients invite."),
        (status = 409, description = "The order is not open, or the provider has said no (`invitation_declined`).",
        body = ErrorBody, example = json!(conflict("this provider has declined the invitation",
            &json!({"reason": "invitation_declined", "state": "open"})))),
        (status = 422, description = "They are no provider.", body = ErrorBody,
        example = json!(impossible("writer_id must be a provider", "not_a_provider", "writer_id")))
    )
)]
#[post("/orders/{order_id}/invitations")]
pub(super) async fn invite(
    caller: Client,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<InviteRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |Invited { invitation, is_new }| {
        let data = InvitationData::from(invitation);
        if *is_new { stored_created(data) } else { stored_ok(data) }
    });
    let InviteRequest { writer_id } = body.into_inner();
    let id = id.get()?;
    let invite = api.orders.invite.clone();
    commands::run_once(&api, once, |once| async move {
        invite.execute(&caller.actor, id, UserId::new(writer_id.0), &once).await
    })
    .await
}

/// Say no to an invitation
///
/// For the provider who was invited: the order is not offered to them any more. Saying it again
/// changes nothing.
#[utoipa::path(
    tag = "orders",
    operation_id = "declineInvitation",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    responses(
        (status = 200, description = "The invitation as it is now.", body = Envelope<InvitationData>,
        example = json!(example(Some("2024-01-08T12:00:00Z")))),
        (status = 403, description = "Only providers are invited.")
    )
)]
#[post("/orders/{order_id}/decline-invitation")]
pub(super) async fn decline(
    caller: Provider,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |invitation| stored_ok(InvitationData::from(invitation)));
    let id = id.get()?;
    let decline = api.orders.decline_invitation.clone();
    commands::run_once(&api, once, |once| async move { decline.execute(&caller.actor, id, &once).await })
        .await
}
