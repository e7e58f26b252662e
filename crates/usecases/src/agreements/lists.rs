//! Looking at proposals.

use std::sync::Arc;

use domain::actor::{Actor, Issuer};
use domain::contracts::{Proposal, may_read_agreements};
use domain::ids::{OrderId, ProposalId};
use ports::agreements::ProposalQueries;
use ports::list::{Slice, Window};
use ports::orders::OrderQueries;

use crate::error::UseCaseError;

/// Shows what was proposed about an order.
pub struct ListProposals {
    /// Reads them.
    pub proposals: Arc<dyn ProposalQueries>,
    /// Says whose the order is.
    pub orders: Arc<dyn OrderQueries>,
}

impl ListProposals {
    /// The proposals about an order, newest first, to its two sides and to administrators.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        order_id: OrderId,
        window: Window,
    ) -> Result<Slice<Proposal>, UseCaseError> {
        let access = self.orders.order_access(order_id).await?.ok_or(UseCaseError::NotFound)?;
        let party = Issuer::from(actor).party(access.client_id, access.provider_id);
        party.ok_or(UseCaseError::NotFound)?;
        Ok(self.proposals.proposals(order_id, window).await?)
    }
}

/// Shows one proposal.
pub struct ViewProposal {
    /// Reads it.
    pub proposals: Arc<dyn ProposalQueries>,
}

impl ViewProposal {
    /// One proposal, to its two sides and to administrators.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(&self, actor: &Actor, id: ProposalId) -> Result<Proposal, UseCaseError> {
        let found = self.proposals.proposal(id).await?;
        let may_read = |proposal: &Proposal| may_read_agreements(actor, &proposal.contract);
        found.filter(may_read).ok_or(UseCaseError::NotFound)
    }
}
