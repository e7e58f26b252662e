//! What happened in disputes. That one was opened, and how it ended, is told of the milestone
//! ([`crate::contracts::ContractEvent`]).

use crate::actor::Party;
use crate::ids::{DisputeId, MilestoneNumber};
use crate::money::{ContractParties, Money};

/// A dispute, the two sides, and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeRef {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The contract and its people.
    pub contract: ContractParties,
    /// The milestone.
    pub milestone: MilestoneNumber,
}

/// Facts about disputes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeEvent {
    /// One side brought something forward.
    EvidenceAdded {
        /// Where.
        dispute: DisputeRef,
        /// Its number.
        evidence: i32,
        /// Which side.
        by: Party,
    },
    /// One side offered a split.
    OfferMade {
        /// Where.
        dispute: DisputeRef,
        /// Its number.
        offer: i32,
        /// What the provider is to have, before their fee.
        to_provider: Money,
        /// Which side.
        by: Party,
    },
    /// The other side did not want it.
    OfferRejected {
        /// Where.
        dispute: DisputeRef,
        /// Its number.
        offer: i32,
        /// What the provider was to have.
        to_provider: Money,
        /// Which side did not want it.
        by: Party,
    },
    /// An administrator is to decide.
    Escalated {
        /// Which.
        dispute: DisputeRef,
        /// Which side wanted that, or the program after a deadline.
        by: Party,
    },
}

impl DisputeEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::EvidenceAdded { .. } => "dispute.evidence_added",
            Self::OfferMade { .. } => "dispute.offer_made",
            Self::OfferRejected { .. } => "dispute.offer_rejected",
            Self::Escalated { .. } => "dispute.escalated",
        }
    }

    /// The dispute.
    #[must_use]
    pub const fn dispute(&self) -> &DisputeRef {
        match self {
            Self::EvidenceAdded { dispute, .. }
            | Self::OfferMade { dispute, .. }
            | Self::OfferRejected { dispute, .. }
            | Self::Escalated { dispute, .. } => dispute,
        }
    }
}
