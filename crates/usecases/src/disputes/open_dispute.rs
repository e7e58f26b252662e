//! Disputing who is to have a milestone's money.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Contract, DisputeReason, MilestoneCommand};
use domain::disputes::{self, NewDispute};
use domain::ids::{DisputeId, MilestoneNumber, OrderId};
use domain::money::Money;
use domain::orders::policy;
use ports::disputes::DisputeView;
use ports::store::UnitOfWork;

use super::view;
use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::transact::Transaction;

/// Opens disputes for both sides.
pub struct OpenDispute(pub Desk);

/// What is disputed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeRequest {
    /// Of which order.
    pub order_id: OrderId,
    /// Whose money.
    pub milestone: MilestoneNumber,
    /// Why.
    pub reason: DisputeReason,
    /// What the provider is to have, before their fee.
    pub to_provider: Money,
}

impl OpenDispute {
    /// Freezes a milestone's money; the other side has seven days to answer.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless a milestone of one's own order; `Conflict` unless it is
    /// paid for, neither settled nor disputed; `Unprocessable` for more than its amount.
    pub async fn execute(
        &self,
        actor: &Actor,
        request: DisputeRequest,
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Opening { desk: &self.0, actor, request, now }, once, now).await
    }
}

struct Opening<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    request: DisputeRequest,
    now: DateTime<Utc>,
}

impl Transaction for Opening<'_> {
    type Output = DisputeView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<DisputeView, UseCaseError> {
        let Self { desk, actor, request, now } = self;
        let DisputeRequest { order_id, milestone, reason, to_provider } = request;
        hold_caller(work, actor).await?;
        let (order, contract) = contracts::lock(work, actor, *order_id).await?;
        let mut contract = Contract::agreed_on(contract, &order, *milestone, MilestoneCommand::Dispute)?;
        let before = order.clone();
        let id = DisputeId::new(desk.recorder.ids.uuid(*now));
        let (milestone, to_provider) = (*milestone, *to_provider);
        let new = NewDispute { id, milestone, reason: reason.clone(), to_provider };
        let (dispute, outcome) = disputes::open(&mut contract, new, Issuer::from(*actor), *now)?;
        work.disputes().insert(&dispute).await?;
        contracts::save(work, desk, (order, &before, contract), outcome, *now).await?;
        view(work, id).await
    }
}
