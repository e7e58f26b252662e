//! A bid: the aggregate. Its states are the table of [`BID_MACHINE`]. Counter-offers are in
//! `haggling.rs`.
//!
//! While a bid is `open`, its `revision` is the order's: a material change of the order outdates
//! it, and every way back to `open` brings it to the present revision.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    BID_MACHINE, BidCommand, BidError, BidEvent, BidMessage, BidRef, BidState, Counter, DeclineReason, Offer,
};
use crate::actor::{Issuer, Party};
use crate::ids::{BidId, OrderId, UserId};
use crate::machine::Refusal;
use crate::money::Money;
use crate::orders::Order;

/// By when the client should answer a bid.
pub const RESPONSE_PERIOD: TimeDelta = TimeDelta::hours(5 * 24);

/// A provider's offer to do an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Its identifier.
    pub id: BidId,
    /// The order that it is on.
    pub order_id: OrderId,
    /// Whose it is.
    pub provider_id: UserId,
    /// The price; above zero, and possibly above the budget.
    pub amount: Money,
    /// By when the bidder would deliver; without one the order's deadline holds.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What the bidder says.
    pub message: BidMessage,
    /// What it is waiting for.
    pub state: BidState,
    /// The revision of the order that it holds for.
    pub revision: i64,
    /// The client's terms, while they stand.
    pub counter: Option<Counter>,
    /// When it was placed.
    pub submitted_at: DateTime<Utc>,
    /// When the bidder last spoke: since then the client is to answer.
    pub asked_at: DateTime<Utc>,
    /// When the client answered, or the bid lost by itself.
    pub answered_at: Option<DateTime<Utc>>,
    /// When anything above last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new bid needs.
#[derive(Clone, Debug)]
pub struct NewBid {
    /// The next of its sequence.
    pub id: BidId,
    /// The price; above zero.
    pub amount: Money,
    /// Optional; in the future.
    pub proposed_deadline: Option<DateTime<Utc>>,
    /// What the bidder says.
    pub message: BidMessage,
}

/// What the bidder wants changed. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BidPatch {
    /// A new price.
    pub amount: Option<Money>,
    /// A new deadline, or `Some(None)` for the order's.
    pub proposed_deadline: Option<Option<DateTime<Utc>>>,
    /// New words.
    pub message: Option<BidMessage>,
}

/// What the client believes that they accept. `None` stands for whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The price.
    pub amount: Option<Money>,
    /// The revision that the bid holds for.
    pub revision: Option<i64>,
}

/// What a command on a bid led to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct BidStep {
    /// What happened.
    pub event: BidEvent,
    /// A line for the bid's history, if terms were named.
    pub offer: Option<Offer>,
}

impl Bid {
    /// A provider makes an offer. `standing` is the live bid of the same provider on this order, if
    /// there is one.
    ///
    /// # Errors
    /// [`BidError`]: not a provider, or one's own order; not open; deadline passed; duplicate bid;
    /// a deadline that is not in the future; a price of nothing or of another currency than the order's.
    pub fn place(
        new: NewBid,
        order: &Order,
        standing: Option<&Self>,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, BidStep), BidError> {
        let NewBid { id, amount, proposed_deadline, message } = new;
        let command = BidCommand::Place;
        let not_permitted = Refusal::NotPermitted { object: BID_MACHINE.object, command: command.as_str() };
        let state = BID_MACHINE.begin(command, by.party_by_role())?;
        let provider_id = by.user_id().filter(|id| *id != order.client_id).ok_or(not_permitted)?;
        order.must_take_offers(by, now)?;
        if let Some(standing) = standing.filter(|bid| bid.state.is_live()) {
            return Err(BidError::DuplicateBid { state: standing.state.as_str() });
        }
        must_be_ahead(proposed_deadline, now)?;
        must_be_a_price(amount, order)?;
        let bid = Self {
            id,
            order_id: order.id,
            provider_id,
            amount,
            proposed_deadline,
            message,
            state,
            revision: order.revision,
            counter: None,
            submitted_at: now,
            asked_at: now,
            answered_at: None,
            updated_at: now,
            version: 0,
        };
        let step = BidStep { event: BidEvent::Placed(bid.reference(order)), offer: Some(bid.offered(now)) };
        Ok((bid, step))
    }

