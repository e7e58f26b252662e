//! The books: balance rows with their locks, sources that move money once, and what wallets add up to.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::Contract;
use domain::ids::UserId;
use domain::money::{
    Account, Currency, LedgerTransaction, Money, MoneyError, Posting, Source, WalletChange, wallet_changes,
};
use ports::identity::Lock;
use ports::money::{Booked, Ledger, WalletView};
use ports::store::StoreError;
use uuid::Uuid;

use crate::faults::Operation;
use crate::locks::{Acquired, Row};
use crate::snapshot::Snapshot;
use crate::tables::{Rows, StoredPosting, Totals};
use crate::work::{MemoryWork, duplicate};

impl MemoryWork {
    /// What an account holds, as this transaction sees it; `None` without a row.
    fn balance(&self, account: Account, currency: Currency) -> Option<i64> {
        let key = (account, currency);
        let own = self.written.balances.get(&key).copied();
        own.or_else(|| self.shared.committed().rows.balances.get(&key).copied())
    }

    fn totals(&self, user_id: UserId, currency: Currency) -> Totals {
        let key = (user_id, currency);
        let own = self.written.totals.get(&key).copied();
        own.or_else(|| self.shared.committed().rows.totals.get(&key).copied()).unwrap_or_default()
    }

    /// Locks balance rows, which come in the domain's order, and makes those that are missing.
    async fn lock_rows(&mut self, rows: &[(Account, Currency)]) -> Result<(), StoreError> {
        for (account, currency) in rows {
            if !account.has_balance_row() {
                return Err(refused("an account without a balance row cannot be locked"));
            }
            if let Some(user_id) = account.user_id() {
                self.must_have_account(user_id, "ledger_accounts_user_id_fkey")?;
            }
            self.acquire(Row::Balance(*account, *currency), Lock::Exclusive).await?;
            if self.balance(*account, *currency).is_none() {
                self.written.balances.insert((*account, *currency), 0);
            }
        }
        Ok(())
    }

    async fn lock_all(&mut self, accounts: &[Account], currency: Currency) -> Result<Vec<i64>, StoreError> {
        let mut rows: Vec<_> = accounts.iter().map(|account| (*account, currency)).collect();
        rows.sort();
        self.lock_rows(&rows).await?;
        let balance = |account: &Account| self.balance(*account, currency).unwrap_or_default();
        Ok(accounts.iter().map(balance).collect())
    }

    /// Claims a source in the unique index: waits for whoever is booking it. Says whether it is free.
    async fn claim_source(&self, source: Source) -> Result<bool, StoreError> {
        let row = Row::Source(source);
        let acquired = self.acquire(row.clone(), Lock::Exclusive).await?;
        let is_known =
            self.written.sources.contains(&source) || self.shared.committed().rows.sources.contains(&source);
        if is_known && acquired == Acquired::Newly {
            self.shared.locks.release(self.holder, &row);
        }
        Ok(!is_known)
    }

