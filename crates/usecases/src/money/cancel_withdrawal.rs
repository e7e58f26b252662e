//! Calling one's own withdrawal back while nobody has agreed to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::ids::WithdrawalId;
use domain::money::policy;
use ports::identity::Lock;
use ports::money::WithdrawalView;
use ports::store::{Store, UnitOfWork};

use super::lock;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

/// Cancels withdrawals for their owners.
pub struct CancelWithdrawal {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
}

impl CancelWithdrawal {
    /// Cancels; the money comes back.
    ///
    /// # Errors
    /// `Forbidden` for whoever has no wallet; `NotFound` for somebody else's; `Conflict` once an
    /// administrator has answered.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: WithdrawalId,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        let now = self.recorder.clock.now();
        let cancelling = Cancelling { recorder: &self.recorder, actor, id, now };
        transact_once(self.store.as_ref(), &cancelling, once, now).await
    }
}

struct Cancelling<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    id: WithdrawalId,
    now: DateTime<Utc>,
}

impl Transaction for Cancelling<'_> {
    type Output = WithdrawalView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<WithdrawalView, UseCaseError> {
        let Self { recorder, actor, id, now } = self;
        let owner = work.users().lock(actor.user_id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)?;
        owner.may_enter()?;
        let mut withdrawal = lock(work, *id).await?;
        let step = withdrawal.cancel(Issuer::from(*actor), *now)?;
        recorder.finish(work, withdrawal, step, *now).await
    }
}
