//! Awarding an order: a bid is accepted, the others lose, and the contract is made.

use chrono::{DateTime, Utc};

use super::{Contract, ContractError, ContractEvent, Outcome, fund};
use crate::actor::Issuer;
use crate::bidding::{Bid, Expected};
use crate::ids::{BidId, ContractId};
use crate::money::{FeeRule, Money};
use crate::orders::{Award, Order};

/// What an award needs to know.
#[derive(Clone, Copy, Debug)]
pub struct AwardCommand {
    /// The bid to accept.
    pub bid_id: BidId,
    /// What the client believes that they accept.
    pub expected: Expected,
    /// Minted by the caller.
    pub contract_id: ContractId,
    /// The fees as they are now; they are fixed on the contract.
    pub fees: FeeRule,
    /// What the client's wallet holds, under its lock.
    pub available: Money,
    /// Whether the bidder's account may be used, under its lock.
    pub bidder_may_enter: bool,
}

/// What the client still has to pay in before the work can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentRequired {
    /// Price and fee.
    pub amount: Money,
    /// What the wallet holds.
    pub available: Money,
}

/// An awarded order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Awarded {
    /// The new contract, with its milestones.
    pub contract: Contract,
    /// `None` if the wallet covered it: then the order is active, else pending.
    pub payment_required: Option<PaymentRequired>,
    /// What happened, and what is to be booked.
    pub outcome: Outcome,
}

/// The client accepts a bid. `bids` are all live bids on the order, and the one to accept whatever
/// its state; those that changed have `now` as their `updated_at`.
///
/// # Errors
/// [`ContractError`]: a stranger, an order that is not open or past its deadline, a bid that is not
/// open or not what the client believes, a bidder whose account is closed or blocked, or a price that cannot be split over the milestones.
pub fn award(
    order: &mut Order,
    bids: &mut [Bid],
    command: AwardCommand,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Awarded, ContractError> {
    let AwardCommand { bid_id, expected, contract_id, fees, available, bidder_may_enter } = command;
    let is_chosen = |bid: &Bid| bid.id == bid_id && bid.order_id == order.id;
    let (mut chosen, others): (Vec<_>, Vec<_>) = bids.iter_mut().partition(|bid| is_chosen(bid));
    let bid = chosen.first_mut().ok_or(ContractError::UnknownBid)?;
    order.must_accept_bids(by, now)?;
    bid.must_be_acceptable(expected, order, by, now)?;
    if !bidder_may_enter {
        return Err(ContractError::BidderUnavailable { state: bid.state.as_str() });
    }
    let mut contract = Contract::make(contract_id, order, bid, fees, by, now)?;
    // A wallet of another currency is found out before anything is changed.
    available.compare(contract.escrow.required()?)?;

    let mut outcome = Outcome::default();
    outcome.tell(bid.accept(order, by, now)?);
    let (provider_id, amount, deadline) = (bid.provider_id, bid.amount, bid.proposed_deadline);
    outcome.tell_all(others.into_iter().filter_map(|bid| bid.lose(order, now)));
    let posted_deadline = order.details.deadline;
    let award = Award { provider_id, bid_id, contract_id, amount, awarded_at: now, posted_deadline };
    order.accept(award, deadline, by, now)?;
    outcome.tell(ContractEvent::Made { contract: contract.parties(), price: amount });

    let payment_required = match fund(order, &mut contract, available, by, now) {
        Ok(funded) => {
            outcome.followed_by(funded);
            None
        }
        Err(ContractError::PaymentRequired { required, available }) => {
            Some(PaymentRequired { amount: required, available })
        }
        Err(error) => return Err(error),
    };
    Ok(Awarded { contract, payment_required, outcome })
}
