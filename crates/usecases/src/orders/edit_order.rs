//! Changing what is wanted, while the order is open.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::bidding::{self, Edited, OrderChange};
use domain::contracts::Outcome;
use domain::ids::{OrderId, UserId};
use domain::orders::{Guests, OrderPatch, policy};
use ports::bidding::WhichBids;
use ports::orders::{OrderDetail, OrderVersion};
use ports::store::UnitOfWork;

use super::{detail, invitees, lock, must_be_party, must_be_seen};
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
        let Self { desk, actor, id, edit: OrderEdit { patch, versions, .. }, now } = self;
        let by = Issuer::from(*actor);
        let mut order = lock(work, *id).await?;
        must_be_party(actor, &order)?;
        let guests = self.guests(work).await?;
        let mut bids = work.bids().lock(*id, WhichBids::Live).await?;
        must_be_seen(work, &order, versions).await?;
        let (before, bids_before) = (order.clone(), bids.clone());
        let change = OrderChange { patch: patch.clone(), guests };
        let Edited { invitations, events } = bidding::edit_order(&mut order, &mut bids, change, by, *now)?;
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

impl Editing<'_> {
    /// Whom the client names, and which of them were asked before.
    async fn guests(&self, work: &mut dyn UnitOfWork) -> Result<Guests, UseCaseError> {
        let invited = invitees(work, &self.edit.invited).await?;
        let mut standing = Vec::new();
        // Locked in the order of their ids, each once.
        for provider_id in self.edit.invited.iter().collect::<BTreeSet<_>>() {
            standing.extend(work.invitations().lock(self.id, *provider_id).await?);
        }
        Ok(Guests { invited, standing })
    }
}
