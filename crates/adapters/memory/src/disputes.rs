//! Disputes, and what was brought forward in them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::disputes::{Dispute, DisputeState, Evidence, EvidenceText};
use domain::ids::{DisputeId, OrderId};
use ports::disputes::{DisputeQueries, DisputeScope, DisputeView, Disputes, DueDispute, EvidenceView};
use ports::identity::Lock;
use ports::list::{Slice, Window};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::locks::Row;
use crate::snapshot::Snapshot;
use crate::store::MemoryStore;
use crate::tables::StoredDispute;
use crate::work::{MemoryWork, duplicate, orphan};

fn view(seen: &Snapshot<'_>, id: DisputeId) -> Option<DisputeView> {
    let stored = seen.find(|rows| rows.disputes.get(&id))?;
    let said = seen.all(|rows| &rows.evidence).into_values().filter(|said| said.dispute_id == id);
    let evidence = said.map(|said| EvidenceView {
        number: said.number,
        side: said.side,
        author_id: said.author_id,
        text: said.content.text().map(EvidenceText::as_str).map(str::to_owned),
        files: said
            .content
            .files()
            .ids()
            .iter()
            .filter_map(|id| Some((*id, seen.file(*id)?.name.as_str().to_owned())))
            .collect(),
        added_at: said.added_at,
    });
    Some(DisputeView { dispute: stored.dispute.clone(), evidence: evidence.collect() })
}

impl MemoryWork {
    fn dispute(&self, id: DisputeId) -> Option<StoredDispute> {
        self.look(|seen| seen.find(|rows| rows.disputes.get(&id)).cloned())
    }

    async fn insert_dispute(&mut self, dispute: &Dispute) -> Result<(), StoreError> {
        let (contract_id, milestone) = (dispute.contract.contract_id, dispute.milestone);
        let has_milestone = self.look(|seen| {
            let contract = seen.find(|rows| rows.contracts.get(&contract_id));
            contract.is_some_and(|contract| contract.milestone(milestone).is_ok())
        });
        if !has_milestone {
            return Err(orphan("disputes_milestone_fkey"));
        }
        self.acquire(Row::Dispute(dispute.id), Lock::Exclusive).await?;
        let is_taken = self.look(|seen| {
            seen.all(|rows| &rows.disputes).into_values().any(|stored| {
                let other = &stored.dispute;
                other.id == dispute.id
                    || (other.contract.contract_id, other.milestone) == (contract_id, milestone)
            })
        });
        if is_taken {
            return Err(duplicate("disputes_once"));
        }
        let position = self.shared.next_dispute_position();
        self.written.disputes.insert(dispute.id, StoredDispute { dispute: dispute.clone(), position });
        Ok(())
    }

    async fn lock_dispute(&mut self, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
        if self.dispute(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Dispute(id), Lock::Exclusive).await?;
        Ok(self.dispute(id).map(|stored| stored.dispute))
    }

    async fn save_dispute(&mut self, dispute: &mut Dispute) -> Result<(), StoreError> {
        self.acquire(Row::Dispute(dispute.id), Lock::Exclusive).await?;
        let stored = self.dispute(dispute.id).filter(|stored| stored.dispute.version == dispute.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "dispute" }) };
        let Dispute {
            id,
            contract: _,
            milestone: _,
            amount: _,
            opened_by: _,
            reason: _,
            asked: _,
            state,
            due_at,
            offers,
            silence_settles: _,
            evidence,
            resolution,
            opened_at: _,
            updated_at,
            version,
        } = dispute;
        *version += 1;
        stored.dispute.state = *state;
        stored.dispute.due_at = *due_at;
        stored.dispute.offers.clone_from(offers);
        stored.dispute.evidence = *evidence;
        stored.dispute.resolution.clone_from(resolution);
        stored.dispute.updated_at = *updated_at;
        stored.dispute.version = *version;
        self.written.disputes.insert(*id, stored);
        Ok(())
    }

    fn insert_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError> {
        if self.dispute(evidence.dispute_id).is_none() {
            return Err(orphan("dispute_evidence_dispute_id_fkey"));
        }
        let key = (evidence.dispute_id, evidence.number);
        if self.look(|seen| seen.find(|rows| rows.evidence.get(&key)).is_some()) {
            return Err(duplicate("dispute_evidence_pkey"));
        }
        let attached = |id| self.look(|seen| seen.find(|rows| rows.attachments.get(id)).is_some());
        if !evidence.content.files().ids().iter().all(attached) {
            return Err(orphan("dispute_files_file_id_fkey"));
        }
        self.written.evidence.insert(key, evidence.clone());
        Ok(())
    }
}

