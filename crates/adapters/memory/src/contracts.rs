//! Contracts with their milestones, whose clocks may have run out.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::{Bonus, Contract, ContractState, Milestone, MilestoneState, Submission};
use domain::ids::{ContractId, MilestoneNumber, OrderId, UserId};
use domain::money::Escrow;
use ports::contracts::{Contracts, DueMilestone, DueMilestones, MilestoneClock};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::store::MemoryStore;
use crate::work::{MemoryWork, duplicate, orphan};

impl MemoryWork {
    fn contract(&self, id: ContractId) -> Option<Contract> {
        self.look(|seen| seen.find(|rows| rows.contracts.get(&id)).cloned())
    }

    async fn insert_contract(&mut self, contract: &Contract) -> Result<(), StoreError> {
        self.must_have_order(contract.order_id, "contracts_order_id_fkey")?;
        self.must_have_bid(contract.bid_id, "contracts_bid_id_fkey")?;
        self.must_have_account(contract.client_id, "contracts_client_id_fkey")?;
        self.must_have_account(contract.provider_id, "contracts_provider_id_fkey")?;
        self.acquire(Row::Contract(contract.id), Lock::Exclusive).await?;
        if self.contract(contract.id).is_some() {
            return Err(duplicate("contracts_pkey"));
        }
        // The order's lock keeps two at once apart.
        if self.has_rival_contract(contract) {
            return Err(duplicate("contracts_one_of_order"));
        }
        self.written.contracts.insert(contract.id, contract.clone());
        Ok(())
    }

    /// Whether there is one about the same bid, or one that has not been cancelled about the same order.
    fn has_rival_contract(&self, contract: &Contract) -> bool {
        self.look(|seen| {
            let mut others = seen.all(|rows| &rows.contracts).into_values();
            others.any(|other| {
                let is_of_order =
                    other.order_id == contract.order_id && other.state != ContractState::Cancelled;
                other.bid_id == contract.bid_id || is_of_order
            })
        })
    }

    async fn lock_contract(&mut self, order_id: OrderId) -> Result<Option<Contract>, StoreError> {
        let id = self.look(|seen| Some(seen.contract_about(seen.order(order_id)?)?.id));
        let Some(id) = id else { return Ok(None) };
        self.acquire(Row::Contract(id), Lock::Exclusive).await?;
        Ok(self.contract(id))
    }

    async fn save_contract(&mut self, contract: &mut Contract) -> Result<(), StoreError> {
        self.acquire(Row::Contract(contract.id), Lock::Exclusive).await?;
        let stored = self.contract(contract.id).filter(|stored| stored.version == contract.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "contract" }) };
        let Contract {
            id,
            order_id: _,
            bid_id: _,
            client_id: _,
            provider_id: _,
            escrow: Escrow { price: _, fees: _, is_funded, released, refunded, disputed },
            state,
            milestones,
            created_at: _,
            funded_at,
            ended_at,
            updated_at,
            version,
        } = contract;
        *version += 1;
        stored.escrow.is_funded = *is_funded;
        stored.escrow.released = *released;
        stored.escrow.refunded = *refunded;
        stored.escrow.disputed = *disputed;
        stored.state = *state;
        stored.funded_at = *funded_at;
        stored.ended_at = *ended_at;
        stored.updated_at = *updated_at;
        stored.version = *version;
        for milestone in milestones {
            let stored = stored.milestones.iter_mut().find(|stored| stored.number == milestone.number);
            let Some(stored) = stored else { return Err(StoreError::Stale { what: "milestone" }) };
            save_milestone(stored, milestone);
        }
        self.written.contracts.insert(*id, stored);
        Ok(())
    }

    async fn save_milestone_reminder(
        &mut self,
        contract: &Contract,
        number: MilestoneNumber,
    ) -> Result<(), StoreError> {
        self.acquire(Row::Contract(contract.id), Lock::Exclusive).await?;
        let stale = StoreError::Stale { what: "milestone" };
        let stored = self.contract(contract.id).filter(|stored| stored.version == contract.version);
        let Some(mut stored) = stored else { return Err(stale) };
        let of = |milestone: &&Milestone| milestone.number == number;
        let Some(remind_at) = contract.milestones.iter().find(of).map(|milestone| milestone.remind_at) else {
            return Err(stale);
        };
        let mut milestones = stored.milestones.iter_mut();
        let Some(milestone) = milestones.find(|milestone| milestone.number == number) else {
            return Err(stale);
        };
        milestone.remind_at = remind_at;
        self.written.contracts.insert(contract.id, stored);
        Ok(())
    }

    fn insert_submission(&mut self, submission: &Submission) -> Result<(), StoreError> {
        let Submission { contract_id, milestone, number, .. } = *submission;
        let contract = self.contract(contract_id);
        if contract.is_none_or(|contract| contract.milestone(milestone).is_err()) {
            return Err(orphan("submissions_milestone_fkey"));
        }
        let key = (contract_id, milestone, number);
        if self.look(|seen| seen.find(|rows| rows.submissions.get(&key)).is_some()) {
            return Err(duplicate("submissions_pkey"));
        }
        self.written.submissions.insert(key, submission.clone());
        Ok(())
    }

    fn insert_bonus(&mut self, bonus: &Bonus) -> Result<(), StoreError> {
        if self.contract(bonus.contract_id).is_none() {
            return Err(orphan("bonuses_contract_id_fkey"));
        }
        if self.look(|seen| seen.find(|rows| rows.bonuses.get(&bonus.id)).is_some()) {
            return Err(duplicate("bonuses_pkey"));
        }
        self.written.bonuses.insert(bonus.id, bonus.clone());
        Ok(())
    }

    fn has_contracts(&self, user_id: UserId) -> bool {
        self.look(|seen| {
            let mut contracts = seen.all(|rows| &rows.contracts).into_values();
            contracts.any(|contract| {
                let is_party = contract.client_id == user_id || contract.provider_id == user_id;
                is_party && !contract.state.is_final()
            })
        })
    }
}

