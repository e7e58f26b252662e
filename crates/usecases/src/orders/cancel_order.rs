//! Calling an order off that nobody has paid for.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts;
use domain::ids::OrderId;
use domain::orders::policy;
use ports::bidding::WhichBids;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::{detail, lock};
use crate::bidding::changed;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Calls orders off for their clients.
pub struct CancelOrder(pub Desk);

impl CancelOrder {
    /// Calls an open or pending order off; all its bids are declined.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless one's own; `Conflict` once it is paid for.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Cancelling { desk: &self.0, actor, id, now }, once, now).await
    }
}

struct Cancelling<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    now: DateTime<Utc>,
}

impl Transaction for Cancelling<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, now } = self;
        let mut order = lock(work, *id).await?;
        let mut bids = work.bids().lock(*id, WhichBids::LiveAndAccepted).await?;
        let before = bids.clone();
        let mut contract = work.contracts().lock(*id).await?;
        let by = Issuer::from(*actor);
        let outcome = contracts::cancel_order(&mut order, &mut bids, contract.as_mut(), by, *now)?;
        work.orders().save(&mut order).await?;
        let mut closed = changed(bids, &before);
        if !closed.is_empty() {
            work.bids().save(&mut closed).await?;
        }
        if let Some(contract) = &mut contract {
            work.contracts().save(contract).await?;
        }
        desk.recorder.record(work, outcome, *now).await?;
        detail(desk, work, actor, *id).await
    }
}
