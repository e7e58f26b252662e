//! What a use case can answer instead of its result.
//!
//! What the caller is told and what the operator needs are different fields: a [`UseCaseError`]
//! that carries a cause never shows it, the HTTP adapter logs it under the request id.

use std::borrow::Cow;
use std::time::Duration;

use domain::files::{ContentFault, DailyAllowance, NameFault, PictureFault};
use domain::identity::IdentityError;
use domain::identity::policy::Forbidden;
use domain::machine::Refusal;
use domain::money::WithdrawalError;
use ports::files::{BlobError, ImageError};
use ports::identity::HasherError;
use ports::store::{Cause, StoreError};
use thiserror::Error;

/// A field of the request and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path as the caller wrote it: `email`, `milestones[0].title`.
    pub field: Cow<'static, str>,
    /// Fit for the person who typed it, such as `must not be empty`.
    pub message: Cow<'static, str>,
}

/// Why a use case gave no result. Each kind has exactly one HTTP status (contract §1).
#[derive(Debug, Error)]
pub enum UseCaseError {
    /// 401: nobody, or not any more.
    #[error("{message}")]
    Unauthorized {
        /// Stable word for `details.reason`, where the caller may know it.
        reason: Option<&'static str>,
        /// For the caller.
        message: Cow<'static, str>,
    },
    /// 403: this role may not use this function, whatever the object.
    #[error("this account's role may not do this")]
    Forbidden,
    /// 400: rules of single fields are broken; at least one.
    #[error("{message}")]
    Invalid {
        /// For the caller.
        message: Cow<'static, str>,
        /// The broken rules, in the order of the request's fields.
        errors: Vec<FieldError>,
    },
    /// 404: it does not exist, or the caller is not party to it. Nobody can tell which.
    #[error("not found")]
    NotFound,
    /// 409: the object's present state forbids it.
    #[error("{message}")]
    Conflict {
        /// Stable snake_case word.
        reason: &'static str,
        /// The object's present state.
        state: Option<&'static str>,
        /// For the caller.
        message: Cow<'static, str>,
    },
    /// 409: another request with the same `Idempotency-Key` is running; come back in a second.
    #[error("a request with this Idempotency-Key is in progress")]
    InProgress,
    /// 413: a file has more bytes than are taken.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// How many are taken.
        limit: u64,
    },
    /// 415: a file is of a type that is not taken, or is not what its name says.
    #[error("{message}")]
    UnsupportedContent {
        /// For the caller.
        message: Cow<'static, str>,
    },
    /// 422: well-formed, but impossible whatever the object's state.
    #[error("{message}")]
    Unprocessable {
        /// Stable snake_case word.
        reason: &'static str,
        /// For the caller.
        message: Cow<'static, str>,
    },
    /// 503: try again after a while. Nothing was done, unless the cause is [`StoreError::OutcomeUnknown`].
    #[error("unavailable: {cause}")]
    Unavailable {
        /// When to come back.
        retry_after: Duration,
        /// For the log.
        #[source]
        cause: Cause,
    },
    /// 500: a fault of ours.
    #[error("internal error: {0}")]
    Internal(#[source] Cause),
}

impl UseCaseError {
    /// One broken rule of one field.
    #[must_use]
    pub fn field(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        let error = FieldError { field: Cow::Borrowed(field), message: message.clone() };
        Self::Invalid { message: Cow::Owned(format!("{field} {message}")), errors: vec![error] }
    }

    /// Whether the effect may be there all the same.
    pub(crate) fn may_have_happened(&self) -> bool {
        matches!(self, Self::Unavailable { cause, .. }
            if matches!(cause.downcast_ref(), Some(StoreError::OutcomeUnknown(_))))
    }

    /// Whether running the whole use case again may succeed at once.
    #[must_use]
    pub fn is_collision(&self) -> bool {
        matches!(self, Self::Unavailable { cause, .. }
            if matches!(cause.downcast_ref(), Some(StoreError::Collision(_))))
    }
}

