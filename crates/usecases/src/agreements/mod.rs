//! What the two sides of a contract agree on about its money: proposing it, answering, looking at it, and
//! what the program does when nobody answers.

mod answer_proposal;
mod lapse_proposals;
mod lists;
mod make_proposal;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Contract, Means, Proposal};
use domain::ids::ProposalId;
use domain::money::{Account, MARKET_CURRENCY, Money};
use domain::orders::Order;
use ports::store::{StoreError, UnitOfWork};

use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::orders;

pub use answer_proposal::{AcceptProposal, RejectProposal, WithdrawProposal};
pub use lapse_proposals::LapseProposals;
pub use lists::{ListProposals, ViewProposal};
pub use make_proposal::{MakeProposal, ProposalRequest};

/// A proposal with the order and the contract that it is about, all locked in the fixed order. `None` as the
/// actor is the program.
async fn lock(
    work: &mut dyn UnitOfWork,
    actor: Option<&Actor>,
    id: ProposalId,
) -> Result<(Order, Contract, Proposal), UseCaseError> {
    let order_id = work.proposals().find(id).await?.ok_or(UseCaseError::NotFound)?;
    let order = orders::lock(work, order_id).await?;
    if let Some(actor) = actor {
        // A stranger learns nothing about what is proposed.
        order.party(Issuer::from(actor)).ok_or(UseCaseError::NotFound)?;
    }
    let contract = work.contracts().lock(order_id).await?.ok_or_else(lost)?;
    let proposal = work.proposals().lock(id).await?.ok_or(UseCaseError::NotFound)?;
    Ok((order, contract, proposal))
}

/// A proposal is about a contract, and a contract that was paid for stays that of its order.
fn lost() -> UseCaseError {
    UseCaseError::Internal(Box::new(StoreError::Stale { what: "contract" }))
}

/// What there has to be known of money: both wallets are locked in the order of accounts, as one of them
/// gives and the other takes.
async fn means(
    work: &mut dyn UnitOfWork,
    desk: &Desk,
    contract: &Contract,
    now: DateTime<Utc>,
) -> Result<Means, UseCaseError> {
    let accounts = [Account::UserAvailable(contract.provider_id), Account::UserAvailable(contract.client_id)];
    let balances = work.ledger().lock_balances(&accounts, MARKET_CURRENCY).await?;
    let minor = balances.first().copied().unwrap_or(0);
    let provider_available = Money::total(minor, MARKET_CURRENCY);
    let provider_available = provider_available.map_err(|error| UseCaseError::Internal(Box::new(error)))?;
    Ok(Means { provider_available, to: desk.clocks.clearance.payout(now) })
}
