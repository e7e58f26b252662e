//! Notices that somebody's account was closed or blocked, and asks for their business to be wound up.
//!
//! It runs in the dispatcher's transaction: the job is in the queue if and only if the fact is marked as
//! dispatched. Reading a fact again asks for the same job again, which has nothing left to do then.

use domain::event::Fact;
use domain::identity::IdentityEvent;
use domain::ids::UserId;
use ports::jobs::{Job, NewJob};
use ports::outbox::{OutboxReader, Reading, StoredFact};
use ports::store::{StoreError, UnitOfWork};

use crate::outbox::readable;

/// Asks for [`Job::WindUpAccount`].
pub struct NoticeDepartures;

impl OutboxReader for NoticeDepartures {
    fn name(&self) -> &'static str {
        "departures"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(ask(facts, work))
    }
}

async fn ask(facts: &[StoredFact], work: &mut dyn UnitOfWork) -> Result<(), StoreError> {
    for stored in facts {
        if let Some(user_id) = departed(&readable(stored)?) {
            work.jobs().enqueue(&NewJob::of_fact(stored.id, "", Job::WindUpAccount(user_id))).await?;
        }
    }
    Ok(())
}

/// Who is not there any more because of this.
const fn departed(fact: &Fact) -> Option<UserId> {
    let Fact::Identity(event) = fact else { return None };
    match event {
        IdentityEvent::Blocked { user_id, .. } | IdentityEvent::Deactivated { user_id } => Some(*user_id),
        IdentityEvent::Registered { .. }
        | IdentityEvent::IdentityChanged { .. }
        | IdentityEvent::ProfileChanged { .. }
        | IdentityEvent::PasswordChanged { .. }
        | IdentityEvent::TokenReuseDetected { .. }
        | IdentityEvent::Unblocked { .. } => None,
    }
}
