//! The states of a withdrawal.

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// How far a withdrawal has come: the fine word.
    WithdrawalState {
        /// Waiting for an administrator.
        Pending = "pending",
        /// One administrator has agreed, and another one is to.
        Countersign = "countersign",
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
        /// An administrator agrees, and that is enough.
        Approve = "approve",
        /// An administrator agrees, and another one must.
        ApproveFirst = "approve_first",
        /// The other one agrees.
        Countersign = "countersign",
        /// It goes to the payment provider.
        Send = "send",
        /// The payment provider is asked once more what became of it.
        Ask = "ask",
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

impl WithdrawalCommand {
    /// Whether it brings the money nearer to leaving the books. Asking for money, calling it back and
    /// refusing it do not, nor does finding out what became of it.
    #[must_use]
    pub const fn leads_out(self) -> bool {
        match self {
            Self::Approve | Self::ApproveFirst | Self::Countersign | Self::Send | Self::MarkPaid => true,
            Self::Request | Self::Ask | Self::Fail | Self::Doubt | Self::Reject | Self::Cancel => false,
        }
    }
}

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
            Self::Pending | Self::Countersign | Self::Approved | Self::Sent | Self::NeedsReview => {
                WithdrawalStatus::Pending
            }
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
            Self::Pending
            | Self::Countersign
            | Self::Approved
            | Self::Sent
            | Self::NeedsReview
            | Self::Paid => false,
        }
    }

    /// What the program has to look after: what is with a payment provider, and, where there is one to
    /// send it to, what is to be sent.
    #[must_use]
    pub const fn unattended(provider: PayoutProvider) -> &'static [Self] {
        match provider {
            PayoutProvider::Manual => &[Self::Sent],
            PayoutProvider::Sandbox => &[Self::Approved, Self::Sent],
        }
    }
}

word_enum!(
    /// Who pays what was approved (`PAYOUT_PROVIDER`).
    PayoutProvider {
        /// Administrators, who say so.
        Manual = "manual",
        /// The built-in play provider, never in production.
        Sandbox = "sandbox",
    }
);

const fn row(
    from: WithdrawalState,
    command: WithdrawalCommand,
    who: &'static [Party],
    to: WithdrawalState,
    effect: &'static str,
) -> Row<WithdrawalState, WithdrawalCommand> {
    guarded(from, command, who, "", to, effect)
}

const fn guarded(
    from: WithdrawalState,
    command: WithdrawalCommand,
    who: &'static [Party],
    guard: &'static str,
    to: WithdrawalState,
    effect: &'static str,
) -> Row<WithdrawalState, WithdrawalCommand> {
    Row { from: Some(from), command, who, guard, to, effect }
}

/// The states of a withdrawal.
pub const WITHDRAWAL_MACHINE: Machine<WithdrawalState, WithdrawalCommand> = {
    use WithdrawalCommand as C;
    use WithdrawalState as S;
    const ADMIN: &[Party] = &[Party::Admin];
    const SYSTEM: &[Party] = &[Party::System];
    const OWNER: &[Party] = &[Party::Owner];
    const PAID: &str = "payout posting; withdrawal.paid";
    const REJECTED: &str = "the money comes back; withdrawal.rejected";
    const CANCELLED: &str = "the money comes back; withdrawal.cancelled";
    const FAILED: &str = "the money comes back; withdrawal.failed";
    Machine {
        object: "withdrawal",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row {
                from: None,
                command: C::Request,
                who: OWNER,
                guard: "no more than is available, and nothing is owed",
                to: S::Pending,
                effect: "the money is set aside; withdrawal.requested",
            },
            guarded(
                S::Pending,
                C::Approve,
                ADMIN,
                "no more than the four-eyes limit, if there is one",
                S::Approved,
                "withdrawal.approved",
            ),
            guarded(
                S::Pending,
                C::ApproveFirst,
                ADMIN,
                "more than the four-eyes limit",
                S::Countersign,
                "withdrawal.first_approved",
            ),
            guarded(
                S::Countersign,
                C::Countersign,
                ADMIN,
                "another administrator than the first",
                S::Approved,
                "withdrawal.approved",
            ),
            row(S::Approved, C::MarkPaid, ADMIN, S::Paid, PAID),
            row(S::Pending, C::Reject, ADMIN, S::Rejected, REJECTED),
            row(S::Countersign, C::Reject, ADMIN, S::Rejected, REJECTED),
            row(S::Approved, C::Reject, ADMIN, S::Rejected, REJECTED),
            row(S::Pending, C::Cancel, OWNER, S::Cancelled, CANCELLED),
            row(S::Countersign, C::Cancel, OWNER, S::Cancelled, CANCELLED),
            row(S::Approved, C::Send, SYSTEM, S::Sent, "withdrawal.sent"),
            guarded(
                S::Sent,
                C::Ask,
                SYSTEM,
                "less than an hour after it was sent",
                S::Sent,
                "nothing; the payment provider is asked under the same key",
            ),
            row(S::Sent, C::MarkPaid, SYSTEM, S::Paid, PAID),
            row(S::Sent, C::Fail, SYSTEM, S::Failed, FAILED),
            guarded(
                S::Sent,
                C::Doubt,
                SYSTEM,
                "an hour after it was sent",
                S::NeedsReview,
                "withdrawal.needs_review",
            ),
            row(S::NeedsReview, C::MarkPaid, ADMIN, S::Paid, PAID),
            row(S::NeedsReview, C::Fail, ADMIN, S::Failed, FAILED),
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
                S::Pending | S::Countersign | S::Approved | S::Sent | S::NeedsReview => EntryStatus::Pending,
                S::Paid => EntryStatus::Completed,
                S::Rejected | S::Cancelled | S::Failed => EntryStatus::Failed,
            };
            assert_eq!(state.debit_status(), expected, "{state}");
            assert_eq!(state.is_returned(), expected == EntryStatus::Failed, "{state}");
        }
    }

    #[test]
    fn the_program_sends_only_where_there_is_somebody_to_send_it_to() {
        for provider in PayoutProvider::ALL.iter().copied() {
            let looked_after = WithdrawalState::unattended(provider);
            assert!(looked_after.contains(&WithdrawalState::Sent), "{provider}: whoever sent it");
            let sends = looked_after.contains(&WithdrawalState::Approved);
            assert_eq!(sends, provider != PayoutProvider::Manual, "{provider}");
        }
    }
}