fn save_milestone(stored: &mut Milestone, milestone: &Milestone) {
    let Milestone {
        number: _,
        title: _,
        due_date: _,
        amount: _,
        state,
        submissions,
        submitted_at,
        changes_message,
        auto_release_at,
        remind_at,
        completed_at,
        released,
        clears_at,
        cleared_at,
        refunded,
        returned,
        dispute,
    } = milestone;
    stored.state = *state;
    stored.submissions = *submissions;
    stored.submitted_at = *submitted_at;
    stored.changes_message.clone_from(changes_message);
    stored.auto_release_at = *auto_release_at;
    stored.remind_at = *remind_at;
    stored.completed_at = *completed_at;
    stored.released = *released;
    stored.clears_at = *clears_at;
    stored.cleared_at = *cleared_at;
    stored.refunded = *refunded;
    stored.returned = *returned;
    stored.dispute.clone_from(dispute);
}

#[async_trait]
impl Contracts for MemoryWork {
    async fn insert(&mut self, contract: &Contract) -> Result<(), StoreError> {
        self.start(Operation::InsertContract).await?;
        let outcome = self.insert_contract(contract).await;
        self.finish(outcome)
    }

    async fn lock(&mut self, order_id: OrderId) -> Result<Option<Contract>, StoreError> {
        self.start(Operation::LockContract).await?;
        let outcome = self.lock_contract(order_id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, contract: &mut Contract) -> Result<(), StoreError> {
        self.start(Operation::SaveContract).await?;
        let outcome = self.save_contract(contract).await;
        self.finish(outcome)
    }

    async fn save_reminder(
        &mut self,
        contract: &Contract,
        number: MilestoneNumber,
    ) -> Result<(), StoreError> {
        self.start(Operation::SaveReminder).await?;
        let outcome = self.save_milestone_reminder(contract, number).await;
        self.finish(outcome)
    }

    async fn add_submission(&mut self, submission: &Submission) -> Result<(), StoreError> {
        self.start(Operation::AddSubmission).await?;
        let outcome = self.insert_submission(submission);
        self.finish(outcome)
    }

    async fn add_bonus(&mut self, bonus: &Bonus) -> Result<(), StoreError> {
        self.start(Operation::AddBonus).await?;
        let outcome = self.insert_bonus(bonus);
        self.finish(outcome)
    }

    async fn holding(&mut self, client_id: UserId) -> Result<Vec<OrderId>, StoreError> {
        self.start(Operation::HoldingContracts).await?;
        let found = self.look(|seen| {
            let all = seen.all(|rows| &rows.contracts).into_values();
            let rests = |one: &Milestone| one.clears_at.is_some() && one.cleared_at.is_none();
            let holds = |one: &Contract| {
                ContractState::HOLDING.contains(&one.state) || one.milestones.iter().any(rests)
            };
            let mut theirs: Vec<_> = all.filter(|one| one.client_id == client_id && holds(one)).collect();
            theirs.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
            theirs.into_iter().map(|one| one.order_id).collect()
        });
        self.finish(Ok(found))
    }

    async fn has_running(&mut self, user_id: UserId) -> Result<bool, StoreError> {
        self.start(Operation::HasRunning).await?;
        let has_running = self.has_contracts(user_id);
        self.finish(Ok(has_running))
    }
}

/// When a milestone is due by a clock, if it runs.
fn runs_out(milestone: &Milestone, clock: MilestoneClock, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_waiting = milestone.state == MilestoneState::Submitted;
    match clock {
        MilestoneClock::Release => milestone.auto_release_at.filter(|_| is_waiting),
        MilestoneClock::Reminder => {
            let is_early = milestone.auto_release_at.is_some_and(|releases_at| releases_at > now);
            milestone.remind_at.filter(|_| is_waiting && is_early)
        }
        MilestoneClock::Clearance => milestone.clears_at.filter(|_| milestone.cleared_at.is_none()),
    }
}

#[async_trait]
impl DueMilestones for MemoryStore {
    async fn due_milestones(
        &self,
        clock: MilestoneClock,
        now: DateTime<Utc>,
        after: Option<DueMilestone>,
        limit: u32,
    ) -> Result<Vec<DueMilestone>, StoreError> {
        self.shared().enter_or_fail(Operation::DueMilestones).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.look(|seen| {
            let mut due = Vec::new();
            for contract in seen.all(|rows| &rows.contracts).into_values() {
                for milestone in &contract.milestones {
                    let Some(due_at) = runs_out(milestone, clock, now).filter(|at| *at <= now) else {
                        continue;
                    };
                    due.push(DueMilestone { due_at, order_id: contract.order_id, number: milestone.number });
                }
            }
            due.sort_unstable();
            due.retain(|one| after.is_none_or(|after| *one > after));
            due.truncate(limit);
            due
        }))
    }
}
