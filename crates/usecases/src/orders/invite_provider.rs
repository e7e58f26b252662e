//! Asking a provider to bid.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::ids::{OrderId, UserId};
use domain::orders::{Invitation, Invitee, policy};
use ports::store::UnitOfWork;

use super::lock;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Invites providers for clients.
pub struct InviteProvider(pub Desk);

/// An invitation that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// Whether it has come to be just now.
    pub is_new: bool,
}

impl InviteProvider {
    /// Asks a provider to bid on one's open order; asking again changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless one's own order; `Conflict` unless open, or
    /// when the provider has said no; `Unprocessable` when they are no provider.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        provider_id: UserId,
        once: &Once<Invited>,
    ) -> Result<Answered<Invited>, UseCaseError> {
        policy::act_as_client(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Inviting { desk: &self.0, actor, id, provider_id, now }, once, now).await
    }
}

struct Inviting<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    provider_id: UserId,
    now: DateTime<Utc>,
}

impl Transaction for Inviting<'_> {
    type Output = Invited;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Invited, UseCaseError> {
        let Self { desk, actor, id, provider_id, now } = self;
        let order = lock(work, *id).await?;
        let standing = work.invitations().lock(*id, *provider_id).await?;
        let account = work.users().standings(&[*provider_id]).await?.pop();
        let invitee = Invitee { id: *provider_id, account };
        let by = Issuer::from(*actor);
        let (invitation, event) = order.invite(&invitee, standing, by, *now)?;
        let is_new = event.is_some();
        if let Some(event) = event {
            work.invitations().insert(std::slice::from_ref(&invitation)).await?;
            let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
            desk.recorder.record(work, outcome, *now).await?;
        }
        Ok(Invited { invitation, is_new })
    }
}
