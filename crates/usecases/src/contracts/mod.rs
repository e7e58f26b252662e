//! Contracts: paying for an order, handing milestones in and what the client answers, bonuses, reviews (contract
//! §4), and what the program does by itself: when a timer runs out, or when somebody is gone.

mod approve_milestone;
mod clocks;
mod departures;
mod fund_order;
mod give_bonus;
mod lapse;
mod refund_milestone;
mod request_changes;
mod review_order;
mod submit_milestone;
mod wind_up;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Contract, ContractError, MilestoneCommand, Outcome};
use domain::event::Fact;
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::Order;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::orders;
use crate::transact::Transaction;

pub use approve_milestone::ApproveMilestone;
pub use clocks::{ClearPayments, ReleaseMilestones, RunDown};
pub use departures::NoticeDepartures;
pub use fund_order::FundOrder;
pub use give_bonus::GiveBonus;
pub use lapse::LapseOrders;
pub use refund_milestone::RefundMilestone;
pub use request_changes::RequestChanges;
pub use review_order::ReviewOrder;
pub use submit_milestone::{HandedIn, SubmitMilestone};
pub use wind_up::WindUpAccount;

/// Carries out a command on a milestone that needs no more than the contract and its order.
async fn change<S>(
    desk: &Desk,
    actor: &Actor,
    (id, number, command): (OrderId, MilestoneNumber, MilestoneCommand),
    step: S,
    once: &Once<OrderDetail>,
) -> Result<Answered<OrderDetail>, UseCaseError>
where
    S: Fn(&mut Order, &mut Contract, Issuer, DateTime<Utc>) -> Result<Outcome, ContractError> + Sync,
{
    let now = desk.now();
    desk.carry_out(&Changing { desk, actor, id, number, command, step, now }, once, now).await
}

struct Changing<'a, S> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    number: MilestoneNumber,
    command: MilestoneCommand,
    step: S,
    now: DateTime<Utc>,
}

impl<S> Transaction for Changing<'_, S>
where
    S: Fn(&mut Order, &mut Contract, Issuer, DateTime<Utc>) -> Result<Outcome, ContractError> + Sync,
{
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, number, command, step, now } = self;
        hold_caller(work, actor).await?;
        let (mut order, contract) = lock(work, actor, *id).await?;
        let mut contract = Contract::agreed_on(contract, &order, *number, *command)?;
        let before = order.clone();
        let outcome = step(&mut order, &mut contract, Issuer::from(*actor), *now)?;
        save(work, desk, (order, &before, contract), outcome, *now).await?;
        orders::detail(desk, work, actor, *id).await
    }
}

/// An order and the contract about it, if there is one, both locked.
pub(crate) async fn lock(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    id: OrderId,
) -> Result<(Order, Option<Contract>), UseCaseError> {
    let order = orders::lock(work, id).await?;
    // A stranger learns nothing about whether it is awarded.
    order.party(Issuer::from(actor)).ok_or(UseCaseError::NotFound)?;
    Ok((order, work.contracts().lock(id).await?))
}

/// Saves what a command on a contract changed, and what follows from it: proposals about something that is
/// not any more what it was come to their end.
pub(crate) async fn save(
    work: &mut dyn UnitOfWork,
    desk: &Desk,
    (mut order, before, mut contract): (Order, &Order, Contract),
    mut outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    if order != *before {
        work.orders().save(&mut order).await?;
    }
    work.contracts().save(&mut contract).await?;
    outcome.events.extend(supersede(work, &contract, now).await?);
    desk.recorder.record(work, outcome, now).await
}

/// Ends what was proposed about something that is not any more what it was. The contract has been saved.
pub(crate) async fn supersede(
    work: &mut dyn UnitOfWork,
    contract: &Contract,
    now: DateTime<Utc>,
) -> Result<Vec<Fact>, UseCaseError> {
    let mut ended = Vec::new();
    for mut proposal in work.proposals().lock_open(contract.id).await? {
        if let Some(event) = proposal.supersede(contract, now) {
            work.proposals().save(&mut proposal).await?;
            ended.push(event.into());
        }
    }
    Ok(ended)
}
