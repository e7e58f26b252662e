//! The states of a withdrawal.

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// How far a withdrawal has come: the fine word.
    WithdrawalState {
        /// Waiting for an administrator.
        Pending = "pending",
        /// Waiting to be paid.
        Approved = "approved",
        /// With the payment provider.
        Sent = "sent",
        /// Nobody knows whether the payment provider delivered it.
        NeedsReview = "needs_review",
        /// It reached its owner.
        Paid = "paid",
        /// An administrator refused.
        Rejected = "rejected",
        /// Its owner changed their mind.
        Cancelled = "cancelled",
        /// The payment provider could not deliver it.
        Failed = "failed",
    }
);
word_enum!(
    /// The coarse word on the wire.
    WithdrawalStatus {
        /// Neither paid nor returned.
        Pending = "pending",
        /// Paid.
        Completed = "completed",
        /// Refused.
        Rejected = "rejected",
        /// Called back.
        Cancelled = "cancelled",
        /// Not delivered.
        Failed = "failed",
    }
);
word_enum!(
    /// How a line of a wallet's history stands (contract §5, `GET /transactions`).
    EntryStatus {
        /// The debit of a withdrawal that is under way.
        Pending = "pending",
        /// Done for good.
        Completed = "completed",
        /// The debit of a withdrawal whose money came back.
        Failed = "failed",
    }
);
word_enum!(
    /// What can be asked of a withdrawal.
    WithdrawalCommand {
        /// Somebody wants their money.
        Request = "request",
        /// An administrator agrees.
        Approve = "approve",
        /// It goes to the payment provider.
        Send = "send",
        /// It has been paid.
        MarkPaid = "mark_paid",
        /// It could not be delivered.
        Fail = "fail",
        /// It is unclear whether it was delivered.
        Doubt = "doubt",
        /// An administrator refuses.
        Reject = "reject",
        /// Its owner calls it back.
        Cancel = "cancel",
    }
);

impl WithdrawalStatus {
    /// The states behind a coarse word; all of them without one.
    #[must_use]
    pub fn states(one: Option<Self>) -> Vec<WithdrawalState> {
        let is_wanted = |state: &&WithdrawalState| one.is_none_or(|status| state.status() == status);
        WithdrawalState::ALL.iter().filter(is_wanted).copied().collect()
    }
}

impl WithdrawalState {
    /// The coarse word.
    #[must_use]
    pub const fn status(self) -> WithdrawalStatus {
        match self {
            Self::Pending | Self::Approved | Self::Sent | Self::NeedsReview => WithdrawalStatus::Pending,
            Self::Paid => WithdrawalStatus::Completed,
            Self::Rejected => WithdrawalStatus::Rejected,
            Self::Cancelled => WithdrawalStatus::Cancelled,
            Self::Failed => WithdrawalStatus::Failed,
        }
    }

    /// How the debit stands that set its money aside: what came back is a credit of its own.
    #[must_use]
    pub const fn debit_status(self) -> EntryStatus {
        match self.status() {
            WithdrawalStatus::Pending => EntryStatus::Pending,
            WithdrawalStatus::Completed => EntryStatus::Completed,
            WithdrawalStatus::Rejected | WithdrawalStatus::Cancelled | WithdrawalStatus::Failed => {
                EntryStatus::Failed
            }
        }
    }

    /// Those in which its money waits to be paid or to come back.
    #[must_use]
    pub fn unfinished() -> Vec<Self> {
        WithdrawalStatus::states(Some(WithdrawalStatus::Pending))
    }

    /// Those in which nothing goes on until an administrator has found out what happened.
    #[must_use]
    pub const fn in_doubt() -> &'static [Self] {
        &[Self::NeedsReview]
    }

    /// Whether its money came back: then it counts for nothing in `total_withdrawn`.
    #[must_use]
    pub const fn is_returned(self) -> bool {
        match self {
            Self::Rejected | Self::Cancelled | Self::Failed => true,
            Self::Pending | Self::Approved | Self::Sent | Self::NeedsReview | Self::Paid => false,
        }
    }
}

const fn row(
    from: WithdrawalState,
    command: WithdrawalCommand,
    who: &'static [Party],
    to: WithdrawalState,
    effect: &'static str,
) -> Row<WithdrawalState, WithdrawalCommand> {
    Row { from: Some(from), command, who, guard: "", to, effect }
}

/// The states of a withdrawal.
pub const WITHDRAWAL_MACHINE: Machine<WithdrawalState, WithdrawalCommand> = {
    use WithdrawalCommand as C;
    use WithdrawalState as S;
    const ADMIN: &[Party] = &[Party::Admin];
    const SYSTEM: &[Party] = &[Party::System];
    Machine {
        object: "withdrawal",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row {
                from: None,
                command: C::Request,
                who: &[Party::Owner],
                guard: "no more than is available",
                to: S::Pending,
                effect: "the money is set aside; withdrawal.requested",
            },
            row(S::Pending, C::Approve, ADMIN, S::Approved, "withdrawal.approved"),
            row(S::Approved, C::MarkPaid, ADMIN, S::Paid, "payout posting; withdrawal.paid"),
            row(S::Pending, C::Reject, ADMIN, S::Rejected, "the money comes back; withdrawal.rejected"),
            row(S::Approved, C::Reject, ADMIN, S::Rejected, "the money comes back; withdrawal.rejected"),
            row(
                S::Pending,
                C::Cancel,
                &[Party::Owner],
                S::Cancelled,
                "the money comes back; withdrawal.cancelled",
            ),
            row(S::Approved, C::Send, SYSTEM, S::Sent, "withdrawal.sent"),
            row(S::Sent, C::MarkPaid, SYSTEM, S::Paid, "payout posting; withdrawal.paid"),
            row(S::Sent, C::Fail, SYSTEM, S::Failed, "the money comes back; withdrawal.failed"),
            row(S::Sent, C::Doubt, SYSTEM, S::NeedsReview, "withdrawal.needs_review"),
            row(S::NeedsReview, C::MarkPaid, ADMIN, S::Paid, "payout posting; withdrawal.paid"),
            row(S::NeedsReview, C::Fail, ADMIN, S::Failed, "the money comes back; withdrawal.failed"),
        ],
        refusals: &[],
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debit_stands_as_its_withdrawal_does() {
        use WithdrawalState as S;
        for state in S::ALL.iter().copied() {
            let expected = match state {
                S::Pending | S::Approved | S::Sent | S::NeedsReview => EntryStatus::Pending,
                S::Paid => EntryStatus::Completed,
                S::Rejected | S::Cancelled | S::Failed => EntryStatus::Failed,
            };
            assert_eq!(state.debit_status(), expected, "{state}");
            assert_eq!(state.is_returned(), expected == EntryStatus::Failed, "{state}");
        }
    }
}
