//! Reviews: the rows of `reviews`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contracts::{Review, ReviewComment, Stars};
use domain::ids::{OrderId, UserId};
use ports::contracts::ReviewClaim;
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::store_error;
use crate::link::Line;
use crate::orders::order_id;
use crate::schema::reviews;
use crate::stored::Place;

/// A row of `reviews`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, check_for_backend(diesel::pg::Pg))]
struct ReviewRow {
    order_id: i64,
    author_id: Uuid,
    subject_id: Uuid,
    rating: i16,
    comment: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<&Review> for ReviewRow {
    fn from(review: &Review) -> Self {
        let Review { order_id, author_id, subject_id, rating, comment, created_at } = review;
        Self {
            order_id: order_id.number(),
            author_id: author_id.uuid(),
            subject_id: subject_id.uuid(),
            rating: rating.get(),
            comment: comment.as_ref().map(|comment| comment.as_str().to_owned()),
            created_at: *created_at,
        }
    }
}

impl TryFrom<ReviewRow> for Review {
    type Error = StoreError;

    fn try_from(row: ReviewRow) -> Result<Self, StoreError> {
        let ReviewRow { order_id: number, author_id, subject_id, rating, comment, created_at } = row;
        let order_id = order_id("reviews", "order_id", number)?;
        let key = format!("{order_id}, {author_id}");
        let place = Place { table: "reviews", row: key.as_str() };
        Ok(Self {
            order_id,
            author_id: UserId::new(author_id),
            subject_id: UserId::new(subject_id),
            rating: Stars::new(rating).map_err(|problem| place.corrupt("rating", problem))?,
            comment: place.optional("comment", comment.as_deref(), ReviewComment::parse)?,
            created_at,
        })
    }
}

/// What this person has said about this order.
pub(crate) async fn find(
    connection: &mut Line<'_>,
    order_id: OrderId,
    author_id: UserId,
) -> Result<Option<Review>, StoreError> {
    reviews::table
        .find((order_id.number(), author_id.uuid()))
        .select(ReviewRow::as_select())
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Review::try_from)
        .transpose()
}

/// Adds a review, unless the same person has reviewed the order: the primary key decides that.
pub(crate) async fn insert(connection: &mut Line<'_>, review: &Review) -> Result<ReviewClaim, StoreError> {
    let inserted = diesel::insert_into(reviews::table)
        .values(ReviewRow::from(review))
        .on_conflict((reviews::order_id, reviews::author_id))
        .do_nothing()
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(if inserted == 1 { ReviewClaim::Granted } else { ReviewClaim::Taken })
}
