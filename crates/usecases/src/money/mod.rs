//! Wallets: money in, money out, and what there is (contract §5).
//!
//! State first, then postings, in one transaction: a movement is booked by the very step that
//! decided on it, under a source that is unique in the books.

mod answer_withdrawal;
mod cancel_withdrawal;
mod charge_back;
mod decide_chargeback;
mod lists;
mod notice_approvals;
mod notice_income;
mod open_deposit;
mod pay_withdrawals;
mod request_withdrawal;
mod settle_debts;
mod view_wallet;

use chrono::{DateTime, Utc};
use domain::ids::{ChargebackId, UserId, WithdrawalId};
use domain::money::{Account, ChargebackStep, MARKET_CURRENCY, Money, Purse, Withdrawal, WithdrawalStep};
use ports::money::{ChargebackView, WithdrawalView};
use ports::store::{StoreError, UnitOfWork};

use crate::error::UseCaseError;
use crate::recorder::Recorder;

pub use answer_withdrawal::{ApproveWithdrawal, MarkWithdrawalFailed, MarkWithdrawalPaid, RejectWithdrawal};
pub use cancel_withdrawal::CancelWithdrawal;
pub use charge_back::ReceiveChargeback;
pub use decide_chargeback::{LoseChargeback, WinChargeback};
pub use lists::{ListAllWithdrawals, ListChargebacks, ListEntries, ListWithdrawals, ViewWithdrawal};
pub use notice_approvals::NoticeApprovals;
pub use notice_income::NoticeIncome;
pub use open_deposit::{Deposited, OpenDeposit};
pub use pay_withdrawals::{PaidWithdrawals, PayWithdrawals};
pub use request_withdrawal::RequestWithdrawal;
pub use settle_debts::SettleDebts;
pub use view_wallet::ViewWallet;

impl Recorder {
    /// Books and tells what a step of a withdrawal led to.
    async fn carry_out(
        &self,
        work: &mut dyn UnitOfWork,
        step: WithdrawalStep,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let WithdrawalStep { event, transaction } = step;
        if let Some(transaction) = transaction {
            self.book(work, &transaction, now).await?;
        }
        self.tell(work, [event], now).await
    }

    /// Books and tells what a step of a chargeback led to.
    async fn carry_out_chargeback(
        &self,
        work: &mut dyn UnitOfWork,
        step: ChargebackStep,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let ChargebackStep { event, transaction } = step;
        if let Some(transaction) = transaction {
            self.book(work, &transaction, now).await?;
        }
        self.tell(work, [event], now).await
    }

    /// Saves a changed withdrawal with all that follows from it, and shows it.
    async fn finish(
        &self,
        work: &mut dyn UnitOfWork,
        mut withdrawal: Withdrawal,
        step: WithdrawalStep,
        now: DateTime<Utc>,
    ) -> Result<WithdrawalView, UseCaseError> {
        work.withdrawals().save(&mut withdrawal).await?;
        self.carry_out(work, step, now).await?;
        view(work, withdrawal.id).await
    }
}

/// What somebody may spend, under the lock on their balance: of many commands at once each sees what the
/// others left. What covers a debt cannot be spent.
pub(crate) async fn available(work: &mut dyn UnitOfWork, user_id: UserId) -> Result<Money, UseCaseError> {
    let spendable = purse(work, user_id).await?.spendable();
    spendable.map_err(|error| UseCaseError::Internal(Box::new(error)))
}

/// What somebody has, under the lock on their balance, and owes.
pub(crate) async fn purse(work: &mut dyn UnitOfWork, user_id: UserId) -> Result<Purse, UseCaseError> {
    let balances = work.ledger().lock_balances(&[Account::UserAvailable(user_id)], MARKET_CURRENCY).await?;
    let minor = balances.first().copied().unwrap_or(0);
    let available =
        Money::total(minor, MARKET_CURRENCY).map_err(|error| UseCaseError::Internal(Box::new(error)))?;
    let owed = work.ledger().owed(user_id, MARKET_CURRENCY).await?;
    Ok(Purse { available, owed })
}

/// A chargeback that was written a moment ago.
async fn chargeback_view(
    work: &mut dyn UnitOfWork,
    id: ChargebackId,
) -> Result<ChargebackView, UseCaseError> {
    let view = work.chargebacks().view(id).await?;
    view.ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "chargeback" })))
}

/// A withdrawal that was written a moment ago.
async fn view(work: &mut dyn UnitOfWork, id: WithdrawalId) -> Result<WithdrawalView, UseCaseError> {
    let view = work.withdrawals().view(id).await?;
    view.ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "withdrawal" })))
}

/// A withdrawal under its lock.
async fn lock(work: &mut dyn UnitOfWork, id: WithdrawalId) -> Result<Withdrawal, UseCaseError> {
    work.withdrawals().lock(id).await?.ok_or(UseCaseError::NotFound)
}
