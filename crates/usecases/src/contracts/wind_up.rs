//! Ending what somebody has under way whose account was closed or blocked: their open and pending orders
//! are called off, their live bids and those that hold a pending order are taken back.
//!
//! Each order and each bid is decided on in a transaction of its own, under its locks and by the domain,
//! with the person's account held: whoever has been let in again meanwhile keeps everything. Nothing new
//! can come to be beside it, as posting and bidding hold the account as well. What was done stays done
//! when the rest fails, and doing it again finds only what is left.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::bidding::Bid;
use domain::contracts::{self, Contract, Outcome};
use domain::identity::User;
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::Order;
use ports::bidding::WhichBids;
use ports::contracts::UnfinishedBusiness;
use ports::identity::Lock;
use ports::store::UnitOfWork;

use crate::bidding::{self, changed};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::orders;
use crate::transact::{Transaction, transact};

/// Orders or bids that are looked up at once.
const BATCH: u32 = 100;

/// Ends what people have under way who are not there any more.
pub struct WindUpAccount {
    /// Where that is done.
    pub desk: Desk,
    /// Finds it.
    pub business: Arc<dyn UnfinishedBusiness>,
}

impl WindUpAccount {
    /// Ends all of it that is not paid for, and says how many orders and bids that were.
    ///
    /// # Errors
    /// The first one; everything else has been ended all the same, unless it cannot be told what there is.
    pub async fn execute(&self, user_id: UserId) -> Result<u64, UseCaseError> {
        let (desk, now) = (&self.desk, self.desk.now());
        let store = desk.store.as_ref();
        let mut tally = Tally::default();
        let mut after = None;
        loop {
            let orders = self.business.unfinished_orders(user_id, after, BATCH).await?;
            for id in &orders {
                let ending = EndingOrder { desk, client_id: user_id, id: *id, now };
                tally.note(transact(store, &ending).await);
            }
            after = orders.last().copied();
            if is_last(orders.len()) {
                break;
            }
        }
        let mut after = None;
        loop {
            let bids = self.business.unfinished_bids(user_id, after, BATCH).await?;
            for id in &bids {
                let ending = EndingBid { desk, bidder_id: user_id, id: *id, now };
                tally.note(transact(store, &ending).await);
            }
            after = bids.last().copied();
            if is_last(bids.len()) {
                break;
            }
        }
        tally.outcome.map(|()| tally.ended)
    }
}

fn is_last(length: usize) -> bool {
    u32::try_from(length).is_ok_and(|length| length < BATCH)
}

/// What became of everything so far.
struct Tally {
    ended: u64,
    outcome: Result<(), UseCaseError>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { ended: 0, outcome: Ok(()) }
    }
}

impl Tally {
    fn note(&mut self, result: Result<(), UseCaseError>) {
        match result {
            Ok(()) => self.ended = self.ended.saturating_add(1),
            // They are back, or somebody was faster.
            Err(UseCaseError::Conflict { .. } | UseCaseError::NotFound) => {}
            Err(error) => {
                if self.outcome.is_ok() {
                    self.outcome = Err(error);
                }
            }
        }
    }
}

/// The account that all this is about; it stays as it is until the transaction ends.
async fn hold(work: &mut dyn UnitOfWork, id: UserId) -> Result<User, UseCaseError> {
    work.users().lock(id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)
}

struct EndingOrder<'a> {
    desk: &'a Desk,
    client_id: UserId,
    id: OrderId,
    now: DateTime<Utc>,
}

impl Transaction for EndingOrder<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Self { desk, client_id, id, now } = self;
        let client = hold(work, *client_id).await?;
        let order = orders::lock(work, *id).await?;
        let bids = work.bids().lock(*id, WhichBids::LiveAndAccepted).await?;
        let contract = work.contracts().lock(*id).await?;
        let before = Unpaid { order, bids, contract };
        let mut after = before.clone();
        let Unpaid { order, bids, contract } = &mut after;
        let outcome = contracts::wind_up_order(order, bids, contract.as_mut(), &client, *now)?;
        after.save(work, desk, &before, outcome, *now).await
    }
}

struct EndingBid<'a> {
    desk: &'a Desk,
    bidder_id: UserId,
    id: BidId,
    now: DateTime<Utc>,
}

impl Transaction for EndingBid<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Self { desk, bidder_id, id, now } = self;
        let bidder = hold(work, *bidder_id).await?;
        let (order, bid) = bidding::lock(work, *id).await?;
        let contract = if order.is_awarded_to(*id) { work.contracts().lock(order.id).await? } else { None };
        let before = Unpaid { order, bids: vec![bid], contract };
        let mut after = before.clone();
        let Unpaid { order, bids, contract } = &mut after;
        let bid = bids.first_mut().ok_or(UseCaseError::NotFound)?;
        let outcome = contracts::wind_up_bid(order, bid, contract.as_mut(), &bidder, *now)?;
        after.save(work, desk, &before, outcome, *now).await
    }
}

/// An order with what ends beside it, all of it locked.
#[derive(Clone)]
struct Unpaid {
    order: Order,
    bids: Vec<Bid>,
    contract: Option<Contract>,
}

impl Unpaid {
    /// Saves what is different, and what follows from it.
    async fn save(
        self,
        work: &mut dyn UnitOfWork,
        desk: &Desk,
        before: &Self,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let Self { mut order, bids, contract } = self;
        if order != before.order {
            work.orders().save(&mut order).await?;
        }
        let mut ended = changed(bids, &before.bids);
        if !ended.is_empty() {
            work.bids().save(&mut ended).await?;
        }
        if let Some(mut contract) = contract {
            work.contracts().save(&mut contract).await?;
        }
        desk.recorder.record(work, outcome, now).await
    }
}
