//! Answering a counter-offer.

use domain::actor::Actor;
use domain::ids::BidId;
use domain::orders::policy;
use ports::bidding::BidView;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Accepts counter-offers for bidders.
pub struct AcceptCounter(pub Desk);

/// Rejects counter-offers for bidders.
pub struct RejectCounter(pub Desk);

impl AcceptCounter {
    /// Makes the client's terms the bid's. Awarding is still the client's to do.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless one's own; `Conflict` where the state of
    /// bid or order forbids it.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_provider(actor)?;

        change(
            &self.0,
            actor,
            id.into(),
            |bid, order, by, now| bid.accept_counter(order, by, now).map(Some),
            once,
        )
        .await
    }
}

impl RejectCounter {
    /// Keeps to the bid's own terms.
    ///
    /// # Errors
    /// As for [`AcceptCounter::execute`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_provider(actor)?;
        change(
            &self.0,
            actor,
            id.into(),
            |bid, order, by, now| bid.reject_counter(order, by, now).map(Some),
            once,
        )
        .await
    }
}
