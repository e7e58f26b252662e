//! What happened when the books were checked.

use crate::ids::{LedgerCheckId, UserId};

/// Facts about checks of the books and what followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// Rows disagree.
    Disagreed {
        /// Found by which check.
        check_id: LedgerCheckId,
        /// How many rows.
        offending: i64,
        /// Whose business it is now: every administrator there was.
        administrators: Vec<UserId>,
    },
    /// Nothing is paid out to somebody for the time being.
    PayoutsStopped {
        /// To whom.
        user_id: UserId,
        /// What found the rows that disagree.
        check_id: LedgerCheckId,
    },
    /// They may be paid again.
    PayoutsResumed {
        /// Who may.
        user_id: UserId,
        /// The administrator who looked.
        by: UserId,
        /// What came of it.
        reason: String,
    },
}

impl AuditEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Disagreed { .. } => "ledger.disagreed",
            Self::PayoutsStopped { .. } => "payouts.stopped",
            Self::PayoutsResumed { .. } => "payouts.resumed",
        }
    }

    /// The account that it is about; of the books as a whole nobody's.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Disagreed { .. } => None,
            Self::PayoutsStopped { user_id, .. } | Self::PayoutsResumed { user_id, .. } => Some(*user_id),
        }
    }
}
