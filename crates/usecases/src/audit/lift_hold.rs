//! An administrator has looked, and lets somebody be paid again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::audit::{LiftReason, PayoutHold, policy};
use domain::ids::UserId;
use ports::identity::Lock;
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

/// Lifts holds on payouts.
pub struct LiftPayoutHold {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Tells.
    pub recorder: Recorder,
}

impl LiftPayoutHold {
    /// Lifts somebody's hold. The next check that finds the same places a new one.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound` for whoever never had one; `Conflict` when it was
    /// lifted before.
    pub async fn execute(
        &self,
        actor: &Actor,
        user_id: UserId,
        reason: LiftReason,
        once: &Once<PayoutHold>,
    ) -> Result<Answered<PayoutHold>, UseCaseError> {
        policy::audit_the_books(actor)?;
        let now = self.recorder.clock.now();
        let lifting = Lifting { recorder: &self.recorder, actor, user_id, reason, now };
        transact_once(self.store.as_ref(), &lifting, once, now).await
    }
}

struct Lifting<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    user_id: UserId,
    reason: LiftReason,
    now: DateTime<Utc>,
}

impl Transaction for Lifting<'_> {
    type Output = PayoutHold;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<PayoutHold, UseCaseError> {
        let Self { recorder, actor, user_id, reason, now } = self;
        // Let in a moment before being blocked, they could open what others have shut.
        let administrator = work.users().lock(actor.user_id, Lock::Shared).await?;
        administrator.ok_or(UseCaseError::NotFound)?.may_enter()?;
        let mut hold = work.audits().lock_hold(*user_id).await?.ok_or(UseCaseError::NotFound)?;
        let fact = hold.lift(reason.clone(), Issuer::from(*actor), *now)?;
        work.audits().save_lifted(&hold).await?;
        recorder.tell(work, [fact], *now).await?;
        Ok(hold)
    }
}
