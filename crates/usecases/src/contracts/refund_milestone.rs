//! Giving a milestone's money back without being asked.

use domain::actor::Actor;
use domain::contracts::{self, MilestoneCommand};
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::policy;
use ports::orders::OrderDetail;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Gives milestones' money back for providers.
pub struct RefundMilestone(pub Desk);

impl RefundMilestone {
    /// Gives all of a milestone's money back to the client, before its release; the last one ends the order.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless a milestone of an order that they hold;
    /// `Conflict` unless it is paid for, neither settled nor disputed.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        number: MilestoneNumber,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_provider(actor)?;
        change(
            &self.0,
            actor,
            (id, number, MilestoneCommand::Refund),
            move |order, contract, by, now| contracts::refund_milestone(order, contract, number, by, now),
            once,
        )
        .await
    }
}
