//! Bids, counter-offers, and the award (contract §4).

mod accept_bid;
mod answer_counter;
mod confirm_bid;
mod counter_bid;
mod decline_bid;
mod edit_bid;
mod lists;
mod place_bid;
mod withdraw_bid;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::bidding::{Bid, BidError, BidStep};
use domain::contracts::Outcome;
use domain::ids::BidId;
use domain::orders::Order;
use ports::bidding::{BidView, WhichBids};
use ports::store::UnitOfWork;

use crate::desk::Desk;
use crate::error::{UseCaseError, Versions, must_be_one_of};
use crate::idempotency::{Answered, Once};
use crate::orders;
use crate::transact::Transaction;

pub use accept_bid::{AcceptBid, AcceptedBid};
pub use answer_counter::{AcceptCounter, RejectCounter};
pub use confirm_bid::ConfirmBid;
pub use counter_bid::CounterBid;
pub use decline_bid::DeclineBid;
pub use edit_bid::EditBid;
pub use lists::{ListBids, ListBidsOnOrder, ListOffers, ViewBid};
pub use place_bid::{BidTerms, PlaceBid};
pub use withdraw_bid::WithdrawBid;

/// A bid and its order, both locked.
pub(crate) async fn lock(work: &mut dyn UnitOfWork, id: BidId) -> Result<(Order, Bid), UseCaseError> {
    let found = work.bids().find(id).await?.ok_or(UseCaseError::NotFound)?;
    let order = orders::lock(work, found.order_id).await?;
    let bid = work.bids().lock(found.order_id, WhichBids::One(id)).await?.pop();
    Ok((order, bid.ok_or(UseCaseError::NotFound)?))
}

/// Those that a command has changed.
pub(crate) fn changed(bids: Vec<Bid>, before: &[Bid]) -> Vec<Bid> {
    bids.into_iter().zip(before).filter(|(bid, before)| bid != *before).map(|(bid, _)| bid).collect()
}

/// Which bid a command is meant for.
struct Target {
    id: BidId,
    /// In which versions of it.
    versions: Versions<i64>,
}

impl From<BidId> for Target {
    fn from(id: BidId) -> Self {
        Self { id, versions: None }
    }
}

/// Carries out a command that changes one bid and nothing else.
async fn change<S>(
    desk: &Desk,
    actor: &Actor,
    target: Target,
    step: S,
    once: &Once<BidView>,
) -> Result<Answered<BidView>, UseCaseError>
where
    S: Fn(&mut Bid, &Order, Issuer, DateTime<Utc>) -> Result<Option<BidStep>, BidError> + Sync,
{
    let now = desk.now();
    desk.carry_out(&Changing { desk, actor, target, step, now }, once, now).await
}

struct Changing<'a, S> {
    desk: &'a Desk,
    actor: &'a Actor,
    target: Target,
    step: S,
    now: DateTime<Utc>,
}

impl<S> Transaction for Changing<'_, S>
where
    S: Fn(&mut Bid, &Order, Issuer, DateTime<Utc>) -> Result<Option<BidStep>, BidError> + Sync,
{
    type Output = BidView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<BidView, UseCaseError> {
        let Self { desk, actor, target: Target { id, versions }, step, now } = self;
        let by = Issuer::from(*actor);
        let (order, mut bid) = lock(work, *id).await?;
        bid.party(&order, by).ok_or(UseCaseError::NotFound)?;
        must_be_one_of(versions, &bid.version)?;
        if let Some(BidStep { event, offer }) = step(&mut bid, &order, by, *now)? {
            work.bids().save(std::slice::from_mut(&mut bid)).await?;
            if let Some(offer) = offer {
                work.bids().add_offer(&offer).await?;
            }
            let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
            desk.recorder.record(work, outcome, *now).await?;
        }
        Ok(BidView::new(&bid, &order))
    }
}
