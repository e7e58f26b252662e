//! Proposals on the wire.

use domain::contracts::{Proposal, ProposalMessage};
use domain::ids::MilestoneNumber;
use ports::idempotency::StoredAnswer;
use serde::Serialize;
use serde_json::{Value, json};
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{ProposalKindWord, ProposalStateWord, SideWord};
use crate::envelope::{stored_created, stored_ok};
use crate::wire::{Amount, Timestamp};

/// A proposal.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalData {
    proposal: ProposalRow,
}

/// What one side wants done with an order's money.
#[derive(Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(super) struct ProposalRow {
    id: Uuid,
    #[schema(example = "ORD-001")]
    order_id: String,
    #[schema(value_type = ProposalKindWord)]
    kind: &'static str,
    /// The milestone's number within the order; null for a cancellation.
    #[schema(required = true, minimum = 1)]
    milestone_id: Option<i32>,
    /// The amount that is named: for the provider, or with `return` for the client. Fees come on top as always.
    /// With `refund` all there is.
    amount: Amount,
    /// How much there was to agree about when it was made.
    at_stake: Amount,
    /// Null if nothing was said.
    #[schema(required = true)]
    message: Option<String>,
    /// Which side made it; the other one is to answer.
    #[schema(value_type = SideWord)]
    proposed_by: &'static str,
    #[schema(value_type = ProposalStateWord)]
    state: &'static str,
    created_at: Timestamp,
    /// Until when it may be answered.
    expires_at: Timestamp,
    /// When it came to its end; null while it is open.
    #[schema(required = true)]
    ended_at: Option<Timestamp>,
}

impl From<&Proposal> for ProposalRow {
    fn from(proposal: &Proposal) -> Self {
        let amount = proposal.reference().amount;
        let Proposal {
            id,
            contract,
            terms,
            at_stake,
            message,
            proposed_by,
            state,
            created_at,
            expires_at,
            ended_at,
            version: _,
        } = proposal;
        Self {
            id: id.uuid(),
            order_id: contract.order_id.to_string(),
            kind: terms.kind().as_str(),
            milestone_id: terms.milestone().map(MilestoneNumber::number),
            amount: Amount(amount),
            at_stake: Amount(*at_stake),
            message: message.as_ref().map(ProposalMessage::as_str).map(str::to_owned),
            proposed_by: proposed_by.as_str(),
            state: state.as_str(),
            created_at: Timestamp(*created_at),
            expires_at: Timestamp(*expires_at),
            ended_at: ended_at.map(Timestamp),
        }
    }
}

impl From<&Proposal> for ProposalData {
    fn from(proposal: &Proposal) -> Self {
        Self { proposal: proposal.into() }
    }
}

/// How a proposal is shown.
pub(super) fn shown(proposal: &Proposal) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(ProposalData::from(proposal))
}

/// How a new proposal is shown.
pub(super) fn shown_new(proposal: &Proposal) -> Result<StoredAnswer, UseCaseError> {
    stored_created(ProposalData::from(proposal))
}

/// An example.
pub(super) fn proposal() -> Value {
    json!({"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e51", "order_id": "ORD-001", "kind": "partial_release",
        "milestone_id": 3, "amount": 20.00, "at_stake": 28.75, "message": "The charts are missing.",
        "proposed_by": "client", "state": "open", "created_at": "2024-01-14T18:00:00Z",
        "expires_at": "2024-01-21T18:00:00Z", "ended_at": null})
}
