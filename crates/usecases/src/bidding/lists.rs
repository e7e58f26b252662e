//! Looking at bids.

use std::sync::Arc;

use domain::actor::Actor;
use domain::bidding::{self, BidStatus};
use domain::ids::{BidId, OrderId};
use domain::orders::policy;
use ports::bidding::{BidList, BidQueries, BidView, OfferView, ReceivedBid};
use ports::list::{Slice, Window};
use ports::orders::OrderQueries;

use crate::error::UseCaseError;

/// Shows providers their bids.
pub struct ListBids {
    /// Reads them.
    pub bids: Arc<dyn BidQueries>,
}

impl ListBids {
    /// The actor's bids, or everybody's for an administrator; of one coarse word, or of those that
    /// are listed by default.
    ///
    /// # Errors
    /// `Forbidden` for clients, who look at the bids on their orders; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        status: Option<BidStatus>,
        window: Window,
    ) -> Result<BidList, UseCaseError> {
        let whose = bidding::policy::list_placed(actor)?;
        Ok(self.bids.bids(whose, &bidding::policy::placed_states(status), window).await?)
    }
}

/// Shows clients the bids on one of their orders.
pub struct ListBidsOnOrder {
    /// Reads them.
    pub bids: Arc<dyn BidQueries>,
    /// Says whose the order is.
    pub orders: Arc<dyn OrderQueries>,
}

impl ListBidsOnOrder {
    /// The bids on an order, of one coarse word or of all.
    ///
    /// # Errors
    /// `Forbidden` for providers; `NotFound` unless one's own order; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        order_id: OrderId,
        status: Option<BidStatus>,
        window: Window,
    ) -> Result<Slice<ReceivedBid>, UseCaseError> {
        bidding::policy::list_received(actor)?;
        let access = self.orders.order_access(order_id).await?;
        if !access.is_some_and(|access| policy::may_read_bids(actor, &access)) {
            return Err(UseCaseError::NotFound);
        }
        let states = bidding::policy::received_states(status);
        Ok(self.bids.bids_on(order_id, &states, window).await?)
    }
}

/// Shows one bid.
pub struct ViewBid {
    /// Reads it.
    pub bids: Arc<dyn BidQueries>,
}

impl ViewBid {
    /// One bid, to its bidder, to the order's client and to administrators.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(&self, actor: &Actor, id: BidId) -> Result<BidView, UseCaseError> {
        let found = self.bids.bid(id).await?;
        let may_read = |bid: &BidView| bidding::policy::may_read(actor, &bid.reference());
        found.filter(may_read).ok_or(UseCaseError::NotFound)
    }
}

/// Shows the history of a bid.
pub struct ListOffers {
    /// Reads it.
    pub bids: Arc<dyn BidQueries>,
}

impl ListOffers {
    /// Every offer made about a bid, oldest first, to those who may see the bid.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(&self, actor: &Actor, id: BidId) -> Result<Vec<OfferView>, UseCaseError> {
        ViewBid { bids: Arc::clone(&self.bids) }.execute(actor, id).await?;
        Ok(self.bids.offers(id).await?)
    }
}
