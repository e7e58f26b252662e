//! What the two sides say about each other when the work is done.

use actix_web::{HttpResponse, post, web};
use domain::contracts::{Review, ReviewComment, Stars};
use domain::ids::OrderId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::Api;
use crate::commands;
use crate::document::examples::{conflict, success};
use crate::envelope::{Envelope, stored_created};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::orders::{EitherSide, optional};
use crate::wire::{OrderName, Timestamp};

/// What the other side was like.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewRequest {
    /// From 1, bad, to 5, good.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    rating: i64,
    /// In words.
    #[serde(default)]
    #[schema(max_length = 10_000, example = "Delivered early, and well researched.")]
    comment: Option<String>,
}

impl ReviewRequest {
    fn read(&self) -> Result<(Stars, Option<ReviewComment>), ValidationErrors> {
        let Self { rating, comment } = self;
        let mut fields = Fields::default();
        let stars = i16::try_from(*rating).unwrap_or(i16::MAX);
        let rating = fields.take("rating", Stars::new(stars));
        let comment = fields.take("comment", optional(comment.as_ref(), ReviewComment::parse));
        fields.finish(|| Some((rating?, comment?)))
    }
}

/// A review.
#[derive(Serialize, ToSchema)]
pub(super) struct ReviewData {
    review: ReviewRow,
}

/// What one side says about the other.
#[derive(Serialize, ToSchema)]
#[schema(as = Review)]
pub(super) struct ReviewRow {
    #[schema(example = "ORD-001")]
    order_id: String,
    /// Who says it.
    author_id: Uuid,
    /// About whom.
    subject_id: Uuid,
    #[schema(minimum = 1, maximum = 5, example = 5)]
    rating: i16,
    /// Null if nothing was said.
    #[schema(required = true)]
    comment: Option<String>,
    created_at: Timestamp,
}

impl From<&Review> for ReviewData {
    fn from(review: &Review) -> Self {
        let Review { order_id, author_id, subject_id, rating, comment, created_at } = review;
        Self {
            review: ReviewRow {
                order_id: order_id.to_string(),
                author_id: author_id.uuid(),
                subject_id: subject_id.uuid(),
                rating: rating.get(),
                comment: comment.as_ref().map(|comment| comment.as_str().to_owned()),
                created_at: Timestamp(*created_at),
            },
        }
    }
}

/// Review the other side
///
/// For the client and the provider of a completed order, once each. It counts for the other side's
/// rating, and stays as it is.
#[utoipa::path(
    tag = "orders",
    operation_id = "reviewOrder",
    security(("bearer" = [])),
    params(("order_id" = inline(OrderName), Path, description = "The order", example = "ORD-001"), IdempotencyHeader),
    request_body = ReviewRequest,
    responses(
        (status = 201, description = "The review.", body = Envelope<ReviewData>,
        example = json!(success(&json!({"review": {"order_id": "ORD-001",
            "author_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "subject_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22",
            "rating": 5, "comment": "Delivered early, and well researched.",
            "created_at": "2024-01-16T08:00:00Z"}})))),
        (status = 403, description = "Administrators take no side."),
        (status = 409, description = "The order is not completed, or the caller has reviewed it already \
            (`already_reviewed`).", body = ErrorBody,
        example = json!(conflict("you have reviewed this order already",
            &json!({"reason": "already_reviewed", "state": "completed"}))))
    )
)]
#[post("/orders/{order_id}/review")]
pub(super) async fn review_order(
    caller: EitherSide,
    api: web::Data<Api>,
    id: PathId<OrderId>,
    key: IdempotencyKey,
    body: JsonBody<ReviewRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |review| stored_created(ReviewData::from(review)));
    let (rating, comment) = body.read(ReviewRequest::read)?;
    let id = id.get()?;
    let reviewing = api.contracts.review.clone();
    commands::run_once(&api, once, |once| async move {
        reviewing.execute(&caller.actor, id, rating, comment, &once).await
    })
    .await
}
