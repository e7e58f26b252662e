//! Asking for one's money: it is set aside at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::money::{Money, NewWithdrawal, PayoutAccount, Withdrawal, must_be_payable, policy};
use ports::identity::Lock;
use ports::money::WithdrawalView;
use ports::store::{Store, UnitOfWork};

use super::{purse, view};
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

/// Takes requests for withdrawals.
pub struct RequestWithdrawal {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
}

impl RequestWithdrawal {
    /// Sets `amount` aside for a payment to `account`.
    ///
    /// # Errors
    /// `Forbidden` for whoever has no wallet; `Invalid` for nothing; `Unprocessable` for another
    /// currency or for more than is available; `Conflict` for whoever owes something.
    pub async fn execute(
        &self,
        actor: &Actor,
        amount: Money,
        account: PayoutAccount,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        must_be_payable(amount)?;
        let now = self.recorder.clock.now();
        let request = Request { recorder: &self.recorder, actor, amount, account, now };
        transact_once(self.store.as_ref(), &request, once, now).await
    }
}

struct Request<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    amount: Money,
    account: PayoutAccount,
    now: DateTime<Utc>,
}

impl Transaction for Request<'_> {
    type Output = WithdrawalView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<WithdrawalView, UseCaseError> {
        let Self { recorder, actor, amount, account, now } = self;
        let user_id = actor.user_id;
        let owner = work.users().lock(user_id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)?;
        owner.may_enter()?;
        let purse = purse(work, user_id).await?;
        // A number is taken only for what will be there.
        Withdrawal::must_be_covered(*amount, purse)?;
        let id = work.withdrawals().next_id().await?;
        let new = NewWithdrawal { id, user_id, amount: *amount, method: account.method() };
        let (withdrawal, step) = Withdrawal::request(new, purse, Issuer::from(*actor), *now)?;
        work.withdrawals().insert(&withdrawal, account).await?;
        recorder.carry_out(work, step, *now).await?;
        view(work, id).await
    }
}
