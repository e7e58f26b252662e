//! Disputes: opening one, what both sides say and offer, the administrator's decision, and what the program
//! does when a deadline passes.

mod add_evidence;
mod decide_dispute;
mod expire_disputes;
mod lists;
mod negotiate;
mod open_dispute;

use domain::actor::{Actor, Issuer};
use domain::contracts::Contract;
use domain::disputes::Dispute;
use domain::ids::DisputeId;
use domain::orders::Order;
use ports::disputes::DisputeView;
use ports::store::{StoreError, UnitOfWork};

use crate::error::UseCaseError;
use crate::orders;

pub use add_evidence::AddEvidence;
pub use decide_dispute::DecideDispute;
pub use expire_disputes::ExpireDisputes;
pub use lists::{ListAllDisputes, ListDisputes, ViewDispute};
pub use negotiate::{AcceptSplit, EscalateDispute, OfferSplit, RejectSplit};
pub use open_dispute::{DisputeRequest, OpenDispute};

/// A dispute with the order and the contract that it is about, all locked in the fixed order. `None` as the
/// actor is the program.
async fn lock(
    work: &mut dyn UnitOfWork,
    actor: Option<&Actor>,
    id: DisputeId,
) -> Result<(Order, Contract, Dispute), UseCaseError> {
    let order_id = work.disputes().find(id).await?.ok_or(UseCaseError::NotFound)?;
    let order = orders::lock(work, order_id).await?;
    if let Some(actor) = actor {
        // A stranger learns nothing about what is disputed.
        order.party(Issuer::from(actor)).ok_or(UseCaseError::NotFound)?;
    }
    let lost = || UseCaseError::Internal(Box::new(StoreError::Stale { what: "contract" }));
    let contract = work.contracts().lock(order_id).await?.ok_or_else(lost)?;
    let dispute = work.disputes().lock(id).await?.ok_or(UseCaseError::NotFound)?;
    Ok((order, contract, dispute))
}

/// A dispute that was written a moment ago.
async fn view(work: &mut dyn UnitOfWork, id: DisputeId) -> Result<DisputeView, UseCaseError> {
    let view = work.disputes().view(id).await?;
    view.ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "dispute" })))
}
