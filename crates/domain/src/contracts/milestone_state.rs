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
        /// Its money is frozen until its dispute is resolved.
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
        /// The client has not answered yet, and is told that time is running out.
        Remind = "remind",
        /// The client is content.
        Approve = "approve",
        /// The client did not answer in time.
        AutoRelease = "auto_release",
        /// The provider gives the money back.
        Refund = "refund",
        /// Both sides have agreed on a share for the provider.
        Divide = "divide",
        /// Both sides have agreed that all of it goes back, or the provider has done nothing and not answered.
        GiveBack = "give_back",
        /// Of what was released something goes back.
        Return = "return",
        /// The bank of whoever paid for it has taken a payment back.
        ChargeBack = "charge_back",
        /// Either side disputes who is to have the money.
        Dispute = "dispute",
        /// The provider is given all or a part, by an administrator or as the dispute came out.
        DecideForProvider = "decide_for_provider",
        /// The client is given everything, in the same ways.
        DecideForClient = "decide_for_client",
        /// What was released has rested long enough.
        Clear = "clear",
    }
);

const ARBITER: &[Party] = &[Party::Admin, Party::System];
const CLIENT: &[Party] = &[Party::Client];
const PROVIDER: &[Party] = &[Party::Provider];
const SYSTEM: &[Party] = &[Party::System];
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
    const AGREED: &str =
        "one side has taken the other's proposal; more than nothing, at most the milestone's amount";
    const DIVIDED: &str =
        "the money is divided; payment.received, payment.refunded; the last one ends the order";
    const GIVEN_BACK: &str =
        "one side has taken the other's proposal, or nobody handed in and answered for 7 days";
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
            guarded(
                S::Submitted,
                C::Remind,
                SYSTEM,
                "three days or one day before the clock runs out",
                S::Submitted,
                "milestone.release_due",
            ),
            row(S::Submitted, C::Approve, CLIENT, S::Completed, RELEASED),
            guarded(S::Submitted, C::AutoRelease, SYSTEM, "the clock has run out", S::Completed, RELEASED),
            row(S::Funded, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::InProgress, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::Submitted, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            row(S::ChangesRequested, C::Refund, PROVIDER, S::Refunded, REFUNDED),
            guarded(S::Funded, C::Divide, SYSTEM, AGREED, S::Completed, DIVIDED),
            guarded(S::InProgress, C::Divide, SYSTEM, AGREED, S::Completed, DIVIDED),
            guarded(S::Submitted, C::Divide, SYSTEM, AGREED, S::Completed, DIVIDED),
            guarded(S::ChangesRequested, C::Divide, SYSTEM, AGREED, S::Completed, DIVIDED),
            guarded(S::Funded, C::GiveBack, SYSTEM, GIVEN_BACK, S::Refunded, REFUNDED),
            guarded(S::InProgress, C::GiveBack, SYSTEM, GIVEN_BACK, S::Refunded, REFUNDED),
            guarded(S::Submitted, C::GiveBack, SYSTEM, GIVEN_BACK, S::Refunded, REFUNDED),
            guarded(S::ChangesRequested, C::GiveBack, SYSTEM, GIVEN_BACK, S::Refunded, REFUNDED),
            guarded(
                S::Completed,
                C::Return,
                SYSTEM,
                "the provider has agreed and their wallet covers it; at most what they have of it",
                S::Completed,
                "provider and platform give it back, each their part; payment.returned",
            ),
            row(S::Funded, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::InProgress, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::Submitted, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            row(S::ChangesRequested, C::ChargeBack, &[Party::System], S::Refunded, CHARGED_BACK),
            guarded(
                S::Completed,
                C::ChargeBack,
                SYSTEM,
                "its money rests",
                S::Completed,
                "of what rests, at most what is missing is returned; payment.charged_back",
            ),
            row(S::Funded, C::Dispute, EITHER, S::Disputed, FROZEN),
            row(S::InProgress, C::Dispute, EITHER, S::Disputed, FROZEN),
            row(S::Submitted, C::Dispute, EITHER, S::Disputed, FROZEN),
            row(S::ChangesRequested, C::Dispute, EITHER, S::Disputed, FROZEN),
            guarded(
                S::Disputed,
                C::DecideForProvider,
                ARBITER,
                "more than nothing, at most the milestone's amount; the program as the dispute came out",
                S::Completed,
                "the frozen money is divided; payment.received, payment.refunded",
            ),
            guarded(
                S::Disputed,
                C::DecideForClient,
                ARBITER,
                "the program as the dispute came out",
                S::Refunded,
                "the frozen money goes back; payment.refunded",
            ),
            guarded(
                S::Completed,
                C::Clear,
                SYSTEM,
                "its money rests, and the time for that is over",
                S::Completed,
                "clearance posting; payment.cleared",
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