    async fn book_movement(
        &mut self,
        transaction: &LedgerTransaction,
        posting_ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Booked, StoreError> {
        if posting_ids.len() != transaction.postings().len() {
            return Err(refused("each posting needs one identifier"));
        }
        let changes = transaction.changes();
        let rows: Vec<_> = changes.keys().filter(|(account, _)| account.has_balance_row()).copied().collect();
        self.lock_rows(&rows).await?;
        if !self.claim_source(transaction.source()).await? {
            return Ok(Booked::Before);
        }
        self.write_postings(transaction, posting_ids, now)?;
        for (account, currency) in rows {
            let balance = self.balance(account, currency).unwrap_or_default();
            if balance < 0 && !account.may_go_negative() {
                return Err(refused("violates check constraint ledger_accounts_never_below_zero"));
            }
        }
        for ((user_id, currency), change) in wallet_changes(transaction) {
            self.count(user_id, currency, change)?;
        }
        self.written.sources.insert(transaction.source());
        Ok(Booked::Now)
    }

    /// The postings, and the balances after each of them.
    fn write_postings(
        &mut self,
        transaction: &LedgerTransaction,
        posting_ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut transaction_id = None;
        for (posting, id) in transaction.postings().iter().zip(posting_ids) {
            let Posting { account, minor, currency, purpose: _ } = *posting;
            let has = |rows: &Rows| rows.postings.values().any(|stored| stored.id == *id);
            if has(&self.written) || has(&self.shared.committed().rows) {
                return Err(duplicate("postings_id_once"));
            }
            let balance_after = if account.has_balance_row() {
                let before = self.balance(account, currency).unwrap_or_default();
                let after = before.checked_add(minor).ok_or_else(|| refused("a balance is out of range"))?;
                self.written.balances.insert((account, currency), after);
                Some(after)
            } else {
                None
            };
            let position = self.shared.next_posting_position();
            let stored = StoredPosting {
                id: *id,
                // As good a number as any: that of its first line.
                transaction_id: *transaction_id.get_or_insert(position),
                source: transaction.source(),
                kind: transaction.kind(),
                reference: transaction.reference(),
                posting: *posting,
                balance_after,
                created_at: now,
            };
            self.written.postings.insert(position, stored);
        }
        Ok(())
    }

    fn count(&mut self, user_id: UserId, currency: Currency, change: WalletChange) -> Result<(), StoreError> {
        let Totals { earned, withdrawn } = self.totals(user_id, currency);
        let sum = |before: i64, change: i128| {
            let after = i64::try_from(i128::from(before) + change).ok().filter(|after| *after >= 0);
            after.ok_or_else(|| refused("violates check constraint wallet_totals_never_below_zero"))
        };
        let WalletChange { earned: more_earned, withdrawn: more_withdrawn } = change;
        let totals = Totals { earned: sum(earned, more_earned)?, withdrawn: sum(withdrawn, more_withdrawn)? };
        self.written.totals.insert((user_id, currency), totals);
        Ok(())
    }

    /// Whether any balance of somebody is not zero, as this transaction sees it.
    fn owns_or_owes(&self, user_id: UserId) -> bool {
        let committed = self.shared.committed();
        let unchanged =
            committed.rows.balances.iter().filter(|(key, _)| !self.written.balances.contains_key(*key));
        let mut seen = unchanged.chain(&self.written.balances);
        seen.any(|((account, _), balance)| account.user_id() == Some(user_id) && *balance != 0)
    }
}

/// A wallet as somebody who looks at these rows sees it: balances, totals, and what its owner has in
/// running contracts on either side.
pub(crate) fn wallet_view(
    seen: &Snapshot<'_>,
    user_id: UserId,
    currency: Currency,
) -> Result<WalletView, StoreError> {
    let balance = |account| {
        let held = seen.find(|rows| rows.balances.get(&(account, currency))).copied();
        Money::total(held.unwrap_or_default(), currency)
    };
    let totals = seen.find(|rows| rows.totals.get(&(user_id, currency))).copied();
    let Totals { earned, withdrawn } = totals.unwrap_or_default();
    let running = seen.all(|rows| &rows.contracts).into_values();
    let running =
        running.filter(|contract| !contract.state.is_final() && contract.escrow.price.currency() == currency);
    let wallet = || -> Result<WalletView, MoneyError> {
        let clearing = balance(Account::UserClearing(user_id))?;
        let mut pending = clearing;
        let mut in_escrow = Money::zero(currency);
        for contract in running {
            let Contract { client_id, provider_id, escrow, .. } = contract;
            if *provider_id == user_id {
                pending = pending.plus(escrow.provider_outstanding()?)?;
            }
            if *client_id == user_id {
                in_escrow = in_escrow.plus(escrow.held()?)?.plus(escrow.disputed)?;
            }
        }
        Ok(WalletView {
            available: balance(Account::UserAvailable(user_id))?,
            debt: owed(seen, user_id, currency)?,
            pending,
            clearing,
            in_escrow,
            // See `domain::money::wallet_changes`.
            total_earned: Money::total(earned.max(0), currency)?,
            total_withdrawn: Money::total(withdrawn, currency)?,
        })
    };
    wallet().map_err(|problem| refused(&problem.to_string()))
}

/// What somebody owes: their debt's balance, which is below zero.
fn owed(seen: &Snapshot<'_>, user_id: UserId, currency: Currency) -> Result<Money, MoneyError> {
    let balance = seen.find(|rows| rows.balances.get(&(Account::UserDebt(user_id), currency))).copied();
    Money::total(-balance.unwrap_or_default(), currency)
}

fn refused(problem: &str) -> StoreError {
    StoreError::Refused(problem.into())
}

#[async_trait]
impl Ledger for MemoryWork {
    async fn lock_balances(
        &mut self,
        accounts: &[Account],
        currency: Currency,
    ) -> Result<Vec<i64>, StoreError> {
        self.start(Operation::LockBalances).await?;
        let outcome = self.lock_all(accounts, currency).await;
        self.finish(outcome)
    }

    async fn book(
        &mut self,
        transaction: &LedgerTransaction,
        posting_ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Booked, StoreError> {
        self.start(Operation::Book).await?;
        let outcome = self.book_movement(transaction, posting_ids, now).await;
        self.finish(outcome)
    }

    async fn owed(&mut self, user_id: UserId, currency: Currency) -> Result<Money, StoreError> {
        self.start(Operation::Owed).await?;
        let owed = self.look(|seen| owed(seen, user_id, currency));
        self.finish(owed.map_err(|problem| refused(&problem.to_string())))
    }

    async fn has_money(&mut self, user_id: UserId) -> Result<bool, StoreError> {
        self.start(Operation::HasMoney).await?;
        let has_money = self.owns_or_owes(user_id);
        self.finish(Ok(has_money))
    }

    async fn wallet(&mut self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError> {
        self.start(Operation::WalletInside).await?;
        let outcome = self.look(|seen| wallet_view(seen, user_id, currency));
        self.finish(outcome)
    }
}
