//! Paying into one's wallet.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::ids::DepositId;
use domain::money::{Deposit, Money, NewDeposit, Outside, policy};
use ports::identity::Lock;
use ports::money::WalletView;
use ports::store::{Store, UnitOfWork};

use super::{CURRENCY, must_be_movable};
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

/// Opens deposits.
pub struct OpenDeposit {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
    /// Whether play money may be paid in: never in production.
    pub sandbox_allowed: bool,
}

/// A deposit, and the wallet that it went into.
#[derive(Clone, Debug)]
pub struct Deposited {
    /// The deposit.
    pub deposit: Deposit,
    /// The wallet afterwards.
    pub wallet: WalletView,
}

impl OpenDeposit {
    /// Pays `amount` in. Through the sandbox the money is there at once.
    ///
    /// # Errors
    /// `Forbidden` for whoever has no wallet; `Invalid` for nothing; `Unprocessable` for another
    /// currency, for the sandbox in production, and for
    /// every way of paying that is not connected.
    pub async fn execute(
        &self,
        actor: &Actor,
        amount: Money,
        outside: Outside,
        once: &Once<Deposited>,
    ) -> Result<Answered<Deposited>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        must_be_movable(amount)?;
        if outside != Outside::Sandbox || !self.sandbox_allowed {
            return Err(UseCaseError::Unprocessable {
                reason: "payment_method_unavailable",
                field: None,
                message: "This way of paying is not available here".into(),
            });
        }
        let now = self.recorder.clock.now();
        let id = DepositId::new(self.recorder.ids.uuid(now));
        let new = NewDeposit { id, user_id: actor.user_id, amount, outside };
        let deposit = Deposit::open(new, Issuer::from(actor), now)?;
        let paying = Paying { recorder: &self.recorder, actor, deposit, now };
        transact_once(self.store.as_ref(), &paying, once, now).await
    }
}

struct Paying<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    deposit: Deposit,
    now: DateTime<Utc>,
}

impl Transaction for Paying<'_> {
    type Output = Deposited;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Deposited, UseCaseError> {
        let Self { recorder, actor, deposit, now } = self;
        let mut deposit = deposit.clone();
        let owner = work.users().lock(actor.user_id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)?;
        owner.may_enter()?;
        let success = deposit.succeed(*now).map_err(|error| UseCaseError::Internal(Box::new(error)))?;
        work.deposits().insert(&deposit).await?;
        if let Some((transaction, event)) = success {
            recorder.book(work, &transaction, *now).await?;
            recorder.tell(work, [event], *now).await?;
        }
        let wallet = work.ledger().wallet(actor.user_id, CURRENCY).await?;
        Ok(Deposited { deposit, wallet })
    }
}
