//! What the two sides say about each other when the work is done (contract §4,
//! `POST /orders/{id}/review`).

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::actor::Issuer;
use crate::ids::{OrderId, UserId};
use crate::machine::{Conflict, Refusal};
use crate::orders::{Order, OrderEvent};
use crate::text::{Lines, text_type};

text_type!(
    /// What goes with the stars.
    ReviewComment,
    10_000,
    Lines::Multiple
);

/// 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stars(i16);

/// Why a number of stars was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between 1 and 5")]
pub struct StarsError;

impl Stars {
    /// Checks a number.
    ///
    /// # Errors
    /// [`StarsError`] outside 1 to 5.
    pub const fn new(stars: i16) -> Result<Self, StarsError> {
        match stars {
            1..=5 => Ok(Self(stars)),
            _ => Err(StarsError),
        }
    }

    /// The bare number.
    #[must_use]
    pub const fn get(self) -> i16 {
        self.0
    }
}

/// What one side says about the other; written once, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The order that was completed.
    pub order_id: OrderId,
    /// Who says it.
    pub author_id: UserId,
    /// About whom.
    pub subject_id: UserId,
    /// How good it was.
    pub rating: Stars,
    /// In words.
    pub comment: Option<ReviewComment>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Why a review was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReviewError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Each side reviews once (409).
    #[error("you have reviewed this order already")]
    AlreadyReviewed {
        /// The order's state.
        state: &'static str,
    },
}

impl ReviewError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::AlreadyReviewed { state } => Some(Conflict { reason: "already_reviewed", state }),
        }
    }
}

impl Review {
    /// One side of a completed order says what the other was like. `standing` is what the same
    /// person has said before.
    ///
    /// # Errors
    /// [`ReviewError`]: a stranger, an order that is not completed, or a second time.
    pub fn write(
        (rating, comment): (Stars, Option<ReviewComment>),
        order: &Order,
        standing: Option<&Self>,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, OrderEvent), ReviewError> {
        order.must_take_reviews(by)?;
        // An order that is completed has a provider; without one there is nobody to speak of.
        let provider_id = order.provider_id().ok_or(Refusal::NotParty { object: "order" })?;
        let (author_id, subject_id) = if by.user_id() == Some(provider_id) {
            (provider_id, order.client_id)
        } else {
            (order.client_id, provider_id)
        };
        if standing.is_some() {
            return Err(ReviewError::AlreadyReviewed { state: order.state.as_str() });
        }
        let review = Self { order_id: order.id, author_id, subject_id, rating, comment, created_at: now };
        Ok((review, OrderEvent::Reviewed { order_id: order.id, author_id, subject_id, rating }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Party;
    use crate::identity::Role;
    use crate::orders::OrderState;
    use crate::sample::{client, day, issuer, order_in, provider, user};

    fn stars(stars: i16) -> (Stars, Option<ReviewComment>) {
        (Stars::new(stars).unwrap(), ReviewComment::parse("well done").ok())
    }

    #[test]
    fn each_side_reviews_the_other_once() {
        let order = order_in(OrderState::Completed);
        for (by, author, subject) in [(client(), 1, 2), (provider(), 2, 1)] {
            let (review, event) = Review::write(stars(5), &order, None, by, day(40)).unwrap();
            assert_eq!((review.author_id, review.subject_id), (user(author), user(subject)));
            let OrderEvent::Reviewed { subject_id, rating, .. } = event else { panic!("{event:?}") };
            assert_eq!((subject_id, rating.get()), (user(subject), 5));
            let again = Review::write(stars(1), &order, Some(&review), by, day(41)).unwrap_err();
            let conflict = again.conflict().unwrap();
            assert_eq!((conflict.reason, conflict.state), ("already_reviewed", "completed"));
        }
    }

    #[test]
    fn nobody_else_and_not_before_the_end() {
        let refused = |state, by| Review::write(stars(3), &order_in(state), None, by, day(40)).unwrap_err();
        let stranger = Issuer::Person { user_id: user(77), role: Role::Writer };
        let completed = OrderState::Completed;
        let not_party = Refusal::NotParty { object: "order" };
        assert_eq!(refused(completed, stranger), not_party.into());
        let not_permitted = Refusal::NotPermitted { object: "order", command: "review" };
        assert_eq!(refused(completed, issuer(Party::Admin)), not_permitted.into());
        for state in [OrderState::Pending, OrderState::Active, OrderState::Cancelled] {
            let conflict = refused(state, client()).conflict().unwrap();
            assert_eq!((conflict.reason, conflict.state), ("invalid_transition", state.as_str()));
        }
    }

    #[test]
    fn one_to_five_stars() {
        assert!([1, 2, 3, 4, 5].into_iter().all(|number| Stars::new(number).is_ok()));
        assert!([i16::MIN, -1, 0, 6, i16::MAX].into_iter().all(|number| Stars::new(number).is_err()));
    }
}
