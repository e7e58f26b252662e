//! Questions of those who audit the books: they see what is committed, and take no locks.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::PayoutHoldState;
use domain::money::{
    Account, AccountKind, Currency, DepositState, Outside, TransactionKind, Withdrawal, WithdrawalState,
};
use ports::audit::{
    AuditQueries, Counted, HoldView, LedgerCheck, LedgerEntry, OutsideBooks, TrialLine, WaitingWithdrawal,
};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::store::MemoryStore;
use crate::tables::{Rows, StoredPosting};

/// Accounts that stand by themselves in a trial balance: nobody's.
fn by_itself(account: Account) -> Option<Account> {
    (!account.has_balance_row()).then_some(account)
}

fn trial_lines(rows: &Rows) -> Vec<TrialLine> {
    type Line = (Currency, AccountKind, Option<Account>);
    let mut accounts: BTreeMap<Line, BTreeSet<Account>> = BTreeMap::new();
    let mut sums: BTreeMap<Line, (i64, i64)> = BTreeMap::new();
    let line = |account: Account, currency| (currency, account.kind(), by_itself(account));
    let used: BTreeSet<_> = rows.postings.values().map(|stored| stored.posting.currency).collect();
    for (account, currency) in rows.balances.keys().filter(|(_, currency)| used.contains(currency)) {
        accounts.entry(line(*account, *currency)).or_default().insert(*account);
    }
    for currency in used {
        let outside = Outside::ALL.iter().map(|outside| Account::World(*outside));
        for account in outside.chain([Account::PlatformFees, Account::PlatformLosses]) {
            accounts.entry(line(account, currency)).or_default().insert(account);
        }
    }
    for StoredPosting { posting, .. } in rows.postings.values() {
        let (debits, credits) = sums.entry(line(posting.account, posting.currency)).or_default();
        if posting.minor < 0 {
            *debits -= posting.minor;
        } else {
            *credits += posting.minor;
        }
    }
    let of = |(key, accounts): (Line, BTreeSet<Account>)| {
        let (debits, credits) = sums.get(&key).copied().unwrap_or_default();
        let (currency, kind, account) = key;
        let accounts = i64::try_from(accounts.len()).unwrap_or(i64::MAX);
        TrialLine { currency, kind, account, accounts, debits, credits }
    };
    accounts.into_iter().map(of).collect()
}

fn account_lines(rows: &Rows, account: Account, currency: Currency) -> Vec<LedgerEntry> {
    let mut balance = 0;
    let own = rows
        .postings
        .iter()
        .filter(|(_, stored)| (stored.posting.account, stored.posting.currency) == (account, currency));
    let mut lines: Vec<_> = own
        .map(|(position, stored)| {
            let StoredPosting {
                id,
                transaction_id,
                source,
                kind,
                reference,
                posting,
                balance_after: _,
                created_at,
            } = *stored;
            balance += posting.minor;
            LedgerEntry {
                id,
                position: *position,
                transaction_id,
                kind,
                source: source.to_string(),
                reference: reference.to_string(),
                purpose: posting.purpose,
                minor: posting.minor,
                balance_after: balance,
                created_at,
            }
        })
        .collect();
    lines.reverse();
    lines
}

fn outside_books(rows: &Rows) -> Vec<OutsideBooks> {
    let mut books: BTreeMap<(Outside, Currency), OutsideBooks> = BTreeMap::new();
    let mut of = |outside: Outside, currency: Currency, add: &dyn Fn(&mut OutsideBooks)| {
        add(books.entry((outside, currency)).or_insert(OutsideBooks {
            outside,
            currency,
            booked_in: 0,
            booked_out: 0,
            booked_otherwise: 0,
            paid_in: 0,
            paid_out: 0,
        }));
    };
    for StoredPosting { kind, posting, .. } in rows.postings.values() {
        let Account::World(outside) = posting.account else { continue };
        of(outside, posting.currency, &|line| {
            if *kind == TransactionKind::Deposit {
                line.booked_in -= posting.minor;
            } else if *kind == TransactionKind::WithdrawalPaid {
                line.booked_out += posting.minor;
            } else {
                line.booked_otherwise += posting.minor;
            }
        });
    }
    for deposit in rows.deposits.values().filter(|deposit| deposit.state == DepositState::Completed) {
        let amount = deposit.amount;
        of(deposit.outside, amount.currency(), &|line| line.paid_in += amount.minor());
    }
    for paid in rows.withdrawals.values().filter(|withdrawal| withdrawal.state == WithdrawalState::Paid) {
        of(Outside::from(paid.method), paid.amount.currency(), &|line| line.paid_out += paid.amount.minor());
    }
    books.into_values().collect()
}

