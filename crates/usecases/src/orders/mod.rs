//! Orders: posting, editing, finding, calling off (contract §4), and telling that a deadline has passed.

mod attach_files;
mod cancel_order;
mod decline_invitation;
mod edit_order;
mod expire_orders;
mod invite_provider;
mod lists;
mod post_order;
mod report_work;
mod view_order;

use domain::actor::{Actor, Issuer};
use domain::ids::{OrderId, UserId};
use domain::orders::policy;
use domain::orders::{Invitee, Order};
use ports::orders::{OrderDetail, OrderVersion};
use ports::store::{StoreError, UnitOfWork};

use crate::desk::Desk;
use crate::error::{UseCaseError, Versions, must_be_one_of};
use crate::files::PassOffice;

pub use attach_files::AttachFiles;
pub use cancel_order::CancelOrder;
pub use decline_invitation::DeclineInvitation;
pub use edit_order::{EditOrder, OrderEdit};
pub use expire_orders::ExpireOrders;
pub use invite_provider::{InviteProvider, Invited};
pub use lists::{ListAvailableOrders, ListOrders};
pub use post_order::PostOrder;
pub use report_work::{MilestoneMove, ReportWork, WorkReport};
pub use view_order::ViewOrder;

/// An order under its lock.
pub(crate) async fn lock(work: &mut dyn UnitOfWork, id: OrderId) -> Result<Order, UseCaseError> {
    work.orders().lock(id).await?.ok_or(UseCaseError::NotFound)
}

/// That the actor takes part in an order.
fn must_be_party(actor: &Actor, order: &Order) -> Result<(), UseCaseError> {
    order.party(Issuer::from(actor)).map(drop).ok_or(UseCaseError::NotFound)
}

/// That the actor has seen an order as it is.
async fn must_be_seen(
    work: &mut dyn UnitOfWork,
    order: &Order,
    versions: &Versions<OrderVersion>,
) -> Result<(), UseCaseError> {
    if versions.is_none() {
        return Ok(());
    }
    let contract = work.contracts().lock(order.id).await?.map(|contract| contract.version);
    must_be_one_of(versions, &OrderVersion { order: order.version, contract })
}

/// An order that was written a moment ago, as the actor may see it.
pub(crate) async fn detail(
    desk: &Desk,
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    id: OrderId,
) -> Result<OrderDetail, UseCaseError> {
    let detail = work.orders().detail(id).await?;
    let detail =
        detail.ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "order" })))?;
    Ok(shown_to(&desk.passes, actor, detail))
}

/// An order for somebody who may see it: without what they may not see of it, and with links to its
/// files.
fn shown_to(passes: &PassOffice, actor: &Actor, mut detail: OrderDetail) -> OrderDetail {
    for file in &mut detail.files {
        file.download_url = Some(passes.issue(file.id));
    }
    if !policy::may_see_client_email(actor, &detail.access()) {
        detail.client_email = None;
    }
    detail
}

/// Those whom a client names to be asked, with what the rules want to know of them.
async fn invitees(work: &mut dyn UnitOfWork, named: &[UserId]) -> Result<Vec<Invitee>, UseCaseError> {
    if named.is_empty() {
        return Ok(vec![]);
    }
    Ok(Invitee::named(named, &work.users().standings(named).await?))
}
