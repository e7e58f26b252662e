//! Deciding, where the two sides could not agree.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::disputes::{self, DecisionReason, Means, administer_disputes};
use domain::ids::DisputeId;
use domain::money::Money;
use ports::disputes::DisputeView;
use ports::store::UnitOfWork;

use super::{lock, view};
use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::transact::Transaction;

/// Takes administrators' decisions.
pub struct DecideDispute(pub Desk);

impl DecideDispute {
    /// Divides the frozen money.
    ///
    /// # Errors
    /// `Forbidden` for all but administrators; `NotFound`; `Conflict` unless it is in review; `Unprocessable` for
    /// more than is disputed.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: DisputeId,
        decision: (Money, DecisionReason),
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        administer_disputes(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Deciding { desk: &self.0, actor, id, decision, now }, once, now).await
    }
}

struct Deciding<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: DisputeId,
    decision: (Money, DecisionReason),
    now: DateTime<Utc>,
}

impl Transaction for Deciding<'_> {
    type Output = DisputeView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<DisputeView, UseCaseError> {
        let Self { desk, actor, id, decision, now } = self;
        // Let in a moment before being blocked, they could divide what nobody gets back.
        hold_caller(work, actor).await?;
        let (mut order, mut contract, mut dispute) = lock(work, Some(actor), *id).await?;
        let before = order.clone();
        let means =
            Means { order: &mut order, contract: &mut contract, to: desk.clocks.clearance.payout(*now) };
        let outcome = disputes::decide(means, &mut dispute, decision.clone(), Issuer::from(*actor), *now)?;
        work.disputes().save(&mut dispute).await?;
        contracts::save(work, desk, (order, &before, contract), outcome, *now).await?;
        view(work, *id).await
    }
}
