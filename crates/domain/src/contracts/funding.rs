//! Paying for an order: the whole price, and the client's fee on top, goes into escrow at once.

use chrono::{DateTime, Utc};

use super::{Contract, ContractCommand, ContractError, ContractEvent, MilestoneCommand, Outcome};
use crate::actor::Issuer;
use crate::money::{Money, movements};
use crate::orders::Order;

/// The client pays for a pending order. `available` is what their wallet holds, under its lock. An order
/// that ought to have lapsed by now takes the money until the timer has come: nothing that both sides
/// want is lost because a job was late, and nobody is told of an end that is not there yet.
///
/// # Errors
/// [`ContractError`]: a stranger, an order that is not pending;
/// [`ContractError::PaymentRequired`] where the wallet is short.
pub fn fund(
    order: &mut Order,
    contract: &mut Contract,
    available: Money,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    order.must_await_funding(by)?;
    contract.must_be_about(order)?;
    let required = contract.escrow.required()?;
    if !available.covers(required)? {
        return Err(ContractError::PaymentRequired { required, available });
    }

    let mut after = contract.clone();
    let state = after.next(ContractCommand::Fund, by)?;
    for (milestone, before) in after.milestones.iter_mut().zip(&contract.milestones) {
        milestone.state = contract.next_of(before.number, MilestoneCommand::Fund, by)?;
    }
    after.escrow.fund();
    after.funded_at = Some(now);
    after.enter(state, now);
    let mut outcome = Outcome::default();
    let (price, client_fee) = (after.escrow.price, after.escrow.client_fee());
    outcome.book(movements::fund(&after.parties(), price, client_fee)?);
    outcome.tell(ContractEvent::Funded { contract: after.parties(), amount: required });
    outcome.tell(order.fund(by, now)?);
    *contract = after;
    Ok(outcome)
}