    /// What the issuer is to this bid; `None` for a stranger.
    #[must_use]
    pub fn party(&self, order: &Order, by: Issuer) -> Option<Party> {
        if order.id == self.order_id { self.reference(order).party(by) } else { None }
    }

    /// By when the client should answer, or when they did (`response_date`).
    #[must_use]
    pub fn response_date(&self) -> DateTime<Utc> {
        self.answered_at.unwrap_or(self.asked_at + RESPONSE_PERIOD)
    }

    /// The bid, its order, and the two people.
    #[must_use]
    pub const fn reference(&self, order: &Order) -> BidRef {
        BidRef {
            bid_id: self.id,
            order_id: self.order_id,
            client_id: order.client_id,
            provider_id: self.provider_id,
        }
    }

    /// The bidder makes another offer in its place; that also confirms it and ends a counter-offer.
    /// An empty patch changes nothing, nor do the present values while the bid is open.
    ///
    /// # Errors
    /// [`BidError`]; a deadline that is over is [`BidError::ProposedDeadlineNotInFuture`] where it is
    /// named, and [`BidError::ProposedDeadlinePassed`] where it is only kept.
    pub fn edit(
        &mut self,
        patch: BidPatch,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<BidStep>, BidError> {
        let state = self.next(BidCommand::Edit, order, by)?;
        let is_empty = patch == BidPatch::default();
        let is_deadline_kept = patch.proposed_deadline.is_none();
        let BidPatch { amount, proposed_deadline, message } = patch;
        let amount = amount.unwrap_or(self.amount);
        let proposed_deadline = proposed_deadline.unwrap_or(self.proposed_deadline);
        let message = message.unwrap_or_else(|| self.message.clone());
        let is_equal =
            amount == self.amount && proposed_deadline == self.proposed_deadline && message == self.message;
        if is_empty || (is_equal && self.state == BidState::Open) {
            return Ok(None);
        }
        order.must_take_offers(by, now)?;
        if is_deadline_kept {
            self.must_be_keepable(proposed_deadline, now)?;
        }
        must_be_ahead(proposed_deadline, now)?;
        must_be_a_price(amount, order)?;
        (self.amount, self.proposed_deadline, self.message) = (amount, proposed_deadline, message);
        self.ask(state, order, now);
        Ok(Some(BidStep { event: BidEvent::Edited(self.reference(order)), offer: Some(self.offered(now)) }))
    }

    /// The bidder says that the bid still holds, for the order as it is now. `revision` is what
    /// they have read, if they say.
    ///
    /// # Errors
    /// [`BidError`]; [`BidError::ProposedDeadlinePassed`] if the bid's own is over;
    /// [`BidError::OrderChanged`] for a revision that is not the present one.
    pub fn confirm(
        &mut self,
        revision: Option<i64>,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<BidStep, BidError> {
        let state = self.next(BidCommand::Confirm, order, by)?;
        order.must_take_offers(by, now)?;
        self.must_be_keepable(self.proposed_deadline, now)?;
        if revision.is_some_and(|read| read != order.revision) {
            return Err(BidError::OrderChanged { state: self.state.as_str(), revision: order.revision });
        }
        self.ask(state, order, now);
        Ok(BidStep { event: BidEvent::Confirmed(self.reference(order)), offer: None })
    }

    /// The client does not want it.
    ///
    /// # Errors
    /// [`BidError`].
    pub fn decline(&mut self, order: &Order, by: Issuer, now: DateTime<Utc>) -> Result<BidStep, BidError> {
        let state = self.next(BidCommand::Decline, order, by)?;
        Ok(BidStep { event: self.lost(state, DeclineReason::ByClient, order, now), offer: None })
    }

    /// Whether it can be accepted at the terms that the client believes in.
    pub(crate) fn must_be_acceptable(
        &self,
        expected: Expected,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(), BidError> {
        self.next(BidCommand::Accept, order, by)?;
        if self.provider_id == order.client_id {
            let (object, command) = (BID_MACHINE.object, BidCommand::Accept.as_str());
            return Err(Refusal::NotPermitted { object, command }.into());
        }
        if self.revision != order.revision {
            return Err(BID_MACHINE.refuse(BidState::Changed, BidCommand::Accept).into());
        }
        let is_other_amount = expected.amount.is_some_and(|amount| amount != self.amount);
        let is_other_revision = expected.revision.is_some_and(|revision| revision != self.revision);
        if is_other_amount || is_other_revision {
            let (state, amount, revision) = (self.state.as_str(), self.amount, self.revision);
            return Err(BidError::BidChanged { state, amount, revision });
        }
        self.must_be_keepable(self.proposed_deadline, now)
    }

    /// Wins.
    pub(crate) fn accept(
        &mut self,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<BidEvent, BidError> {
        let state = self.next(BidCommand::Accept, order, by)?;
        self.answer(state, now);
        Ok(BidEvent::Accepted(self.reference(order)))
    }

    /// Loses, because another bid won; `None` if it is not in the race.
    pub(crate) fn lose(&mut self, order: &Order, now: DateTime<Utc>) -> Option<BidEvent> {
        let state = self.next(BidCommand::Lose, order, Issuer::System).ok()?;
        Some(self.lost(state, DeclineReason::AnotherBidWon, order, now))
    }

    /// Loses, because the order was called off; `None` if it had come to its end before.
    pub(crate) fn close(
        &mut self,
        reason: DeclineReason,
        order: &Order,
        now: DateTime<Utc>,
    ) -> Option<BidEvent> {
        let state = self.next(BidCommand::Close, order, Issuer::System).ok()?;
        Some(self.lost(state, reason, order, now))
    }

    /// The order has changed; `None` if nothing new is to be told.
    pub(crate) fn outdate(&mut self, order: &Order, now: DateTime<Utc>) -> Option<BidEvent> {
        let state = self.next(BidCommand::Outdate, order, Issuer::System).ok()?;
        if state == self.state {
            return None;
        }
        self.enter(state, now);
        Some(BidEvent::Outdated(self.reference(order)))
    }

    /// Taken back. An accepted one also leaves the order, which is not done here.
    pub(crate) fn withdraw(
        &mut self,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<BidEvent, BidError> {
        let state = self.next(BidCommand::Withdraw, order, by)?;
        self.counter = None;
        self.enter(state, now);
        Ok(BidEvent::Withdrawn(self.reference(order)))
    }

    fn next(&self, command: BidCommand, order: &Order, by: Issuer) -> Result<BidState, Refusal> {
        BID_MACHINE.next(self.state, command, self.party(order, by))
    }

    /// The bidder has spoken: the bid holds for the present revision, and the client is to answer.
    fn ask(&mut self, state: BidState, order: &Order, now: DateTime<Utc>) {
        self.revision = order.revision;
        self.counter = None;
        self.asked_at = now;
        self.answered_at = None;
        self.enter(state, now);
    }

    fn answer(&mut self, state: BidState, now: DateTime<Utc>) {
        self.answered_at = Some(now);
        self.enter(state, now);
    }

    fn lost(
        &mut self,
        state: BidState,
        reason: DeclineReason,
        order: &Order,
        now: DateTime<Utc>,
    ) -> BidEvent {
        self.counter = None;
        self.answer(state, now);
        BidEvent::Declined { bid: self.reference(order), reason }
    }

    fn enter(&mut self, state: BidState, now: DateTime<Utc>) {
        self.state = state;
        self.updated_at = now;
    }

    fn offered(&self, now: DateTime<Utc>) -> Offer {
        Offer {
            bid_id: self.id,
            author: Party::Provider,
            author_id: self.provider_id,
            amount: self.amount,
            proposed_deadline: self.proposed_deadline,
            message: Some(self.message.clone()),
            made_at: now,
        }
    }

    fn must_be_keepable(&self, proposed: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), BidError> {
        must_be_ahead(proposed, now)
            .map_err(|_| BidError::ProposedDeadlinePassed { state: self.state.as_str() })
    }
}

fn must_be_ahead(deadline: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), BidError> {
    if deadline.is_some_and(|deadline| deadline <= now) {
        Err(BidError::ProposedDeadlineNotInFuture)
    } else {
        Ok(())
    }
}

/// Something, and of the order's currency; possibly above its budget.
fn must_be_a_price(amount: Money, order: &Order) -> Result<(), BidError> {
    amount.must_be_positive().map_err(BidError::Amount)?;
    Ok(amount.compare(order.details.budget).map(drop)?)
}

mod haggling;
#[cfg(test)]
mod tests;