/// When to come back after a hiccup of the database.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<StoreError> for UseCaseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_)
            | StoreError::TimedOut(_)
            | StoreError::Collision(_)
            | StoreError::Stale { .. }
            | StoreError::OutcomeUnknown(_) => {
                Self::Unavailable { retry_after: RETRY_AFTER, cause: Box::new(error) }
            }
            StoreError::Corrupt { .. } | StoreError::Spoilt | StoreError::Refused(_) => {
                Self::Internal(Box::new(error))
            }
        }
    }
}

impl From<HasherError> for UseCaseError {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Busy => Self::Unavailable { retry_after: RETRY_AFTER, cause: Box::new(error) },
            HasherError::Failed(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<BlobError> for UseCaseError {
    fn from(error: BlobError) -> Self {
        Self::Unavailable { retry_after: RETRY_AFTER, cause: Box::new(error) }
    }
}

impl From<ContentFault> for UseCaseError {
    fn from(fault: ContentFault) -> Self {
        let message = fault.to_string();
        match fault {
            ContentFault::Empty => Self::field("file", message),
            ContentFault::Unsupported
            | ContentFault::Active
            | ContentFault::Damaged(_)
            | ContentFault::Bomb => Self::UnsupportedContent { message: message.into() },
        }
    }
}

impl From<NameFault> for UseCaseError {
    fn from(fault: NameFault) -> Self {
        Self::UnsupportedContent { message: fault.to_string().into() }
    }
}

impl From<PictureFault> for UseCaseError {
    fn from(fault: PictureFault) -> Self {
        match fault {
            PictureFault::Unsupported => {
                Self::UnsupportedContent { message: format!("A picture {fault}").into() }
            }
            PictureFault::TooLarge | PictureFault::Damaged => Self::field("file", fault.to_string()),
        }
    }
}

impl From<ImageError> for UseCaseError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Busy => Self::Unavailable { retry_after: RETRY_AFTER, cause: Box::new(error) },
            ImageError::Refused(fault) => fault.into(),
            ImageError::Failed(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<DailyAllowance> for UseCaseError {
    fn from(allowance: DailyAllowance) -> Self {
        Self::Unprocessable { reason: "daily_upload_limit", message: allowance.to_string().into() }
    }
}

impl From<Refusal> for UseCaseError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotParty { .. } => Self::NotFound,
            Refusal::NotPermitted { .. } => Self::Forbidden,
            Refusal::State { state, reason, message, .. } => {
                Self::Conflict { reason, state: Some(state), message: message.into() }
            }
        }
    }
}

impl From<WithdrawalError> for UseCaseError {
    fn from(error: WithdrawalError) -> Self {
        match error {
            WithdrawalError::Refused(refusal) => refusal.into(),
            WithdrawalError::Insufficient { .. } => {
                Self::Unprocessable { reason: "insufficient_funds", message: error.to_string().into() }
            }
            WithdrawalError::Money(_) | WithdrawalError::Ledger(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<Forbidden> for UseCaseError {
    fn from(_: Forbidden) -> Self {
        Self::Forbidden
    }
}

impl From<IdentityError> for UseCaseError {
    fn from(error: IdentityError) -> Self {
        let message = Cow::Owned(error.to_string());
        match error {
            IdentityError::InvalidTransition { state, .. } => {
                Self::Conflict { reason: "invalid_transition", state: Some(state), message }
            }
            IdentityError::OwnAdministratorAccount => {
                Self::Conflict { reason: "own_administrator_account", state: None, message }
            }
            IdentityError::MoneyLeft => Self::Conflict { reason: "money_left", state: None, message },
            IdentityError::Blocked => Self::Unauthorized { reason: Some("account_blocked"), message },
            IdentityError::Deactivated => Self::Unauthorized { reason: Some("account_deactivated"), message },
        }
    }
}