/// The first of many.
fn first<T>(all: Vec<T>, limit: u32) -> Counted<T> {
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    Counted { first: all.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect(), total }
}

#[async_trait]
impl AuditQueries for MemoryStore {
    async fn trial_balance(&self) -> Result<Vec<TrialLine>, StoreError> {
        self.shared().enter_or_fail(Operation::TrialBalance).await?;
        Ok(trial_lines(&self.shared().committed().rows))
    }

    async fn account_entries(
        &self,
        account: Account,
        currency: Currency,
        window: Window,
    ) -> Result<Option<Slice<LedgerEntry>>, StoreError> {
        self.shared().enter_or_fail(Operation::AccountEntries).await?;
        let committed = self.shared().committed();
        let is_there =
            !account.has_balance_row() || committed.rows.balances.contains_key(&(account, currency));
        let lines = || account_lines(&committed.rows, account, currency);
        Ok(is_there.then(|| slice(lines(), window, |entry: &LedgerEntry| entry.position)))
    }

    async fn last_check(&self) -> Result<Option<LedgerCheck>, StoreError> {
        self.shared().enter_or_fail(Operation::LastCheck).await?;
        Ok(self.shared().committed().rows.checks.values().next_back().cloned())
    }

    async fn active_holds(&self, limit: u32) -> Result<Counted<HoldView>, StoreError> {
        self.shared().enter_or_fail(Operation::ActiveHolds).await?;
        let committed = self.shared().committed();
        let active = committed.rows.holds.values().filter(|hold| hold.state() == PayoutHoldState::Active);
        let named = active.filter_map(|hold| {
            let user_name = committed.rows.users.get(&hold.user_id)?.full_name.as_str().to_owned();
            Some(HoldView { hold: hold.clone(), user_name })
        });
        let mut all: Vec<_> = named.collect();
        all.sort_by_key(|view| (view.hold.placed_at, view.hold.id));
        Ok(first(all, limit))
    }

    async fn outside(&self) -> Result<Vec<OutsideBooks>, StoreError> {
        self.shared().enter_or_fail(Operation::OutsideBooks).await?;
        Ok(outside_books(&self.shared().committed().rows))
    }

    async fn waiting(
        &self,
        in_doubt: &[WithdrawalState],
        unfinished: &[WithdrawalState],
        due: DateTime<Utc>,
        limit: u32,
    ) -> Result<Counted<WaitingWithdrawal>, StoreError> {
        self.shared().enter_or_fail(Operation::WaitingWithdrawals).await?;
        let committed = self.shared().committed();
        let waits = |withdrawal: &&Withdrawal| {
            in_doubt.contains(&withdrawal.state)
                || (unfinished.contains(&withdrawal.state) && withdrawal.estimated_completion < due)
        };
        let shown = |withdrawal: &Withdrawal| WaitingWithdrawal {
            id: withdrawal.id,
            user_id: withdrawal.user_id,
            amount: withdrawal.amount,
            method: withdrawal.method,
            state: withdrawal.state,
            requested_at: withdrawal.requested_at,
            estimated_completion: withdrawal.estimated_completion,
        };
        Ok(first(committed.rows.withdrawals.values().filter(waits).map(shown).collect(), limit))
    }
}
