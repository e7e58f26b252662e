//! Awarding an order: one bid wins, the others lose, the contract is made and, if the wallet covers
//! it, paid for.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::bidding::{Bid, BidError, BidRef, Expected};
use domain::contracts::{self, AwardCommand, Awarded, ContractError, PaymentRequired};
use domain::ids::{BidId, ContractId};
use domain::money::FeeRule;
use domain::orders::{Order, policy};
use ports::bidding::{BidView, WhichBids};
use ports::identity::Lock;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::changed;
use crate::desk::Desk;
use crate::error::{Present, UseCaseError};
use crate::idempotency::{Answered, Once};
use crate::money::available;
use crate::orders;
use crate::transact::Transaction;

/// Awards orders for their clients.
pub struct AcceptBid {
    /// Where it is carried out.
    pub desk: Desk,
    /// The fees as they are now; each contract keeps those of its day.
    pub fees: FeeRule,
}

/// An award.
#[derive(Clone, Debug)]
pub struct AcceptedBid {
    /// The bid that won.
    pub bid: BidView,
    /// Its order.
    pub order: OrderDetail,
    /// What the client still has to pay in before the work can begin; `None` if it is paid for.
    pub payment_required: Option<PaymentRequired>,
}

impl AcceptBid {
    /// Accepts a bid at the terms that the client believes in.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless on one's own order; `Conflict` unless the
    /// order is open, before its deadline, and the bid open and what was expected, or when its
    /// bidder's account is closed; `Unprocessable` where the price cannot be split over the
    /// milestones.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        expected: Expected,
        once: &Once<AcceptedBid>,
    ) -> Result<Answered<AcceptedBid>, UseCaseError> {
        policy::act_as_client(actor)?;
        let now = self.desk.now();
        let contract_id = ContractId::new(self.desk.recorder.ids.uuid(now));
        let award = Award { desk: &self.desk, fees: self.fees, actor, id, expected, contract_id, now };
        self.desk.carry_out(&award, once, now).await
    }
}

struct Award<'a> {
    desk: &'a Desk,
    fees: FeeRule,
    actor: &'a Actor,
    id: BidId,
    expected: Expected,
    contract_id: ContractId,
    now: DateTime<Utc>,
}

impl Transaction for Award<'_> {
    type Output = AcceptedBid;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<AcceptedBid, UseCaseError> {
        let Self { desk, fees, actor, id, expected, contract_id, now } = self;
        let found = work.bids().find(*id).await?.ok_or(UseCaseError::NotFound)?;
        found.party(Issuer::from(*actor)).ok_or(UseCaseError::NotFound)?;
        let order_id = found.order_id;
        let bidder_may_enter = lock_people(work, found).await?;
        let mut order = orders::lock(work, order_id).await?;
        let mut bids = work.bids().lock(order_id, WhichBids::LiveAnd(*id)).await?;
        let before = bids.clone();
        let available = available(work, actor.user_id).await?;
        let command = AwardCommand {
            bid_id: *id,
            expected: *expected,
            contract_id: *contract_id,
            fees: *fees,
            available,
            bidder_may_enter,
        };
        let awarded = contracts::award(&mut order, &mut bids, command, Issuer::from(*actor), *now);
        let Awarded { contract, payment_required, outcome } = match awarded {
            Ok(awarded) => awarded,
            Err(error) => return Err(refused(error, &order, &bids, *id)),
        };
        work.orders().save(&mut order).await?;
        let mut changed = changed(bids, &before);
        work.bids().save(&mut changed).await?;
        work.contracts().insert(&contract).await?;
        desk.recorder.record(work, outcome, *now).await?;
        let won = changed.iter().find(|bid| bid.id == *id);
        let won = won.ok_or_else(|| UseCaseError::Internal("an accepted bid has not changed".into()))?;
        let bid = BidView::new(won, &order);
        Ok(AcceptedBid { bid, order: orders::detail(desk, work, actor, order_id).await?, payment_required })
    }
}

/// Holds the accounts of both sides, so that neither is closed while they come to an agreement.
/// Says whether the bidder's may be used; the client's is that of the caller.
async fn lock_people(work: &mut dyn UnitOfWork, found: BidRef) -> Result<bool, UseCaseError> {
    let BidRef { client_id, provider_id, .. } = found;
    let mut people = [client_id, provider_id];
    people.sort();
    let mut bidder_may_enter = false;
    for id in people {
        let person = work.users().lock(id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)?;
        if id == provider_id {
            bidder_may_enter = person.may_enter().is_ok();
        } else {
            person.may_enter()?;
        }
    }
    Ok(bidder_may_enter)
}

/// A refused award; where the bid is not what the client believed, what it is.
fn refused(error: ContractError, order: &Order, bids: &[Bid], id: BidId) -> UseCaseError {
    let has_changed = matches!(error, ContractError::Bid(BidError::BidChanged { .. }));
    let bid = bids.iter().find(|bid| has_changed && bid.id == id);
    let error = UseCaseError::from(error);
    match bid {
        Some(bid) => error.showing(Present::Bid(Box::new(BidView::new(bid, order)))),
        None => error,
    }
}
