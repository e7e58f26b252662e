//! What the sides of contracts propose to each other.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::Proposal;
use domain::ids::{ContractId, OrderId, ProposalId};
use ports::agreements::{ExpiredProposal, ProposalClaim, ProposalQueries, Proposals};
use ports::identity::Lock;
use ports::list::{Slice, Window};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::locks::{Acquired, Row};
use crate::store::MemoryStore;
use crate::tables::StoredProposal;
use crate::work::{MemoryWork, duplicate, orphan};

impl MemoryWork {
    fn proposal(&self, id: ProposalId) -> Option<StoredProposal> {
        self.look(|seen| seen.find(|rows| rows.proposals.get(&id)).cloned())
    }

    async fn insert_proposal(&mut self, proposal: &Proposal) -> Result<ProposalClaim, StoreError> {
        let contract_id = proposal.contract.contract_id;
        let has_contract = self.look(|seen| seen.find(|rows| rows.contracts.get(&contract_id)).is_some());
        if !has_contract {
            return Err(orphan("proposals_contract_id_fkey"));
        }
        self.acquire(Row::Proposal(proposal.id), Lock::Exclusive).await?;
        if self.proposal(proposal.id).is_some() {
            return Err(duplicate("proposals_pkey"));
        }
        // Claims the entry in the unique index: waits for whoever is claiming it or giving it up.
        let (kind, milestone) = (proposal.terms.kind(), proposal.terms.milestone());
        let entry = Row::OpenProposal(contract_id, kind, milestone);
        let acquired = self.acquire(entry.clone(), Lock::Exclusive).await?;
        let is_taken = self
            .open_proposals(contract_id)
            .into_iter()
            .any(|open| (open.proposal.terms.kind(), open.proposal.terms.milestone()) == (kind, milestone));
        if is_taken {
            if acquired == Acquired::Newly {
                self.shared.locks.release(self.holder, &entry);
            }
            self.shared.locks.release(self.holder, &Row::Proposal(proposal.id));
            return Ok(ProposalClaim::Taken);
        }
        let position = self.shared.next_proposal_position();
        self.written.proposals.insert(proposal.id, StoredProposal { proposal: proposal.clone(), position });
        Ok(ProposalClaim::Granted)
    }

    fn open_proposals(&self, contract_id: ContractId) -> Vec<StoredProposal> {
        self.look(|seen| {
            let all = seen.all(|rows| &rows.proposals).into_values();
            let open = all.filter(|stored| {
                stored.proposal.contract.contract_id == contract_id && stored.proposal.state.is_open()
            });
            open.cloned().collect()
        })
    }

    async fn lock_proposal(&mut self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        if self.proposal(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Proposal(id), Lock::Exclusive).await?;
        Ok(self.proposal(id).map(|stored| stored.proposal))
    }

    async fn lock_open_proposals(&mut self, contract_id: ContractId) -> Result<Vec<Proposal>, StoreError> {
        for stored in self.open_proposals(contract_id) {
            self.acquire(Row::Proposal(stored.proposal.id), Lock::Exclusive).await?;
        }
        Ok(self.open_proposals(contract_id).into_iter().map(|stored| stored.proposal).collect())
    }

    async fn save_proposal(&mut self, proposal: &mut Proposal) -> Result<(), StoreError> {
        self.acquire(Row::Proposal(proposal.id), Lock::Exclusive).await?;
        let stored = self.proposal(proposal.id).filter(|stored| stored.proposal.version == proposal.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "proposal" }) };
        let Proposal {
            id,
            contract: _,
            terms: _,
            at_stake: _,
            message: _,
            proposed_by: _,
            state,
            created_at: _,
            expires_at: _,
            ended_at,
            version,
        } = proposal;
        *version += 1;
        stored.proposal.state = *state;
        stored.proposal.ended_at = *ended_at;
        stored.proposal.version = *version;
        self.written.proposals.insert(*id, stored);
        Ok(())
    }
}

#[async_trait]
impl Proposals for MemoryWork {
    async fn insert(&mut self, proposal: &Proposal) -> Result<ProposalClaim, StoreError> {
        self.start(Operation::InsertProposal).await?;
        let outcome = self.insert_proposal(proposal).await;
        self.finish(outcome)
    }

    async fn find(&mut self, id: ProposalId) -> Result<Option<OrderId>, StoreError> {
        self.start(Operation::FindProposal).await?;
        let found = self.proposal(id).map(|stored| stored.proposal.contract.order_id);
        self.finish(Ok(found))
    }

    async fn lock(&mut self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        self.start(Operation::LockProposal).await?;
        let outcome = self.lock_proposal(id).await;
        self.finish(outcome)
    }

    async fn lock_open(&mut self, contract_id: ContractId) -> Result<Vec<Proposal>, StoreError> {
        self.start(Operation::LockOpenProposals).await?;
        let outcome = self.lock_open_proposals(contract_id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, proposal: &mut Proposal) -> Result<(), StoreError> {
        self.start(Operation::SaveProposal).await?;
        let outcome = self.save_proposal(proposal).await;
        self.finish(outcome)
    }
}

#[async_trait]
impl ProposalQueries for MemoryStore {
    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        self.shared().enter_or_fail(Operation::Proposal).await?;
        Ok(self.look(|seen| seen.find(|rows| rows.proposals.get(&id)).map(|stored| stored.proposal.clone())))
    }

    async fn proposals(&self, order_id: OrderId, window: Window) -> Result<Slice<Proposal>, StoreError> {
        self.shared().enter_or_fail(Operation::Proposals).await?;
        let mut all: Vec<StoredProposal> = self.look(|seen| {
            let all = seen.all(|rows| &rows.proposals).into_values();
            all.filter(|stored| stored.proposal.contract.order_id == order_id).cloned().collect()
        });
        all.sort_by_key(|stored| std::cmp::Reverse(stored.position));
        let Slice { rows, total, next } = slice(all, window, |stored| stored.position);
        Ok(Slice { rows: rows.into_iter().map(|stored| stored.proposal).collect(), total, next })
    }

    async fn expired_proposals(
        &self,
        now: DateTime<Utc>,
        after: Option<ExpiredProposal>,
        limit: u32,
    ) -> Result<Vec<ExpiredProposal>, StoreError> {
        self.shared().enter_or_fail(Operation::ExpiredProposals).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.look(|seen| {
            let all = seen.all(|rows| &rows.proposals).into_values().map(|stored| &stored.proposal);
            let due = all.filter(|proposal| proposal.state.is_open() && proposal.expires_at <= now);
            let expired =
                |proposal: &Proposal| ExpiredProposal { expires_at: proposal.expires_at, id: proposal.id };
            let mut due: Vec<_> = due.map(expired).collect();
            due.sort_unstable();
            due.retain(|expired| after.is_none_or(|after| *expired > after));
            due.truncate(limit);
            due
        }))
    }
}
