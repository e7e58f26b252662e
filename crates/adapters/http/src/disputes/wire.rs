//! Disputes on the wire.

use domain::contracts::DisputeReason;
use domain::disputes::{Deadline, DecisionReason, Dispute, Resolution, SplitMessage, SplitOffer};
use ports::disputes::{DisputeView, EvidenceView};
use ports::idempotency::StoredAnswer;
use serde::Serialize;
use serde_json::{Value, json};
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{DeadlineWord, DisputeStateWord, OfferStateWord, ResolverWord};
use crate::agreements::SideWord;
use crate::document::examples::with;
use crate::envelope::{stored_created, stored_ok};
use crate::wire::{Amount, Timestamp};

/// A dispute with all that was said.
#[derive(Serialize, ToSchema)]
pub(super) struct DisputeData {
    dispute: DisputeDetail,
}

/// A dispute, as it is listed.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeSummary)]
pub(super) struct DisputeRow {
    id: Uuid,
    #[schema(example = "ORD-001")]
    order_id: String,
    /// The milestone's number within the order.
    #[schema(minimum = 1, example = 3)]
    milestone_id: i32,
    client_id: Uuid,
    writer_id: Uuid,
    /// How much is disputed: the milestone's amount.
    amount: Amount,
    /// Which side opened it.
    #[schema(value_type = SideWord)]
    opened_by: &'static str,
    reason: String,
    /// What the side that opened it wants the provider to have, before their fee.
    to_provider: Amount,
    #[schema(value_type = DisputeStateWord)]
    state: &'static str,
    /// Until when it waits; null once it is resolved.
    #[schema(required = true)]
    due_at: Option<Timestamp>,
    /// What happens then; null once it is resolved.
    #[schema(required = true)]
    at_deadline: Option<DeadlineRow>,
    /// How it ended; null until it is resolved.
    #[schema(required = true)]
    resolution: Option<ResolutionRow>,
    opened_at: Timestamp,
    updated_at: Timestamp,
}

/// What happens when a deadline passes.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeDeadline)]
pub(super) struct DeadlineRow {
    #[schema(value_type = DeadlineWord)]
    outcome: &'static str,
    /// What the provider is given, before their fee; null when it goes to an administrator.
    #[schema(required = true)]
    to_provider: Option<Amount>,
}

/// How a dispute ended.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeResolution)]
pub(super) struct ResolutionRow {
    #[schema(value_type = ResolverWord)]
    by: &'static str,
    /// What the provider was given, before their fee; the rest went back to the client.
    to_provider: Amount,
    /// Why, where an administrator decided; else null.
    #[schema(required = true)]
    reason: Option<String>,
    resolved_at: Timestamp,
}

/// A dispute, with its offers and all that was brought forward.
#[derive(Serialize, ToSchema)]
#[schema(as = Dispute)]
pub(super) struct DisputeDetail {
    #[serde(flatten)]
    dispute: DisputeRow,
    /// In the order in which they were made.
    offers: Vec<OfferRow>,
    /// In the order in which it was brought forward.
    evidence: Vec<EvidenceRow>,
}

/// An offer of a split.
#[derive(Serialize, ToSchema)]
#[schema(as = SplitOffer)]
pub(super) struct OfferRow {
    #[schema(minimum = 1, example = 1)]
    number: i32,
    #[schema(value_type = SideWord)]
    made_by: &'static str,
    /// What the provider is to have, before their fee; the rest goes back to the client.
    to_provider: Amount,
    /// Null if nothing was said.
    #[schema(required = true)]
    message: Option<String>,
    #[schema(value_type = OfferStateWord)]
    state: &'static str,
    made_at: Timestamp,
    /// When it stood no more; null while it stands.
    #[schema(required = true)]
    ended_at: Option<Timestamp>,
}

/// A piece of evidence.
#[derive(Serialize, ToSchema)]
#[schema(as = Evidence)]
pub(super) struct EvidenceRow {
    #[schema(minimum = 1, example = 1)]
    number: i32,
    #[schema(value_type = SideWord)]
    side: &'static str,
    author_id: Uuid,
    /// Null where there are only files.
    #[schema(required = true)]
    text: Option<String>,
    /// The files; they are among those of the order. Links to them are given by `GET /files/{id}`.
    files: Vec<EvidenceFile>,
    added_at: Timestamp,
}

/// A file that was brought forward.
#[derive(Serialize, ToSchema)]
pub(super) struct EvidenceFile {
    id: Uuid,
    #[schema(example = "chart.png")]
    name: String,
}

