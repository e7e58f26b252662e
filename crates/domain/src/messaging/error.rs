//! What can go wrong with a chat, in business words.

use thiserror::Error;

use crate::machine::{Conflict, Refusal};

/// Why a chat was not opened, or did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MessagingError {
    /// A stranger to it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The other side's account has been closed or blocked: nobody would read it (409).
    #[error("the other side's account has been closed or blocked")]
    ParticipantUnavailable,
    /// The bidder took the bid back, and nothing has been said before (409).
    #[error("the bid was taken back")]
    BidWithdrawn {
        /// The bid's state.
        state: &'static str,
    },
    /// A provider cannot be the first to write; the client has not opened the chat yet (409).
    #[error("the client opens the chat: by writing, by a counter-offer or by accepting the bid")]
    NotOpenedYet {
        /// The order's state.
        state: &'static str,
    },
    /// The client can write to bidders only (422).
    #[error("must be somebody who bid on this order")]
    NotABidder,
    /// A provider can write to the order's client only (422).
    #[error("must be the client of this order")]
    NotTheClient,
}

impl MessagingError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            // Which of the two it is concerns nobody else.
            Self::ParticipantUnavailable => {
                Some(Conflict { reason: "participant_unavailable", state: "unavailable" })
            }
            Self::BidWithdrawn { state } => Some(Conflict { reason: "bid_withdrawn", state }),
            Self::NotOpenedYet { state } => Some(Conflict { reason: "chat_not_opened", state }),
            Self::NotABidder | Self::NotTheClient => None,
        }
    }
    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::NotABidder => Some("not_a_bidder"),
            Self::NotTheClient => Some("not_the_client"),
            Self::Refused(_)
            | Self::ParticipantUnavailable
            | Self::BidWithdrawn { .. }
            | Self::NotOpenedYet { .. } => None,
        }
    }

    /// The field's path on the wire, if the error is about what was sent.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::NotABidder | Self::NotTheClient => Some("participant_id".to_owned()),
            Self::Refused(_)
            | Self::ParticipantUnavailable
            | Self::BidWithdrawn { .. }
            | Self::NotOpenedYet { .. } => None,
        }
    }
}
