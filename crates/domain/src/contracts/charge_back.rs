//! A payer's bank has taken a payment back: what it may have paid for goes first, where the work is not
//! finished, and then where its money rests.

use chrono::{DateTime, Utc};

use super::agreement::take_back;
use super::settlement::refund;
use super::{Contract, ContractError, MILESTONE_MACHINE, MilestoneCommand, MilestoneState, Outcome};
use crate::actor::{Issuer, Party};
use crate::ids::MilestoneNumber;
use crate::money::Money;
use crate::orders::Order;

/// Takes back what these contracts, which are one client's, still hold or have resting, one milestone after
/// the other, until `amount` has come back or nothing is left that can: first of all of them what is not
/// settled, then what was released and rests; contracts in the order given, the last milestone of each
/// first. What is in dispute, or the provider's to use, stays. Says how much came back, fees included; it
/// may be more than `amount`, because a milestone is refunded as a whole before its release.
///
/// # Errors
/// [`ContractError`]; then nothing of what was given may be used any more.
pub fn charge_back(
    held: &mut [(Order, Contract)],
    amount: Money,
    now: DateTime<Utc>,
) -> Result<(Outcome, Money), ContractError> {
    let mut all = Outcome::default();
    let mut back = Money::zero(amount.currency());
    for becoming in [MilestoneState::Refunded, MilestoneState::Completed] {
        for (order, contract) in held.iter_mut() {
            for number in takeable(contract, becoming) {
                let missing = amount.minus(amount.at_most(back)?)?;
                if missing.is_zero() {
                    return Ok((all, back));
                }
                let (outcome, taken) = take(order, contract, (number, missing), Issuer::System, now)?;
                all.followed_by(outcome);
                back = back.plus(taken)?;
            }
        }
    }
    Ok((all, back))
}

/// The milestones that a chargeback makes `becoming`, the last one first.
fn takeable(contract: &Contract, becoming: MilestoneState) -> Vec<MilestoneNumber> {
    let next = |state| MILESTONE_MACHINE.next(state, MilestoneCommand::ChargeBack, Some(Party::System));
    let numbers = contract.milestones.iter().rev().filter(|one| next(one.state) == Ok(becoming));
    numbers.map(|one| one.number).collect()
}

/// Takes one milestone back: all of it before its release; afterwards of what rests, if anything does, and
/// no more than is missing. Says how much came of it.
pub(super) fn take(
    order: &mut Order,
    contract: &mut Contract,
    (number, missing): (MilestoneNumber, Money),
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<(Outcome, Money), ContractError> {
    let (command, nothing) = (MilestoneCommand::ChargeBack, Money::zero(missing.currency()));
    if contract.next_of(number, command, by)? == MilestoneState::Refunded {
        let outcome = refund(order, contract, number, command, by, now)?;
        let refunded = contract.milestone(number)?.refunded;
        let taken = refunded.map_or(Ok(nothing), |one| one.amount.plus(one.client_fee))?;
        return Ok((outcome, taken));
    }
    let milestone = contract.milestone(number)?;
    let resting = milestone.resting()?;
    let amount = contract.escrow.returnable(milestone.kept()?, resting, missing)?;
    // A fee of everything would let something go that does not rest.
    if resting.is_zero() || amount.is_zero() {
        return Ok((Outcome::default(), nothing));
    }
    // Of the provider's wallet nothing is needed, and nothing is taken.
    let (outcome, returned) = take_back(contract, (number, amount), nothing, command, by, now)?;
    Ok((outcome, returned.to_client()?))
}
