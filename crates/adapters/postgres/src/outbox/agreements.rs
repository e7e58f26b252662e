//! Facts about proposals and disputes.

use domain::contracts::{ProposalEvent, ProposalRef};
use domain::disputes::{DisputeEvent, DisputeRef};
use domain::ids::MilestoneNumber;
use serde_json::{Map, Value, json};

use super::{amount, contract, with};

pub(super) fn of_proposal(event: &ProposalEvent) -> Value {
    match event {
        ProposalEvent::Made(made)
        | ProposalEvent::Rejected(made)
        | ProposalEvent::Withdrawn(made)
        | ProposalEvent::Lapsed(made)
        | ProposalEvent::Superseded(made) => Value::Object(proposal(made)),
        ProposalEvent::Accepted { proposal: accepted, accepted_by } => {
            with(proposal(accepted), [("accepted_by", json!(accepted_by.as_str()))])
        }
    }
}

fn proposal(proposal: &ProposalRef) -> Map<String, Value> {
    let ProposalRef { proposal_id, contract: parties, kind, milestone, amount: named, proposed_by } =
        proposal;
    let mut known = contract(parties);
    known.extend([
        ("proposal_id".to_owned(), json!(proposal_id.to_string())),
        ("kind".to_owned(), json!(kind.as_str())),
        ("milestone".to_owned(), json!(milestone.map(MilestoneNumber::number))),
        ("amount".to_owned(), amount(*named)),
        ("proposed_by".to_owned(), json!(proposed_by.as_str())),
    ]);
    known
}

pub(super) fn of_dispute(event: &DisputeEvent) -> Value {
    match event {
        DisputeEvent::EvidenceAdded { dispute: about, evidence, by } => {
            with(dispute(about), [("evidence", json!(evidence)), ("by", json!(by.as_str()))])
        }
        DisputeEvent::OfferMade { dispute: about, offer, to_provider, by }
        | DisputeEvent::OfferRejected { dispute: about, offer, to_provider, by } => with(
            dispute(about),
            [("offer", json!(offer)), ("to_provider", amount(*to_provider)), ("by", json!(by.as_str()))],
        ),
        DisputeEvent::Escalated { dispute: about, by } => with(dispute(about), [("by", json!(by.as_str()))]),
    }
}

fn dispute(dispute: &DisputeRef) -> Map<String, Value> {
    let DisputeRef { dispute_id, contract: parties, milestone } = dispute;
    let mut known = contract(parties);
    known.extend([
        ("dispute_id".to_owned(), json!(dispute_id.to_string())),
        ("milestone".to_owned(), json!(milestone.number())),
    ]);
    known
}
