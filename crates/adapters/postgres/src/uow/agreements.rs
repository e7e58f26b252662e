//! What the sides of contracts propose to each other.

use async_trait::async_trait;
use domain::contracts::Proposal;
use domain::ids::{ContractId, OrderId, ProposalId};
use ports::agreements::{ProposalClaim, Proposals};
use ports::store::StoreError;

use super::PgUnitOfWork;
use crate::agreements::proposals;

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
