//! Questions about bids: they see what is committed, and take no locks.

use async_trait::async_trait;
use domain::bidding::{Bid, BidCounts, BidMessage, BidState, Offer};
use domain::ids::{BidId, OrderId, UserId};
use ports::bidding::{BidList, BidQueries, BidView, OfferView, ReceivedBid};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::snapshot::Snapshot;
use crate::store::MemoryStore;

fn view(seen: &Snapshot<'_>, bid: &Bid) -> Option<BidView> {
    Some(BidView::new(bid, seen.order(bid.order_id)?))
}

fn received(seen: &Snapshot<'_>, bid: &Bid) -> Option<ReceivedBid> {
    Some(ReceivedBid { bid: view(seen, bid)?, writer: seen.person(bid.provider_id)? })
}

fn offer_view(seen: &Snapshot<'_>, offer: &Offer) -> Option<OfferView> {
    let Offer { bid_id: _, author, author_id, amount, proposed_deadline, message, made_at } = offer;
    Some(OfferView {
        author: *author,
        author_id: *author_id,
        author_name: seen.user(*author_id)?.full_name.as_str().to_owned(),
        amount: *amount,
        proposed_deadline: *proposed_deadline,
        message: message.as_ref().map(BidMessage::as_str).map(str::to_owned),
        made_at: *made_at,
    })
}

fn tally(bids: &[&Bid]) -> BidCounts {
    let mut counts = BidCounts::default();
    for bid in bids {
        match bid.state {
            BidState::Open => counts.open += 1,
            BidState::Changed => counts.changed += 1,
            BidState::Countered => counts.countered += 1,
            BidState::Accepted => counts.accepted += 1,
            BidState::Declined => counts.declined += 1,
            BidState::Withdrawn => counts.withdrawn += 1,
        }
    }
    counts
}

#[async_trait]
impl BidQueries for MemoryStore {
    async fn bid(&self, id: BidId) -> Result<Option<BidView>, StoreError> {
        self.shared().enter_or_fail(Operation::Bid).await?;
        Ok(self.look(|seen| view(seen, seen.bid(id)?)))
    }

    async fn bids(
        &self,
        provider_id: Option<UserId>,
        states: &[BidState],
        window: Window,
    ) -> Result<BidList, StoreError> {
        self.shared().enter_or_fail(Operation::Bids).await?;
        Ok(self.look(|seen| {
            let newest_first = seen.all(|rows| &rows.bids).into_values().rev();
            let is_theirs = |bid: &&Bid| provider_id.is_none_or(|id| id == bid.provider_id);
            let theirs: Vec<&Bid> = newest_first.filter(is_theirs).collect();
            let wanted = theirs.iter().filter(|bid| states.contains(&bid.state));
            let views = wanted.filter_map(|bid| view(seen, bid)).collect();
            let bids = slice(views, window, |bid: &BidView| bid.id.number());
            BidList { bids, tally: tally(&theirs) }
        }))
    }

    async fn bids_on(
        &self,
        order_id: OrderId,
        states: &[BidState],
        window: Window,
    ) -> Result<Slice<ReceivedBid>, StoreError> {
        self.shared().enter_or_fail(Operation::BidsOn).await?;
        Ok(self.look(|seen| {
            let wanted = seen.bids_on(order_id).rev().filter(|bid| states.contains(&bid.state));
            let rows = wanted.filter_map(|bid| received(seen, bid)).collect();
            slice(rows, window, |received: &ReceivedBid| received.bid.id.number())
        }))
    }

    async fn offers(&self, id: BidId) -> Result<Vec<OfferView>, StoreError> {
        self.shared().enter_or_fail(Operation::Offers).await?;
        Ok(self.look(|seen| {
            let history = seen.committed.offers.iter().filter(|offer| offer.bid_id == id);
            history.filter_map(|offer| offer_view(seen, offer)).collect()
        }))
    }
}
