//! Being content with a milestone: its money goes to the provider.

use domain::actor::Actor;
use domain::contracts::{self, MilestoneCommand};
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::policy;
use ports::orders::OrderDetail;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Approves milestones for clients.
pub struct ApproveMilestone(pub Desk);

impl ApproveMilestone {
    /// Releases a submitted milestone's money; the last one completes the order.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless a milestone of one's own order; `Conflict`
    /// unless submitted.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        number: MilestoneNumber,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        let clearance = self.0.clocks.clearance;
        change(
            &self.0,
            actor,
            (id, number, MilestoneCommand::Approve),
            move |order, contract, by, now| {
                contracts::approve(order, contract, number, clearance.payout(now), by, now)
            },
            once,
        )
        .await
    }
}
