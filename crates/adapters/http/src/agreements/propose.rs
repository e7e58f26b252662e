//! Proposing something.

use actix_web::{HttpResponse, post, web};
use domain::contracts::{ProposalKind, ProposalMessage, ProposalTerms, TermsFault};
use domain::ids::{MilestoneNumber, OrderId};
use domain::money::MARKET_CURRENCY;
use serde::Deserialize;
use serde_json::json;
use usecases::agreements::ProposalRequest;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::wire::{ProposalData, proposal, shown_new};
use super::words::ProposalKindWord;
use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, impossible, success};
use crate::envelope::Envelope;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId, must_be_one_of};
use crate::orders::{EitherSide, optional};
use crate::wire::{GivenShare, OrderName, present};

/// What is to be done.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "partial_release", "milestone_id": 3, "amount": 20.00,
    "message": "The charts are missing."}))]
pub(super) struct ProposalBody {
    #[schema(value_type = ProposalKindWord)]
    kind: String,
    /// The milestone's number; not with `cancellation`, which is about the whole order.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 1, maximum = 2_147_483_647)]
    milestone_id: Option<i64>,
    /// For the provider, before their fee; with `return` for the client. Not with `refund`, which is about all there is.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    amount: Option<GivenShare>,
    /// What goes with it; null, empty or left out for nothing.
    #[schema(max_length = 10_000)]
    message: Option<String>,
}

impl ProposalBody {
    fn read(&self) -> Result<ProposalRequest, ValidationErrors> {
        let Self { kind, milestone_id, amount, message } = self;
        let mut fields = Fields::default();
        let words = ProposalKind::ALL.iter().map(|kind| kind.as_str());
        let kind = fields.take("kind", ProposalKind::from_word(kind).ok_or_else(|| must_be_one_of(words)));
        let milestone = fields.take("milestone_id", milestone_id.map(milestone_number).transpose());
        let amount = amount.as_ref().map(|given| given.read(MARKET_CURRENCY)).transpose();
        let amount = fields.take("amount", amount);
        let terms = match (kind, milestone, amount) {
            (Some(kind), Some(milestone), Some(amount)) => {
                let terms = ProposalTerms::new(kind, milestone, amount);
                let field = match terms {
                    Err(fault) if fault.is_about_milestone() => "milestone_id",
                    Err(TermsFault::AmountMissing | TermsFault::AmountGiven) => "amount",
                    Err(TermsFault::MilestoneMissing | TermsFault::MilestoneGiven) | Ok(_) => "kind",
                };
                fields.take(field, terms)
            }
            _ => None,
        };
        let message = fields.take("message", optional(message.as_ref(), ProposalMessage::parse));
        fields.finish(|| Some(ProposalRequest { terms: terms?, message: message? }))
    }
}

fn milestone_number(given: i64) -> Result<MilestoneNumber, &'static str> {
    let number = i32::try_from(given).ok().and_then(MilestoneNumber::new);
    number.ok_or("must be the number of a milestone, from 1 on")
}

/// Propose something about an order's money
///
/// For the two sides of an order that is paid for; the other side has seven days to answer. The client can
/// offer a part of a milestone (`partial_release`), ask for all of its money back before its release (`refund`)
/// or for some of it back afterwards (`return`); either side can propose to end the order (`cancellation`).
/// Nothing is done before the other side accepts; but the refund of a milestone for which nothing was ever
/// handed in is made when the provider does not answer. Whatever settles or disputes the milestone ends the
/// proposal (`superseded`).
#[utoipa::path(
    tag = "agreements",
    operation_id = "createProposal",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    request_body = ProposalBody,
    responses(
        (status = 201, description = "The proposal.", body = Envelope<ProposalData>,
        example = json!(success(&json!({"proposal": proposal()})))),
        (status = 403, description = "Only clients propose anything but a cancellation; administrators take no side."),
        (status = 409, description = "The order is not paid for, the milestone is not in a state for it, something of \
            the order is disputed, or something of the kind is proposed already (`duplicate_proposal`).",
        body = ErrorBody, example = json!(conflict("there is an open proposal about this already",
            &json!({"reason": "duplicate_proposal", "state": "open"})))),
        (status = 422, description = "The amount is nothing, or more than there is (`amount_too_small`, \
            `amount_too_large`).", body = ErrorBody,
        example = json!(impossible("amount must be at most 28.75", "amount_too_large", "amount")))
    )
)]
#[post("/orders/{order_id}/proposals")]
pub(super) async fn propose(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<ProposalBody>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown_new);
    let request = body.read(ProposalBody::read)?;
    let id = id.get()?;
    let propose = api.agreements.propose.clone();
    let command = |once| async move { propose.execute(&caller.actor, id, request, &once).await };
    commands::run_once(&api, once, command).await
}
