//! Questions about money: they see what is committed, and take no locks.

use async_trait::async_trait;
use domain::ids::{UserId, WithdrawalId};
use domain::money::{Account, Currency, Reference, TransactionKind, WithdrawalState};
use ports::list::{Slice, Window};
use ports::money::{EntryFilter, MoneyQueries, UnattendedPayouts, WalletEntry, WalletView, WithdrawalView};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::ledger::wallet_view;
use crate::list::slice;
use crate::payments::withdrawal_view;
use crate::store::MemoryStore;
use crate::tables::{Rows, StoredPosting};

fn entry(rows: &Rows, position: i64, stored: &StoredPosting) -> WalletEntry {
    let StoredPosting {
        id,
        transaction_id: _,
        source: _,
        kind,
        reference,
        posting,
        balance_after,
        created_at,
    } = stored;
    let withdrawal_state = match (kind, reference) {
        (TransactionKind::WithdrawalRequested, Reference::Withdrawal(id)) => {
            rows.withdrawals.get(id).map(|withdrawal| withdrawal.state)
        }
        _ => None,
    };
    WalletEntry {
        id: *id,
        position,
        minor: posting.minor,
        currency: posting.currency,
        purpose: posting.purpose,
        reference: reference.to_string(),
        withdrawal_state,
        created_at: *created_at,
        balance_after: balance_after.unwrap_or_default(),
    }
}

const fn is_wanted(filter: EntryFilter, minor: i64) -> bool {
    match filter {
        EntryFilter::All => true,
        EntryFilter::Credits => minor > 0,
        EntryFilter::Debits => minor < 0,
    }
}

#[async_trait]
impl MoneyQueries for MemoryStore {
    async fn wallet(&self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError> {
        self.shared().enter_or_fail(Operation::Wallet).await?;
        self.look(|seen| wallet_view(seen, user_id, currency))
    }

    async fn entries(
        &self,
        user_id: UserId,
        filter: EntryFilter,
        window: Window,
    ) -> Result<Slice<WalletEntry>, StoreError> {
        self.shared().enter_or_fail(Operation::Entries).await?;
        let committed = self.shared().committed();
        let own = committed.rows.postings.iter().rev().filter(|(_, stored)| {
            stored.posting.account == Account::UserAvailable(user_id)
                && is_wanted(filter, stored.posting.minor)
        });
        let all = own.map(|(position, stored)| entry(&committed.rows, *position, stored)).collect();
        Ok(slice(all, window, |entry: &WalletEntry| entry.position))
    }

    async fn withdrawals(
        &self,
        user_id: Option<UserId>,
        states: &[WithdrawalState],
        window: Window,
    ) -> Result<Slice<WithdrawalView>, StoreError> {
        self.shared().enter_or_fail(Operation::Withdrawals).await?;
        let committed = self.shared().committed();
        let wanted = committed.rows.withdrawals.values().rev().filter(|withdrawal| {
            user_id.is_none_or(|user_id| user_id == withdrawal.user_id)
                && (states.is_empty() || states.contains(&withdrawal.state))
        });
        let all = wanted
            .filter_map(|withdrawal| {
                let owner = committed.rows.users.get(&withdrawal.user_id)?;
                let account = committed.rows.payout_accounts.get(&withdrawal.id)?;
                Some(withdrawal_view(withdrawal, account, owner))
            })
            .collect();
        Ok(slice(all, window, |view: &WithdrawalView| view.id.number()))
    }

    async fn withdrawal(&self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError> {
        self.shared().enter_or_fail(Operation::Withdrawal).await?;
        let committed = self.shared().committed();
        let found = committed.rows.withdrawals.get(&id);
        Ok(found.and_then(|withdrawal| {
            let owner = committed.rows.users.get(&withdrawal.user_id)?;
            let account = committed.rows.payout_accounts.get(&withdrawal.id)?;
            Some(withdrawal_view(withdrawal, account, owner))
        }))
    }
}

#[async_trait]
impl UnattendedPayouts for MemoryStore {
    async fn unattended(
        &self,
        states: &[WithdrawalState],
        after: Option<WithdrawalId>,
        limit: u32,
    ) -> Result<Vec<WithdrawalId>, StoreError> {
        self.shared().enter_or_fail(Operation::UnattendedPayouts).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let committed = self.shared().committed();
        let found = committed.rows.withdrawals.values().filter(|withdrawal| {
            states.contains(&withdrawal.state) && after.is_none_or(|after| withdrawal.id > after)
        });
        Ok(found.map(|withdrawal| withdrawal.id).take(limit).collect())
    }
}
