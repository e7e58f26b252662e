//! Saying what the other side was like, once the work is done.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Outcome, Review, ReviewComment, ReviewError, Stars};
use domain::ids::OrderId;
use domain::orders::policy;
use ports::contracts::ReviewClaim;
use ports::store::UnitOfWork;

use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::orders;
use crate::transact::Transaction;

/// Takes reviews of both sides.
pub struct ReviewOrder(pub Desk);

impl ReviewOrder {
    /// Writes a review; it counts for the other side's rating.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless a party to the order; `Conflict` unless it is
    /// completed, and for a second review.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        rating: Stars,
        comment: Option<ReviewComment>,
        once: &Once<Review>,
    ) -> Result<Answered<Review>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Reviewing { desk: &self.0, actor, id, rating, comment, now }, once, now).await
    }
}

struct Reviewing<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    rating: Stars,
    comment: Option<ReviewComment>,
    now: DateTime<Utc>,
}

impl Transaction for Reviewing<'_> {
    type Output = Review;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Review, UseCaseError> {
        let Self { desk, actor, id, rating, comment, now } = self;
        let order = orders::lock(work, *id).await?;
        let standing = work.reviews().find(*id, actor.user_id).await?;
        let said = (*rating, comment.clone());
        let (review, event) = Review::write(said, &order, standing.as_ref(), Issuer::from(*actor), *now)?;
        match work.reviews().insert(&review).await? {
            ReviewClaim::Granted => {}
            // The order's lock keeps two at once apart; this is the second line.
            ReviewClaim::Taken => {
                return Err(ReviewError::AlreadyReviewed { state: order.state.as_str() }.into());
            }
        }
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        Ok(review)
    }
}
