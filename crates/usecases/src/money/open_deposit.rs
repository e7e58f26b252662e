//! Paying into one's wallet.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::ids::DepositId;
use domain::money::{Deposit, MARKET_CURRENCY, Money, NewDeposit, Outside, PayIn, policy};
use ports::identity::Lock;
use ports::money::WalletView;
use ports::store::{Store, UnitOfWork};

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
    /// How it may be paid in.
    pub ways: PayIn,
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
    /// currency and for every way of paying that is not open.
    pub async fn execute(
        &self,
        actor: &Actor,
        amount: Money,
        outside: Outside,
        once: &Once<Deposited>,
    ) -> Result<Answered<Deposited>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        let now = self.recorder.clock.now();
        let id = DepositId::new(self.recorder.ids.uuid(now));
        let new = NewDeposit { id, user_id: actor.user_id, amount, outside };
        let deposit = Deposit::open(new, self.ways, Issuer::from(actor), now)?;
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
        let arrived = deposit.arrive_at_once(*now)?;
        work.deposits().insert(&deposit).await?;
        if let Some((transaction, event)) = arrived {
            recorder.book(work, &transaction, *now).await?;
            recorder.tell(work, [event], *now).await?;
        }
        let wallet = work.ledger().wallet(actor.user_id, MARKET_CURRENCY).await?;
        Ok(Deposited { deposit, wallet })
    }
}
