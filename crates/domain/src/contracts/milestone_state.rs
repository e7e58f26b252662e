//! The states of a milestone. A provider can never approve or release; a client can never submit.

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// How far a milestone has come: the fine word.
    MilestoneState {
        /// Its money is not in escrow.
        Unfunded = "unfunded",
        /// Its money waits for the work.
        Funded = "funded",
        /// The provider works on it.
        InProgress = "in_progress",
        /// The client is to look at it.
        Submitted = "submitted",
        /// The client wants something done again.
        ChangesRequested = "changes_requested",
        /// Its money is frozen until an administrator decides.
        Disputed = "disputed",
        /// Its money, or part of it, went to the provider.
        Completed = "completed",
        /// All of its money went back.
        Refunded = "refunded",
    }
);
word_enum!(
    /// The coarse word on the wire.
    MilestoneStatus {
        /// Not begun.
        Pending = "pending",
        /// Begun.
        InProgress = "in-progress",
        /// Settled.
        Completed = "completed",
    }
);
word_enum!(
    /// What can be asked of a milestone.
    MilestoneCommand {
        /// The contract is made.
        Plan = "plan",
        /// The contract is paid for.
        Fund = "fund",
        /// The provider begins.
        Start = "start",
        /// The provider hands in.
        Submit = "submit",
        /// The client wants something done again.
        RequestChanges = "request_changes",
        /// The client is content.
        Approve = "approve",
        /// The client did not answer in time.
        AutoRelease = "auto_release",
        /// The provider gives the money back.
        Refund = "refund",
        /// The bank of whoever paid for it has taken a payment back.
        ChargeBack = "charge_back",
        /// Either side asks for a decision.
        Dispute = "dispute",
        /// An administrator gives the provider all or a part.
        DecideForProvider = "decide_for_provider",
        /// An administrator gives the client everything.
        DecideForClient = "decide_for_client",
    }
);

const ADMIN: &[Party] = &[Party::Admin];
const CLIENT: &[Party] = &[Party::Client];
const PROVIDER: &[Party] = &[Party::Provider];
const EITHER: &[Party] = &[Party::Client, Party::Provider];

/// The states of a milestone.
pub const MILESTONE_MACHINE: Machine<MilestoneState, MilestoneCommand> = {
    use MilestoneCommand as C;
    use MilestoneState as S;
    const fn row(from: S, command: C, who: &'static [Party], to: S, effect: &'static str) -> Row<S, C> {
        guarded(from, command, who, "", to, effect)
    }
    const fn guarded(
        from: S,
        command: C,
        who: &'static [Party],
        guard: &'static str,
        to: S,
        effect: &'static str,
    ) -> Row<S, C> {
        Row { from: Some(from), command, who, guard, to, effect }
    }
    const SUBMITTED: &str = "submission n; the auto-release clock starts; milestone.submitted";
    const RELEASED: &str = "release posting; payment.received; the last one completes the order";
    const REFUNDED: &str = "refund posting; payment.refunded; the last one ends the order";
    const CHARGED_BACK: &str =
        "refund posting; milestone.charged_back, payment.refunded; the last one ends the order";
    const FROZEN: &str = "the money is frozen; the clock stops; milestone.disputed";
    Machine {
        object: "milestone",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row {
                from: None,
                command: C::Plan,
                who: CLIENT,
                guard: "a bid is accepted",
                to: S::Unfunded,
                effect: "its share of the price is fixed",
            },
            row(S::Unfunded, C::Fund, CLIENT, S::Funded, "part of one posting per contract"),
            row(S::Funded, C::Start, PROVIDER, S::InProgress, "milestone.started"),
            row(S::ChangesRequested, C::Start, PROVIDER, S::InProgress, "milestone.started"),
            row(S::InProgress, C::Start, PROVIDER, S::InProgress, "nothing, no event"),
            row(S::Funded, C::Submit, PROVIDER, S::Submitted, SUBMITTED),
            row(S::InProgress, C::Submit, PROVIDER, S::Submitted, SUBMITTED),
            row(S::ChangesRequested, C::Submit, PROVIDER, S::Submitted, SUBMITTED),
            row(
                S::Submitted,
                C::RequestChanges,
                CLIENT,
                S::ChangesRequested,
                "the clock stops; milestone.changes_requested",
            ),
            row(S::Submitted, C::Approve, CLIENT, S::Completed, RELEASED),
            guarded(
                S::Submitted,
                C::AutoRelease,
                &[Party::System],
                "the clock has run out",
                S::Completed,
                RELEASED,
            ),
            row(S::Funded, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::InProgress, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::Submitted, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::ChangesRequested, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::Funded, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::InProgress, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::Submitted, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::ChangesRequested, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::Funded, C::Dispute, EITHER, S::Disputed, FROZEN),
            row(S::InProgress, C::Dispute, EITHER, S::Disputed, FROZEN),
            row(S::Submitted, C::Dispute, EITHER, S::Disputed, FROZEN),
            row(S::ChangesRequested, C::Dispute, EITHER, S::Disputed, FROZEN),
            guarded(
                S::Disputed,
                C::DecideForProvider,
                ADMIN,
                "more than nothing, at most the milestone's amount",
                S::Completed,
                "the frozen money is divided; payment.received, payment.refunded",
            ),
            row(
                S::Disputed,
                C::DecideForClient,
                ADMIN,
                S::Refunded,
                "the frozen money goes back; payment.refunded",
            ),
        ],
        refusals: &[],
    }
};

impl MilestoneState {
    /// What a step of the plan is shown as, before there is a contract: as it will be in one.
    pub const PLANNED: Self = Self::Unfunded;

    /// The coarse word.
    #[must_use]
    pub const fn status(self) -> MilestoneStatus {
        match self {
            Self::Unfunded | Self::Funded => MilestoneStatus::Pending,
            Self::InProgress | Self::Submitted | Self::ChangesRequested | Self::Disputed => {
                MilestoneStatus::InProgress
            }
            Self::Completed | Self::Refunded => MilestoneStatus::Completed,
        }
    }

    /// Whether its money has been given to somebody for good.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Completed | Self::Refunded => true,
            Self::Unfunded
            | Self::Funded
            | Self::InProgress
            | Self::Submitted
            | Self::ChangesRequested
            | Self::Disputed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_looks_as_the_contract_begins() {
        let made = MILESTONE_MACHINE.begin(MilestoneCommand::Plan, Party::Client);
        assert_eq!(made, Ok(MilestoneState::PLANNED));
    }
}
