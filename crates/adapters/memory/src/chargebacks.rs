//! Payments that were taken back.

use async_trait::async_trait;
use domain::identity::User;
use domain::ids::{ChargebackId, DepositId, UserId};
use domain::money::{Account, Chargeback, ChargebackState};
use ports::identity::Lock;
use ports::list::{Slice, Window};
use ports::money::{ChargebackQueries, ChargebackView, Chargebacks};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::locks::Row;
use crate::store::MemoryStore;
use crate::work::{MemoryWork, duplicate};

impl MemoryWork {
    fn chargeback(&self, id: ChargebackId) -> Option<(i64, Chargeback)> {
        self.look(|seen| seen.find(|rows| rows.chargebacks.get(&id)).cloned())
    }

    fn chargeback_of(&self, id: DepositId) -> Option<Chargeback> {
        self.look(|seen| {
            let mut all = seen.all(|rows| &rows.chargebacks).into_values();
            all.find(|(_, chargeback)| chargeback.deposit_id == id).map(|(_, chargeback)| chargeback.clone())
        })
    }

    async fn insert_chargeback(&mut self, chargeback: &Chargeback) -> Result<(), StoreError> {
        self.must_have_account(chargeback.user_id, "chargebacks_user_id_fkey")?;
        self.acquire(Row::Chargeback(chargeback.id), Lock::Exclusive).await?;
        if self.chargeback(chargeback.id).is_some() {
            return Err(duplicate("chargebacks_pkey"));
        }
        if self.chargeback_of(chargeback.deposit_id).is_some() {
            return Err(duplicate("chargebacks_once_of_deposit"));
        }
        let position = self.shared.next_chargeback_position();
        self.written.chargebacks.insert(chargeback.id, (position, chargeback.clone()));
        Ok(())
    }

    async fn lock_chargeback(&mut self, id: ChargebackId) -> Result<Option<Chargeback>, StoreError> {
        if self.chargeback(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Chargeback(id), Lock::Exclusive).await?;
        Ok(self.chargeback(id).map(|(_, chargeback)| chargeback))
    }

    async fn save_chargeback(&mut self, chargeback: &mut Chargeback) -> Result<(), StoreError> {
        self.acquire(Row::Chargeback(chargeback.id), Lock::Exclusive).await?;
        let stored =
            self.chargeback(chargeback.id).filter(|(_, stored)| stored.version == chargeback.version);
        let Some((position, mut stored)) = stored else {
            return Err(StoreError::Stale { what: "chargeback" });
        };
        chargeback.version += 1;
        stored.state = chargeback.state;
        stored.decided_at = chargeback.decided_at;
        stored.version = chargeback.version;
        self.written.chargebacks.insert(chargeback.id, (position, stored));
        Ok(())
    }

    fn chargeback_inside(&self, id: ChargebackId) -> Option<ChargebackView> {
        let (position, chargeback) = self.chargeback(id)?;
        let payer = self.user(chargeback.user_id)?;
        Some(chargeback_view(position, &chargeback, &payer))
    }
}

/// A chargeback as it is shown.
fn chargeback_view(position: i64, chargeback: &Chargeback, payer: &User) -> ChargebackView {
    let Chargeback {
        id,
        deposit_id,
        user_id,
        outside: _,
        amount,
        reason,
        state,
        refunded,
        taken,
        received_at,
        decided_at,
        version: _,
    } = chargeback;
    ChargebackView {
        id: *id,
        position,
        deposit_id: *deposit_id,
        user_id: *user_id,
        user_name: payer.full_name.as_str().to_owned(),
        amount: *amount,
        reason: reason.as_str().to_owned(),
        state: *state,
        refunded: *refunded,
        taken: *taken,
        received_at: *received_at,
        decided_at: *decided_at,
    }
}

#[async_trait]
impl Chargebacks for MemoryWork {
    async fn insert(&mut self, chargeback: &Chargeback) -> Result<(), StoreError> {
        self.start(Operation::InsertChargeback).await?;
        let outcome = self.insert_chargeback(chargeback).await;
        self.finish(outcome)
    }

    async fn of_deposit(&mut self, id: DepositId) -> Result<Option<Chargeback>, StoreError> {
        self.start(Operation::ChargebackOfDeposit).await?;
        let found = self.chargeback_of(id);
        self.finish(Ok(found))
    }

    async fn lock(&mut self, id: ChargebackId) -> Result<Option<Chargeback>, StoreError> {
        self.start(Operation::LockChargeback).await?;
        let outcome = self.lock_chargeback(id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, chargeback: &mut Chargeback) -> Result<(), StoreError> {
        self.start(Operation::SaveChargeback).await?;
        let outcome = self.save_chargeback(chargeback).await;
        self.finish(outcome)
    }

    async fn view(&mut self, id: ChargebackId) -> Result<Option<ChargebackView>, StoreError> {
        self.start(Operation::ChargebackInside).await?;
        let view = self.chargeback_inside(id);
        self.finish(Ok(view))
    }
}

#[async_trait]
impl ChargebackQueries for MemoryStore {
    async fn chargebacks(
        &self,
        state: Option<ChargebackState>,
        window: Window,
    ) -> Result<Slice<ChargebackView>, StoreError> {
        self.shared().enter_or_fail(Operation::Chargebacks).await?;
        let committed = self.shared().committed();
        let wanted =
            committed.rows.chargebacks.values().filter(|(_, one)| state.is_none_or(|s| s == one.state));
        let mut all: Vec<_> = wanted
            .filter_map(|(position, chargeback)| {
                let payer = committed.rows.users.get(&chargeback.user_id)?;
                Some(chargeback_view(*position, chargeback, payer))
            })
            .collect();
        all.sort_by_key(|view| std::cmp::Reverse(view.position));
        Ok(slice(all, window, |view: &ChargebackView| view.position))
    }

    async fn solvent_debtors(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>, StoreError> {
        self.shared().enter_or_fail(Operation::SolventDebtors).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let committed = self.shared().committed();
        let balances = &committed.rows.balances;
        let mut found: Vec<_> = balances
            .iter()
            .filter(|(_, balance)| **balance < 0)
            .filter_map(|((account, currency), _)| match account {
                Account::UserDebt(user_id) => Some((*user_id, *currency)),
                Account::UserAvailable(_)
                | Account::UserClearing(_)
                | Account::UserWithdrawing(_)
                | Account::ContractEscrow(_)
                | Account::ContractDisputed(_)
                | Account::PlatformFees
                | Account::PlatformLosses
                | Account::World(_) => None,
            })
            .filter(|(user_id, currency)| {
                balances.get(&(Account::UserAvailable(*user_id), *currency)).is_some_and(|has| *has > 0)
            })
            .map(|(user_id, _)| user_id)
            .filter(|user_id| after.is_none_or(|after| *user_id > after))
            .collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }
}
