//! What the sides of contracts propose to each other, and what they dispute.

use async_trait::async_trait;
use domain::contracts::Proposal;
use domain::disputes::{Dispute, Evidence};
use domain::ids::{ContractId, DisputeId, OrderId, ProposalId};
use ports::agreements::{ProposalClaim, Proposals};
use ports::disputes::{DisputeView, Disputes};
use ports::store::StoreError;

use super::PgUnitOfWork;
use crate::agreements::{disputes, proposals};

#[async_trait]
impl Proposals for PgUnitOfWork {
    async fn insert(&mut self, proposal: &Proposal) -> Result<ProposalClaim, StoreError> {
        bounded!(self, |connection| proposals::insert(connection, proposal))
    }

    async fn find(&mut self, id: ProposalId) -> Result<Option<OrderId>, StoreError> {
        bounded!(self, |connection| proposals::find(connection, id))
    }

    async fn lock(&mut self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        bounded!(self, |connection| proposals::lock(connection, id))
    }

    async fn lock_open(&mut self, contract_id: ContractId) -> Result<Vec<Proposal>, StoreError> {
        bounded!(self, |connection| proposals::lock_open(connection, contract_id))
    }

    async fn save(&mut self, proposal: &mut Proposal) -> Result<(), StoreError> {
        bounded!(self, |connection| proposals::save(connection, proposal))
    }
}

#[async_trait]
impl Disputes for PgUnitOfWork {
    async fn insert(&mut self, dispute: &Dispute) -> Result<(), StoreError> {
        bounded!(self, |connection| disputes::insert(connection, dispute))
    }

    async fn find(&mut self, id: DisputeId) -> Result<Option<OrderId>, StoreError> {
        bounded!(self, |connection| disputes::find(connection, id))
    }

    async fn lock(&mut self, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
        bounded!(self, |connection| disputes::lock(connection, id))
    }

    async fn save(&mut self, dispute: &mut Dispute) -> Result<(), StoreError> {
        bounded!(self, |connection| disputes::save(connection, dispute))
    }

    async fn add_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError> {
        bounded!(self, |connection| disputes::add_evidence(connection, evidence))
    }

    async fn view(&mut self, id: DisputeId) -> Result<Option<DisputeView>, StoreError> {
        bounded!(self, |connection| disputes::view(connection, id))
    }
}
