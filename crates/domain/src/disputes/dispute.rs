//! A dispute: the aggregate. Its states are the table of [`DISPUTE_MACHINE`].
//!
//! Invariants: each side has one standing offer at most; whoever did not open it has answered once they
//! have said anything; a resolved dispute never changes again, and its money is divided in the same
//! transaction.

use chrono::{DateTime, Utc};

use super::{
    DISPUTE_MACHINE, DecisionReason, DisputeCommand, DisputeError, DisputeEvent, DisputeRef, DisputeState,
    Evidence, EvidenceContent, MOST_EVIDENCE, MOST_OFFERS, OfferState, SplitMessage, SplitOffer,
};
use crate::actor::{Actor, Issuer, Party};
use crate::contracts::{
    Contract, DisputeReason, MilestoneCommand, Outcome, Resolver, decide_dispute, open_dispute,
};
use crate::identity::Role;
use crate::identity::policy::Forbidden;
use crate::ids::{DisputeId, MilestoneNumber, UserId};
use crate::machine::Refusal;
use crate::money::{BasisPoints, ContractParties, Money, PayoutTo};
use crate::orders::Order;

/// Two sides who do not agree on who is to have a milestone's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its identifier.
    pub id: DisputeId,
    /// The contract and its people.
    pub contract: ContractParties,
    /// Whose money is frozen.
    pub milestone: MilestoneNumber,
    /// How much that is.
    pub amount: Money,
    /// Which side opened it.
    pub opened_by: Party,
    /// Why.
    pub reason: DisputeReason,
    /// What that side wants the provider to have, before their fee.
    pub asked: Money,
    /// What it waits for.
    pub state: DisputeState,
    /// Until when; `None` once it is resolved.
    pub due_at: Option<DateTime<Utc>>,
    /// All offers that were made, in the order of their numbers.
    pub offers: Vec<SplitOffer>,
    /// Whether the silence of the other side settles it as was asked. Not where a provider wants money
    /// although nothing was ever handed in: that is for somebody to look at.
    pub silence_settles: bool,
    /// How many pieces of evidence there are.
    pub evidence: EvidenceCount,
    /// How it ended.
    pub resolution: Option<Resolution>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When anything above last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// How many pieces of evidence each side has brought forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvidenceCount {
    /// Of the client.
    pub client: i32,
    /// Of the provider.
    pub provider: i32,
}

impl EvidenceCount {
    /// Of both sides.
    #[must_use]
    pub const fn both(self) -> i32 {
        self.client.saturating_add(self.provider)
    }

    const fn of(&mut self, side: Party) -> &mut i32 {
        match side {
            Party::Client => &mut self.client,
            Party::Provider | Party::Owner | Party::Admin | Party::System => &mut self.provider,
        }
    }
}

/// How a dispute ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// By whom.
    pub resolver: Resolver,
    /// What the provider was given, before their fee; the rest went back.
    pub to_provider: Money,
    /// Why, where an administrator decided.
    pub reason: Option<DecisionReason>,
    /// Which administrator.
    pub decided_by: Option<UserId>,
    /// When.
    pub resolved_at: DateTime<Utc>,
}

/// What a new dispute needs.
#[derive(Clone, Debug)]
pub struct NewDispute {
    /// Minted by the caller.
    pub id: DisputeId,
    /// Whose money.
    pub milestone: MilestoneNumber,
    /// Why.
    pub reason: DisputeReason,
    /// What the provider is to have, before their fee.
    pub to_provider: Money,
}

/// What happens when a dispute's deadline passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// The money is divided so.
    Divided {
        /// What the provider is given, before their fee.
        to_provider: Money,
    },
    /// It goes to an administrator.
    Reviewed,
}

impl Deadline {
    /// What happens at the deadline of a dispute; `None` once it is resolved.
    fn of(dispute: &Dispute) -> Option<Self> {
        let amount = dispute.amount;
        match dispute.state {
            DisputeState::AwaitingAnswer if dispute.silence_settles => {
                Some(Self::Divided { to_provider: dispute.asked })
            }
            DisputeState::AwaitingAnswer | DisputeState::Negotiating => Some(Self::Reviewed),
            // The share is rounded half up, so that the odd cent is the client's.
            DisputeState::InReview => {
                let half = amount.minus(BasisPoints::HALF.of(amount));
                half.ok().map(|to_provider| Self::Divided { to_provider })
            }
            DisputeState::Resolved => None,
        }
    }
}

