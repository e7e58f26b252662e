//! Checks of the books, and holds on payouts.
//!
//! Of the rules this store checks one: the others cannot be broken here without a hand in the tables.

use async_trait::async_trait;
use domain::audit::{PayoutHold, PayoutHoldState};
use domain::identity::Role;
use domain::ids::{PayoutHoldId, UserId};
use ports::audit::{Audits, CheckBooks, Finding, Findings, LedgerCheck};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::{Acquired, Row};
use crate::snapshot::Snapshot;
use crate::store::MemoryStore;
use crate::work::{MemoryWork, duplicate, orphan};

fn is_active(hold: &PayoutHold) -> bool {
    hold.state() == PayoutHoldState::Active
}

fn of<'a>(seen: &Snapshot<'a>, user_id: UserId) -> impl Iterator<Item = &'a PayoutHold> + use<'a> {
    seen.all(|rows| &rows.holds).into_values().filter(move |hold| hold.user_id == user_id)
}

impl MemoryWork {
    fn keep_check(&mut self, check: &LedgerCheck) -> Result<(), StoreError> {
        let is_known = |key: &(_, _)| self.shared.committed().rows.checks.contains_key(key);
        let key = (check.started_at, check.id);
        if is_known(&key) || self.written.checks.contains_key(&key) {
            return Err(duplicate("ledger_checks_pkey"));
        }
        self.written.checks.insert(key, check.clone());
        Ok(())
    }

    async fn place_holds(&mut self, holds: &[PayoutHold]) -> Result<Vec<PayoutHoldId>, StoreError> {
        let mut placed = Vec::new();
        let mut sorted: Vec<_> = holds.iter().collect();
        sorted.sort_by_key(|hold| hold.user_id);
        for hold in sorted {
            self.must_have_account(hold.user_id, "payout_holds_user_id_fkey")?;
            let is_kept = self.look(|seen| {
                seen.all(|rows| &rows.checks).into_keys().any(|(_, check_id)| *check_id == hold.check_id)
            });
            if !is_kept {
                return Err(orphan("payout_holds_check_id_fkey"));
            }
            let row = Row::PayoutHold(hold.user_id);
            let acquired = self.acquire(row.clone(), Lock::Exclusive).await?;
            if self.look(|seen| of(seen, hold.user_id).any(is_active)) {
                if acquired == Acquired::Newly {
                    self.shared.locks.release(self.holder, &row);
                }
                continue;
            }
            self.written.holds.insert(hold.id, hold.clone());
            placed.push(hold.id);
        }
        Ok(placed)
    }

    /// The active one, or else the last.
    fn newest_hold(&self, user_id: UserId) -> Option<PayoutHold> {
        self.look(|seen| {
            of(seen, user_id).max_by_key(|hold| (is_active(hold), hold.placed_at, hold.id)).cloned()
        })
    }

    async fn lock_newest_hold(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError> {
        if self.newest_hold(user_id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::PayoutHold(user_id), Lock::Exclusive).await?;
        Ok(self.newest_hold(user_id))
    }

    async fn save_lifted_hold(&mut self, hold: &PayoutHold) -> Result<(), StoreError> {
        self.acquire(Row::PayoutHold(hold.user_id), Lock::Exclusive).await?;
        let stored = self.look(|seen| seen.find(|rows| rows.holds.get(&hold.id)).cloned());
        let stored = stored.filter(is_active);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "payout hold" }) };
        stored.lifted.clone_from(&hold.lifted);
        self.written.holds.insert(stored.id, stored);
        Ok(())
    }
}

#[async_trait]
impl Audits for MemoryWork {
    async fn keep(&mut self, check: &LedgerCheck) -> Result<(), StoreError> {
        self.start(Operation::KeepCheck).await?;
        let outcome = self.keep_check(check);
        self.finish(outcome)
    }

    async fn administrators(&mut self) -> Result<Vec<UserId>, StoreError> {
        self.start(Operation::Administrators).await?;
        let mut people: Vec<_> = self.shared.committed().rows.users.values().cloned().collect();
        people.extend(self.written.users.values().cloned());
        let running = |id: &UserId| {
            self.user(*id).is_some_and(|user| user.role == Role::Admin && user.may_enter().is_ok())
        };
        let mut ids: Vec<_> = people.into_iter().map(|user| user.id).filter(running).collect();
        ids.sort();
        ids.dedup();
        self.finish(Ok(ids))
    }

    async fn place(&mut self, holds: &[PayoutHold]) -> Result<Vec<PayoutHoldId>, StoreError> {
        self.start(Operation::PlaceHolds).await?;
        let outcome = self.place_holds(holds).await;
        self.finish(outcome)
    }

    async fn hold_on(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError> {
        self.start(Operation::HoldOn).await?;
        let hold = self.newest_hold(user_id).filter(is_active);
        self.finish(Ok(hold))
    }

    async fn lock_hold(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError> {
        self.start(Operation::LockHold).await?;
        let outcome = self.lock_newest_hold(user_id).await;
        self.finish(outcome)
    }

    async fn save_lifted(&mut self, hold: &PayoutHold) -> Result<(), StoreError> {
        self.start(Operation::SaveLifted).await?;
        let outcome = self.save_lifted_hold(hold).await;
        self.finish(outcome)
    }
}

#[async_trait]
impl CheckBooks for MemoryStore {
    async fn check(&self) -> Result<Findings, StoreError> {
        self.shared().enter_or_fail(Operation::CheckBooks).await?;
        let committed = self.shared().committed();
        let (mut concerned, mut offending) = (Vec::new(), 0);
        for ((account, currency), balance) in &committed.rows.balances {
            let postings = committed.rows.postings.values().map(|stored| stored.posting);
            let own = postings.filter(|posting| (posting.account, posting.currency) == (*account, *currency));
            if own.map(|posting| i128::from(posting.minor)).sum::<i128>() != i128::from(*balance) {
                offending += 1;
                concerned.extend(account.user_id());
            }
        }
        concerned.sort();
        concerned.dedup();
        let finding = Finding {
            check: "balances_are_the_fold_of_postings".to_owned(),
            rule: "each balance is the sum of the account's postings".to_owned(),
            offending,
            rows: "[]".to_owned(),
        };
        Ok(Findings { all: vec![finding], concerned })
    }
}
