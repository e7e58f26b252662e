//! Posting work.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::ids::UserId;
use domain::orders::{NewOrder, Order, OrderDetails, Posted, policy};
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::{detail, invitees};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::transact::Transaction;

/// Posts orders for clients.
pub struct PostOrder(pub Desk);

impl PostOrder {
    /// Posts an order and invites some providers to bid on it.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `Unprocessable` for dates that are not in the future or in
    /// the wrong order, and for an invitation of somebody who is no provider.
    pub async fn execute(
        &self,
        actor: &Actor,
        details: OrderDetails,
        invited: Vec<UserId>,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Posting { desk: &self.0, actor, details, invited, now }, once, now).await
    }
}

struct Posting<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    details: OrderDetails,
    invited: Vec<UserId>,
    now: DateTime<Utc>,
}

impl Transaction for Posting<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, details, invited, now } = self;
        hold_caller(work, actor).await?;
        let invited = invitees(work, invited).await?;
        let id = work.orders().next_id().await?;
        let new = NewOrder { id, details: details.clone(), invited };
        let Posted { order, invitations, events } = Order::post(new, Issuer::from(*actor), *now)?;
        work.orders().insert(&order).await?;
        if !invitations.is_empty() {
            work.invitations().insert(&invitations).await?;
        }
        let events = events.into_iter().map(Into::into).collect();
        desk.recorder.record(work, Outcome { events, ..Outcome::default() }, *now).await?;
        detail(desk, work, actor, id).await
    }
}
