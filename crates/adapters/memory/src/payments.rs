//! Deposits and withdrawals. Nothing is encrypted here; what questions see is masked all the same.

use async_trait::async_trait;
use domain::identity::User;
use domain::ids::{DepositId, WithdrawalId};
use domain::money::{Deposit, PayoutAccount, Withdrawal};
use ports::identity::Lock;
use ports::money::{Deposits, WithdrawalView, Withdrawals};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::work::{MemoryWork, duplicate};

impl MemoryWork {
    fn deposit(&self, id: DepositId) -> Option<Deposit> {
        let own = self.written.deposits.get(&id).cloned();
        own.or_else(|| self.shared.committed().rows.deposits.get(&id).cloned())
    }

    fn withdrawal(&self, id: WithdrawalId) -> Option<Withdrawal> {
        let own = self.written.withdrawals.get(&id).cloned();
        own.or_else(|| self.shared.committed().rows.withdrawals.get(&id).cloned())
    }

    async fn insert_deposit(&mut self, deposit: &Deposit) -> Result<(), StoreError> {
        self.must_have_account(deposit.user_id, "deposits_user_id_fkey")?;
        self.acquire(Row::Deposit(deposit.id), Lock::Exclusive).await?;
        if self.deposit(deposit.id).is_some() {
            return Err(duplicate("deposits_pkey"));
        }
        self.written.deposits.insert(deposit.id, deposit.clone());
        Ok(())
    }

    async fn lock_deposit(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError> {
        if self.deposit(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Deposit(id), Lock::Exclusive).await?;
        Ok(self.deposit(id))
    }

    async fn save_deposit(&mut self, deposit: &mut Deposit) -> Result<(), StoreError> {
        self.acquire(Row::Deposit(deposit.id), Lock::Exclusive).await?;
        let stored = self.deposit(deposit.id).filter(|stored| stored.version == deposit.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "deposit" }) };
        let Deposit { id, user_id: _, amount: _, outside: _, state, created_at: _, completed_at, version } =
            deposit;
        *version += 1;
        stored.state = *state;
        stored.completed_at = *completed_at;
        stored.version = *version;
        self.written.deposits.insert(*id, stored);
        Ok(())
    }

    fn payout_account(&self, id: WithdrawalId) -> Option<PayoutAccount> {
        let own = self.written.payout_accounts.get(&id).cloned();
        own.or_else(|| self.shared.committed().rows.payout_accounts.get(&id).cloned())
    }

    async fn insert_withdrawal(
        &mut self,
        withdrawal: &Withdrawal,
        account: &PayoutAccount,
    ) -> Result<(), StoreError> {
        self.must_have_account(withdrawal.user_id, "withdrawals_user_id_fkey")?;
        self.acquire(Row::Withdrawal(withdrawal.id), Lock::Exclusive).await?;
        if self.withdrawal(withdrawal.id).is_some() {
            return Err(duplicate("withdrawals_pkey"));
        }
        self.written.withdrawals.insert(withdrawal.id, withdrawal.clone());
        self.written.payout_accounts.insert(withdrawal.id, account.clone());
        Ok(())
    }

    async fn lock_withdrawal(&mut self, id: WithdrawalId) -> Result<Option<Withdrawal>, StoreError> {
        if self.withdrawal(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Withdrawal(id), Lock::Exclusive).await?;
        Ok(self.withdrawal(id))
    }

    async fn save_withdrawal(&mut self, withdrawal: &mut Withdrawal) -> Result<(), StoreError> {
        self.acquire(Row::Withdrawal(withdrawal.id), Lock::Exclusive).await?;
        let stored = self.withdrawal(withdrawal.id).filter(|stored| stored.version == withdrawal.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "withdrawal" }) };
        let Withdrawal {
            id,
            user_id: _,
            amount: _,
            method: _,
            state,
            first_approved_by,
            approved_by,
            rejection,
            failure,
            requested_at: _,
            estimated_completion: _,
            sent_at,
            completed_at,
            updated_at,
            version,
        } = withdrawal;
        *version += 1;
        stored.state = *state;
        stored.first_approved_by = *first_approved_by;
        stored.approved_by = *approved_by;
        stored.rejection.clone_from(rejection);
        stored.failure.clone_from(failure);
        stored.sent_at = *sent_at;
        stored.completed_at = *completed_at;
        stored.updated_at = *updated_at;
        stored.version = *version;
        self.written.withdrawals.insert(*id, stored);
        Ok(())
    }

    fn withdrawal_inside(&self, id: WithdrawalId) -> Option<WithdrawalView> {
        let withdrawal = self.withdrawal(id)?;
        let owner = self.user(withdrawal.user_id)?;
        Some(withdrawal_view(&withdrawal, &self.payout_account(id)?, &owner))
    }
}

