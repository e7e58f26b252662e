//! Taking a bid back; an accepted one leaves the order, as long as it is not paid for.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts;
use domain::ids::BidId;
use domain::orders::policy;
use ports::bidding::BidView;
use ports::store::UnitOfWork;

use super::lock;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Takes bids back for their bidders.
pub struct WithdrawBid(pub Desk);

impl WithdrawBid {
    /// Takes a bid back. If it has been accepted, the order is open again.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless one's own; `Conflict` when the bid has
    /// come to its end or the order is paid for.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_provider(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Withdrawing { desk: &self.0, actor, id, now }, once, now).await
    }
}

struct Withdrawing<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: BidId,
    now: DateTime<Utc>,
}

impl Transaction for Withdrawing<'_> {
    type Output = BidView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<BidView, UseCaseError> {
        let Self { desk, actor, id, now } = self;
        let (mut order, mut bid) = lock(work, *id).await?;
        let before = order.clone();
        let mut contract =
            if order.is_awarded_to(bid.id) { work.contracts().lock(order.id).await? } else { None };
        let by = Issuer::from(*actor);
        let outcome = contracts::withdraw_bid(&mut order, &mut bid, contract.as_mut(), by, *now)?;
        if order != before {
            work.orders().save(&mut order).await?;
        }
        work.bids().save(std::slice::from_mut(&mut bid)).await?;
        if let Some(contract) = &mut contract {
            work.contracts().save(contract).await?;
        }
        desk.recorder.record(work, outcome, *now).await?;
        Ok(BidView::new(&bid, &order))
    }
}
