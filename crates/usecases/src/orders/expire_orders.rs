//! Telling clients of open orders whose deadline has passed.
//!
//! No timer is set: a schedule looks for what is due, every minute. Each order is decided on in a
//! transaction of its own, under its lock and by the domain, so that one which was awarded, called off
//! or given a new deadline meanwhile is passed over, and looking twice, or on several servers at once,
//! tells nobody twice.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::contracts::Outcome;
use domain::ids::OrderId;
use ports::orders::{DueOrders, PassedDeadline};
use ports::store::UnitOfWork;

use super::lock;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Orders that are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. What is left then goes the next minute.
const BATCHES: u32 = 50;

/// Tells of orders whose deadline has passed.
pub struct ExpireOrders {
    /// Where that is done.
    pub desk: Desk,
    /// Finds them.
    pub due: Arc<dyn DueOrders>,
}

impl ExpireOrders {
    /// Tells of what is due and says how many orders that were. An order of which it cannot be told is
    /// logged and holds up no other; it is still due the next time.
    ///
    /// # Errors
    /// The first one that may pass; everything else that was due has been looked at all the same,
    /// unless it cannot be told what is due.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let now = self.desk.now();
        let (mut after, mut expired, mut outcome) = (None, 0_u64, Ok(()));
        for _ in 0..BATCHES {
            let due = self.due.expired_orders(now, after, BATCH).await?;
            for PassedDeadline { order_id, .. } in &due {
                match self.expire(*order_id, now).await {
                    Ok(is_news) => expired = expired.saturating_add(u64::from(is_news)),
                    Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                    Err(error) => tracing::error!(order = %order_id, %error, "an order cannot expire"),
                }
            }
            let is_last = u32::try_from(due.len()).is_ok_and(|count| count < BATCH);
            after = due.last().copied();
            if is_last {
                break;
            }
        }
        outcome.map(|()| expired)
    }

    /// Whether there was something to tell.
    async fn expire(&self, id: OrderId, now: DateTime<Utc>) -> Result<bool, UseCaseError> {
        match transact(self.desk.store.as_ref(), &Expiring { desk: &self.desk, id, now }).await {
            // Somebody was faster.
            Err(UseCaseError::Conflict { .. } | UseCaseError::NotFound) => Ok(false),
            outcome => outcome,
        }
    }
}

struct Expiring<'a> {
    desk: &'a Desk,
    id: OrderId,
    now: DateTime<Utc>,
}

impl Transaction for Expiring<'_> {
    type Output = bool;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<bool, UseCaseError> {
        let Self { desk, id, now } = self;
        let mut order = lock(work, *id).await?;
        let Some(event) = order.expire(Issuer::System, *now)? else { return Ok(false) };
        work.orders().save_expiry(&order).await?;
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        Ok(true)
    }
}
