//! Who may look at lists of bids, whatever the bids.

use domain::actor::Actor;
use domain::bidding::policy::{list_placed, list_received};
use domain::identity::policy::Forbidden;

use crate::extract::{Permitted, Policy};

/// [`list_placed`].
#[derive(Debug)]
pub(super) struct ListPlaced;

impl Policy for ListPlaced {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        list_placed(actor).map(|_| ())
    }
}

/// Everybody but clients.
pub(super) type BidderOrAdmin = Permitted<ListPlaced>;

/// [`list_received`].
#[derive(Debug)]
pub(super) struct ListReceived;

impl Policy for ListReceived {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        list_received(actor)
    }
}

/// Everybody but providers.
pub(super) type ClientOrAdmin = Permitted<ListReceived>;
