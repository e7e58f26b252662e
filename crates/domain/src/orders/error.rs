//! What can go wrong with an order, in business words.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::machine::{Conflict, Refusal};
use crate::money::MoneyError;

/// Why an order did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OrderError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody can bid on it, confirm or accept until the client sets a new deadline (409).
    #[error("the deadline of this order has passed")]
    DeadlinePassed {
        /// The order's present state.
        state: &'static str,
    },
    /// A timer that went off before its time (409; only the program can cause it).
    #[error("not before {until}")]
    TooEarly {
        /// The order's present state.
        state: &'static str,
        /// When it may come again.
        until: DateTime<Utc>,
    },
    /// The provider was invited and said no (409).
    #[error("this provider has declined the invitation")]
    InvitationDeclined {
        /// The order's present state.
        state: &'static str,
    },
    /// Only providers whose account may be used can be invited (422).
    #[error("must be a provider")]
    NotAProvider {
        /// Which of those who are named, counted from 0; `None` where one alone is.
        index: Option<usize>,
    },
    /// A budget of nothing (400).
    #[error(transparent)]
    Budget(MoneyError),
    /// A deadline that is over (422).
    #[error("must be in the future")]
    DeadlineNotInFuture,
    /// A milestone that cannot be delivered in time (422).
    #[error("must be in the future")]
    MilestoneDueInPast {
        /// Which, counted from 0.
        index: usize,
    },
    /// A milestone that comes after the whole (422).
    #[error("must not be after the deadline of the order")]
    MilestoneDueAfterDeadline {
        /// Which, counted from 0.
        index: usize,
    },
    /// Amounts that cannot be reckoned together.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl OrderError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::DeadlinePassed { state } => Some(Conflict { reason: "deadline_passed", state }),
            Self::TooEarly { state, .. } => Some(Conflict { reason: "too_early", state }),
            Self::InvitationDeclined { state } => Some(Conflict { reason: "invitation_declined", state }),
            Self::NotAProvider { .. }
            | Self::Budget(_)
            | Self::DeadlineNotInFuture
            | Self::MilestoneDueInPast { .. }
            | Self::MilestoneDueAfterDeadline { .. }
            | Self::Money(_) => None,
        }
    }

    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::NotAProvider { .. } => Some("not_a_provider"),
            Self::DeadlineNotInFuture => Some("deadline_not_in_future"),
            Self::MilestoneDueInPast { .. } => Some("due_date_not_in_future"),
            Self::MilestoneDueAfterDeadline { .. } => Some("due_date_after_deadline"),
            Self::Refused(_)
            | Self::DeadlinePassed { .. }
            | Self::TooEarly { .. }
            | Self::InvitationDeclined { .. }
            | Self::Budget(_)
            | Self::Money(_) => None,
        }
    }

    /// The field's path on the wire, if the error is about what was sent.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::NotAProvider { index: None } => Some("writer_id".to_owned()),
            Self::NotAProvider { index: Some(index) } => Some(format!("invited_writers[{index}]")),
            Self::Budget(_) => Some("budget".to_owned()),
            Self::DeadlineNotInFuture => Some("deadline".to_owned()),
            Self::MilestoneDueInPast { index } | Self::MilestoneDueAfterDeadline { index } => {
                Some(format!("milestones[{index}].due_date"))
            }
            Self::Refused(_)
            | Self::DeadlinePassed { .. }
            | Self::TooEarly { .. }
            | Self::InvitationDeclined { .. }
            | Self::Money(_) => None,
        }
    }
}
