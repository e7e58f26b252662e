//! Where a milestone's money goes: released, refunded, frozen and divided. The last milestone that
//! is settled ends the contract and its order.

use chrono::{DateTime, Utc};

use super::{
    CONTRACT_MACHINE, Contract, ContractCommand, ContractError, ContractEvent, Dispute, DisputeReason,
    MilestoneCommand, MilestoneState, Outcome, Resolver,
};
use crate::actor::Issuer;
use crate::ids::MilestoneNumber;
use crate::machine::Refusal;
use crate::money::{Money, MoneyError, MoneyEvent, PayoutTo, Refunded, Released, movements};
use crate::orders::Order;

/// The client is content: the milestone's money goes to the provider.
///
/// # Errors
/// [`ContractError`].
pub fn approve(
    order: &mut Order,
    contract: &mut Contract,
    number: MilestoneNumber,
    to: PayoutTo,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    release(order, contract, number, MilestoneCommand::Approve, to, by, now)
}

/// The client did not answer in time: as if they had approved.
///
/// # Errors
/// [`ContractError`]; [`ContractError::TooEarly`] before the clock has run out.
pub fn auto_release(
    order: &mut Order,
    contract: &mut Contract,
    number: MilestoneNumber,
    to: PayoutTo,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    contract.next_of(number, MilestoneCommand::AutoRelease, by)?;
    let milestone = contract.milestone(number)?;
    if let Some(until) = milestone.auto_release_at.filter(|until| now < *until) {
        return Err(ContractError::TooEarly { state: milestone.state.as_str(), until });
    }
    release(order, contract, number, MilestoneCommand::AutoRelease, to, by, now)
}

/// The provider gives the milestone's money back.
///
/// # Errors
/// [`ContractError`].
pub fn refund_milestone(
    order: &mut Order,
    contract: &mut Contract,
    number: MilestoneNumber,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    refund(order, contract, number, MilestoneCommand::Refund, by, now)
}

/// A milestone's money goes back, for whichever reason.
pub(super) fn refund(
    order: &mut Order,
    contract: &mut Contract,
    number: MilestoneNumber,
    command: MilestoneCommand,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let state = contract.next_of(number, command, by)?;
    contract.must_be_about(order)?;
    let mut after = contract.clone();
    let parties = after.parties();
    let refunded = after.escrow.refund(after.milestone(number)?.amount)?;
    after.settle(number, state, (None, Some(refunded)), now)?;
    let mut outcome = Outcome::default();
    outcome.book(movements::refund(&parties, number, refunded)?);
    outcome.tell(if command == MilestoneCommand::ChargeBack {
        ContractEvent::MilestoneChargedBack { contract: parties, milestone: number }
    } else {
        ContractEvent::MilestoneRefunded { contract: parties, milestone: number }
    });
    outcome.tell(paid_back(&after, number, refunded)?);
    finish(order, contract, after, outcome, by, now)
}

/// Either side disputes who is to have it: the milestone's money is frozen, the other milestones go on.
///
/// # Errors
/// [`ContractError`].
pub fn open_dispute(
    contract: &mut Contract,
    number: MilestoneNumber,
    reason: DisputeReason,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let state = contract.next_of(number, MilestoneCommand::Dispute, by)?;
    let disputed = contract.next(ContractCommand::Dispute, by)?;
    let opened_by = contract.party(by).ok_or(Refusal::NotParty { object: "milestone" })?;
    let mut after = contract.clone();
    let parties = after.parties();
    let milestone = after.milestone_mut(number)?;
    milestone.state = state;
    milestone.stop_clock();
    milestone.dispute = Some(Dispute { opened_by, reason, opened_at: now, decided_at: None });
    let amount = milestone.amount;
    after.escrow.freeze(amount)?;
    after.enter(disputed, now);
    let mut outcome = Outcome::default();
    outcome.book(movements::dispute_opened(&parties, number, amount)?);
    outcome.tell(ContractEvent::MilestoneDisputed { contract: parties, milestone: number, opened_by });
    *contract = after;
    Ok(outcome)
}

/// A dispute comes to its end: `to_provider` of the frozen money is released, the rest goes back. Where the
/// two sides have agreed, or nobody has said anything, the program carries it out; `by` is whoever had the
/// last word. Whether the dispute is where this is possible is [`crate::disputes`]' to say.
///
/// # Errors
/// [`ContractError`]; [`ContractError::MoreThanDisputed`].
pub fn decide_dispute(
    order: &mut Order,
    contract: &mut Contract,
    (number, to_provider): (MilestoneNumber, Money),
    to: PayoutTo,
    (resolver, by): (Resolver, Issuer),
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let command = if to_provider.is_zero() {
        MilestoneCommand::DecideForClient
    } else {
        MilestoneCommand::DecideForProvider
    };
    let decided_by = if resolver == Resolver::Agreement { Issuer::System } else { by };
    let state = contract.next_of(number, command, decided_by)?;
    contract.must_be_about(order)?;
    let mut after = contract.clone();
    let parties = after.parties();
    let amount = after.milestone(number)?.amount;
    if !amount.covers(to_provider)? {
        return Err(ContractError::MoreThanDisputed { amount });
    }
    let to_client = amount.minus(to_provider)?;
    let (released, refunded) = after.escrow.decide(amount, to_provider)?;
    let (paid, back) = (!to_provider.is_zero(), !to_client.is_zero());
    after.settle(number, state, (paid.then_some((released, to)), back.then_some(refunded)), now)?;
    let mut outcome = Outcome::default();
    outcome.book(movements::dispute_decided(&parties, number, (released, refunded), to)?);
    outcome.tell(ContractEvent::DisputeDecided {
        contract: parties,
        milestone: number,
        to_provider,
        to_client,
        resolver,
    });
    if paid {
        outcome.tell(paid_out(&after, number, released));
    }
    if back {
        outcome.tell(paid_back(&after, number, refunded)?);
    }
    finish(order, contract, after, outcome, by, now)
}

