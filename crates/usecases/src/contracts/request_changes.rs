//! Wanting a milestone done again.

use domain::actor::Actor;
use domain::contracts::{ChangesMessage, MilestoneCommand, Outcome};
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::policy;
use ports::orders::OrderDetail;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Asks for changes on behalf of clients.
pub struct RequestChanges(pub Desk);

impl RequestChanges {
    /// Gives a submitted milestone back to the provider.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless a milestone of one's own order; `Conflict`
    /// unless submitted.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        number: MilestoneNumber,
        message: ChangesMessage,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        change(
            &self.0,
            actor,
            (id, number, MilestoneCommand::RequestChanges),
            move |_, contract, by, now| {
                let event = contract.request_changes(number, message.clone(), by, now)?;
                Ok(Outcome { events: vec![event.into()], ..Outcome::default() })
            },
            once,
        )
        .await
    }
}
