//! Counter-offers: the client names other terms, the bidder takes them or keeps to their own.

use chrono::{DateTime, Utc};

use super::{Bid, BidStep, must_be_a_price, must_be_ahead};
use crate::actor::{Issuer, Party};
use crate::bidding::{BID_MACHINE, BidCommand, BidError, BidEvent, Counter, CounterTerms, Offer};
use crate::orders::Order;

impl Bid {
    /// The client names other terms; a second time replaces the first.
    ///
    /// # Errors
    /// [`BidError`].
    pub fn counter(
        &mut self,
        terms: CounterTerms,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<BidStep, BidError> {
        let state = self.next(BidCommand::Counter, order, by)?;
        order.must_take_offers(by, now)?;
        must_be_ahead(terms.proposed_deadline, now)?;
        must_be_a_price(terms.amount, order)?;
        let offer = Offer {
            bid_id: self.id,
            author: Party::Client,
            author_id: order.client_id,
            amount: terms.amount,
            proposed_deadline: terms.proposed_deadline,
            message: terms.message.clone(),
            made_at: now,
        };
        self.counter = Some(Counter { terms, created_at: now });
        self.answer(state, now);
        Ok(BidStep { event: BidEvent::Countered(self.reference(order)), offer: Some(offer) })
    }

    /// The bidder takes the client's terms, for the order as it is now. Awarding is still the
    /// client's to do.
    ///
    /// # Errors
    /// [`BidError`]; [`BidError::ProposedDeadlinePassed`] if it was too long ago.
    pub fn accept_counter(
        &mut self,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<BidStep, BidError> {
        let state = self.next(BidCommand::AcceptCounter, order, by)?;
        order.must_take_offers(by, now)?;
        // The state has one; without it there is nothing to take.
        let Some(Counter { terms, .. }) = self.counter.clone() else {
            return Err(BID_MACHINE.refuse(self.state, BidCommand::AcceptCounter).into());
        };
        self.must_be_keepable(terms.proposed_deadline, now)?;
        self.amount = terms.amount;
        self.proposed_deadline = terms.proposed_deadline.or(self.proposed_deadline);
        self.ask(state, order, now);
        Ok(BidStep { event: BidEvent::CounterAccepted(self.reference(order)), offer: None })
    }

    /// The bidder keeps to their own terms; if the order has changed since, they must confirm them.
    ///
    /// # Errors
    /// [`BidError`].
    pub fn reject_counter(
        &mut self,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<BidStep, BidError> {
        let state = self.next(BidCommand::RejectCounter, order, by)?;
        let revision = self.revision;
        self.ask(state, order, now);
        if revision != order.revision {
            self.revision = revision;
            self.state = BID_MACHINE.next(self.state, BidCommand::Outdate, Some(Party::System))?;
        }
        Ok(BidStep { event: BidEvent::CounterRejected(self.reference(order)), offer: None })
    }
}
