//! Adding files to an order.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::files::FileList;
use domain::ids::OrderId;
use domain::orders::policy;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::{detail, lock};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::files::attach_to_order;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Attaches files to orders.
pub struct AttachFiles(pub Desk);

impl AttachFiles {
    /// Attaches files that the actor has uploaded to an order that they are a side of.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless a side of it; `Conflict` unless the order is
    /// active or, for its client, open, for a file that is attached already and when the order has too
    /// many; `Unprocessable` for a file that is not theirs.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        files: FileList,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Attaching { desk: &self.0, actor, id, files, now }, once, now).await
    }
}

struct Attaching<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    files: FileList,
    now: DateTime<Utc>,
}

impl Transaction for Attaching<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, files, now } = self;
        let mut order = lock(work, *id).await?;
        let attachments = order.attach(files, Issuer::from(*actor), *now)?;
        attach_to_order(work, actor.user_id, &order, &attachments).await?;
        work.orders().save(&mut order).await?;
        detail(desk, work, actor, *id).await
    }
}
