//! Posted work over HTTP (contract §4): orders, invitations, and what providers may bid on.
//!
//! Handlers read a request into the domain's types, call exactly one use case and show its result.
//! What is done about an awarded order's money and milestones is in [`crate::contracts`], what is
//! offered for an order in [`crate::bidding`]; both answer with the order as it is shown here.

mod attached;
mod available;
mod caller;
mod cancel;
mod changes;
mod details;
mod files;
mod invitations;
mod list;
mod post;
mod show;
mod update;
mod wire;
mod words;

use std::sync::Arc;

use crate::routes::Mount;
use usecases::orders::{
    AttachFiles, CancelOrder, DeclineInvitation, EditOrder, InviteProvider, ListAvailableOrders, ListOrders,
    PostOrder, ReportWork, ViewOrder,
};

pub(crate) use attached::named_files;
pub(crate) use caller::{Client, EitherSide, Provider};
pub(crate) use details::optional;
pub(crate) use wire::{Order, OrderData};

/// What this module's handlers call.
#[derive(Clone)]
pub struct OrderUseCases {
    /// Posts orders.
    pub post: Arc<PostOrder>,
    /// Changes orders for their clients.
    pub edit: Arc<EditOrder>,
    /// Takes reports of providers.
    pub report: Arc<ReportWork>,
    /// Adds files to orders.
    pub attach_files: Arc<AttachFiles>,
    /// Calls orders off.
    pub cancel: Arc<CancelOrder>,
    /// Invites providers.
    pub invite: Arc<InviteProvider>,
    /// Declines invitations.
    pub decline_invitation: Arc<DeclineInvitation>,
    /// Shows one order.
    pub view: Arc<ViewOrder>,
    /// Shows people their orders.
    pub list: Arc<ListOrders>,
    /// Shows providers what they may bid on.
    pub list_available: Arc<ListAvailableOrders>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(list::list)
        .service(post::post_order)
        .service(available::list)
        .service(show::show)
        .service(update::update)
        .service(cancel::cancel)
        .service(files::attach)
        .service(invitations::invite)
        .service(invitations::decline);
}
