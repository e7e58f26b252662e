//! Reviews: one per order and author.

use async_trait::async_trait;
use domain::contracts::Review;
use domain::ids::{OrderId, UserId};
use ports::contracts::{ReviewClaim, Reviews};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::{Acquired, Row};
use crate::work::MemoryWork;

impl MemoryWork {
    fn review(&self, order_id: OrderId, author_id: UserId) -> Option<Review> {
        self.look(|seen| seen.find(|rows| rows.reviews.get(&(order_id, author_id))).cloned())
    }

    async fn insert_review(&mut self, review: &Review) -> Result<ReviewClaim, StoreError> {
        let Review { order_id, author_id, subject_id, .. } = *review;
        self.must_have_order(order_id, "reviews_order_id_fkey")?;
        self.must_have_account(author_id, "reviews_author_id_fkey")?;
        self.must_have_account(subject_id, "reviews_subject_id_fkey")?;
        let row = Row::Review(order_id, author_id);
        let acquired = self.acquire(row.clone(), Lock::Exclusive).await?;
        if self.review(order_id, author_id).is_some() {
            if acquired == Acquired::Newly {
                self.shared.locks.release(self.holder, &row);
            }
            return Ok(ReviewClaim::Taken);
        }
        self.written.reviews.insert((order_id, author_id), review.clone());
        Ok(ReviewClaim::Granted)
    }
}

#[async_trait]
impl Reviews for MemoryWork {
    async fn find(&mut self, order_id: OrderId, author_id: UserId) -> Result<Option<Review>, StoreError> {
        self.start(Operation::FindReview).await?;
        let found = self.review(order_id, author_id);
        self.finish(Ok(found))
    }

    async fn insert(&mut self, review: &Review) -> Result<ReviewClaim, StoreError> {
        self.start(Operation::InsertReview).await?;
        let outcome = self.insert_review(review).await;
        self.finish(outcome)
    }
}