/// Money that was released to [`PayoutTo::Clearing`] has rested long enough: it is the provider's to use.
/// No money moves where the fee left nothing of it.
///
/// # Errors
/// [`ContractError`]; [`ContractError::TooEarly`] before the time is over, [`ContractError::NotClearing`]
/// where nothing rests.
pub fn clear_payment(
    contract: &mut Contract,
    number: MilestoneNumber,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let state = contract.next_of(number, MilestoneCommand::Clear, by)?;
    let milestone = contract.milestone(number)?;
    let Some(until) = milestone.clears_at.filter(|_| milestone.cleared_at.is_none()) else {
        return Err(ContractError::NotClearing { state: milestone.state.as_str() });
    };
    if now < until {
        return Err(ContractError::TooEarly { state: milestone.state.as_str(), until });
    }
    let (amount, parties) = (milestone.resting()?, contract.parties());
    let mut outcome = Outcome::default();
    if !amount.is_zero() {
        outcome.book(movements::clearance_over(&parties, number, amount)?);
        outcome.tell(MoneyEvent::PaymentCleared { contract: parties, milestone: number, amount });
    }
    let milestone = contract.milestone_mut(number)?;
    milestone.state = state;
    milestone.cleared_at = Some(now);
    contract.updated_at = now;
    Ok(outcome)
}

fn release(
    order: &mut Order,
    contract: &mut Contract,
    number: MilestoneNumber,
    command: MilestoneCommand,
    to: PayoutTo,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let state = contract.next_of(number, command, by)?;
    contract.must_be_about(order)?;
    let mut after = contract.clone();
    let parties = after.parties();
    let released = after.escrow.release(after.milestone(number)?.amount)?;
    after.settle(number, state, (Some((released, to)), None), now)?;
    let mut outcome = Outcome::default();
    outcome.book(movements::release(&parties, number, released, to)?);
    let by_clock = command == MilestoneCommand::AutoRelease;
    outcome.tell(ContractEvent::MilestoneApproved { contract: parties, milestone: number, by_clock });
    outcome.tell(paid_out(&after, number, released));
    finish(order, contract, after, outcome, by, now)
}

/// Ends what has come to its end, and lets the changes stand if the money adds up.
pub(super) fn finish(
    order: &mut Order,
    contract: &mut Contract,
    mut after: Contract,
    mut outcome: Outcome,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    after.must_add_up()?;
    let any_disputed = after.milestones.iter().any(|m| m.state == MilestoneState::Disputed);
    // Only a disputed contract takes it, and only when the last dispute is decided.
    if let (false, Ok(state)) = (any_disputed, after.next(ContractCommand::Resume, Issuer::System)) {
        after.enter(state, now);
    }
    if after.milestones.iter().all(|milestone| milestone.state.is_settled()) {
        let anything_released = !after.escrow.released.is_zero();
        let command = if anything_released { ContractCommand::Complete } else { ContractCommand::Revoke };
        let state = after.next(command, Issuer::System)?;
        after.ended_at = Some(now);
        after.enter(state, now);
        let contract = after.parties();
        outcome.tell(if anything_released {
            ContractEvent::Completed { contract }
        } else {
            ContractEvent::Ended { contract }
        });
        let settled_by = after.party(by).ok_or(Refusal::NotParty { object: CONTRACT_MACHINE.object })?;
        outcome.tell(order.settle(anything_released, settled_by, now)?);
    }
    *contract = after;
    Ok(outcome)
}

pub(super) fn paid_out(contract: &Contract, milestone: MilestoneNumber, released: Released) -> MoneyEvent {
    let Released { gross, provider_fee, client_fee: _ } = released;
    MoneyEvent::PaymentReceived { contract: contract.parties(), milestone, gross, fee: provider_fee }
}

pub(super) fn paid_back(
    contract: &Contract,
    milestone: MilestoneNumber,
    refunded: Refunded,
) -> Result<MoneyEvent, MoneyError> {
    let Refunded { amount, client_fee } = refunded;
    let amount = amount.plus(client_fee)?;
    Ok(MoneyEvent::PaymentRefunded { contract: contract.parties(), milestone, amount })
}

impl Contract {
    /// A milestone has come to its end.
    pub(super) fn settle(
        &mut self,
        number: MilestoneNumber,
        state: MilestoneState,
        (released, refunded): (Option<(Released, PayoutTo)>, Option<Refunded>),
        now: DateTime<Utc>,
    ) -> Result<(), ContractError> {
        let milestone = self.milestone_mut(number)?;
        milestone.state = state;
        milestone.stop_clock();
        milestone.completed_at = Some(now);
        milestone.released = released.map(|(released, _)| released);
        milestone.clears_at = released.and_then(|(_, to)| to.clears_at());
        milestone.refunded = refunded;
        if let Some(dispute) = &mut milestone.dispute {
            dispute.decided_at = Some(now);
        }
        self.updated_at = now;
        Ok(())
    }
}
