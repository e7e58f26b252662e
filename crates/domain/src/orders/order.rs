//! An order: the aggregate. Its states are the table of [`ORDER_MACHINE`].

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::{
    Cancellation, Invitation, Invitee, ORDER_MACHINE, OrderCommand, OrderDetails, OrderError, OrderEvent,
    OrderPatch, OrderState,
};
use crate::actor::{Issuer, Party};
use crate::files::{Attachment, FileList, attachments};
use crate::ids::{BidId, ContractId, OrderId, UserId};
use crate::machine::Refusal;
use crate::money::Money;
use crate::search::words;

/// How long an awarded order waits for the client's money.
pub const FUNDING_PERIOD: TimeDelta = TimeDelta::days(7);

/// How far the work is, in per cent, by the provider's own word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Progress(i16);

/// Why a progress was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between 0 and 100")]
pub struct ProgressError;

impl Progress {
    /// Not begun.
    pub const NONE: Self = Self(0);
    /// Done.
    pub const FULL: Self = Self(100);

    /// Checks a percentage.
    ///
    /// # Errors
    /// [`ProgressError`] outside 0 to 100.
    pub const fn new(percent: i16) -> Result<Self, ProgressError> {
        match percent {
            0..=100 => Ok(Self(percent)),
            _ => Err(ProgressError),
        }
    }

    /// In per cent.
    #[must_use]
    pub const fn percent(self) -> i16 {
        self.0
    }
}

/// To whom an order went, and for how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Award {
    /// Who does it.
    pub provider_id: UserId,
    /// Their bid.
    pub bid_id: BidId,
    /// The agreement about it.
    pub contract_id: ContractId,
    /// The price: exactly the bid's amount.
    pub amount: Money,
    /// When.
    pub awarded_at: DateTime<Utc>,
    /// The deadline that the client had posted; the bid's own has replaced it. It comes back if the
    /// provider leaves.
    pub posted_deadline: DateTime<Utc>,
}

/// Work that a client wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its identifier.
    pub id: OrderId,
    /// Who posted it.
    pub client_id: UserId,
    /// What is wanted.
    pub details: OrderDetails,
    /// How far it has come.
    pub state: OrderState,
    /// How far the work is.
    pub progress: Progress,
    /// Raised by each material change; a bid holds for one revision. The first is 1.
    pub revision: i64,
    /// To whom it went; kept when it is called off afterwards, gone when the provider leaves.
    pub award: Option<Award>,
    /// The deadline of which it was told that it had passed without an award, the last one of those that
    /// it has had.
    pub expired_deadline: Option<DateTime<Utc>>,
    /// When it was paid for.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last milestone was settled.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was called off.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
    /// When anything above last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new order needs.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// The next of its sequence.
    pub id: OrderId,
    /// What is wanted.
    pub details: OrderDetails,
    /// Who is to be asked to bid; named twice is asked once.
    pub invited: Vec<Invitee>,
}

/// Whom a client names when they change an order, and who of them was asked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guests {
    /// Who is to be asked to bid; named twice is asked once, and whoever was asked before not again.
    pub invited: Vec<Invitee>,
    /// Their invitations, as far as there are any.
    pub standing: Vec<Invitation>,
}

/// A new order, with what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The order.
    pub order: Order,
    /// Its invitations.
    pub invitations: Vec<Invitation>,
    /// What happened.
    pub events: Vec<OrderEvent>,
}

impl Award {
    /// By when an order was to be done, as the bidder of `bid` is shown it: the award has put the
    /// winner's deadline (`present`) in place of the one that was posted, which is the one that
    /// everybody else has bid for.
    #[must_use]
    pub fn deadline_for(
        bid: BidId,
        present: DateTime<Utc>,
        awarded: Option<(BidId, DateTime<Utc>)>,
    ) -> DateTime<Utc> {
        match awarded {
            Some((winner, posted)) if winner != bid => posted,
            Some(_) | None => present,
        }
    }
}

