//! Wallets: money in, money out, and what there is (contract §5).
//!
//! State first, then postings, in one transaction: a movement is booked by the very step that
//! decided on it, under a source that is unique in the books.

mod answer_withdrawal;
mod cancel_withdrawal;
mod lists;
mod open_deposit;
mod request_withdrawal;
mod view_wallet;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::ids::{EventId, WithdrawalId};
use domain::money::{LedgerTransaction, Money, MoneyEvent, Withdrawal, WithdrawalStep};
use ports::environment::{Clock, Ids};
use ports::money::{Booked, WithdrawalView};
use ports::store::{StoreError, UnitOfWork};

use crate::error::UseCaseError;

pub use answer_withdrawal::{ApproveWithdrawal, MarkWithdrawalPaid, RejectWithdrawal};
pub use cancel_withdrawal::CancelWithdrawal;
pub use lists::{ListAllWithdrawals, ListEntries, ListWithdrawals, ViewWithdrawal};
pub use open_deposit::{Deposited, OpenDeposit};
pub use request_withdrawal::RequestWithdrawal;
pub use view_wallet::ViewWallet;

/// What is spent and earned here; there is no other currency yet.
pub const CURRENCY: domain::money::Currency = domain::money::Currency::Usd;

/// What can be moved here: something, and in the one currency there is.
fn must_be_movable(amount: Money) -> Result<(), UseCaseError> {
    amount.must_be_positive().map_err(|error| UseCaseError::field("amount", error.to_string()))?;
    if amount.currency() == CURRENCY {
        return Ok(());
    }
    Err(UseCaseError::Unprocessable {
        reason: "currency_unavailable",
        message: "This currency is not available here".into(),
    })
}

/// Writes movements and facts down.
#[derive(Clone)]
pub struct Bookkeeper {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
}

impl Bookkeeper {
    /// Books a movement that nobody has booked before.
    ///
    /// # Errors
    /// `Internal` when its source is in the books already: whoever decided on it did so twice.
    async fn book(
        &self,
        work: &mut dyn UnitOfWork,
        transaction: &LedgerTransaction,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let posting_ids: Vec<_> = transaction.postings().iter().map(|_| self.ids.uuid(now)).collect();
        match work.ledger().book(transaction, &posting_ids, now).await? {
            Booked::Now => Ok(()),
            Booked::Before => Err(UseCaseError::Internal(
                format!("the movement {} is in the books already", transaction.source()).into(),
            )),
        }
    }

    async fn tell(
        &self,
        work: &mut dyn UnitOfWork,
        fact: MoneyEvent,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let event = Event { fact: fact.into(), occurred_at: now };
        Ok(work.outbox().append(EventId::new(self.ids.uuid(now)), &event).await?)
    }

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
        self.tell(work, event, now).await
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

/// A withdrawal that was written a moment ago.
async fn view(work: &mut dyn UnitOfWork, id: WithdrawalId) -> Result<WithdrawalView, UseCaseError> {
    let view = work.withdrawals().view(id).await?;
    view.ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "withdrawal" })))
}

/// A withdrawal under its lock.
async fn lock(work: &mut dyn UnitOfWork, id: WithdrawalId) -> Result<Withdrawal, UseCaseError> {
    work.withdrawals().lock(id).await?.ok_or(UseCaseError::NotFound)
}
