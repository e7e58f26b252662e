//! Notices that money came to somebody who owes some, and asks for debts to be paid: nobody need wait for
//! the schedule.
//!
//! It runs in the dispatcher's transaction, as [`crate::contracts::NoticeDepartures`] does.

use std::collections::BTreeSet;

use domain::event::Fact;
use domain::money::MARKET_CURRENCY;
use ports::jobs::{Job, JobKind, NewJob};
use ports::outbox::{OutboxReader, Reading, StoredFact};
use ports::store::{StoreError, UnitOfWork};

use crate::outbox::readable;

/// Asks for [`Job::SettleDebts`].
pub struct NoticeIncome;

impl OutboxReader for NoticeIncome {
    fn name(&self) -> &'static str {
        "income"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(ask(facts, work))
    }
}

async fn ask(facts: &[StoredFact], work: &mut dyn UnitOfWork) -> Result<(), StoreError> {
    let mut credited = BTreeSet::new();
    for stored in facts {
        if let Fact::Money(event) = readable(stored)? {
            credited.extend(event.credited());
        }
    }
    for user_id in credited {
        if !work.ledger().owed(user_id, MARKET_CURRENCY).await?.is_zero() {
            // Under the schedule's key: one run looks after everybody.
            let key = JobKind::SettleDebts.as_str().to_owned();
            work.jobs().enqueue(&NewJob { job: Job::SettleDebts, key }).await?;
            break;
        }
    }
    Ok(())
}
