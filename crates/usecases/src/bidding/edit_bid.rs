//! Changing one's bid.

use domain::actor::Actor;
use domain::bidding::BidPatch;
use domain::ids::BidId;
use domain::orders::policy;
use ports::bidding::BidView;

use super::{Target, change};
use crate::desk::Desk;
use crate::error::{UseCaseError, Versions};
use crate::idempotency::{Answered, Once};

/// Changes bids for their bidders.
pub struct EditBid(pub Desk);

impl EditBid {
    /// Makes another offer in the bid's place; that also confirms it and ends a counter-offer.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless one's own; `PreconditionFailed` for a
    /// version that is not the present one; `Conflict` where the state of bid or order forbids it;
    /// `Unprocessable` for a deadline that is not in the future.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        patch: BidPatch,
        versions: Versions<i64>,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_provider(actor)?;
        let bid = Target { id, versions };
        change(&self.0, actor, bid, move |bid, order, by, now| bid.edit(patch.clone(), order, by, now), once)
            .await
    }
}