impl Order {
    /// A client posts an order.
    ///
    /// # Errors
    /// [`OrderError`]: not a client; an invitation of somebody who is no provider; a deadline or a
    /// milestone that is not in the future, or a milestone after the deadline.
    pub fn post(new: NewOrder, by: Issuer, now: DateTime<Utc>) -> Result<Posted, OrderError> {
        let NewOrder { id, details, invited } = new;
        let state = ORDER_MACHINE.begin(OrderCommand::Post, by.party_by_role())?;
        let client_id = by.user_id().ok_or(Refusal::NotParty { object: ORDER_MACHINE.object })?;
        Invitee::must_be_providers(&invited, |_| false)?;
        details.check(now)?;
        let order = Self {
            id,
            client_id,
            details,
            state,
            progress: Progress::NONE,
            revision: 1,
            award: None,
            expired_deadline: None,
            started_at: None,
            completed_at: None,
            cancelled_at: None,
            created_at: now,
            updated_at: now,
            version: 0,
        };
        let (invitations, asked) = order.ask(invited.iter(), now);
        let mut events = vec![OrderEvent::Posted { order_id: id, client_id }];
        events.extend(asked);
        Ok(Posted { order, invitations, events })
    }

    /// Who does it, since the award.
    #[must_use]
    pub fn provider_id(&self) -> Option<UserId> {
        self.award.map(|award| award.provider_id)
    }

    /// The words by which it is found: those of its title, subject, description and id.
    #[must_use]
    pub fn searched_words(&self) -> BTreeSet<String> {
        let OrderDetails { title, subject, description, .. } = &self.details;
        let id = self.id.to_string();
        words([title.as_str(), subject.as_str(), description.as_str(), id.as_str()])
    }

    /// Whether it went to this bid: then the contract has a say in what becomes of either.
    #[must_use]
    pub fn is_awarded_to(&self, bid: BidId) -> bool {
        self.award.is_some_and(|award| award.bid_id == bid)
    }

    /// Its deadline as the bidder of `bid` is shown it.
    #[must_use]
    pub fn deadline_for(&self, bid: BidId) -> DateTime<Utc> {
        let awarded = self.award.map(|award| (award.bid_id, award.posted_deadline));
        Award::deadline_for(bid, self.details.deadline, awarded)
    }

    /// What the issuer is to this order; `None` for a stranger.
    #[must_use]
    pub fn party(&self, by: Issuer) -> Option<Party> {
        by.party(self.client_id, self.provider_id())
    }

    /// The client asks a provider to bid. `standing` is that provider's invitation, if there is
    /// one: then nothing happens, and it is handed back.
    ///
    /// # Errors
    /// [`OrderError::NotAProvider`], [`OrderError::InvitationDeclined`].
    pub fn invite(
        &self,
        invitee: &Invitee,
        standing: Option<Invitation>,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Invitation, Option<OrderEvent>), OrderError> {
        self.next(OrderCommand::Invite, by)?;
        match standing {
            Some(Invitation { declined_at: Some(_), .. }) => {
                Err(OrderError::InvitationDeclined { state: self.state.as_str() })
            }
            Some(standing) => Ok((standing, None)),
            None if !invitee.is_provider() => Err(OrderError::NotAProvider { index: None }),
            None => Ok((Invitation::new(self.id, invitee.id, now), Some(self.invited(invitee.id)))),
        }
    }

    /// The same for all whom an edit names.
    pub(crate) fn invite_all(
        &self,
        guests: &Guests,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Invitation>, Vec<OrderEvent>), OrderError> {
        let Guests { invited, standing } = guests;
        self.next(OrderCommand::Invite, by)?;
        let standing_of = |id| standing.iter().find(|invitation| invitation.provider_id == id);
        // What the order's state forbids is told before what is impossible in any.
        if invited.iter().filter_map(|one| standing_of(one.id)).any(|one| one.declined_at.is_some()) {
            return Err(OrderError::InvitationDeclined { state: self.state.as_str() });
        }
        let was_asked = |invitee: &Invitee| standing_of(invitee.id).is_some();
        Invitee::must_be_providers(invited, was_asked)?;
        Ok(self.ask(invited.iter().filter(|one| !was_asked(one)), now))
    }

