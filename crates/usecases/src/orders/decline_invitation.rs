//! Saying no to an invitation.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::ids::OrderId;
use domain::orders::{Invitation, policy};
use ports::store::UnitOfWork;

use super::lock;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Declines invitations for providers.
pub struct DeclineInvitation(pub Desk);

impl DeclineInvitation {
    /// Says no: the order is not available to the actor any more. Saying it again changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` without an invitation.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        once: &Once<Invitation>,
    ) -> Result<Answered<Invitation>, UseCaseError> {
        policy::act_as_provider(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Declining { desk: &self.0, actor, id, now }, once, now).await
    }
}

struct Declining<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    now: DateTime<Utc>,
}

impl Transaction for Declining<'_> {
    type Output = Invitation;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Invitation, UseCaseError> {
        let Self { desk, actor, id, now } = self;
        let order = lock(work, *id).await?;
        let invitation = work.invitations().lock(*id, actor.user_id).await?;
        let mut invitation = invitation.ok_or(UseCaseError::NotFound)?;
        if let Some(event) = invitation.decline(&order, Issuer::from(*actor), *now)? {
            work.invitations().save(&invitation).await?;
            let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
            desk.recorder.record(work, outcome, *now).await?;
        }
        Ok(invitation)
    }
}
