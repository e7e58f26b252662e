//! What an unsuccessful answer looks like.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use crate::bidding::BidRow;
use crate::wire::Amount;

/// An unsuccessful answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Always `error`.
    pub status: Failure,
    /// What went wrong.
    pub error: ErrorInfo,
}

/// The word of an unsuccessful answer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// It did not work.
    Error,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErrorInfo {
    /// For programs: each goes with one HTTP status.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// What else there is to say; empty when there is nothing.
    #[schema(value_type = ErrorDetails)]
    pub details: Details,
}

/// The members of an error's `details` as the texts that they are sent as, so that amounts keep
/// their decimals.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Details(BTreeMap<&'static str, Box<RawValue>>);

impl Details {
    /// Adds a member. A value that cannot be written down is left out: an error is no place for
    /// another one.
    pub(super) fn insert(&mut self, name: &'static str, value: &impl Serialize) {
        if let Ok(text) = to_raw_value(value) {
            self.0.insert(name, text);
        }
    }
}

/// What an error's `details` may hold; some errors have further members, described where they occur.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes; details are written as a map")]
pub struct ErrorDetails {
    /// 400: the first offending field as a path such as `milestones[0].title`, or `body` for the body as a whole.
    /// 422: the field that asks for the impossible, if it is one.
    #[schema(nullable = false)]
    field: Option<String>,
    /// 400: each fault. Faults of shape come one at a time, broken rules all together.
    #[schema(nullable = false)]
    errors: Option<Vec<FieldFault>>,
    /// 401, 409, 422: why, as a stable word.
    #[schema(nullable = false)]
    reason: Option<String>,
    /// 409: the present state of the object.
    #[schema(nullable = false)]
    state: Option<String>,
    /// 402: how much is needed.
    #[schema(nullable = false)]
    required: Option<Amount>,
    /// 402: how much there is.
    #[schema(nullable = false)]
    available: Option<Amount>,
    /// 409 `bid_changed`: the bid as it is now.
    #[schema(nullable = false)]
    bid: Option<BidRow>,
    /// 409 `order_changed`: the order's present revision.
    #[schema(nullable = false)]
    revision: Option<i64>,
    /// 413: how many bytes a body may have at most.
    #[schema(nullable = false)]
    limit: Option<u64>,
}

/// A field of the request and what is wrong with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldFault {
    /// Path as the caller wrote it.
    #[schema(example = "email")]
    field: String,
    /// For people.
    #[schema(example = "must be an e-mail address")]
    message: String,
}

/// The words for programs, one for each status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// 400
    ValidationError,
    /// 401
    Unauthorized,
    /// 402
    PaymentRequired,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 409
    Conflict,
    /// 412
    PreconditionFailed,
    /// 413
    PayloadTooLarge,
    /// 415
    UnsupportedMediaType,
    /// 422
    UnprocessableEntity,
    /// 429
    RateLimited,
    /// 500
    InternalError,
    /// 503
    ServiceUnavailable,
}

impl ErrorCode {
    /// The status that goes with it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::ValidationError => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::PaymentRequired => StatusCode::PAYMENT_REQUIRED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnprocessableEntity => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
