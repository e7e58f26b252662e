//! Wallets, the ledger, deposits and withdrawals: repositories, questions, and the cipher.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::{ChargebackId, DepositId, UserId, WithdrawalId};
use domain::money::{
    Account, Chargeback, ChargebackState, Currency, Deposit, FailureReason, LedgerTransaction, Money,
    PayoutAccount, Purpose, Taken, Withdrawal, WithdrawalState,
};
use uuid::Uuid;

use crate::list::{Slice, Window};
use crate::store::{Cause, StoreError};

/// What became of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Booked {
    /// It is in the books now.
    Now,
    /// The same source has made its movement before: nothing was written.
    Before,
}

/// The books.
#[async_trait]
pub trait Ledger: Send {
    /// Locks the balance rows of these accounts, in the domain's order whatever the order given,
    /// making those that are not there yet, and says what each holds in minor units. Accounts
    /// without a balance row are not to be asked for.
    async fn lock_balances(
        &mut self,
        accounts: &[Account],
        currency: Currency,
    ) -> Result<Vec<i64>, StoreError>;

    /// Books a movement: its transaction, its postings under `posting_ids` (one each, in their
    /// order), and the balances of all accounts that have a row, locked in the domain's order.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when a balance would fall below zero where it must not.
    async fn book(
        &mut self,
        transaction: &LedgerTransaction,
        posting_ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Booked, StoreError>;

    /// What somebody owes, in minor units. Nothing is locked for that: a debt comes to be under the
    /// exclusive lock on its person ([`crate::identity::Users::lock`]), which every command of theirs
    /// holds at least shared.
    async fn owed(&mut self, user_id: UserId, currency: Currency) -> Result<Money, StoreError>;

    /// Whether the person has or owes anything: any of their balance rows is not zero.
    async fn has_money(&mut self, user_id: UserId) -> Result<bool, StoreError>;

    /// Somebody's wallet as this unit of work has left it, for the answer of a command.
    async fn wallet(&mut self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError>;
}

/// Deposits.
#[async_trait]
pub trait Deposits: Send {
    /// Adds a deposit.
    async fn insert(&mut self, deposit: &Deposit) -> Result<(), StoreError>;

    /// A deposit as it stands, without a lock: whose it is and how much never changes.
    async fn find(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError>;

    /// Loads a deposit and locks it.
    async fn lock(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError>;

    /// Saves what a command changed and raises the version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another.
    async fn save(&mut self, deposit: &mut Deposit) -> Result<(), StoreError>;
}

/// Payments that were taken back: one of each deposit at most. Whoever adds one holds the lock on the
/// deposit.
#[async_trait]
pub trait Chargebacks: Send {
    /// Adds a chargeback.
    async fn insert(&mut self, chargeback: &Chargeback) -> Result<(), StoreError>;

    /// The one of a deposit, without a lock: the deposit's is enough.
    async fn of_deposit(&mut self, id: DepositId) -> Result<Option<Chargeback>, StoreError>;

    /// Loads a chargeback and locks it.
    async fn lock(&mut self, id: ChargebackId) -> Result<Option<Chargeback>, StoreError>;

    /// Saves what a command changed and raises the version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another.
    async fn save(&mut self, chargeback: &mut Chargeback) -> Result<(), StoreError>;

    /// One chargeback as this unit of work has left it, for the answer of a command.
    async fn view(&mut self, id: ChargebackId) -> Result<Option<ChargebackView>, StoreError>;
}

/// Withdrawals. Account details are stored encrypted, and masked beside it for questions.
#[async_trait]
pub trait Withdrawals: Send {
    /// The next number of the sequence; gaps are no harm.
    async fn next_id(&mut self) -> Result<WithdrawalId, StoreError>;

    /// Adds a withdrawal to this account, whose details are stored encrypted, and masked beside that.
    async fn insert(&mut self, withdrawal: &Withdrawal, account: &PayoutAccount) -> Result<(), StoreError>;

    /// Loads a withdrawal and locks it. Nothing is decrypted for that.
    async fn lock(&mut self, id: WithdrawalId) -> Result<Option<Withdrawal>, StoreError>;

    /// Where a withdrawal goes, in full: for the payment alone.
    async fn account(&mut self, id: WithdrawalId) -> Result<Option<PayoutAccount>, StoreError>;

    /// Saves what a command changed and raises the version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is another.
    async fn save(&mut self, withdrawal: &mut Withdrawal) -> Result<(), StoreError>;

    /// One withdrawal as this unit of work has left it, for the answer of a command.
    async fn view(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError>;
}

/// Finds withdrawals for the program to look after.
#[async_trait]
pub trait UnattendedPayouts: Send + Sync {
    /// Withdrawals in these states by their numbers, from behind `after`; `limit` of them at most.
    async fn unattended(
        &self,
        states: &[WithdrawalState],
        after: Option<WithdrawalId>,
        limit: u32,
    ) -> Result<Vec<WithdrawalId>, StoreError>;
}

/// A payment that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// The withdrawal: the key under which it is made once, however often it is asked for.
    pub id: WithdrawalId,
    /// How much.
    pub amount: Money,
    /// Where to, in full.
    pub account: PayoutAccount,
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum PayoutOutcome {
    /// It was made.
    Paid,
    /// It was not made and will not be.
    Failed(FailureReason),
    /// Nobody knows yet: it is under way, or the answer did not come.
    Unknown,
}

/// Somebody who pays people outside.
#[async_trait]
pub trait Payouts: Send + Sync {
    /// Makes a payment, or says what became of it: asking again under the same id makes no second one.
    /// Comes back within a minute, with [`PayoutOutcome::Unknown`] if need be, and puts what went wrong
    /// into the log without the account's details.
    async fn pay(&self, payout: &Payout) -> PayoutOutcome;
}

/// A key by its name, from which nothing about the key follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(pub String);

/// Encrypts single fields with authentication (AEAD). It knows several keys: the first one seals, all of
/// them open.
pub trait FieldCipher: Send + Sync {
    /// Encrypts. `context` names the row and the field: what was sealed for one opens for no other.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    fn seal(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, Cause>;

    /// Decrypts.
    ///
    /// # Errors
    /// It was tampered with, belongs elsewhere, or was sealed with a key that is not known.
    fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, Cause>;

    /// The keys that are known; the first one seals.
    fn keys(&self) -> Vec<KeyName>;

    /// Which key something says that it was sealed with, known or not: it begins with that. `None` for
    /// what does not look sealed.
    fn key_of(&self, sealed: &[u8]) -> Option<KeyName>;
}

/// A wallet as its owner sees it (contract §5, `GET /balance`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletView {
    /// What may be spent or withdrawn.
    pub available: Money,
    /// What is owed after a chargeback; it is paid from what comes in.
    pub debt: Money,
    /// Earned but not usable yet: clearing, and the net share of escrow and of disputed money.
    pub pending: Money,
    /// What of that was released and rests.
    pub clearing: Money,
    /// What the person, as a client, has paid in for running contracts and may yet get back.
    pub in_escrow: Money,
    /// Everything ever earned, net of fees, counted when it becomes available.
    pub total_earned: Money,
    /// Everything ever withdrawn and not given back, from the moment of the request.
    pub total_withdrawn: Money,
}

/// One line of a wallet's history: a posting on the caller's available money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletEntry {
    /// The posting's identifier.
    pub id: Uuid,
    /// Where it stands in the history: newer ones are higher. For cursors.
    pub position: i64,
    /// Above zero a credit, below zero a debit; minor units.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
    /// What for; also its description.
    pub purpose: Purpose,
    /// What people know it by: `ORD-095`, `WD-042`, a deposit's id.
    pub reference: String,
    /// The state of the withdrawal that it is the debit of; `None` for everything else.
    pub withdrawal_state: Option<WithdrawalState>,
    /// When it was booked.
    pub created_at: DateTime<Utc>,
    /// The balance right after it, in minor units.
    pub balance_after: i64,
}

/// A withdrawal as its owner and administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalView {
    /// Identifier.
    pub id: WithdrawalId,
    /// Whose money it is.
    pub user_id: UserId,
    /// The owner's name.
    pub user_name: String,
    /// How much.
    pub amount: Money,
    /// How it is paid: the word of `domain::money::PayoutMethod`.
    pub method: domain::money::PayoutMethod,
    /// The account's details, masked, by their names on the wire, in their order.
    pub account_masked: Vec<(String, String)>,
    /// How far it has come.
    pub state: WithdrawalState,
    /// Which administrators have agreed, the first one first: for administrators.
    pub approved_by: Vec<UserId>,
    /// Why it was refused, if it was.
    pub rejection_reason: Option<String>,
    /// Why it did not arrive, if it did not.
    pub failure_reason: Option<String>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it may be expected.
    pub estimated_completion: DateTime<Utc>,
    /// When it was given to a payment provider.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was paid.
    pub completed_at: Option<DateTime<Utc>>,
}

/// A chargeback as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargebackView {
    /// Identifier.
    pub id: ChargebackId,
    /// Where it stands among all of them: newer ones are higher. For cursors.
    pub position: i64,
    /// The payment that was taken back.
    pub deposit_id: DepositId,
    /// Who had paid.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// How much.
    pub amount: Money,
    /// Why, as far as the bank said.
    pub reason: String,
    /// How it stands.
    pub state: ChargebackState,
    /// What came back of the payer's milestones for it.
    pub refunded: Money,
    /// Where the money came from.
    pub taken: Taken,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When the bank decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// Questions about chargebacks and debts.
#[async_trait]
pub trait ChargebackQueries: Send + Sync {
    /// Chargebacks in one state, or in all, newest first.
    async fn chargebacks(
        &self,
        state: Option<ChargebackState>,
        window: Window,
    ) -> Result<Slice<ChargebackView>, StoreError>;

    /// People who owe something and have something available to pay it with, by their identifiers, from
    /// behind `after`; `limit` of them at most.
    async fn solvent_debtors(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>, StoreError>;
}

/// Which entries of a wallet's history are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryFilter {
    /// All.
    All,
    /// Above zero.
    Credits,
    /// Below zero.
    Debits,
}

/// Questions about money.
#[async_trait]
pub trait MoneyQueries: Send + Sync {
    /// Somebody's wallet; all zero for whoever never had money.
    async fn wallet(&self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError>;

    /// Somebody's history.
    async fn entries(
        &self,
        user_id: UserId,
        filter: EntryFilter,
        window: Window,
    ) -> Result<Slice<WalletEntry>, StoreError>;

    /// Somebody's withdrawals, or everybody's; in one state, or in all.
    async fn withdrawals(
        &self,
        user_id: Option<UserId>,
        states: &[WithdrawalState],
        window: Window,
    ) -> Result<Slice<WithdrawalView>, StoreError>;

    /// One withdrawal.
    async fn withdrawal(&self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError>;
}
