//! Paying what was approved through a payment provider, and asking what became of it.
//!
//! A withdrawal is marked as sent and that is committed before the provider hears of it; what the
//! provider says is written down in a second transaction. Whoever finds a withdrawal sent, after a crash
//! between the two or because the answer did not come, asks again under the same key. So the provider
//! is the one who knows whether it was paid, and nothing here can make it pay twice.
//!
//! Each withdrawal is looked at in transactions of its own, under its lock and by the domain, so that
//! several servers may do this at once.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::audit::must_not_be_stopped;
use domain::ids::WithdrawalId;
use domain::money::{Attendance, PayoutProvider, WithdrawalCommand, WithdrawalState};
use ports::money::{Payout, PayoutOutcome, Payouts, UnattendedPayouts};
use ports::store::{Store, StoreError, UnitOfWork};
use tokio::task::JoinSet;

use super::lock;
use crate::error::UseCaseError;
use crate::recorder::Recorder;
use crate::transact::{Transaction, transact};

/// Withdrawals that are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. What is left then goes the next minute.
const BATCHES: u32 = 50;
/// Payments that are asked for at once, so that one without an answer does not keep all others waiting.
const AT_ONCE: usize = 8;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks after withdrawals that are to be sent, or have been.
#[derive(Clone)]
pub struct PayWithdrawals {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
    /// Finds them.
    pub unattended: Arc<dyn UnattendedPayouts>,
    /// Which provider it is.
    pub provider: PayoutProvider,
    /// Pays them. With [`PayoutProvider::Manual`] it is asked nothing but what became of those that
    /// another setting has sent.
    pub payouts: Arc<dyn Payouts>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaidWithdrawals {
    /// Paid, or failed for good.
    pub settled: u64,
    /// Nobody has asked long enough.
    pub open: u64,
    /// An administrator has to look at them.
    pub doubted: u64,
}

/// What became of one.
enum Attended {
    Settled,
    Open,
    Doubted,
    /// Somebody was faster.
    Nothing,
}

impl PayWithdrawals {
    /// Looks after all there are. One that cannot be looked after is logged and holds up no other.
    ///
    /// # Errors
    /// The first one that may pass; everything else has been looked at all the same, unless it cannot be
    /// told what there is.
    pub async fn execute(&self) -> Result<PaidWithdrawals, UseCaseError> {
        let states = WithdrawalState::unattended(self.provider);
        let (mut after, mut paid, mut outcome) = (None, PaidWithdrawals::default(), Ok(()));
        for _ in 0..BATCHES {
            let found = self.unattended.unattended(states, after, BATCH).await?;
            for some in found.chunks(AT_ONCE) {
                // When this run is cut off, so are its tasks: each can be taken up where it was.
                let mut tasks = JoinSet::new();
                for id in some.iter().copied() {
                    let this = self.clone();
                    tasks.spawn(async move { (id, this.attend(id).await) });
                }
                while let Some(ended) = tasks.join_next().await {
                    let (id, attended) = ended.map_err(|error| UseCaseError::Internal(Box::new(error)))?;
                    match attended {
                        Ok(attended) => paid.count(&attended),
                        Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                        Err(error) => {
                            tracing::error!(withdrawal = %id, %error, "a withdrawal cannot be paid");
                        }
                    }
                }
            }
            after = found.last().copied();
            if u32::try_from(found.len()).is_ok_and(|count| count < BATCH) {
                break;
            }
        }
        outcome.map(|()| paid)
    }

    async fn attend(&self, id: WithdrawalId) -> Result<Attended, UseCaseError> {
        let Self { store, recorder, .. } = self;
        let now = recorder.clock.now();
        let payout = match transact(store.as_ref(), &Attending { recorder, id, now }).await {
            Ok(Some(payout)) => payout,
            Ok(None) => return Ok(Attended::Doubted),
            Err(UseCaseError::Conflict { .. } | UseCaseError::NotFound) => return Ok(Attended::Nothing),
            Err(error) => return Err(error),
        };
        let asked = tokio::time::timeout(PATIENCE, self.payouts.pay(&payout)).await;
        let outcome = asked.unwrap_or(PayoutOutcome::Unknown);
        if outcome == PayoutOutcome::Unknown {
            return Ok(Attended::Open);
        }
        let now = recorder.clock.now();
        match transact(store.as_ref(), &Noting { recorder, id, outcome, now }).await {
            Ok(()) => Ok(Attended::Settled),
            Err(UseCaseError::Conflict { .. } | UseCaseError::NotFound) => Ok(Attended::Nothing),
            Err(error) => Err(error),
        }
    }
}

impl PaidWithdrawals {
    const fn count(&mut self, attended: &Attended) {
        let one_more = match attended {
            Attended::Settled => &mut self.settled,
            Attended::Open => &mut self.open,
            Attended::Doubted => &mut self.doubted,
            Attended::Nothing => return,
        };
        *one_more = one_more.saturating_add(1);
    }
}

struct Attending<'a> {
    recorder: &'a Recorder,
    id: WithdrawalId,
    now: DateTime<Utc>,
}

impl Transaction for Attending<'_> {
    /// What the provider is to be asked for; `None` where nobody is asked any more.
    type Output = Option<Payout>;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Option<Payout>, UseCaseError> {
        let Self { recorder, id, now } = self;
        let mut withdrawal = lock(work, *id).await?;
        let amount = withdrawal.amount;
        match withdrawal.attend(Issuer::System, *now)? {
            Attendance::Sent(step) => {
                let hold = work.audits().hold_on(withdrawal.user_id).await?;
                must_not_be_stopped(&withdrawal, WithdrawalCommand::Send, hold.as_ref())?;
                drop(recorder.finish(work, withdrawal, step, *now).await?);
            }
            Attendance::Asked => {}
            Attendance::Doubted(step) => {
                recorder.finish(work, withdrawal, step, *now).await?;
                return Ok(None);
            }
        }
        let account = work.withdrawals().account(*id).await?;
        let account = account
            .ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "withdrawal" })))?;
        Ok(Some(Payout { id: *id, amount, account }))
    }
}

struct Noting<'a> {
    recorder: &'a Recorder,
    id: WithdrawalId,
    outcome: PayoutOutcome,
    now: DateTime<Utc>,
}

impl Transaction for Noting<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Self { recorder, id, outcome, now } = self;
        let mut withdrawal = lock(work, *id).await?;
        let step = match outcome {
            PayoutOutcome::Paid => withdrawal.mark_paid(Issuer::System, *now)?,
            PayoutOutcome::Failed(reason) => withdrawal.fail(reason.clone(), Issuer::System, *now)?,
            PayoutOutcome::Unknown => return Ok(()),
        };
        recorder.finish(work, withdrawal, step, *now).await.map(drop)
    }
}