impl From<&Dispute> for DisputeRow {
    fn from(dispute: &Dispute) -> Self {
        let at_deadline = dispute.at_deadline().map(|deadline| match deadline {
            Deadline::Divided { to_provider } => {
                DeadlineRow { outcome: "divided", to_provider: Some(Amount(to_provider)) }
            }
            Deadline::Reviewed => DeadlineRow { outcome: "reviewed", to_provider: None },
        });
        let Dispute {
            id,
            contract,
            milestone,
            amount,
            opened_by,
            reason,
            asked,
            state,
            due_at,
            offers: _,
            silence_settles: _,
            evidence: _,
            resolution,
            opened_at,
            updated_at,
            version: _,
        } = dispute;
        Self {
            id: id.uuid(),
            order_id: contract.order_id.to_string(),
            milestone_id: milestone.number(),
            client_id: contract.client_id.uuid(),
            writer_id: contract.provider_id.uuid(),
            amount: Amount(*amount),
            opened_by: opened_by.as_str(),
            reason: DisputeReason::as_str(reason).to_owned(),
            to_provider: Amount(*asked),
            state: state.as_str(),
            due_at: due_at.map(Timestamp),
            at_deadline,
            resolution: resolution.as_ref().map(ResolutionRow::from),
            opened_at: Timestamp(*opened_at),
            updated_at: Timestamp(*updated_at),
        }
    }
}

impl From<&Resolution> for ResolutionRow {
    fn from(resolution: &Resolution) -> Self {
        // Which administrator it was is not for the two sides.
        let Resolution { resolver, to_provider, reason, decided_by: _, resolved_at } = resolution;
        Self {
            by: resolver.as_str(),
            to_provider: Amount(*to_provider),
            reason: reason.as_ref().map(DecisionReason::as_str).map(str::to_owned),
            resolved_at: Timestamp(*resolved_at),
        }
    }
}

impl From<&SplitOffer> for OfferRow {
    fn from(offer: &SplitOffer) -> Self {
        let SplitOffer { number, side, to_provider, message, state, made_at, ended_at } = offer;
        Self {
            number: *number,
            made_by: side.as_str(),
            to_provider: Amount(*to_provider),
            message: message.as_ref().map(SplitMessage::as_str).map(str::to_owned),
            state: state.as_str(),
            made_at: Timestamp(*made_at),
            ended_at: ended_at.map(Timestamp),
        }
    }
}

impl From<&EvidenceView> for EvidenceRow {
    fn from(evidence: &EvidenceView) -> Self {
        let EvidenceView { number, side, author_id, text, files, added_at } = evidence;
        Self {
            number: *number,
            side: side.as_str(),
            author_id: author_id.uuid(),
            text: text.clone(),
            files: files
                .iter()
                .map(|(id, name)| EvidenceFile { id: id.uuid(), name: name.clone() })
                .collect(),
            added_at: Timestamp(*added_at),
        }
    }
}

impl From<&DisputeView> for DisputeData {
    fn from(view: &DisputeView) -> Self {
        let DisputeView { dispute, evidence } = view;
        Self {
            dispute: DisputeDetail {
                dispute: dispute.into(),
                offers: dispute.offers.iter().map(OfferRow::from).collect(),
                evidence: evidence.iter().map(EvidenceRow::from).collect(),
            },
        }
    }
}

/// How a dispute is shown.
pub(super) fn shown(view: &DisputeView) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(DisputeData::from(view))
}

/// How a new dispute is shown.
pub(super) fn shown_new(view: &DisputeView) -> Result<StoredAnswer, UseCaseError> {
    stored_created(DisputeData::from(view))
}

/// An example, as it is listed.
pub(super) fn summary() -> Value {
    json!({"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e61", "order_id": "ORD-001", "milestone_id": 3,
        "client_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21", "writer_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22",
        "amount": 28.75, "opened_by": "client", "reason": "The charts are missing.", "to_provider": 10.00,
        "state": "awaiting_answer", "due_at": "2024-01-21T18:00:00Z",
        "at_deadline": {"outcome": "divided", "to_provider": 10.00}, "resolution": null,
        "opened_at": "2024-01-14T18:00:00Z", "updated_at": "2024-01-14T18:00:00Z"})
}

/// An example in full.
pub(super) fn dispute(changes: Value) -> Value {
    with(with(summary(), json!({"offers": [], "evidence": []})), changes)
}

/// An example of a dispute in which the other side has answered.
pub(super) fn negotiating(changes: Value) -> Value {
    let answered = json!({"state": "negotiating", "due_at": "2024-01-29T09:00:00Z",
        "at_deadline": {"outcome": "reviewed", "to_provider": null}, "updated_at": "2024-01-15T09:00:00Z"});
    with(dispute(answered), changes)
}

/// An example of something that was brought forward.
pub(super) fn evidence() -> Value {
    json!({"number": 1, "side": "client", "author_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21",
        "text": "The brief asked for them.", "files": [{"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e31",
        "name": "chart.png"}], "added_at": "2024-01-14T18:05:00Z"})
}

/// An example of an offer.
pub(super) fn offer() -> Value {
    json!({"number": 1, "made_by": "provider", "to_provider": 20.00, "message": "I can add them for that.",
        "state": "standing", "made_at": "2024-01-15T09:00:00Z", "ended_at": null})
}
