//! A payer's bank has taken a payment back: what it may have paid for, and is not finished, goes first.

use chrono::{DateTime, Utc};

use super::settlement::refund;
use super::{Contract, ContractError, MILESTONE_MACHINE, MilestoneCommand, Outcome};
use crate::actor::{Issuer, Party};
use crate::money::Money;
use crate::orders::Order;

/// Refunds the milestones of these contracts, which are one client's, one after the other, until `amount`
/// has come back or nothing is left that can: contracts in the order given, the last milestone of each
/// first. What is settled or in dispute stays. Says how much came back, fees included; it may be more than
/// `amount`, because a milestone is refunded as a whole.
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
    for (order, contract) in held {
        for number in refundable(contract) {
            if back.covers(amount)? {
                return Ok((all, back));
            }
            let command = MilestoneCommand::ChargeBack;
            all.followed_by(refund(order, contract, number, command, Issuer::System, now)?);
            if let Some(refunded) = contract.milestone(number)?.refunded {
                back = back.plus(refunded.amount)?.plus(refunded.client_fee)?;
            }
        }
    }
    Ok((all, back))
}

/// The milestones that can be refunded, the last one first.
fn refundable(contract: &Contract) -> Vec<crate::ids::MilestoneNumber> {
    let takes =
        |state| MILESTONE_MACHINE.next(state, MilestoneCommand::ChargeBack, Some(Party::System)).is_ok();
    let numbers = contract.milestones.iter().rev().filter(|one| takes(one.state)).map(|one| one.number);
    numbers.collect()
}
