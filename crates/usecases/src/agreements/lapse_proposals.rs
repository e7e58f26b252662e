//! What becomes of proposals that nobody has answered in time.
//!
//! As with orders that nobody pays for ([`crate::contracts::LapseOrders`]): a schedule looks for what is due,
//! every minute, and each proposal is decided on in a transaction of its own, under its locks and by the
//! domain.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::contracts::expire_proposal;
use domain::ids::ProposalId;
use ports::agreements::ProposalQueries;
use ports::store::UnitOfWork;

use super::{lock, means};
use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Proposals that are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. What is left then goes the next minute.
const BATCHES: u32 = 50;

/// Ends proposals that nobody has answered.
pub struct LapseProposals {
    /// Where that is done.
    pub desk: Desk,
    /// Finds them.
    pub proposals: Arc<dyn ProposalQueries>,
}

impl LapseProposals {
    /// Ends what is due and says how many proposals that were. One that cannot be ended is logged and holds up
    /// no other; it is still due the next time.
    ///
    /// # Errors
    /// The first one that may pass; everything else that was due has been looked at all the same, unless it
    /// cannot be told what is due.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let now = self.desk.now();
        let (mut after, mut ended, mut outcome) = (None, 0_u64, Ok(()));
        for _ in 0..BATCHES {
            let due = self.proposals.expired_proposals(now, after, BATCH).await?;
            for expired in &due {
                match self.end(expired.id, now).await {
                    Ok(was_due) => ended = ended.saturating_add(u64::from(was_due)),
                    Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                    Err(error) => tracing::error!(proposal = %expired.id, %error, "a proposal cannot lapse"),
                }
            }
            let is_last = u32::try_from(due.len()).is_ok_and(|count| count < BATCH);
            after = due.last().copied();
            if is_last {
                break;
            }
        }
        outcome.map(|()| ended)
    }

    /// Whether it was still there to be ended.
    async fn end(&self, id: ProposalId, now: DateTime<Utc>) -> Result<bool, UseCaseError> {
        match transact(self.desk.store.as_ref(), &Lapsing { desk: &self.desk, id, now }).await {
            Ok(()) => Ok(true),
            // Somebody was faster.
            Err(UseCaseError::Conflict { .. } | UseCaseError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

struct Lapsing<'a> {
    desk: &'a Desk,
    id: ProposalId,
    now: DateTime<Utc>,
}

impl Transaction for Lapsing<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Self { desk, id, now } = self;
        let (mut order, mut contract, mut proposal) = lock(work, None, *id).await?;
        let before = order.clone();
        let means = means(work, desk, &contract, *now).await?;
        let by = Issuer::System;
        let outcome = expire_proposal(&mut order, &mut contract, &mut proposal, means, by, *now)?;
        work.proposals().save(&mut proposal).await?;
        contracts::save(work, desk, (order, &before, contract), outcome, *now).await
    }
}
