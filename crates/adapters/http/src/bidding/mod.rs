//! Offers on orders over HTTP (contract §4): placing them, haggling over them, and the award.
//!
//! Handlers read a request into the domain's types, call exactly one use case and show its result.
//! Whoever may do what is decided by the policies of [`crate::orders`], whose parties these are.

mod accept;
mod answers;
mod caller;
mod confirm;
mod counter;
mod list;
mod offers;
mod place;
mod received;
mod show;
mod terms;
mod update;
mod wire;
mod words;

use std::sync::Arc;

use crate::routes::Mount;
use usecases::bidding::{
    AcceptBid, AcceptCounter, ConfirmBid, CounterBid, DeclineBid, EditBid, ListBids, ListBidsOnOrder,
    ListOffers, PlaceBid, RejectCounter, ViewBid, WithdrawBid,
};

pub(crate) use wire::BidRow;

/// What this module's handlers call.
#[derive(Clone)]
pub struct BidUseCases {
    /// Places bids.
    pub place: Arc<PlaceBid>,
    /// Changes bids.
    pub edit: Arc<EditBid>,
    /// Confirms bids after the order has changed.
    pub confirm: Arc<ConfirmBid>,
    /// Makes counter-offers.
    pub counter: Arc<CounterBid>,
    /// Accepts counter-offers.
    pub accept_counter: Arc<AcceptCounter>,
    /// Rejects counter-offers.
    pub reject_counter: Arc<RejectCounter>,
    /// Awards orders.
    pub accept: Arc<AcceptBid>,
    /// Turns bids down.
    pub decline: Arc<DeclineBid>,
    /// Takes bids back.
    pub withdraw: Arc<WithdrawBid>,
    /// Shows providers their bids.
    pub list: Arc<ListBids>,
    /// Shows clients the bids on their orders.
    pub list_on_order: Arc<ListBidsOnOrder>,
    /// Shows one bid.
    pub view: Arc<ViewBid>,
    /// Shows the history of a bid.
    pub list_offers: Arc<ListOffers>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(received::list)
        .service(place::place)
        .service(list::list)
        .service(show::show)
        .service(offers::list)
        .service(update::update)
        .service(answers::withdraw)
        .service(confirm::confirm)
        .service(counter::counter)
        .service(answers::accept_counter)
        .service(answers::reject_counter)
        .service(accept::accept)
        .service(answers::decline);
}