    /// The provider says how far they are. Saying it again changes nothing.
    ///
    /// # Errors
    /// [`OrderError::Refused`].
    pub fn report_progress(
        &mut self,
        progress: Progress,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<OrderEvent>, OrderError> {
        self.next(OrderCommand::ReportProgress, by)?;
        let Some(provider_id) = self.provider_id().filter(|_| progress != self.progress) else {
            return Ok(None);
        };
        self.progress = progress;
        self.updated_at = now;
        let (order_id, client_id) = (self.id, self.client_id);
        Ok(Some(OrderEvent::Progressed { order_id, client_id, provider_id, progress }))
    }

    /// Either side adds files: the client while it is open or active, the provider while it is active.
    /// Not in between: from there it may be opened again and shown to everybody who bids, with what
    /// one side meant for the other.
    ///
    /// # Errors
    /// [`OrderError::Refused`].
    pub fn attach(
        &mut self,
        files: &FileList,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Vec<Attachment>, OrderError> {
        let state = self.next(OrderCommand::AttachFiles, by)?;
        self.enter(state, now);
        Ok(attachments(files, self.id, None, now))
    }

    /// The deadline is over and nobody was awarded; the order stays open, but is not available. Of each
    /// deadline that is told once. It is no change that anybody could see, so that whoever has seen the
    /// order as it was has seen it as it is.
    ///
    /// # Errors
    /// [`OrderError::TooEarly`] if there is a later deadline by now.
    pub fn expire(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<Option<OrderEvent>, OrderError> {
        self.next(OrderCommand::Expire, by)?;
        let deadline = self.details.deadline;
        self.must_be_due(deadline, now)?;
        if self.expired_deadline.replace(deadline) == Some(deadline) {
            return Ok(None);
        }
        Ok(Some(OrderEvent::Expired { order_id: self.id, client_id: self.client_id }))
    }

    /// Whether bids may be placed, edited, confirmed and haggled over: by whoever has the role for it, as
    /// those who bid are no party to the order.
    pub(crate) fn must_take_offers(&self, by: Issuer, now: DateTime<Utc>) -> Result<(), OrderError> {
        ORDER_MACHINE.next(self.state, OrderCommand::TakeOffers, Some(by.party_by_role()))?;
        self.must_be_before_deadline(now)
    }

    /// Nobody can bid, confirm or accept after the deadline.
    fn must_be_before_deadline(&self, now: DateTime<Utc>) -> Result<(), OrderError> {
        if now < self.details.deadline {
            Ok(())
        } else {
            Err(OrderError::DeadlinePassed { state: self.state.as_str() })
        }
    }

    /// Changes what is wanted. Values equal to the present ones change nothing: then there is no
    /// event and nothing to save. Whoever calls this outdates the live bids.
    pub(crate) fn edit(
        &mut self,
        patch: OrderPatch,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<OrderEvent>, OrderError> {
        let state = self.next(OrderCommand::Edit, by)?;
        let details = self.details.patched(patch);
        if details == self.details {
            return Ok(None);
        }
        details.check_change(&self.details, now)?;
        let is_material = details.differs_materially_from(&self.details);
        if is_material {
            // One edit each nanosecond would take centuries to get to the end.
            self.revision = self.revision.saturating_add(1);
        }
        self.details = details;
        self.enter(state, now);
        let (order_id, client_id, revision) = (self.id, self.client_id, self.revision);
        Ok(Some(OrderEvent::Edited { order_id, client_id, revision, is_material }))
    }

    /// Whether a bid may be accepted now, before looking at the bid.
    pub(crate) fn must_accept_bids(&self, by: Issuer, now: DateTime<Utc>) -> Result<(), OrderError> {
        self.next(OrderCommand::Accept, by)?;
        self.must_be_before_deadline(now)
    }

    /// Goes to a provider; `deadline` is the bid's, if it has one.
    pub(crate) fn accept(
        &mut self,
        award: Award,
        deadline: Option<DateTime<Utc>>,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(), OrderError> {
        let state = self.next(OrderCommand::Accept, by)?;
        self.details.deadline = deadline.unwrap_or(self.details.deadline);
        self.award = Some(award);
        self.enter(state, now);
        Ok(())
    }

    /// Whether it may be paid for now, before looking at the wallet.
    pub(crate) fn must_await_funding(&self, by: Issuer) -> Result<(), OrderError> {
        self.next(OrderCommand::Fund, by).map(|_| ()).map_err(OrderError::from)
    }

    /// Is paid for.
    pub(crate) fn fund(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<OrderEvent, OrderError> {
        let state = self.next(OrderCommand::Fund, by)?;
        let provider_id = self.holder()?;
        self.started_at = Some(now);
        self.enter(state, now);
        Ok(OrderEvent::Started { order_id: self.id, client_id: self.client_id, provider_id })
    }

    /// Its last milestone is settled: completed, or called off where everything was refunded.
    pub(crate) fn settle(
        &mut self,
        anything_released: bool,
        settled_by: Party,
        now: DateTime<Utc>,
    ) -> Result<OrderEvent, OrderError> {
        if !anything_released {
            return self.call_off(OrderCommand::Revoke, Cancellation::Refunded, Issuer::System, now);
        }
        let state = self.next(OrderCommand::Complete, Issuer::System)?;
        let provider_id = self.holder()?;
        self.progress = Progress::FULL;
        self.completed_at = Some(now);
        self.enter(state, now);
        Ok(OrderEvent::Completed { order_id: self.id, client_id: self.client_id, provider_id, settled_by })
    }

    /// Both sides have agreed to end it while the work was on.
    pub(crate) fn dissolve(&mut self, now: DateTime<Utc>) -> Result<OrderEvent, OrderError> {
        self.call_off(OrderCommand::Dissolve, Cancellation::ByConsent, Issuer::System, now)
    }

    /// The client calls it off, or the program for a client who cannot any more.
    pub(crate) fn cancel(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<OrderEvent, OrderError> {
        let reason = match by {
            Issuer::Person { .. } => Cancellation::ByClient,
            Issuer::System => Cancellation::ClientUnavailable,
        };
        self.call_off(OrderCommand::Cancel, reason, by, now)
    }

    /// Nobody paid within [`FUNDING_PERIOD`].
    pub(crate) fn lapse(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<OrderEvent, OrderError> {
        self.next(OrderCommand::Lapse, by)?;
        if let Some(award) = self.award {
            self.must_be_due(award.awarded_at + FUNDING_PERIOD, now)?;
        }
        self.call_off(OrderCommand::Lapse, Cancellation::NotFunded, by, now)
    }

    /// The provider leaves before it is paid for, or the program sees to it that one does who is not
    /// there any more: open again, as it was posted.
    pub(crate) fn leave(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<OrderEvent, OrderError> {
        let state = self.next(OrderCommand::Leave, by)?;
        let provider_id = self.holder()?;
        if let Some(award) = self.award.take() {
            self.details.deadline = award.posted_deadline;
        }
        self.enter(state, now);
        Ok(OrderEvent::Reopened { order_id: self.id, client_id: self.client_id, provider_id })
    }

    /// Whether the issuer may say what the other side was like: both sides may, when it is completed.
    pub(crate) fn must_take_reviews(&self, by: Issuer) -> Result<(), Refusal> {
        self.next(OrderCommand::Review, by).map(drop)
    }

    fn call_off(
        &mut self,
        command: OrderCommand,
        reason: Cancellation,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<OrderEvent, OrderError> {
        let state = self.next(command, by)?;
        self.cancelled_at = Some(now);
        self.enter(state, now);
        Ok(OrderEvent::Cancelled {
            order_id: self.id,
            client_id: self.client_id,
            provider_id: self.provider_id(),
            reason,
        })
    }

    fn next(&self, command: OrderCommand, by: Issuer) -> Result<OrderState, Refusal> {
        ORDER_MACHINE.next(self.state, command, self.party(by))
    }

    /// Every state past the award has one; without it the order is as good as somebody else's.
    fn holder(&self) -> Result<UserId, Refusal> {
        self.provider_id().ok_or(Refusal::NotParty { object: ORDER_MACHINE.object })
    }

    fn must_be_due(&self, due: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), OrderError> {
        if now >= due { Ok(()) } else { Err(OrderError::TooEarly { state: self.state.as_str(), until: due }) }
    }

    fn enter(&mut self, state: OrderState, now: DateTime<Utc>) {
        self.state = state;
        self.updated_at = now;
    }

    /// Asks each of them once.
    fn ask<'a>(
        &self,
        invited: impl Iterator<Item = &'a Invitee>,
        now: DateTime<Utc>,
    ) -> (Vec<Invitation>, Vec<OrderEvent>) {
        let asked: BTreeSet<UserId> = invited.map(|invitee| invitee.id).collect();
        asked.into_iter().map(|id| (Invitation::new(self.id, id, now), self.invited(id))).unzip()
    }

    const fn invited(&self, provider_id: UserId) -> OrderEvent {
        OrderEvent::Invited { order_id: self.id, client_id: self.client_id, provider_id }
    }
}

impl Invitation {
    const fn new(order_id: OrderId, provider_id: UserId, now: DateTime<Utc>) -> Self {
        Self { order_id, provider_id, created_at: now, declined_at: None }
    }
}

#[cfg(test)]
mod tests;
