//! The ends of an order that nobody has paid for: called off, left, lapsed.

use chrono::{DateTime, Utc};

use super::{Contract, ContractError, Outcome};
use crate::actor::Issuer;
use crate::bidding::{Bid, BidState, DeclineReason};
use crate::orders::Order;

/// The client calls off an order that is open or pending. `bids` are the live bids and the accepted
/// one; `contract` is the order's, if it is awarded. The program does so by
/// [`wind_up_order`](super::wind_up_order) alone.
///
/// # Errors
/// [`ContractError`]: a stranger, or an order that is paid for or at its end.
pub fn cancel_order(
    order: &mut Order,
    bids: &mut [Bid],
    contract: Option<&mut Contract>,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    must_belong(order, contract.as_deref())?;
    let mut outcome = Outcome::default();
    outcome.tell(order.cancel(by, now)?);
    let reason = match by {
        Issuer::Person { .. } => DeclineReason::OrderCancelled,
        Issuer::System => DeclineReason::ClientUnavailable,
    };
    close(order, bids, contract, reason, by, now, outcome)
}

/// An order that was awarded and not paid for within [`crate::orders::FUNDING_PERIOD`] ends by
/// itself. `bids` has the accepted bid.
///
/// # Errors
/// [`ContractError`]: anybody but the program, an order that is not pending, or too early.
pub fn lapse_order(
    order: &mut Order,
    bids: &mut [Bid],
    contract: &mut Contract,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    must_belong(order, Some(contract))?;
    let mut outcome = Outcome::default();
    outcome.tell(order.lapse(by, now)?);
    close(order, bids, Some(contract), DeclineReason::OrderLapsed, by, now, outcome)
}

/// The bidder takes a bid back. If it has been accepted, they leave the order, which is open again;
/// that needs the order's `contract` and is only possible until it is paid for. The program does so by
/// [`wind_up_bid`](super::wind_up_bid) alone.
///
/// # Errors
/// [`ContractError`]: a stranger, a bid at its end, or an order that is paid for.
pub fn withdraw_bid(
    order: &mut Order,
    bid: &mut Bid,
    contract: Option<&mut Contract>,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let mut outcome = Outcome::default();
    if bid.state != BidState::Accepted {
        outcome.tell(bid.withdraw(order, by, now)?);
        return Ok(outcome);
    }
    must_belong(order, contract.as_deref())?;
    let reopened = order.leave(by, now)?;
    outcome.tell(bid.withdraw(order, by, now)?);
    if let Some(contract) = contract {
        outcome.tell(contract.end(by, now)?);
    }
    outcome.tell(reopened);
    Ok(outcome)
}

fn close(
    order: &Order,
    bids: &mut [Bid],
    contract: Option<&mut Contract>,
    reason: DeclineReason,
    by: Issuer,
    now: DateTime<Utc>,
    mut outcome: Outcome,
) -> Result<Outcome, ContractError> {
    outcome.tell_all(bids.iter_mut().filter_map(|bid| bid.close(reason, order, now)));
    if let Some(contract) = contract {
        outcome.tell(contract.end(by, now)?);
    }
    Ok(outcome)
}

/// An order that is awarded has a contract, and only such an order.
fn must_belong(order: &Order, contract: Option<&Contract>) -> Result<(), ContractError> {
    match (order.award, contract) {
        (_, Some(contract)) => contract.must_be_about(order),
        (None, None) => Ok(()),
        (Some(_), None) => Err(ContractError::WrongContract),
    }
}
