//! Changing what is wanted, while the order is open.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::bidding;
use domain::contracts::Outcome;
use domain::identity::Role;
use domain::ids::{OrderId, UserId};
use domain::orders::{Invitation, OrderPatch, policy};
use ports::bidding::WhichBids;
use ports::orders::{OrderDetail, OrderVersion};
use ports::store::UnitOfWork;

use super::{detail, lock, must_be_party, must_be_providers, must_be_seen};
use crate::bidding::changed;
use crate::desk::Desk;
use crate::error::{UseCaseError, Versions};
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Changes orders for their clients.
pub struct EditOrder(pub Desk);

/// What a client wants changed.
#[derive(Clone, Debug, Default)]
pub struct OrderEdit {
    /// Of the order itself.
    pub patch: OrderPatch,
    /// Who is to be asked to bid, beside those who were asked before.
    pub invited: Vec<UserId>,
    /// Of which versions.
    pub versions: Versions<OrderVersion>,
}

impl EditOrder {
    /// Changes an open order and invites further providers. A material change outdates the bids
    /// that are open. Values equal to the present ones change nothing.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless one's own; `Conflict` unless open;
    /// `PreconditionFailed` for a version that is not the present one; `Unprocessable` as for posting.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        edit: OrderEdit,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Editing { desk: &self.0, actor, id, edit, now }, once, now).await
    }
}

struct Editing<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    edit: OrderEdit,
    now: DateTime<Utc>,
}

impl Transaction for Editing<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, edit: OrderEdit { patch, invited, versions }, now } = self;
        let by = Issuer::from(*actor);
        let mut order = lock(work, *id).await?;
        must_be_party(actor, &order)?;
        must_be_seen(work, &order, versions).await?;
        let before = order.clone();
        let mut bids = work.bids().lock(*id, WhichBids::Live).await?;
        let bids_before = bids.clone();
        let mut events = bidding::edit_order(&mut order, &mut bids, patch.clone(), by, *now)?;
        let mut invitations: Vec<Invitation> = Vec::new();
        for provider_id in invited {
            if invitations.iter().any(|invitation| invitation.provider_id == *provider_id) {
                continue;
            }
            let standing = work.invitations().lock(*id, *provider_id).await?;
            // Their role is looked at below, as what it may refuse comes after conflicts; that it is a provider's is all that matters here.
            let invited = order.invite((*provider_id, Role::Writer), standing.as_ref(), by, *now)?;
            if let Some((invitation, event)) = invited {
                invitations.push(invitation);
                events.push(event.into());
            }
        }
        must_be_providers(work, invited).await?;
        if order != before {
            work.orders().save(&mut order).await?;
        }
        let mut outdated = changed(bids, &bids_before);
        if !outdated.is_empty() {
            work.bids().save(&mut outdated).await?;
        }
        if !invitations.is_empty() {
            work.invitations().insert(&invitations).await?;
        }
        desk.recorder.record(work, Outcome { events, ..Outcome::default() }, *now).await?;
        detail(desk, work, actor, *id).await
    }
}
