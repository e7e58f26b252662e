//! Bids and the offers made about them. How many are live is not stored here but counted; the order's
//! row is locked all the same, as it is where it keeps the count.

use async_trait::async_trait;
use domain::bidding::{Bid, BidRef, BidState, Offer};
use domain::ids::{BidId, OrderId, UserId};
use ports::bidding::{BidStage, Bids, WhichBids};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::work::{MemoryWork, duplicate, orphan};

fn is_wanted(which: WhichBids, bid: &Bid) -> bool {
    let is_live = bid.state.is_live();
    match which {
        WhichBids::One(id) => bid.id == id,
        WhichBids::LiveOf(provider_id) => is_live && bid.provider_id == provider_id,
        WhichBids::Live => is_live,
        WhichBids::LiveAndAccepted => is_live || bid.state == BidState::Accepted,
        WhichBids::LiveAnd(id) => is_live || bid.id == id,
    }
}

impl MemoryWork {
    fn bid(&self, id: BidId) -> Option<Bid> {
        self.look(|seen| seen.bid(id).cloned())
    }

    /// That a bid is there to which a row is to belong.
    pub(crate) fn must_have_bid(&self, id: BidId, constraint: &str) -> Result<(), StoreError> {
        self.bid(id).map(|_| ()).ok_or_else(|| orphan(constraint))
    }

    /// Whether there is a bid on the same order that keeps this one from being what it is to be.
    fn has_rival(&self, bid: &Bid, is_rival: impl Fn(&Bid) -> bool) -> bool {
        self.look(|seen| seen.bids_on(bid.order_id).any(|other| other.id != bid.id && is_rival(other)))
    }

    async fn insert_bid(&mut self, bid: &Bid, offer: &Offer) -> Result<(), StoreError> {
        self.must_have_order(bid.order_id, "bids_order_id_fkey")?;
        self.must_have_account(bid.provider_id, "bids_provider_id_fkey")?;
        self.acquire(Row::Bid(bid.id), Lock::Exclusive).await?;
        if self.bid(bid.id).is_some() {
            return Err(duplicate("bids_pkey"));
        }
        if bid.state.is_live() {
            // Claims the entry in the unique index: waits for whoever is claiming it or giving it up.
            let entry = Row::LiveBid(bid.order_id, bid.provider_id);
            self.acquire(entry, Lock::Exclusive).await?;
            if self.has_rival(bid, |other| other.provider_id == bid.provider_id && other.state.is_live()) {
                return Err(duplicate("bids_one_live"));
            }
        }
        self.acquire(Row::Order(bid.order_id), Lock::Exclusive).await?;
        self.written.bids.insert(bid.id, bid.clone());
        self.written.offers.push(offer.clone());
        Ok(())
    }

    async fn stage_bid(&mut self, order_id: OrderId, provider_id: UserId) -> Result<BidStage, StoreError> {
        let provider = self.lock_user(provider_id, Lock::Shared).await?;
        let order = self.lock_order(order_id).await?;
        let live = self.lock_bids(order_id, WhichBids::LiveOf(provider_id)).await?.pop();
        let number = BidId::new(self.shared.next_bid_number());
        let next_id = number.ok_or_else(|| StoreError::Refused("the sequence has run out".into()))?;
        Ok(BidStage { provider, order, live, next_id })
    }

    async fn lock_bids(&mut self, order_id: OrderId, which: WhichBids) -> Result<Vec<Bid>, StoreError> {
        let wanted: Vec<BidId> = self.look(|seen| {
            seen.bids_on(order_id).filter(|bid| is_wanted(which, bid)).map(|bid| bid.id).collect()
        });
        let mut locked = Vec::new();
        for id in wanted {
            self.acquire(Row::Bid(id), Lock::Exclusive).await?;
            // Somebody else may have changed it while this waited for it.
            locked.extend(self.bid(id).filter(|bid| is_wanted(which, bid)));
        }
        Ok(locked)
    }

    async fn save_bid(&mut self, bid: &mut Bid) -> Result<(), StoreError> {
        self.acquire(Row::Bid(bid.id), Lock::Exclusive).await?;
        let stored = self.bid(bid.id).filter(|stored| stored.version == bid.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "bid" }) };
        let is_accepted = |state| state == BidState::Accepted;
        if is_accepted(bid.state) && self.has_rival(bid, |other| is_accepted(other.state)) {
            return Err(duplicate("bids_one_accepted"));
        }
        if stored.state.is_live() && !bid.state.is_live() {
            // Whoever wants to bid in its place has to wait until it really is over.
            let entry = Row::LiveBid(stored.order_id, stored.provider_id);
            self.acquire(entry, Lock::Exclusive).await?;
        }
        self.acquire(Row::Order(stored.order_id), Lock::Exclusive).await?;
        let Bid {
            id,
            order_id: _,
            provider_id: _,
            amount,
            proposed_deadline,
            message,
            state,
            revision,
            counter,
            submitted_at: _,
            asked_at,
            answered_at,
            updated_at,
            version,
        } = bid;
        *version += 1;
        stored.amount = *amount;
        stored.proposed_deadline = *proposed_deadline;
        stored.message.clone_from(message);
        stored.state = *state;
        stored.revision = *revision;
        stored.counter.clone_from(counter);
        stored.asked_at = *asked_at;
        stored.answered_at = *answered_at;
        stored.updated_at = *updated_at;
        stored.version = *version;
        self.written.bids.insert(*id, stored);
        Ok(())
    }

    async fn save_every_bid(&mut self, bids: &mut [Bid]) -> Result<(), StoreError> {
        for bid in bids {
            self.save_bid(bid).await?;
        }
        Ok(())
    }

    fn reference(&self, id: BidId) -> Option<BidRef> {
        self.look(|seen| {
            let bid = seen.bid(id)?;
            Some(bid.reference(seen.order(bid.order_id)?))
        })
    }

    fn insert_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        self.must_have_bid(offer.bid_id, "offers_bid_id_fkey")?;
        self.must_have_account(offer.author_id, "offers_author_id_fkey")?;
        self.written.offers.push(offer.clone());
        Ok(())
    }
}

#[async_trait]
impl Bids for MemoryWork {
    async fn stage(&mut self, order_id: OrderId, provider_id: UserId) -> Result<BidStage, StoreError> {
        self.start(Operation::StageBid).await?;
        let outcome = self.stage_bid(order_id, provider_id).await;
        self.finish(outcome)
    }

    async fn insert(&mut self, bid: &Bid, offer: &Offer) -> Result<(), StoreError> {
        self.start(Operation::InsertBid).await?;
        let outcome = self.insert_bid(bid, offer).await;
        self.finish(outcome)
    }

    async fn find(&mut self, id: BidId) -> Result<Option<BidRef>, StoreError> {
        self.start(Operation::FindBid).await?;
        let found = self.reference(id);
        self.finish(Ok(found))
    }

    async fn lock(&mut self, order_id: OrderId, which: WhichBids) -> Result<Vec<Bid>, StoreError> {
        self.start(Operation::LockBids).await?;
        let outcome = self.lock_bids(order_id, which).await;
        self.finish(outcome)
    }

    async fn save(&mut self, bids: &mut [Bid]) -> Result<(), StoreError> {
        self.start(Operation::SaveBids).await?;
        let outcome = self.save_every_bid(bids).await;
        self.finish(outcome)
    }

    async fn add_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        self.start(Operation::AddOffer).await?;
        let outcome = self.insert_offer(offer);
        self.finish(outcome)
    }
}
