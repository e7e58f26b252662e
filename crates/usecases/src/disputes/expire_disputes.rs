//! What becomes of disputes whose deadline has passed.
//!
//! As with proposals ([`crate::agreements::LapseProposals`]): a schedule looks for what is due, every minute, and
//! each dispute is decided on in a transaction of its own, under its locks and by the domain.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::disputes::{self, Means};
use domain::ids::DisputeId;
use ports::disputes::DisputeQueries;
use ports::store::UnitOfWork;

use super::lock;
use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Disputes that are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. What is left then goes the next minute.
const BATCHES: u32 = 50;

/// Does what happens at the deadlines of disputes.
pub struct ExpireDisputes {
    /// Where that is done.
    pub desk: Desk,
    /// Finds them.
    pub disputes: Arc<dyn DisputeQueries>,
}

impl ExpireDisputes {
    /// Does what is due and says in how many disputes that was. One in which it cannot be done is logged and
    /// holds up no other; it is still due the next time.
    ///
    /// # Errors
    /// The first one that may pass; everything else that was due has been looked at all the same, unless it
    /// cannot be told what is due.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let now = self.desk.now();
        let (mut after, mut moved, mut outcome) = (None, 0_u64, Ok(()));
        for _ in 0..BATCHES {
            let due = self.disputes.due_disputes(now, after, BATCH).await?;
            for one in &due {
                match self.expire(one.id, now).await {
                    Ok(was_due) => moved = moved.saturating_add(u64::from(was_due)),
                    Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                    Err(error) => tracing::error!(dispute = %one.id, %error, "a dispute cannot expire"),
                }
            }
            let is_last = u32::try_from(due.len()).is_ok_and(|count| count < BATCH);
            after = due.last().copied();
            if is_last {
                break;
            }
        }
        outcome.map(|()| moved)
    }

    /// Whether it was still due.
    async fn expire(&self, id: DisputeId, now: DateTime<Utc>) -> Result<bool, UseCaseError> {
        match transact(self.desk.store.as_ref(), &Expiring { desk: &self.desk, id, now }).await {
            Err(UseCaseError::NotFound) => Ok(false),
            outcome => outcome,
        }
    }
}

struct Expiring<'a> {
    desk: &'a Desk,
    id: DisputeId,
    now: DateTime<Utc>,
}

impl Transaction for Expiring<'_> {
    type Output = bool;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<bool, UseCaseError> {
        let Self { desk, id, now } = self;
        let (mut order, mut contract, mut dispute) = lock(work, None, *id).await?;
        let before = order.clone();
        // Without a lock: whoever is shut out in this moment had their seven days.
        let standings = work.users().standings(&[dispute.answerer()]).await?;
        let may_answer = standings.iter().all(|standing| standing.state.may_enter().is_ok());
        let means =
            Means { order: &mut order, contract: &mut contract, to: desk.clocks.clearance.payout(*now) };
        let outcome = match disputes::expire(means, &mut dispute, may_answer, Issuer::System, *now) {
            // Any other refusal would keep the money frozen for good, and is told.
            Err(error) if error.is_overtaken() => return Ok(false),
            outcome => outcome?,
        };
        work.disputes().save(&mut dispute).await?;
        contracts::save(work, desk, (order, &before, contract), outcome, *now).await?;
        Ok(true)
    }
}
