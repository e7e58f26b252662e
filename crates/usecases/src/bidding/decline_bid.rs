//! Turning a bid down.

use domain::actor::Actor;
use domain::ids::BidId;
use domain::orders::policy;
use ports::bidding::BidView;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Declines bids for clients.
pub struct DeclineBid(pub Desk);

impl DeclineBid {
    /// Turns a live bid down.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless one's own order's; `Conflict` where the state of bid or
    /// order forbids it.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_client(actor)?;
        change(&self.0, actor, id.into(), |bid, order, by, now| bid.decline(order, by, now).map(Some), once)
            .await
    }
}
