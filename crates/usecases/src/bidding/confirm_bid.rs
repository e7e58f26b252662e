//! Saying that one's bid still holds, after the order has changed.

use domain::actor::Actor;
use domain::ids::BidId;
use domain::orders::policy;
use ports::bidding::BidView;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Confirms bids for their bidders.
pub struct ConfirmBid(pub Desk);

impl ConfirmBid {
    /// Says that the bid holds for the order as it is now; `revision` is what the bidder has read.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless one's own; `Conflict` where the state of bid or
    /// order forbids it; `Conflict` `order_changed` for a revision that is not the present one.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        revision: Option<i64>,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_provider(actor)?;
        change(
            &self.0,
            actor,
            id.into(),
            move |bid, order, by, now| bid.confirm(revision, order, by, now).map(Some),
            once,
        )
        .await
    }
}
