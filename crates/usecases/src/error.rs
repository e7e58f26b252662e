//! What a use case can answer instead of its result.
//!
//! What the caller is told and what the operator needs are different fields: a [`UseCaseError`]
//! that carries a cause never shows it, the HTTP adapter logs it under the request id.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use domain::bidding::BidError;
use domain::contracts::{ContractError, ReviewError};
use domain::disputes::DisputeError;
use domain::identity::IdentityError;
use domain::identity::policy::Forbidden;
use domain::machine::{Conflict, Refusal};
use domain::messaging::MessagingError;
use domain::money::{ChargebackError, DebtError, DepositError, Money, Unpayable, WithdrawalError};
use domain::orders::OrderError;
use ports::bidding::BidView;
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
        state: &'static str,
        /// For the caller.
        message: Cow<'static, str>,
        /// What the object is now, where the caller believed it to be something else.
        present: Option<Present>,
    },
    /// 409: another request with the same `Idempotency-Key` is running; come back in a second.
    #[error("a request with this Idempotency-Key is in progress")]
    InProgress,
    /// 412: the object is not any more what the caller has seen.
    #[error("the object has changed since it was read")]
    PreconditionFailed,
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
        /// The field's path as the caller wrote it, if it is about one.
        field: Option<Cow<'static, str>>,
        /// For the caller.
        message: Cow<'static, str>,
    },
    /// 402: paying would make the same request succeed.
    #[error("{required} is needed, but only {available} is available")]
    PaymentRequired {
        /// How much is needed.
        required: Money,
        /// How much there is.
        available: Money,
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

/// The versions of an object that a command is meant for; `None` for whatever it is (contract §1,
/// `If-Match`).
pub type Versions<V> = Option<Vec<V>>;

/// That an object is what the caller has seen.
///
/// # Errors
/// `PreconditionFailed` when it is not.
pub(crate) fn must_be_one_of<V: PartialEq>(versions: &Versions<V>, present: &V) -> Result<(), UseCaseError> {
    match versions {
        Some(versions) if !versions.contains(present) => Err(UseCaseError::PreconditionFailed),
        Some(_) | None => Ok(()),
    }
}

/// What an object is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Present {
    /// The bid that was to be accepted.
    Bid(Box<BidView>),
    /// The revision of the order that was to be confirmed.
    Revision(i64),
}

impl UseCaseError {
    /// Something well-formed that is impossible, in one field.
    pub(crate) fn impossible(reason: &'static str, field: Option<String>, error: &dyn Error) -> Self {
        let message = match &field {
            Some(field) => format!("{field} {error}"),
            None => error.to_string(),
        };
        Self::Unprocessable { reason, field: field.map(Cow::Owned), message: message.into() }
    }

    /// What the domain says of an error that has no answer of its own: a conflict, something impossible, or
    /// else a fault of ours.
    fn told(
        conflict: Option<Conflict>,
        impossible: Option<&'static str>,
        field: Option<String>,
        error: impl Error + Send + Sync + 'static,
    ) -> Self {
        match (conflict, impossible) {
            (Some(conflict), _) => Self::conflict(conflict, &error),
            (None, Some(reason)) => Self::impossible(reason, field, &error),
            (None, None) => Self::Internal(Box::new(error)),
        }
    }

    /// The object's present state forbids it.
    pub(crate) fn conflict(conflict: Conflict, error: &dyn Error) -> Self {
        let Conflict { reason, state } = conflict;
        Self::Conflict { reason, state, message: error.to_string().into(), present: None }
    }

    /// A conflict with what the object is now; anything else as it is.
    pub(crate) fn showing(self, present: Present) -> Self {
        if let Self::Conflict { reason, state, message, present: _ } = self {
            Self::Conflict { reason, state, message, present: Some(present) }
        } else {
            self
        }
    }

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
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

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

impl From<Refusal> for UseCaseError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotParty { .. } => Self::NotFound,
            Refusal::NotPermitted { .. } => Self::Forbidden,
            Refusal::State { state, reason, message, .. } => {
                Self::Conflict { reason, state, message: message.into(), present: None }
            }
        }
    }
}

impl From<WithdrawalError> for UseCaseError {
    fn from(error: WithdrawalError) -> Self {
        match error {
            WithdrawalError::Refused(refusal) => refusal.into(),
            WithdrawalError::Unpayable(error) => error.into(),
            WithdrawalError::SecondAdministratorRequired { .. }
            | WithdrawalError::TooEarly { .. }
            | WithdrawalError::DebtOutstanding { .. }
            | WithdrawalError::Insufficient { .. }
            | WithdrawalError::Money(_)
            | WithdrawalError::Ledger(_) => Self::told(error.conflict(), error.impossible(), None, error),
        }
    }
}

impl From<ChargebackError> for UseCaseError {
    fn from(error: ChargebackError) -> Self {
        match error {
            ChargebackError::Refused(refusal) => refusal.into(),
            ChargebackError::AlreadyChargedBack { .. }
            | ChargebackError::Money(_)
            | ChargebackError::Ledger(_) => Self::told(error.conflict(), None, None, error),
        }
    }
}

