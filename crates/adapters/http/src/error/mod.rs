//! Errors as they go over the wire, and the one mapping from [`UseCaseError`] to them (contract §1).
//!
//! What the caller sees and what the operator needs are kept apart: a cause never gets into a body,
//! it is logged under the request id when the answer is made.

mod body;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};
use usecases::error::{FieldError, Present, UseCaseError};

pub use body::{Details, ErrorBody, ErrorCode, ErrorDetails, ErrorInfo, Failure, FieldFault};

use crate::bidding::BidRow;
use crate::frame::limits::Standing;
use crate::wire::Amount;

/// An answer that is no success. Handlers get it from a [`UseCaseError`] by `?`; the constructors
/// are for what the adapter finds out by itself.
#[derive(Clone)]
pub struct ApiError(Box<Parts>);

#[derive(Clone)]
struct Parts {
    code: ErrorCode,
    message: Cow<'static, str>,
    details: Details,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// For the log, never for the body.
    cause: Option<Arc<dyn Error + Send + Sync>>,
    /// Whether the connection can serve no further request.
    close: bool,
}

impl ApiError {
    fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            code,
            message: message.into(),
            details: Details::default(),
            headers: Vec::new(),
            cause: None,
            close: false,
        }))
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    fn detail(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.0.details.insert(name, &value);
        self
    }

    fn caused_by(mut self, cause: Arc<dyn Error + Send + Sync>) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Ends the connection with this answer: the rest of the request cannot be trusted or awaited.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.0.close = true;
        self
    }

    /// 400: one broken rule, or one fault of shape.
    #[must_use]
    pub fn field(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        let (field, message) = (field.into(), message.into());
        let text = format!("{field} {message}");
        Self::invalid(text, vec![FieldError { field, message }])
    }

    /// 400: broken rules, the first of which `details.field` names. `message` is for people.
    #[must_use]
    pub fn invalid(message: impl Into<Cow<'static, str>>, errors: Vec<FieldError>) -> Self {
        let field = errors.first().map(|first| first.field.clone());
        let errors: Vec<Value> = errors
            .into_iter()
            .map(|FieldError { field, message }| json!({"field": field, "message": message}))
            .collect();
        let error = Self::new(ErrorCode::ValidationError, message).detail("errors", errors);
        match field {
            Some(field) => error.detail("field", field),
            None => error,
        }
    }

    /// 401. `reason` is a stable word for programs.
    #[must_use]
    pub fn unauthorized(reason: Option<&'static str>, message: impl Into<Cow<'static, str>>) -> Self {
        let error = Self::new(ErrorCode::Unauthorized, message)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        match reason {
            Some(reason) => error.detail("reason", reason),
            None => error,
        }
    }

    /// 403.
    #[must_use]
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// 404: the same answer whatever the reason, so that nobody can tell which it was.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "Not found")
    }

    /// 405. `allow` lists the methods that there are, such as `GET, HEAD, POST`.
    #[must_use]
    pub fn method_not_allowed(allow: &str) -> Self {
        let error = Self::new(ErrorCode::MethodNotAllowed, "This method is not allowed here");
        match HeaderValue::from_str(allow) {
            Ok(allow) => error.header(header::ALLOW, allow),
            Err(_) => error,
        }
    }

    /// 413. `limit` in bytes.
    #[must_use]
    pub fn payload_too_large(limit: usize) -> Self {
        Self::new(ErrorCode::PayloadTooLarge, format!("The body may have at most {limit} bytes"))
            .detail("limit", limit)
            .closing()
    }

    /// 413 for a file. `limit` in bytes.
    #[must_use]
    pub fn file_too_large(limit: u64) -> Self {
        Self::new(ErrorCode::PayloadTooLarge, format!("The file may have at most {limit} bytes"))
            .detail("limit", limit)
    }

    /// 409 while another request with the same `Idempotency-Key` runs.
    #[must_use]
    pub fn in_progress() -> Self {
        let message = "A request with this Idempotency-Key is in progress";
        Self::conflict("in_progress", "in_progress", message.into(), None)
            .header(header::RETRY_AFTER, HeaderValue::from(1_u64))
    }

    /// 409, the only way to one: `reason` being a stable word for programs, `state` the object's present
    /// one, without which there is no conflict (contract §1), and `present` what the object is now, where
    /// the caller believed it to be something else.
    fn conflict(
        reason: &'static str,
        state: &'static str,
        message: Cow<'static, str>,
        present: Option<Present>,
    ) -> Self {
        let error = Self::new(ErrorCode::Conflict, message).detail("reason", reason).detail("state", state);
        match present {
            Some(Present::Bid(bid)) => error.detail("bid", BidRow::from(bid.as_ref())),
            Some(Present::Revision(revision)) => error.detail("revision", revision),
            None => error,
        }
    }

    /// 415.
    #[must_use]
    pub fn unsupported_media_type(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::UnsupportedMediaType, message)
    }

    /// 429, with the limit that was reached.
    #[must_use]
    pub fn rate_limited(retry_after: Duration, standing: Standing) -> Self {
        let error = Self::new(ErrorCode::RateLimited, "Too many requests; please slow down")
            .header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)));
        standing.headers().into_iter().fold(error, |error, (name, value)| error.header(name, value))
    }

    /// 503 for lack of room; nothing was done.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(ErrorCode::ServiceUnavailable, "The service is busy; please try again")
            .header(header::RETRY_AFTER, HeaderValue::from(1_u64))
    }

    /// 503 while something stands in the way of serving, such as a database that is being prepared.
    #[must_use]
    pub fn not_ready(barrier: &'static str) -> Self {
        Self::new(ErrorCode::ServiceUnavailable, format!("The service is not ready: {barrier}"))
            .header(header::RETRY_AFTER, HeaderValue::from(1_u64))
    }

    /// 500, a fault of ours.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::InternalError, "Something went wrong on our side")
            .caused_by(Arc::from(cause.into()))
    }

    /// The word for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    fn log(&self) {
        let Some(cause) = &self.0.cause else { return };
        let cause = Chain(cause.as_ref());
        if self.0.code == ErrorCode::InternalError {
            tracing::error!(%cause, "internal error");
        } else {
            tracing::warn!(%cause, "the service is unavailable");
        }
    }
}

