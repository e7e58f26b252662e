//! Proof that the books are right: checks of all of them, holds on payouts, and the books as those who
//! audit them read them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::PayoutHold;
use domain::ids::{LedgerCheckId, PayoutHoldId, UserId, WithdrawalId};
use domain::money::{
    Account, AccountKind, Currency, Money, Outside, PayoutMethod, Purpose, TransactionKind, WithdrawalState,
};
use uuid::Uuid;

use crate::list::{Slice, Window};
use crate::store::StoreError;

/// What one rule of the books came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's stable name.
    pub check: String,
    /// What must be so, in words.
    pub rule: String,
    /// How many rows disagree.
    pub offending: i64,
    /// The first hundred of them, as a JSON array of objects.
    pub rows: String,
}

/// What a check of the whole books came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Of every rule, in their order.
    pub all: Vec<Finding>,
    /// Whose rows disagree where money is concerned, each once, in the order of their ids.
    pub concerned: Vec<UserId>,
}

/// Goes through the whole books.
#[async_trait]
pub trait CheckBooks: Send + Sync {
    /// Reckons everything anew, in one snapshot, and says what disagrees. Takes as long as it takes.
    async fn check(&self) -> Result<Findings, StoreError>;
}

/// A check of the whole books, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Its identifier.
    pub id: LedgerCheckId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was done.
    pub finished_at: DateTime<Utc>,
    /// What it came to, rule by rule.
    pub findings: Vec<Finding>,
}

impl LedgerCheck {
    /// How many rows disagree.
    #[must_use]
    pub fn offending(&self) -> i64 {
        self.findings.iter().fold(0, |sum, finding| sum.saturating_add(finding.offending))
    }
}

/// Checks that were made, and what followed from them.
#[async_trait]
pub trait Audits: Send {
    /// Keeps a check.
    async fn keep(&mut self, check: &LedgerCheck) -> Result<(), StoreError>;

    /// Everybody who runs the marketplace and may log in, in the order of their ids.
    async fn administrators(&mut self) -> Result<Vec<UserId>, StoreError>;

    /// Places holds and says which of them are new: whoever has an active one keeps that. Whoever is
    /// placing one on the same person is waited for.
    async fn place(&mut self, holds: &[PayoutHold]) -> Result<Vec<PayoutHoldId>, StoreError>;

    /// Somebody's active hold. Takes no lock.
    async fn hold_on(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError>;

    /// Somebody's active hold, or else their last one, locked.
    async fn lock_hold(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError>;

    /// Saves that a hold was lifted.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is not active any more.
    async fn save_lifted(&mut self, hold: &PayoutHold) -> Result<(), StoreError>;
}

/// One line of a trial balance: the accounts of one kind together, and those of the platform and of
/// the outside world each by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialLine {
    /// Of what.
    pub currency: Currency,
    /// What kind of accounts.
    pub kind: AccountKind,
    /// The account, where it stands by itself.
    pub account: Option<Account>,
    /// How many accounts.
    pub accounts: i64,
    /// Everything that was taken from them, in minor units.
    pub debits: i64,
    /// Everything that was given to them, in minor units.
    pub credits: i64,
}

/// One line of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The posting.
    pub id: Uuid,
    /// Where it stands in the books: newer ones are higher. For cursors.
    pub position: i64,
    /// The transaction's number.
    pub transaction_id: i64,
    /// What kind of movement it is.
    pub kind: TransactionKind,
    /// The one thing that it comes from, such as `release:{contract}:3`.
    pub source: String,
    /// What people know it by.
    pub reference: String,
    /// What it is to whose account it is.
    pub purpose: Purpose,
    /// Above zero a credit, below zero a debit; minor units.
    pub minor: i64,
    /// What the account held right after it, in minor units.
    pub balance_after: i64,
    /// When it was booked.
    pub created_at: DateTime<Utc>,
}

/// What somebody outside was paid and has paid according to the books, and according to the payments
/// themselves; minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutsideBooks {
    /// Through whom.
    pub outside: Outside,
    /// Of what.
    pub currency: Currency,
    /// Deposits in the books.
    pub booked_in: i64,
    /// Withdrawals paid, in the books.
    pub booked_out: i64,
    /// Everything else in the books, such as chargebacks: above zero what went out.
    pub booked_otherwise: i64,
    /// Deposits that were completed.
    pub paid_in: i64,
    /// Withdrawals that were paid.
    pub paid_out: i64,
}

/// A hold that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldView {
    /// The hold.
    pub hold: PayoutHold,
    /// Whose payouts.
    pub user_name: String,
}

/// A withdrawal that waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingWithdrawal {
    /// Which.
    pub id: WithdrawalId,
    /// Whose money it is.
    pub user_id: UserId,
    /// How much.
    pub amount: Money,
    /// How it is to be paid.
    pub method: PayoutMethod,
    /// How far it has come.
    pub state: WithdrawalState,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it was to be paid.
    pub estimated_completion: DateTime<Utc>,
}

/// The first of many, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    /// The first.
    pub first: Vec<T>,
    /// How many there are.
    pub total: i64,
}

/// Questions of those who audit the books.
#[async_trait]
pub trait AuditQueries: Send + Sync {
    /// What all accounts come to, by currency and kind. Only currencies that were ever used.
    async fn trial_balance(&self) -> Result<Vec<TrialLine>, StoreError>;

    /// An account's lines, newest first; `None` when the books have no such account.
    async fn account_entries(
        &self,
        account: Account,
        currency: Currency,
        window: Window,
    ) -> Result<Option<Slice<LedgerEntry>>, StoreError>;

    /// The check that was made last.
    async fn last_check(&self) -> Result<Option<LedgerCheck>, StoreError>;

    /// The holds that are on, oldest first.
    async fn active_holds(&self, limit: u32) -> Result<Counted<HoldView>, StoreError>;

    /// What everybody outside has paid and was paid; only those with whom there was anything.
    async fn outside(&self) -> Result<Vec<OutsideBooks>, StoreError>;

    /// Withdrawals in one of the states `in_doubt`, and those in one of `unfinished` that were to be
    /// paid before `due`; oldest first.
    async fn waiting(
        &self,
        in_doubt: &[WithdrawalState],
        unfinished: &[WithdrawalState],
        due: DateTime<Utc>,
        limit: u32,
    ) -> Result<Counted<WaitingWithdrawal>, StoreError>;
}
