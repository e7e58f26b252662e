//! What happens when nobody does anything: submissions that the client has not answered are released,
//! after two reminders, and what rests after a release becomes the provider's to use.
//!
//! No timer is set: schedules look for what is due, every minute. Each milestone is decided on in a
//! transaction of its own, under the locks of its order and by the domain, so that one which was
//! approved, given back or disputed meanwhile stays as it is, and looking twice, or on several servers
//! at once, pays and tells nobody twice.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::contracts::{self, Contract, MilestoneCommand, Outcome};
use ports::contracts::{DueMilestone, DueMilestones, MilestoneClock};
use ports::store::UnitOfWork;

use super::save;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::orders;
use crate::transact::{Transaction, transact};

/// Milestones that are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. What is left then goes the next minute.
const BATCHES: u32 = 50;

/// Releases what clients have not answered in time, and reminds them before.
pub struct ReleaseMilestones {
    /// Where that is done.
    pub desk: Desk,
    /// Finds it.
    pub due: Arc<dyn DueMilestones>,
}

/// Lets providers use what has rested long enough.
pub struct ClearPayments {
    /// Where that is done.
    pub desk: Desk,
    /// Finds it.
    pub due: Arc<dyn DueMilestones>,
}

/// What one run of [`ReleaseMilestones`] led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunDown {
    /// Milestones that were released.
    pub released: u64,
    /// Clients who were reminded.
    pub reminded: u64,
}

impl ReleaseMilestones {
    /// Releases what is due, then reminds. A milestone for which that cannot be done is logged and holds
    /// up no other; it is still due the next time.
    ///
    /// # Errors
    /// The first one that may pass; everything else that was due has been looked at all the same,
    /// unless it cannot be told what is due.
    pub async fn execute(&self) -> Result<RunDown, UseCaseError> {
        let Self { desk, due } = self;
        let released = run(desk, due.as_ref(), MilestoneClock::Release).await;
        let reminded = run(desk, due.as_ref(), MilestoneClock::Reminder).await;
        Ok(RunDown { released: released?, reminded: reminded? })
    }
}

impl ClearPayments {
    /// Clears what is due and says how many milestones' money that was. For the rest as
    /// [`ReleaseMilestones::execute`].
    ///
    /// # Errors
    /// As there.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        run(&self.desk, self.due.as_ref(), MilestoneClock::Clearance).await
    }
}

/// Sees to all milestones of which one clock has run out, and says for how many there was something to
/// do.
async fn run(desk: &Desk, due: &dyn DueMilestones, clock: MilestoneClock) -> Result<u64, UseCaseError> {
    let now = desk.now();
    let (mut after, mut done, mut outcome) = (None, 0_u64, Ok(()));
    for _ in 0..BATCHES {
        let found = due.due_milestones(clock, now, after, BATCH).await?;
        for due in &found {
            match see_to(desk, clock, *due, now).await {
                Ok(was_due) => done = done.saturating_add(u64::from(was_due)),
                Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                Err(error) => {
                    let DueMilestone { order_id, number, .. } = due;
                    tracing::error!(order = %order_id, milestone = %number, ?clock, %error, "a clock cannot run out");
                }
            }
        }
        let is_last = u32::try_from(found.len()).is_ok_and(|count| count < BATCH);
        after = found.last().copied();
        if is_last {
            break;
        }
    }
    outcome.map(|()| done)
}

/// Whether there was still something to do.
async fn see_to(
    desk: &Desk,
    clock: MilestoneClock,
    due: DueMilestone,
    now: DateTime<Utc>,
) -> Result<bool, UseCaseError> {
    match transact(desk.store.as_ref(), &RunOut { desk, clock, due, now }).await {
        // Somebody was faster.
        Err(UseCaseError::Conflict { .. } | UseCaseError::NotFound) => Ok(false),
        outcome => outcome,
    }
}

struct RunOut<'a> {
    desk: &'a Desk,
    clock: MilestoneClock,
    due: DueMilestone,
    now: DateTime<Utc>,
}

impl Transaction for RunOut<'_> {
    type Output = bool;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<bool, UseCaseError> {
        let Self { desk, clock, due: DueMilestone { order_id, number, due_at: _ }, now } = self;
        let mut order = orders::lock(work, *order_id).await?;
        let before = order.clone();
        let contract = work.contracts().lock(*order_id).await?;
        let mut contract = Contract::agreed_on(contract, &order, *number, command(*clock))?;
        let by = Issuer::System;
        let outcome = match clock {
            MilestoneClock::Release => {
                let to = desk.clocks.clearance.payout(*now);
                contracts::auto_release(&mut order, &mut contract, *number, to, by, *now)?
            }
            MilestoneClock::Clearance => contracts::clear_payment(&mut contract, *number, by, *now)?,
            MilestoneClock::Reminder => {
                let Some(event) = contract.remind(*number, by, *now)? else { return Ok(false) };
                work.contracts().save_reminder(&contract, *number).await?;
                let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
                desk.recorder.record(work, outcome, *now).await?;
                return Ok(true);
            }
        };
        save(work, desk, (order, &before, contract), outcome, *now).await?;
        Ok(true)
    }
}

/// What is asked of a milestone when one of its clocks has run out.
const fn command(clock: MilestoneClock) -> MilestoneCommand {
    match clock {
        MilestoneClock::Release => MilestoneCommand::AutoRelease,
        MilestoneClock::Reminder => MilestoneCommand::Remind,
        MilestoneClock::Clearance => MilestoneCommand::Clear,
    }
}
