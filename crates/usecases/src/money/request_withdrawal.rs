//! Asking for one's money: it is set aside at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::money::{Account, Money, NewWithdrawal, PayoutAccount, Withdrawal, policy};
use ports::identity::Lock;
use ports::money::WithdrawalView;
use ports::store::{Store, UnitOfWork};

use super::{Bookkeeper, must_be_movable, view};
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::transact::Transaction;

/// Takes requests for withdrawals.
pub struct RequestWithdrawal {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub bookkeeper: Bookkeeper,
}

impl RequestWithdrawal {
    /// Sets `amount` aside for a payment to `account`.
    ///
    /// # Errors
    /// `Forbidden` for whoever has no wallet; `Invalid` for nothing; `Unprocessable` for another
    /// currency or for more than is available.
    pub async fn execute(
        &self,
        actor: &Actor,
        amount: Money,
        account: PayoutAccount,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        must_be_movable(amount)?;
        let now = self.bookkeeper.clock.now();
        let request = Request { bookkeeper: &self.bookkeeper, actor, amount, account, now };
        transact_once(self.store.as_ref(), &request, once, now).await
    }
}

struct Request<'a> {
    bookkeeper: &'a Bookkeeper,
    actor: &'a Actor,
    amount: Money,
    account: PayoutAccount,
    now: DateTime<Utc>,
}

impl Transaction for Request<'_> {
    type Output = WithdrawalView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<WithdrawalView, UseCaseError> {
        let Self { bookkeeper, actor, amount, account, now } = self;
        let user_id = actor.user_id;
        let owner = work.users().lock(user_id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)?;
        owner.may_enter()?;
        // Under the lock on the balance: of many requests at once each sees what the others left.
        let currency = amount.currency();
        let balances = work.ledger().lock_balances(&[Account::UserAvailable(user_id)], currency).await?;
        let available = Money::total(balances.first().copied().unwrap_or(0), currency)
            .map_err(|error| UseCaseError::Internal(Box::new(error)))?;
        let id = work.withdrawals().next_id().await?;
        let new = NewWithdrawal { id, user_id, amount: *amount, account: account.clone() };
        let (withdrawal, step) = Withdrawal::request(new, available, Issuer::from(*actor), *now)?;
        work.withdrawals().insert(&withdrawal).await?;
        bookkeeper.carry_out(work, step, *now).await?;
        view(work, id).await
    }
}
