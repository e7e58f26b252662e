//! What happened to proposals. What was done because one was taken is told as itself.

use super::ProposalKind;
use crate::actor::Party;
use crate::ids::{MilestoneNumber, ProposalId, UserId};
use crate::money::{ContractParties, Money};

/// A proposal, the two sides, and what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposalRef {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The contract and its people.
    pub contract: ContractParties,
    /// What is proposed.
    pub kind: ProposalKind,
    /// Of which milestone; `None` where it is about all of them.
    pub milestone: Option<MilestoneNumber>,
    /// The amount that is named, or all there is.
    pub amount: Money,
    /// Which side made it.
    pub proposed_by: Party,
}

/// Facts about proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalEvent {
    /// One side made one.
    Made(ProposalRef),
    /// It was taken, and what it says has been done.
    Accepted {
        /// Which.
        proposal: ProposalRef,
        /// The other side, or the program where silence means yes.
        accepted_by: Party,
    },
    /// The other side did not want it.
    Rejected(ProposalRef),
    /// Who made it took it back.
    Withdrawn(ProposalRef),
    /// Nobody answered in time.
    Lapsed(ProposalRef),
    /// What it was about has changed.
    Superseded(ProposalRef),
}

impl ProposalEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Made(_) => "proposal.made",
            Self::Accepted { .. } => "proposal.accepted",
            Self::Rejected(_) => "proposal.rejected",
            Self::Withdrawn(_) => "proposal.withdrawn",
            Self::Lapsed(_) => "proposal.lapsed",
            Self::Superseded(_) => "proposal.superseded",
        }
    }

    /// The proposal.
    #[must_use]
    pub const fn proposal(&self) -> &ProposalRef {
        match self {
            Self::Made(proposal)
            | Self::Accepted { proposal, .. }
            | Self::Rejected(proposal)
            | Self::Withdrawn(proposal)
            | Self::Lapsed(proposal)
            | Self::Superseded(proposal) => proposal,
        }
    }
}

impl ProposalRef {
    /// Whoever made it.
    #[must_use]
    pub fn proposer(&self) -> UserId {
        self.side(self.proposed_by == Party::Client)
    }

    /// The one who is to answer.
    #[must_use]
    pub fn answerer(&self) -> UserId {
        self.side(self.proposed_by != Party::Client)
    }

    const fn side(&self, is_client: bool) -> UserId {
        if is_client { self.contract.client_id } else { self.contract.provider_id }
    }
}