impl From<DebtError> for UseCaseError {
    fn from(error: DebtError) -> Self {
        match error {
            DebtError::Refused(refusal) => refusal.into(),
            DebtError::Money(_) | DebtError::Ledger(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<DepositError> for UseCaseError {
    fn from(error: DepositError) -> Self {
        match error {
            DepositError::Refused(refusal) => refusal.into(),
            DepositError::Unpayable(error) => error.into(),
            DepositError::MethodUnavailable | DepositError::Ledger(_) => {
                Self::told(None, error.impossible(), None, error)
            }
        }
    }
}

impl From<Unpayable> for UseCaseError {
    fn from(error: Unpayable) -> Self {
        match error {
            Unpayable::Amount(error) => Self::field("amount", error.to_string()),
            Unpayable::CurrencyUnavailable => Self::told(None, error.impossible(), None, error),
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
        let message: Cow<'static, str> = Cow::Owned(error.to_string());
        match error {
            IdentityError::Refused(refusal) => refusal.into(),
            IdentityError::PasswordNeeded | IdentityError::WrongPassword => {
                Self::field("current_password", message)
            }
            IdentityError::InvalidTransition { .. }
            | IdentityError::OwnAdministratorAccount { .. }
            | IdentityError::ContractsRunning { .. }
            | IdentityError::MoneyLeft { .. } => Self::told(error.conflict(), None, None, error),
            IdentityError::Blocked => Self::Unauthorized { reason: Some("account_blocked"), message },
            IdentityError::Deactivated => Self::Unauthorized { reason: Some("account_deactivated"), message },
        }
    }
}

impl From<OrderError> for UseCaseError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refusal) => refusal.into(),
            OrderError::Budget(error) => Self::field("budget", error.to_string()),
            OrderError::DeadlinePassed { .. }
            | OrderError::TooEarly { .. }
            | OrderError::InvitationDeclined { .. }
            | OrderError::NotAProvider { .. }
            | OrderError::DeadlineNotInFuture
            | OrderError::MilestoneDueInPast { .. }
            | OrderError::MilestoneDueAfterDeadline { .. }
            | OrderError::Money(_) => Self::told(error.conflict(), error.impossible(), error.field(), error),
        }
    }
}

impl From<BidError> for UseCaseError {
    fn from(error: BidError) -> Self {
        match error {
            BidError::Refused(refusal) => refusal.into(),
            BidError::Order(error) => error.into(),
            BidError::Amount(error) => Self::field("bid_amount", error.to_string()),
            BidError::OrderChanged { revision, .. } => {
                Self::told(error.conflict(), None, None, error).showing(Present::Revision(revision))
            }
            BidError::DuplicateBid { .. }
            | BidError::BidChanged { .. }
            | BidError::ProposedDeadlinePassed { .. }
            | BidError::ProposedDeadlineNotInFuture
            | BidError::Money(_) => Self::told(error.conflict(), error.impossible(), error.field(), error),
        }
    }
}

impl From<ContractError> for UseCaseError {
    fn from(error: ContractError) -> Self {
        match error {
            ContractError::Refused(refusal) => refusal.into(),
            ContractError::Order(error) => error.into(),
            ContractError::Bid(error) => error.into(),
            ContractError::UnknownBid | ContractError::UnknownMilestone => Self::NotFound,
            ContractError::PaymentRequired { required, available } => {
                Self::PaymentRequired { required, available }
            }
            ContractError::BidderUnavailable { .. }
            | ContractError::ProviderUnavailable { .. }
            | ContractError::AccountActive { .. }
            | ContractError::TooEarly { .. }
            | ContractError::NotClearing { .. }
            | ContractError::Split(_)
            | ContractError::MoreThanDisputed { .. }
            | ContractError::MoreThanThere { .. }
            | ContractError::NothingProposed
            | ContractError::InsufficientFunds { .. }
            | ContractError::OwnProposal { .. }
            | ContractError::OthersProposal { .. }
            | ContractError::DuplicateProposal { .. }
            | ContractError::ProposalOutdated { .. }
            | ContractError::WrongContract
            | ContractError::Unbalanced
            | ContractError::Money(_)
            | ContractError::Ledger(_) => {
                Self::told(error.conflict(), error.impossible(), error.field(), error)
            }
        }
    }
}

impl From<DisputeError> for UseCaseError {
    fn from(error: DisputeError) -> Self {
        match error {
            DisputeError::Refused(refusal) => refusal.into(),
            DisputeError::Contract(error) => error.into(),
            DisputeError::UnknownOffer => Self::NotFound,
            DisputeError::MoreThanDisputed { .. } => {
                Self::told(None, error.impossible(), Some("to_provider".to_owned()), error)
            }
            DisputeError::OwnOffer { .. }
            | DisputeError::OfferOver { .. }
            | DisputeError::TooMany { .. }
            | DisputeError::TooEarly { .. }
            | DisputeError::WrongContract
            | DisputeError::Money(_) => Self::told(error.conflict(), error.impossible(), None, error),
        }
    }
}

impl From<ReviewError> for UseCaseError {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Refused(refusal) => refusal.into(),
            ReviewError::AlreadyReviewed { .. } => Self::told(error.conflict(), None, None, error),
        }
    }
}

impl From<MessagingError> for UseCaseError {
    fn from(error: MessagingError) -> Self {
        match error {
            MessagingError::Refused(refusal) => refusal.into(),
            MessagingError::ParticipantUnavailable
            | MessagingError::BidWithdrawn { .. }
            | MessagingError::NotOpenedYet { .. }
            | MessagingError::NotABidder
            | MessagingError::NotTheClient => {
                Self::told(error.conflict(), error.impossible(), error.field(), error)
            }
        }
    }
}
