//! Notices that a withdrawal was approved, and asks for it to be paid: nobody need wait for the schedule.
//!
//! It runs in the dispatcher's transaction, as [`crate::contracts::NoticeDepartures`] does.

use domain::event::Fact;
use domain::money::MoneyEvent;
use ports::jobs::{Job, JobKind, NewJob};
use ports::outbox::{OutboxReader, Reading, StoredFact};
use ports::store::{StoreError, UnitOfWork};

use crate::outbox::readable;

/// Asks for [`Job::PayWithdrawals`].
pub struct NoticeApprovals;

impl OutboxReader for NoticeApprovals {
    fn name(&self) -> &'static str {
        "approvals"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(ask(facts, work))
    }
}

async fn ask(facts: &[StoredFact], work: &mut dyn UnitOfWork) -> Result<(), StoreError> {
    let mut is_approved = false;
    for stored in facts {
        is_approved |= matches!(readable(stored)?, Fact::Money(MoneyEvent::WithdrawalApproved(_)));
    }
    if is_approved {
        // Under the schedule's key: one run looks after all that wait.
        let key = JobKind::PayWithdrawals.as_str().to_owned();
        work.jobs().enqueue(&NewJob { job: Job::PayWithdrawals, key }).await?;
    }
    Ok(())
}
