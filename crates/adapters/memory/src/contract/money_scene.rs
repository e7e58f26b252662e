//! What the cases about money are played with.

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::identity::Role;
use domain::ids::{BonusId, ContractId, DepositId, OrderId, UserId, WithdrawalId};
use domain::money::{
    Account, BasisPoints, ContractParties, Currency, Deposit, LedgerTransaction, Money, NewDeposit,
    NewWithdrawal, Outside, PayIn, PayoutAccount, PayoutMethod, Purse, Withdrawal, movements,
};
use ports::list::{Slice, Window};
use ports::money::{Booked, EntryFilter, WalletEntry, WalletView};
use ports::store::{StoreError, UnitOfWork};
use uuid::Uuid;

use super::Subject;
use super::scene::{begin, commit, fresh_uuid, now, stored_user};

/// More rows than any case makes.
pub(super) const EVERYTHING: Window = Window::Page { offset: 0, limit: 100 };

pub(super) fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).expect("zero or more")
}

/// A payment into a wallet, under a source of its own.
pub(super) fn paid_in(user_id: UserId, amount: Money) -> LedgerTransaction {
    let id = DepositId::new(fresh_uuid());
    movements::deposit(id, user_id, Outside::Sandbox, amount).expect("a movement")
}

/// A payment from one person to another, a tenth of which goes to the platform.
pub(super) fn given(from: UserId, to: UserId, amount: Money) -> LedgerTransaction {
    let parties = ContractParties {
        contract_id: ContractId::new(fresh_uuid()),
        order_id: OrderId::new(95).expect("a number"),
        client_id: from,
        provider_id: to,
    };
    let tenth = BasisPoints::new(1_000).expect("a rate");
    movements::bonus(BonusId::new(fresh_uuid()), &parties, amount, tenth).expect("a movement")
}

/// Money set aside for a withdrawal.
pub(super) fn set_aside(id: WithdrawalId, user_id: UserId, amount: Money) -> LedgerTransaction {
    movements::withdrawal_requested(id, user_id, amount, PayoutMethod::BankTransfer).expect("a movement")
}

pub(super) fn posting_ids(transaction: &LedgerTransaction) -> Vec<Uuid> {
    transaction.postings().iter().map(|_| fresh_uuid()).collect()
}

pub(super) async fn try_book(
    work: &mut dyn UnitOfWork,
    transaction: &LedgerTransaction,
) -> Result<Booked, StoreError> {
    work.ledger().book(transaction, &posting_ids(transaction), now()).await
}

pub(super) async fn book(work: &mut dyn UnitOfWork, transaction: &LedgerTransaction) {
    let booked = try_book(work, transaction).await.expect("a movement is booked");
    assert_eq!(booked, Booked::Now, "its source is new");
}

/// A movement, committed.
pub(super) async fn booked(subject: &Subject, transaction: &LedgerTransaction) {
    let mut work = begin(subject).await;
    book(work.as_mut(), transaction).await;
    commit(work).await;
}

/// Somebody with money.
pub(super) async fn rich_user(subject: &Subject, minor: i64) -> UserId {
    let user_id = stored_user(subject).await.id;
    booked(subject, &paid_in(user_id, usd(minor))).await;
    user_id
}

pub(super) async fn balances(work: &mut dyn UnitOfWork, accounts: &[Account]) -> Vec<i64> {
    work.ledger().lock_balances(accounts, Currency::Usd).await.expect("balances are locked")
}

pub(super) async fn wallet(subject: &Subject, user_id: UserId) -> WalletView {
    subject.money.wallet(user_id, Currency::Usd).await.expect("the question is answered")
}

pub(super) async fn entries(
    subject: &Subject,
    user_id: UserId,
    filter: EntryFilter,
    window: Window,
) -> Slice<WalletEntry> {
    subject.money.entries(user_id, filter, window).await.expect("the question is answered")
}

pub(super) fn owner(user_id: UserId) -> Issuer {
    Issuer::Person { user_id, role: Role::Writer }
}

pub(super) fn admin() -> Issuer {
    Issuer::Person { user_id: UserId::new(fresh_uuid()), role: Role::Admin }
}

pub(super) fn new_deposit(user_id: UserId, now: DateTime<Utc>) -> Deposit {
    let new = NewDeposit {
        id: DepositId::new(fresh_uuid()),
        user_id,
        amount: usd(12_345),
        outside: Outside::Sandbox,
    };
    Deposit::open(new, PayIn { sandbox: true }, owner(user_id), now).expect("a deposit is opened")
}

pub(super) fn account(method: PayoutMethod) -> PayoutAccount {
    let detail = |field: &str| {
        Some(match field {
            "email" => "Ada@example.com",
            "phone_number" => "+254 712 345678",
            "account_number" => "DE89 3704 0044 0532 0130 00",
            "account_holder" => "Ádá \"Countess\" Lovelace",
            _ => "Example",
        })
    };
    PayoutAccount::new(method, detail).expect("an account")
}

pub(super) fn new_withdrawal(id: WithdrawalId, user_id: UserId, method: PayoutMethod) -> Withdrawal {
    let new = NewWithdrawal { id, user_id, amount: usd(500), method };
    let purse = Purse { available: usd(500), owed: usd(0) };
    let requested = Withdrawal::request(new, purse, owner(user_id), now());
    requested.expect("a withdrawal is requested").0
}

/// Adds a withdrawal to the account above.
pub(super) async fn insert(work: &mut dyn UnitOfWork, withdrawal: &Withdrawal) {
    let inserted = work.withdrawals().insert(withdrawal, &account(withdrawal.method)).await;
    inserted.expect("a withdrawal is inserted");
}

/// A withdrawal, committed without its movement.
pub(super) async fn stored_withdrawal(subject: &Subject, user_id: UserId) -> Withdrawal {
    let mut work = begin(subject).await;
    let id = work.withdrawals().next_id().await.expect("a number");
    let withdrawal = new_withdrawal(id, user_id, PayoutMethod::BankTransfer);
    insert(work.as_mut(), &withdrawal).await;
    commit(work).await;
    withdrawal
}
