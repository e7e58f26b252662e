//! Wallets: money in, money out, and what there is (contract §5).
//!
//! State first, then postings, in one transaction: a movement is booked by the very step that
//! decided on it, under a source that is unique in the books.

mod answer_withdrawal;
mod cancel_withdrawal;
mod lists;
mod notice_approvals;
mod open_deposit;
mod pay_withdrawals;
mod request_withdrawal;
mod view_wallet;

use chrono::{DateTime, Utc};
use domain::ids::{UserId, WithdrawalId};
use domain::money::{Account, MARKET_CURRENCY, Money, Withdrawal, WithdrawalStep};
use ports::money::WithdrawalView;
use ports::store::{StoreError, UnitOfWork};

use crate::error::UseCaseError;
use crate::recorder::Recorder;

pub use answer_withdrawal::{ApproveWithdrawal, MarkWithdrawalFailed, MarkWithdrawalPaid, RejectWithdrawal};
pub use cancel_withdrawal::CancelWithdrawal;
pub use lists::{ListAllWithdrawals, ListEntries, ListWithdrawals, ViewWithdrawal};
pub use notice_approvals::NoticeApprovals;
pub use open_deposit::{Deposited, OpenDeposit};
pub use pay_withdrawals::{PaidWithdrawals, PayWithdrawals};
pub use request_withdrawal::RequestWithdrawal;
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

/// What somebody has available, under the lock on their balance: of many commands at once each sees
/// what the others left.
pub(crate) async fn available(work: &mut dyn UnitOfWork, user_id: UserId) -> Result<Money, UseCaseError> {
    let balances = work.ledger().lock_balances(&[Account::UserAvailable(user_id)], MARKET_CURRENCY).await?;
    let minor = balances.first().copied().unwrap_or(0);
    Money::total(minor, MARKET_CURRENCY).map_err(|error| UseCaseError::Internal(Box::new(error)))
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
