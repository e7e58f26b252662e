//! What the two sides agree on about money: a milestone is divided, given back before its release or
//! returned after it, or the whole comes to its end. Who proposes that and who takes it is in
//! `proposal.rs`; here it is carried out, by the program once both want it.

use chrono::{DateTime, Utc};

use super::settlement::{finish, paid_back, paid_out};
use super::{Contract, ContractCommand, ContractError, ContractEvent, MilestoneCommand, Outcome};
use crate::actor::Issuer;
use crate::ids::MilestoneNumber;
use crate::money::{Money, MoneyEvent, PayoutTo, Returned, movements};
use crate::orders::Order;

/// Both sides have agreed on the provider's share of a milestone: the rest goes back. `agreed_by` is who
/// had the last word, or the program.
///
/// # Errors
/// [`ContractError`]; [`ContractError::MoreThanThere`].
pub(super) fn divide(
    order: &mut Order,
    contract: &mut Contract,
    (number, to_provider): (MilestoneNumber, Money),
    to: PayoutTo,
    agreed_by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    contract.must_be_about(order)?;
    let mut after = contract.clone();
    let outcome = after.share_out(number, to_provider, to, Issuer::System, now)?;
    finish(order, contract, after, outcome, agreed_by, now)
}

/// Something of what was released goes back to the client. `available` is what the provider's wallet holds,
/// under its lock. The order stays as it is: the work was done.
///
/// # Errors
/// [`ContractError`]; [`ContractError::NothingProposed`], [`ContractError::MoreThanThere`];
/// [`ContractError::InsufficientFunds`] where the wallet is short.
pub fn give_back(
    contract: &mut Contract,
    (number, amount): (MilestoneNumber, Money),
    available: Money,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let (outcome, _) = take_back(contract, (number, amount), available, MilestoneCommand::Return, by, now)?;
    Ok(outcome)
}

/// Something of what was released goes back, for whichever reason.
pub(super) fn take_back(
    contract: &mut Contract,
    (number, amount): (MilestoneNumber, Money),
    available: Money,
    command: MilestoneCommand,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<(Outcome, Returned), ContractError> {
    contract.next_of(number, command, by)?;
    let mut after = contract.clone();
    let parties = after.parties();
    let kept = after.milestone(number)?.kept()?;
    if amount.is_zero() {
        return Err(ContractError::NothingProposed);
    }
    if !kept.covers(amount)? {
        return Err(ContractError::MoreThanThere { amount: kept });
    }
    let returned = after.escrow.give_back(amount)?;
    let milestone = after.milestone_mut(number)?;
    let net = returned.net()?;
    let resting = milestone.resting()?;
    let missing = net.minus(net.at_most(resting)?)?;
    if !available.covers(missing)? {
        return Err(ContractError::InsufficientFunds { required: missing, available });
    }
    let nth = milestone.give_back(returned)?;
    after.updated_at = now;
    after.must_add_up()?;
    let mut outcome = Outcome::default();
    outcome.book(movements::give_back(&parties, (number, nth), returned, resting)?);
    let (gross, fee, refunded) = (returned.gross, returned.provider_fee, returned.to_client()?);
    outcome.tell(if command == MilestoneCommand::ChargeBack {
        MoneyEvent::PaymentChargedBack { contract: parties, milestone: number, gross, fee, refunded }
    } else {
        MoneyEvent::PaymentReturned { contract: parties, milestone: number, gross, fee, refunded }
    });
    *contract = after;
    Ok((outcome, returned))
}

/// Both sides have agreed to end it: `to_provider` of what is not settled is dealt out over the milestones
/// in the order of their numbers, the rest goes back. Nothing may be disputed.
///
/// # Errors
/// [`ContractError`]; [`ContractError::MoreThanThere`].
pub(super) fn dissolve(
    order: &mut Order,
    contract: &mut Contract,
    to_provider: Money,
    to: PayoutTo,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let state = contract.next(ContractCommand::Dissolve, Issuer::System)?;
    contract.must_be_about(order)?;
    let mut after = contract.clone();
    let unsettled = after.escrow.unsettled()?;
    if !unsettled.covers(to_provider)? {
        return Err(ContractError::MoreThanThere { amount: unsettled });
    }
    let open = contract.milestones.iter().filter(|milestone| !milestone.state.is_settled());
    let (mut left, mut outcome) = (to_provider, Outcome::default());
    for milestone in open {
        let part = left.at_most(milestone.amount)?;
        left = left.minus(part)?;
        outcome.followed_by(after.share_out(milestone.number, part, to, Issuer::System, now)?);
    }
    after.must_add_up()?;
    after.ended_at = Some(now);
    after.enter(state, now);
    outcome.tell(ContractEvent::Ended { contract: after.parties() });
    outcome.tell(order.dissolve(now)?);
    *contract = after;
    Ok(outcome)
}

impl Contract {
    /// What of a milestone is neither settled nor disputed: what can still be agreed about.
    pub(super) fn open_amount(&self, number: MilestoneNumber) -> Result<Money, ContractError> {
        self.next_of(number, MilestoneCommand::Divide, Issuer::System)?;
        Ok(self.milestone(number)?.amount)
    }

    /// What of a milestone was released and has not come back.
    pub(super) fn released_amount(&self, number: MilestoneNumber) -> Result<Money, ContractError> {
        self.next_of(number, MilestoneCommand::Return, Issuer::System)?;
        Ok(self.milestone(number)?.kept()?)
    }

    /// What is not settled of all of it, where it could be ended by agreement.
    pub(super) fn unsettled_amount(&self) -> Result<Money, ContractError> {
        self.next(ContractCommand::Dissolve, Issuer::System)?;
        Ok(self.escrow.unsettled()?)
    }

    /// Divides one milestone; whatever follows for the contract is left to the caller.
    pub(super) fn share_out(
        &mut self,
        number: MilestoneNumber,
        to_provider: Money,
        to: PayoutTo,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ContractError> {
        let command =
            if to_provider.is_zero() { MilestoneCommand::GiveBack } else { MilestoneCommand::Divide };
        let state = self.next_of(number, command, by)?;
        let amount = self.milestone(number)?.amount;
        if !amount.covers(to_provider)? {
            return Err(ContractError::MoreThanThere { amount });
        }
        let to_client = amount.minus(to_provider)?;
        let released = self.escrow.release(to_provider)?;
        let refunded = self.escrow.refund(to_client)?;
        let (paid, back) = (!to_provider.is_zero(), !to_client.is_zero());
        self.settle(number, state, (paid.then_some((released, to)), back.then_some(refunded)), now)?;
        let parties = self.parties();
        let mut outcome = Outcome::default();
        let (booked, told) = match (paid, back) {
            (true, false) => (
                movements::release(&parties, number, released, to)?,
                ContractEvent::MilestoneApproved { contract: parties, milestone: number, by_clock: false },
            ),
            (false, _) => (
                movements::refund(&parties, number, refunded)?,
                ContractEvent::MilestoneRefunded { contract: parties, milestone: number },
            ),
            (true, true) => (
                movements::divide(&parties, number, (released, refunded), to)?,
                ContractEvent::MilestoneDivided {
                    contract: parties,
                    milestone: number,
                    to_provider,
                    to_client,
                },
            ),
        };
        outcome.book(booked);
        outcome.tell(told);
        if paid {
            outcome.tell(paid_out(self, number, released));
        }
        if back {
            outcome.tell(paid_back(self, number, refunded)?);
        }
        Ok(outcome)
    }
}
