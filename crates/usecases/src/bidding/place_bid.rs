//! Making an offer on an order.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::bidding::{Bid, BidMessage, BidStep, NewBid};
use domain::contracts::Outcome;
use domain::ids::OrderId;
use domain::money::Money;
use domain::orders::policy::{self, OrderAccess};
use ports::bidding::{BidStage, BidView};
use ports::store::UnitOfWork;

use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::may_still_enter;
use crate::transact::Transaction;

/// Places bids for providers.
pub struct PlaceBid(pub Desk);

/// What a provider offers.
#[derive(Clone, Debug)]
pub struct BidTerms {
    /// The price; above zero.
    pub amount: Money,
    /// By when they would deliver.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What they say.
    pub message: BidMessage,
}

impl PlaceBid {
    /// Places a bid on an open order.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound`, also once it is somebody else's; `Conflict` after the
    /// deadline, and while there is a live bid of the same provider; `Unprocessable` for a
    /// deadline that is not in the future.
    pub async fn execute(
        &self,
        actor: &Actor,
        order_id: OrderId,
        terms: BidTerms,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_provider(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Placing { desk: &self.0, actor, order_id, terms, now }, once, now).await
    }
}

struct Placing<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    order_id: OrderId,
    terms: BidTerms,
    now: DateTime<Utc>,
}

impl Transaction for Placing<'_> {
    type Output = BidView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<BidView, UseCaseError> {
        let Self { desk, actor, order_id, terms, now } = self;
        let BidStage { provider, order, live, next_id: id } =
            work.bids().stage(*order_id, actor.user_id).await?;
        may_still_enter(provider)?;
        let order = order.ok_or(UseCaseError::NotFound)?;
        // Once it is awarded it is nobody else's business how far it has come.
        if !policy::may_read(actor, &OrderAccess::from(&order)) {
            return Err(UseCaseError::NotFound);
        }
        let BidTerms { amount, proposed_deadline, message } = terms.clone();
        let new = NewBid { id, amount, proposed_deadline, message };
        let (bid, BidStep { event, offer }) =
            Bid::place(new, &order, live.as_ref(), Issuer::from(*actor), *now)?;
        let offer = offer.ok_or_else(|| UseCaseError::Internal("a new bid names no terms".into()))?;
        work.bids().insert(&bid, &offer).await?;
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        Ok(BidView::new(&bid, &order))
    }
}
