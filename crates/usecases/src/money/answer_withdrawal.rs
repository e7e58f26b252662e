//! An administrator's answers to a withdrawal: approved, paid, not arrived, or rejected.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::audit::must_not_be_stopped;
use domain::ids::WithdrawalId;
use domain::money::{FailureReason, FourEyes, RejectionReason, WithdrawalCommand, policy};
use ports::identity::Lock;
use ports::money::WithdrawalView;
use ports::store::{Store, UnitOfWork};

use super::lock;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

macro_rules! answer {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name {
            /// Transactions.
            pub store: Arc<dyn Store>,
            /// Books and tells.
            pub recorder: Recorder,
        }
    };
}

/// Agrees to withdrawals.
pub struct ApproveWithdrawal {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
    /// Above which amount two of them have to.
    pub four_eyes: FourEyes,
}

answer!(
    /// Notes that withdrawals have been paid.
    MarkWithdrawalPaid
);
answer!(
    /// Notes that withdrawals have not arrived.
    MarkWithdrawalFailed
);
answer!(
    /// Refuses withdrawals.
    RejectWithdrawal
);

impl ApproveWithdrawal {
    /// Agrees: it may be paid, or another administrator is to agree as well.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless it waits for an administrator,
    /// for whoever has agreed already, and while a hold is on its owner's payouts.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: WithdrawalId,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        answer(self.store.as_ref(), &self.recorder, actor, id, Answer::Approve(self.four_eyes), once).await
    }
}

impl MarkWithdrawalPaid {
    /// It has been paid: the money leaves the books.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless approved or in doubt, and while
    /// a hold is on its owner's payouts.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: WithdrawalId,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        answer(self.store.as_ref(), &self.recorder, actor, id, Answer::MarkPaid, once).await
    }
}

impl MarkWithdrawalFailed {
    /// It has not arrived and will not; the money comes back.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless in doubt.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: WithdrawalId,
        reason: FailureReason,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        answer(self.store.as_ref(), &self.recorder, actor, id, Answer::MarkFailed(reason), once).await
    }
}

impl RejectWithdrawal {
    /// Refuses; the money comes back.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` once it is with a payment provider or
    /// over.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: WithdrawalId,
        reason: RejectionReason,
        once: &Once<WithdrawalView>,
    ) -> Result<Answered<WithdrawalView>, UseCaseError> {
        answer(self.store.as_ref(), &self.recorder, actor, id, Answer::Reject(reason), once).await
    }
}

enum Answer {
    Approve(FourEyes),
    MarkPaid,
    MarkFailed(FailureReason),
    Reject(RejectionReason),
}

impl Answer {
    const fn command(&self) -> WithdrawalCommand {
        match self {
            Self::Approve(_) => WithdrawalCommand::Approve,
            Self::MarkPaid => WithdrawalCommand::MarkPaid,
            Self::MarkFailed(_) => WithdrawalCommand::Fail,
            Self::Reject(_) => WithdrawalCommand::Reject,
        }
    }
}

async fn answer(
    store: &dyn Store,
    recorder: &Recorder,
    actor: &Actor,
    id: WithdrawalId,
    answer: Answer,
    once: &Once<WithdrawalView>,
) -> Result<Answered<WithdrawalView>, UseCaseError> {
    policy::administer_withdrawals(actor)?;
    let now = recorder.clock.now();
    let answering = Answering { recorder, actor, id, answer, now };
    transact_once(store, &answering, once, now).await
}

struct Answering<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    id: WithdrawalId,
    answer: Answer,
    now: DateTime<Utc>,
}

impl Transaction for Answering<'_> {
    type Output = WithdrawalView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<WithdrawalView, UseCaseError> {
        let Self { recorder, actor, id, answer, now } = self;
        // Let in a moment before being blocked, they could pay out what nobody gets back.
        let administrator = work.users().lock(actor.user_id, Lock::Shared).await?;
        administrator.ok_or(UseCaseError::NotFound)?.may_enter()?;
        let mut withdrawal = lock(work, *id).await?;
        let by = Issuer::from(*actor);
        let hold = work.audits().hold_on(withdrawal.user_id).await?;
        must_not_be_stopped(&withdrawal, answer.command(), hold.as_ref())?;
        let step = match answer {
            Answer::Approve(four_eyes) => withdrawal.approve(*four_eyes, by, *now)?,
            Answer::MarkPaid => withdrawal.mark_paid(by, *now)?,
            Answer::MarkFailed(reason) => withdrawal.fail(reason.clone(), by, *now)?,
            Answer::Reject(reason) => withdrawal.reject(reason.clone(), by, *now)?,
        };
        recorder.finish(work, withdrawal, step, *now).await
    }
}