/// A withdrawal as it is shown.
pub(crate) fn withdrawal_view(
    withdrawal: &Withdrawal,
    account: &PayoutAccount,
    owner: &User,
) -> WithdrawalView {
    let Withdrawal {
        id,
        user_id,
        amount,
        method,
        state,
        first_approved_by,
        approved_by,
        rejection,
        failure,
        requested_at,
        estimated_completion,
        sent_at,
        completed_at,
        updated_at: _,
        version: _,
    } = withdrawal;
    let masked = account.masked().into_iter();
    WithdrawalView {
        id: *id,
        user_id: *user_id,
        user_name: owner.full_name.as_str().to_owned(),
        amount: *amount,
        method: *method,
        account_masked: masked.map(|(field, value)| (field.to_owned(), value)).collect(),
        state: *state,
        approved_by: first_approved_by.iter().chain(approved_by).copied().collect(),
        rejection_reason: rejection.as_ref().map(|reason| reason.as_str().to_owned()),
        failure_reason: failure.as_ref().map(|reason| reason.as_str().to_owned()),
        requested_at: *requested_at,
        estimated_completion: *estimated_completion,
        sent_at: *sent_at,
        completed_at: *completed_at,
    }
}

#[async_trait]
impl Deposits for MemoryWork {
    async fn insert(&mut self, deposit: &Deposit) -> Result<(), StoreError> {
        self.start(Operation::InsertDeposit).await?;
        let outcome = self.insert_deposit(deposit).await;
        self.finish(outcome)
    }

    async fn find(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError> {
        self.start(Operation::FindDeposit).await?;
        let found = self.deposit(id);
        self.finish(Ok(found))
    }

    async fn lock(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError> {
        self.start(Operation::LockDeposit).await?;
        let outcome = self.lock_deposit(id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, deposit: &mut Deposit) -> Result<(), StoreError> {
        self.start(Operation::SaveDeposit).await?;
        let outcome = self.save_deposit(deposit).await;
        self.finish(outcome)
    }
}

#[async_trait]
impl Withdrawals for MemoryWork {
    async fn next_id(&mut self) -> Result<WithdrawalId, StoreError> {
        self.start(Operation::NextWithdrawalId).await?;
        let id = WithdrawalId::new(self.shared.next_withdrawal_number());
        self.finish(id.ok_or_else(|| StoreError::Refused("the sequence has run out".into())))
    }

    async fn insert(&mut self, withdrawal: &Withdrawal, account: &PayoutAccount) -> Result<(), StoreError> {
        self.start(Operation::InsertWithdrawal).await?;
        let outcome = self.insert_withdrawal(withdrawal, account).await;
        self.finish(outcome)
    }

    async fn account(&mut self, id: WithdrawalId) -> Result<Option<PayoutAccount>, StoreError> {
        self.start(Operation::PayoutAccount).await?;
        let account = self.payout_account(id);
        self.finish(Ok(account))
    }

    async fn lock(&mut self, id: WithdrawalId) -> Result<Option<Withdrawal>, StoreError> {
        self.start(Operation::LockWithdrawal).await?;
        let outcome = self.lock_withdrawal(id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, withdrawal: &mut Withdrawal) -> Result<(), StoreError> {
        self.start(Operation::SaveWithdrawal).await?;
        let outcome = self.save_withdrawal(withdrawal).await;
        self.finish(outcome)
    }

    async fn view(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError> {
        self.start(Operation::WithdrawalInside).await?;
        let view = self.withdrawal_inside(id);
        self.finish(Ok(view))
    }
}
