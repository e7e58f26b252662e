//! Contracts: paying for an order, handing milestones in and what the client answers, reviews (contract
//! §4), and what the program does by itself: when a timer runs out, or when somebody is gone.

mod approve_milestone;
mod departures;
mod fund_order;
mod lapse;
mod request_changes;
mod review_order;
mod submit_milestone;
mod wind_up;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Contract, ContractError, Outcome};
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::{ORDER_MACHINE, Order, OrderCommand};
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::orders;
use crate::transact::Transaction;

pub use approve_milestone::ApproveMilestone;
pub use departures::NoticeDepartures;
pub use fund_order::FundOrder;
pub use lapse::LapseOrders;
pub use request_changes::RequestChanges;
pub use review_order::ReviewOrder;
pub use submit_milestone::{HandedIn, SubmitMilestone};
pub use wind_up::WindUpAccount;

/// Carries out a command on a milestone that needs no more than the contract and its order.
async fn change<S>(
    desk: &Desk,
    actor: &Actor,
    (id, number): (OrderId, MilestoneNumber),
    step: S,
    once: &Once<OrderDetail>,
) -> Result<Answered<OrderDetail>, UseCaseError>
where
    S: Fn(&mut Order, &mut Contract, Issuer, DateTime<Utc>) -> Result<Outcome, ContractError> + Sync,
{
    let now = desk.now();
    desk.carry_out(&Changing { desk, actor, id, number, step, now }, once, now).await
}

struct Changing<'a, S> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    number: MilestoneNumber,
    step: S,
    now: DateTime<Utc>,
}

impl<S> Transaction for Changing<'_, S>
where
    S: Fn(&mut Order, &mut Contract, Issuer, DateTime<Utc>) -> Result<Outcome, ContractError> + Sync,
{
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, number, step, now } = self;
        let (mut order, mut contract) = lock(work, actor, *id, Some(*number)).await?;
        let before = order.clone();
        let outcome = step(&mut order, &mut contract, Issuer::from(*actor), *now)?;
        save(work, desk, (order, &before, contract), outcome, *now).await?;
        orders::detail(desk, work, actor, *id).await
    }
}

/// An order and the contract about it, both locked. It must have this milestone, if one is asked for.
async fn lock(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    id: OrderId,
    number: Option<MilestoneNumber>,
) -> Result<(Order, Contract), UseCaseError> {
    let order = orders::lock(work, id).await?;
    // A stranger learns nothing about whether it is awarded.
    order.party(Issuer::from(actor)).ok_or(UseCaseError::NotFound)?;
    let contract = work.contracts().lock(id).await?;
    let milestones = contract.as_ref().map_or_else(
        || order.details.milestones.effective(order.details.deadline).len(),
        |contract| contract.milestones.len(),
    );
    if number.is_some_and(|number| MilestoneNumber::all().take(milestones).all(|known| known != number)) {
        return Err(UseCaseError::NotFound);
    }
    // Before the award there is nothing to pay for, and nothing to approve: a conflict, no secret.
    let contract = contract.ok_or_else(|| ORDER_MACHINE.refuse(order.state, OrderCommand::Fund))?;
    Ok((order, contract))
}

/// Saves what a command on a contract changed, and what follows from it.
async fn save(
    work: &mut dyn UnitOfWork,
    desk: &Desk,
    (mut order, before, mut contract): (Order, &Order, Contract),
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    if order != *before {
        work.orders().save(&mut order).await?;
    }
    work.contracts().save(&mut contract).await?;
    desk.recorder.record(work, outcome, now).await
}
