//! Ending orders that nobody has paid for in time.
//!
//! No timer is set when an order is awarded: a schedule looks for what is due, every minute. Each
//! order is decided on in a transaction of its own, under its locks and by the domain, so that one
//! which was paid for, called off or left meanwhile stays as it is, and looking twice, or on several
//! servers at once, changes nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::contracts::{self, Contract};
use domain::ids::OrderId;
use domain::orders::{FUNDING_PERIOD, OrderCommand};
use ports::bidding::WhichBids;
use ports::orders::DueOrders;
use ports::store::UnitOfWork;

use super::save;
use crate::bidding::changed;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::orders;
use crate::transact::{Transaction, transact};

/// Orders that are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. What is left then goes the next minute.
const BATCHES: u32 = 50;

/// Ends orders that nobody has paid for.
pub struct LapseOrders {
    /// Where that is done.
    pub desk: Desk,
    /// Finds them.
    pub due: Arc<dyn DueOrders>,
}

impl LapseOrders {
    /// Ends what is due and says how many orders that were. An order that cannot be ended is logged and
    /// holds up no other; it is still due the next time.
    ///
    /// # Errors
    /// The first one that may pass; everything else that was due has been looked at all the same,
    /// unless it cannot be told what is due.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let now = self.desk.now();
        let (mut after, mut lapsed, mut outcome) = (None, 0_u64, Ok(()));
        for _ in 0..BATCHES {
            let due = self.due.unpaid_orders(now - FUNDING_PERIOD, after, BATCH).await?;
            for id in &due {
                match self.lapse(*id, now).await {
                    Ok(was_due) => lapsed = lapsed.saturating_add(u64::from(was_due)),
                    Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                    Err(error) => tracing::error!(order = %id, %error, "an unpaid order cannot lapse"),
                }
            }
            let is_last = u32::try_from(due.len()).is_ok_and(|count| count < BATCH);
            after = due.last().copied();
            if is_last {
                break;
            }
        }
        outcome.map(|()| lapsed)
    }

    /// Whether it was still there to be ended.
    async fn lapse(&self, id: OrderId, now: DateTime<Utc>) -> Result<bool, UseCaseError> {
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
    id: OrderId,
    now: DateTime<Utc>,
}

impl Transaction for Lapsing<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Self { desk, id, now } = self;
        let mut order = orders::lock(work, *id).await?;
        let before = order.clone();
        let mut bids = work.bids().lock(*id, WhichBids::LiveAndAccepted).await?;
        let bids_before = bids.clone();
        let contract = work.contracts().lock(*id).await?;
        // Without one it has been left, and is open again.
        let mut contract = Contract::agreed(contract, &order, OrderCommand::Lapse)?;
        let outcome = contracts::lapse_order(&mut order, &mut bids, &mut contract, Issuer::System, *now)?;
        let mut closed = changed(bids, &bids_before);
        if !closed.is_empty() {
            work.bids().save(&mut closed).await?;
        }
        save(work, desk, (order, &before, contract), outcome, *now).await
    }
}