#[async_trait]
impl Disputes for MemoryWork {
    async fn insert(&mut self, dispute: &Dispute) -> Result<(), StoreError> {
        self.start(Operation::InsertDispute).await?;
        let outcome = self.insert_dispute(dispute).await;
        self.finish(outcome)
    }

    async fn find(&mut self, id: DisputeId) -> Result<Option<OrderId>, StoreError> {
        self.start(Operation::FindDispute).await?;
        let found = self.dispute(id).map(|stored| stored.dispute.contract.order_id);
        self.finish(Ok(found))
    }

    async fn lock(&mut self, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
        self.start(Operation::LockDispute).await?;
        let outcome = self.lock_dispute(id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, dispute: &mut Dispute) -> Result<(), StoreError> {
        self.start(Operation::SaveDispute).await?;
        let outcome = self.save_dispute(dispute).await;
        self.finish(outcome)
    }

    async fn add_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError> {
        self.start(Operation::AddEvidence).await?;
        let outcome = self.insert_evidence(evidence);
        self.finish(outcome)
    }

    async fn view(&mut self, id: DisputeId) -> Result<Option<DisputeView>, StoreError> {
        self.start(Operation::DisputeInside).await?;
        let found = self.look(|seen| view(seen, id));
        self.finish(Ok(found))
    }
}

#[async_trait]
impl DisputeQueries for MemoryStore {
    async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView>, StoreError> {
        self.shared().enter_or_fail(Operation::Dispute).await?;
        Ok(self.look(|seen| view(seen, id)))
    }

    async fn disputes(
        &self,
        scope: DisputeScope,
        state: Option<DisputeState>,
        window: Window,
    ) -> Result<Slice<Dispute>, StoreError> {
        self.shared().enter_or_fail(Operation::Disputes).await?;
        let is_theirs = |dispute: &Dispute| match scope {
            DisputeScope::Of(id) => [dispute.contract.client_id, dispute.contract.provider_id].contains(&id),
            DisputeScope::Everybody => true,
        };
        let mut all: Vec<StoredDispute> = self.look(|seen| {
            let all = seen.all(|rows| &rows.disputes).into_values();
            let wanted = all.filter(|stored| {
                is_theirs(&stored.dispute) && state.is_none_or(|state| stored.dispute.state == state)
            });
            wanted.cloned().collect()
        });
        all.sort_by_key(|stored| std::cmp::Reverse(stored.position));
        let Slice { rows, total, next } = slice(all, window, |stored| stored.position);
        Ok(Slice { rows: rows.into_iter().map(|stored| stored.dispute).collect(), total, next })
    }

    async fn due_disputes(
        &self,
        now: DateTime<Utc>,
        after: Option<DueDispute>,
        limit: u32,
    ) -> Result<Vec<DueDispute>, StoreError> {
        self.shared().enter_or_fail(Operation::DueDisputes).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.look(|seen| {
            let all = seen.all(|rows| &rows.disputes).into_values().map(|stored| &stored.dispute);
            let due = all.filter_map(|dispute| Some(DueDispute { due_at: dispute.due_at?, id: dispute.id }));
            let mut due: Vec<_> = due.filter(|due| due.due_at <= now).collect();
            due.sort_unstable();
            due.retain(|due| after.is_none_or(|after| *due > after));
            due.truncate(limit);
            due
        }))
    }
}