/// Order and contract that a dispute ends with, and where released money goes.
#[derive(Debug)]
pub struct Means<'a> {
    /// Under its lock.
    pub order: &'a mut Order,
    /// Under its lock.
    pub contract: &'a mut Contract,
    /// Where released money goes.
    pub to: PayoutTo,
}

/// One side disputes who is to have a milestone's money, which is frozen.
///
/// # Errors
/// [`DisputeError`]: a stranger, a milestone that cannot be disputed now; [`DisputeError::MoreThanDisputed`].
pub fn open(
    contract: &mut Contract,
    new: NewDispute,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<(Dispute, Outcome), DisputeError> {
    let NewDispute { id, milestone, reason, to_provider } = new;
    let opened_by = contract.party(by).ok_or(Refusal::NotParty { object: DISPUTE_MACHINE.object })?;
    let state = DISPUTE_MACHINE.begin(DisputeCommand::Open, opened_by)?;
    contract.next_of(milestone, MilestoneCommand::Dispute, by)?;
    let disputed = contract.milestone(milestone)?;
    let (amount, is_handed_in) = (disputed.amount, disputed.submissions > 0);
    must_be_part(to_provider, amount)?;
    let outcome = open_dispute(contract, milestone, reason.clone(), by, now)?;
    let dispute = Dispute {
        id,
        contract: contract.parties(),
        milestone,
        amount,
        opened_by,
        reason,
        asked: to_provider,
        state,
        due_at: state.period().map(|period| now + period),
        offers: Vec::new(),
        silence_settles: opened_by == Party::Client || is_handed_in || to_provider.is_zero(),
        evidence: EvidenceCount::default(),
        resolution: None,
        opened_at: now,
        updated_at: now,
        version: 0,
    };
    Ok((dispute, outcome))
}

impl Dispute {
    /// What facts say of it.
    #[must_use]
    pub const fn reference(&self) -> DisputeRef {
        DisputeRef { dispute_id: self.id, contract: self.contract, milestone: self.milestone }
    }

    /// What the issuer is to it; `None` for a stranger.
    #[must_use]
    pub fn party(&self, by: Issuer) -> Option<Party> {
        by.party(self.contract.client_id, Some(self.contract.provider_id))
    }

    /// Whoever did not open it.
    #[must_use]
    pub const fn answerer(&self) -> UserId {
        match self.opened_by {
            Party::Client => self.contract.provider_id,
            Party::Provider | Party::Owner | Party::Admin | Party::System => self.contract.client_id,
        }
    }

    /// What happens when [`Self::due_at`] passes, if nobody is shut out meanwhile; `None` once it is resolved.
    #[must_use]
    pub fn at_deadline(&self) -> Option<Deadline> {
        Deadline::of(self)
    }

    /// One side brings something forward.
    ///
    /// # Errors
    /// [`DisputeError`]; [`DisputeError::TooMany`].
    pub fn add_evidence(
        &mut self,
        content: EvidenceContent,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Evidence, DisputeEvent), DisputeError> {
        let (mut after, side, author_id) = self.spoken(DisputeCommand::AddEvidence, by, now)?;
        let count = after.evidence.of(side);
        if usize::try_from(*count).map_or(true, |count| count >= MOST_EVIDENCE) {
            return Err(DisputeError::TooMany { state: self.state.as_str() });
        }
        *count = count.saturating_add(1);
        let number = after.evidence.both();
        let evidence = Evidence { dispute_id: self.id, number, side, author_id, content, added_at: now };
        *self = after;
        Ok((evidence, DisputeEvent::EvidenceAdded { dispute: self.reference(), evidence: number, by: side }))
    }

    /// One side offers a split, in place of the one that it had offered before.
    ///
    /// # Errors
    /// [`DisputeError`]; [`DisputeError::TooMany`], [`DisputeError::MoreThanDisputed`].
    pub fn offer(
        &mut self,
        to_provider: Money,
        message: Option<SplitMessage>,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<DisputeEvent, DisputeError> {
        let (mut after, side, _) = self.spoken(DisputeCommand::Offer, by, now)?;
        let full = DisputeError::TooMany { state: self.state.as_str() };
        if self.offers.iter().filter(|one| one.side == side).count() >= MOST_OFFERS {
            return Err(full);
        }
        let number = i32::try_from(self.offers.len()).map_err(|_| full)?.saturating_add(1);
        must_be_part(to_provider, self.amount)?;
        for earlier in after.offers.iter_mut().filter(|one| one.side == side) {
            if earlier.state == OfferState::Standing {
                earlier.end(OfferState::Replaced, now);
            }
        }
        let (state, ended_at) = (OfferState::Standing, None);
        after.offers.push(SplitOffer { number, side, to_provider, message, state, made_at: now, ended_at });
        *self = after;
        Ok(DisputeEvent::OfferMade { dispute: self.reference(), offer: number, to_provider, by: side })
    }

    /// The other side does not want an offer.
    ///
    /// # Errors
    /// [`DisputeError`]; [`DisputeError::UnknownOffer`], [`DisputeError::OwnOffer`],
    /// [`DisputeError::OfferOver`].
    pub fn reject_offer(
        &mut self,
        number: i32,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<DisputeEvent, DisputeError> {
        let (mut after, side, _) = self.spoken(DisputeCommand::RejectOffer, by, now)?;
        let offer = after.standing_mut(number, side)?;
        offer.end(OfferState::Rejected, now);
        let to_provider = offer.to_provider;
        *self = after;
        Ok(DisputeEvent::OfferRejected { dispute: self.reference(), offer: number, to_provider, by: side })
    }

    /// One side leaves it to an administrator.
    ///
    /// # Errors
    /// [`DisputeError`].
    pub fn escalate(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<DisputeEvent, DisputeError> {
        let (after, side, _) = self.spoken(DisputeCommand::Escalate, by, now)?;
        *self = after;
        Ok(DisputeEvent::Escalated { dispute: self.reference(), by: side })
    }

    fn next(&self, command: DisputeCommand, by: Issuer) -> Result<DisputeState, Refusal> {
        DISPUTE_MACHINE.next(self.state, command, self.party(by))
    }

    fn enter(&mut self, state: DisputeState, now: DateTime<Utc>) {
        if state != self.state {
            self.due_at = state.period().map(|period| now + period);
        }
        self.state = state;
        self.updated_at = now;
    }

    /// It, after one of its sides has said something; whatever the side that did not open it says is an
    /// answer first.
    fn spoken(
        &self,
        command: DisputeCommand,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, Party, UserId), DisputeError> {
        let stranger = Refusal::NotParty { object: DISPUTE_MACHINE.object };
        let side = self.party(by).ok_or(stranger)?;
        DISPUTE_MACHINE.permit(command, side)?;
        let mut after = self.clone();
        if side != self.opened_by
            && let Ok(answered) = after.next(DisputeCommand::Answer, by)
        {
            after.enter(answered, now);
        }
        let state = after.next(command, by)?;
        after.enter(state, now);
        // Both sides are people.
        Ok((after, side, by.user_id().ok_or(stranger)?))
    }

    /// An offer that `side` may answer.
    fn standing_mut(&mut self, number: i32, side: Party) -> Result<&mut SplitOffer, DisputeError> {
        let mut offers = self.offers.iter_mut();
        let offer = offers.find(|offer| offer.number == number).ok_or(DisputeError::UnknownOffer)?;
        let state = offer.state.as_str();
        if offer.side == side {
            return Err(DisputeError::OwnOffer { state });
        }
        if offer.state == OfferState::Standing { Ok(offer) } else { Err(DisputeError::OfferOver { state }) }
    }

    fn resolve(
        &mut self,
        means: Means<'_>,
        (state, resolution): (DisputeState, Resolution),
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Outcome, DisputeError> {
        let Means { order, contract, to } = means;
        if contract.parties() != self.contract {
            return Err(DisputeError::WrongContract);
        }
        must_be_part(resolution.to_provider, self.amount)?;
        let terms = (self.milestone, resolution.to_provider);
        let outcome = decide_dispute(order, contract, terms, to, (resolution.resolver, by), now)?;
        for offer in self.offers.iter_mut().filter(|offer| offer.state == OfferState::Standing) {
            offer.end(OfferState::Void, now);
        }
        self.resolution = Some(resolution);
        self.enter(state, now);
        Ok(outcome)
    }
}

/// The other side takes an offer: the money is divided so.
///
/// # Errors
/// [`DisputeError`]; [`DisputeError::UnknownOffer`], [`DisputeError::OwnOffer`], [`DisputeError::OfferOver`].
pub fn accept_offer(
    means: Means<'_>,
    dispute: &mut Dispute,
    number: i32,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, DisputeError> {
    let (mut after, side, _) = dispute.spoken(DisputeCommand::AcceptOffer, by, now)?;
    let offer = after.standing_mut(number, side)?;
    offer.end(OfferState::Accepted, now);
    let resolution = resolution(Resolver::Agreement, offer.to_provider, now);
    let state = after.state;
    let outcome = after.resolve(means, (state, resolution), by, now)?;
    *dispute = after;
    Ok(outcome)
}

/// An administrator decides.
///
/// # Errors
/// [`DisputeError`]; [`DisputeError::MoreThanDisputed`].
pub fn decide(
    means: Means<'_>,
    dispute: &mut Dispute,
    (to_provider, reason): (Money, DecisionReason),
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, DisputeError> {
    let state = dispute.next(DisputeCommand::Decide, by)?;
    let decided = Resolution {
        reason: Some(reason),
        decided_by: by.user_id(),
        ..resolution(Resolver::Administrator, to_provider, now)
    };
    let mut after = dispute.clone();
    let outcome = after.resolve(means, (state, decided), by, now)?;
    *dispute = after;
    Ok(outcome)
}

/// The deadline has passed: what was asked for is done, it goes to an administrator, or it is halved.
/// Nothing is assumed of a side that could not answer: `may_answer` says whether whoever did not open it has an
/// account in use.
///
/// # Errors
/// [`DisputeError`]: anybody but the program, a dispute that is resolved; [`DisputeError::TooEarly`].
pub fn expire(
    means: Means<'_>,
    dispute: &mut Dispute,
    may_answer: bool,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, DisputeError> {
    let command = match dispute.state {
        DisputeState::AwaitingAnswer if dispute.silence_settles && may_answer => DisputeCommand::Assume,
        DisputeState::AwaitingAnswer | DisputeState::Negotiating => DisputeCommand::Review,
        DisputeState::InReview | DisputeState::Resolved => DisputeCommand::Halve,
    };
    let state = dispute.next(command, by)?;
    if let Some(until) = dispute.due_at.filter(|until| now < *until) {
        return Err(DisputeError::TooEarly { state: dispute.state.as_str(), until });
    }
    let mut after = dispute.clone();
    let outcome = match dispute.at_deadline().filter(|_| command != DisputeCommand::Review) {
        Some(Deadline::Divided { to_provider }) => {
            let defaulted = resolution(Resolver::Default, to_provider, now);
            after.resolve(means, (state, defaulted), by, now)?
        }
        Some(Deadline::Reviewed) | None => {
            after.enter(state, now);
            let mut outcome = Outcome::default();
            outcome.tell(DisputeEvent::Escalated { dispute: after.reference(), by: Party::System });
            outcome
        }
    };
    *dispute = after;
    Ok(outcome)
}

const fn resolution(resolver: Resolver, to_provider: Money, now: DateTime<Utc>) -> Resolution {
    Resolution { resolver, to_provider, reason: None, decided_by: None, resolved_at: now }
}

fn must_be_part(to_provider: Money, amount: Money) -> Result<(), DisputeError> {
    if amount.covers(to_provider)? { Ok(()) } else { Err(DisputeError::MoreThanDisputed { amount }) }
}

/// Listing everybody's disputes, and deciding them.
///
/// # Errors
/// [`Forbidden`] for all but administrators.
pub fn administer_disputes(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
}