/// `Retry-After` counts in whole seconds, and 0 would invite to hammer.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    let up = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(up).max(1)
}

impl From<UseCaseError> for ApiError {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::Unauthorized { reason, message } => Self::unauthorized(reason, message),
            UseCaseError::Forbidden => Self::forbidden("This account's role may not do this"),
            UseCaseError::Invalid { message, errors } => Self::invalid(message, errors),
            UseCaseError::NotFound => Self::not_found(),
            UseCaseError::Conflict { reason, state, message, present } => {
                Self::conflict(reason, state, message, present)
            }
            UseCaseError::InProgress => Self::in_progress(),
            UseCaseError::PreconditionFailed => {
                Self::new(ErrorCode::PreconditionFailed, "This has changed since you read it")
            }
            UseCaseError::Unprocessable { reason, field, message } => {
                let error = Self::new(ErrorCode::UnprocessableEntity, message).detail("reason", reason);
                match field {
                    Some(field) => error.detail("field", field),
                    None => error,
                }
            }
            UseCaseError::PaymentRequired { required, available } => {
                let message = format!("{required} is needed, but only {available} is available");
                Self::new(ErrorCode::PaymentRequired, message)
                    .detail("required", Amount(required))
                    .detail("available", Amount(available))
            }
            UseCaseError::TooLarge { limit } => Self::file_too_large(limit),
            UseCaseError::UnsupportedContent { message } => Self::unsupported_media_type(message),
            UseCaseError::Unavailable { retry_after, cause } => {
                Self::new(ErrorCode::ServiceUnavailable, "The service is not available; please try again")
                    .header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)))
                    .caused_by(Arc::from(cause))
            }
            UseCaseError::Internal(cause) => Self::internal(cause),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let Parts { code, message, details, headers, cause: _, close } = self.0.as_ref();
        let mut answer = HttpResponse::build(code.status());
        for header in headers {
            answer.insert_header(header.clone());
        }
        if *close {
            answer.force_close();
        }
        answer.json(ErrorBody {
            status: Failure::Error,
            error: ErrorInfo { code: *code, message: message.clone().into_owned(), details: details.clone() },
        })
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("details", &self.0.details)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for ApiError {}

/// An error and what is behind it, on one line whatever their texts hold. Many errors already quote
/// what is behind them; that is not said twice.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&on_one_line(&said))?;
        let mut next = self.0.source();
        while let Some(error) = next {
            let text = error.to_string();
            if !said.contains(&text) {
                write!(f, ": {}", on_one_line(&text))?;
                said = text;
            }
            next = error.source();
        }
        Ok(())
    }
}

/// A database's errors come with lines of detail; each would look like a line of the log.
fn on_one_line(text: &str) -> String {
    let lines = text.split(|letter: char| letter.is_control() || "\u{2028}\u{2029}".contains(letter));
    lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<Box<Layer>>,
    }

    #[test]
    fn causes_stay_on_one_line() {
        let inner = Layer { text: "refused\r\n  DETAIL: Key (a)=(b\u{2028}c)\n", source: None };
        let outer = Layer { text: "it\tfailed\nHINT: none", source: Some(Box::new(inner)) };
        assert_eq!(Chain(&outer).to_string(), "it failed HINT: none: refused DETAIL: Key (a)=(b c)");
    }

    #[test]
    fn what_was_quoted_is_not_said_twice() {
        let inner = Layer { text: "refused\nDETAIL: x", source: None };
        let outer = Layer { text: "it failed: refused\nDETAIL: x", source: Some(Box::new(inner)) };
        assert_eq!(Chain(&outer).to_string(), "it failed: refused DETAIL: x");
    }
}
