//! Naming other terms to a bidder.

use domain::actor::Actor;
use domain::bidding::CounterTerms;
use domain::ids::BidId;
use domain::orders::policy;
use ports::bidding::BidView;

use super::change;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};

/// Makes counter-offers for clients.
pub struct CounterBid(pub Desk);

impl CounterBid {
    /// Names other terms; a second time replaces the first.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless one's own order's; `Conflict` where the state of bid or
    /// order forbids it; `Unprocessable` for a deadline that is not in the future.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: BidId,
        terms: CounterTerms,
        once: &Once<BidView>,
    ) -> Result<Answered<BidView>, UseCaseError> {
        policy::act_as_client(actor)?;
        change(
            &self.0,
            actor,
            id.into(),
            move |bid, order, by, now| bid.counter(terms.clone(), order, by, now).map(Some),
            once,
        )
        .await
    }
}
