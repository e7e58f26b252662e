//! What becomes of the business of somebody whose account has been closed or blocked: the program does
//! what they would have to do themselves, so that nobody goes on bidding for, or waiting for, somebody
//! who is not there any more.
//!
//! Deliberately absent: work that is paid for. The money is in escrow, and the other side is entitled
//! to it or to the work.

use chrono::{DateTime, Utc};

use super::{Contract, ContractError, Outcome, cancel_order, withdraw_bid};
use crate::actor::Issuer;
use crate::bidding::Bid;
use crate::identity::User;
use crate::ids::UserId;
use crate::machine::Refusal;
use crate::orders::Order;

/// Calls off an open or pending order whose client is not there any more. For the rest as
/// [`cancel_order`].
///
/// # Errors
/// [`ContractError`]: [`ContractError::AccountActive`], somebody else's order, or one that is paid for
/// or at its end.
pub fn wind_up_order(
    order: &mut Order,
    bids: &mut [Bid],
    contract: Option<&mut Contract>,
    client: &User,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    must_be_gone(client, order.client_id)?;
    cancel_order(order, bids, contract, Issuer::System, now)
}

/// Takes back a bid whose bidder is not there any more; if it was accepted and is not paid for, the
/// order is open again. For the rest as [`withdraw_bid`].
///
/// # Errors
/// [`ContractError`]: [`ContractError::AccountActive`], somebody else's bid, one at its end, or an
/// order that is paid for.
pub fn wind_up_bid(
    order: &mut Order,
    bid: &mut Bid,
    contract: Option<&mut Contract>,
    bidder: &User,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    must_be_gone(bidder, bid.provider_id)?;
    withdraw_bid(order, bid, contract, Issuer::System, now)
}

/// Whoever has been let in again looks after their business themselves.
fn must_be_gone(user: &User, party: UserId) -> Result<(), ContractError> {
    if user.id != party {
        return Err(Refusal::NotParty { object: "account" }.into());
    }
    if user.may_enter().is_ok() {
        return Err(ContractError::AccountActive { state: user.state.as_str() });
    }
    Ok(())
}
