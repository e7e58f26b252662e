//! The states of a proposal.

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// What is proposed.
    ProposalKind {
        /// So much of a milestone to the provider, the rest back to the client, and it is settled.
        PartialRelease = "partial_release",
        /// All of a milestone's money back, before its release.
        Refund = "refund",
        /// Something of what was released for a milestone back.
        Return = "return",
        /// The end of the order, with so much of what is not settled for the provider.
        Cancellation = "cancellation",
    }
);
word_enum!(
    /// How a proposal stands.
    ProposalState {
        /// The other side is to answer.
        Open = "open",
        /// It was taken, and what it says has been done.
        Accepted = "accepted",
        /// The other side does not want it.
        Rejected = "rejected",
        /// Who made it took it back.
        Withdrawn = "withdrawn",
        /// Nobody answered in time.
        Lapsed = "lapsed",
        /// What it was about has changed.
        Superseded = "superseded",
    }
);
word_enum!(
    /// What can be asked of a proposal.
    ProposalCommand {
        /// The client offers a part of a milestone.
        OfferPart = "offer_part",
        /// The client wants a milestone's money back before its release.
        AskRefund = "ask_refund",
        /// The client wants something back of what was released.
        AskReturn = "ask_return",
        /// Either side wants the order to end.
        OfferEnd = "offer_end",
        /// The other side takes it.
        Accept = "accept",
        /// The other side does not.
        Reject = "reject",
        /// Who made it takes it back.
        Withdraw = "withdraw",
        /// A refund is made because nothing was done and nobody answered.
        Default = "default",
        /// Nobody answered in time.
        Lapse = "lapse",
        /// What it was about has changed.
        Supersede = "supersede",
    }
);

const CLIENT: &[Party] = &[Party::Client];
const EITHER: &[Party] = &[Party::Client, Party::Provider];
const SYSTEM: &[Party] = &[Party::System];

/// The states of a proposal.
pub const PROPOSAL_MACHINE: Machine<ProposalState, ProposalCommand> = {
    use ProposalCommand as C;
    use ProposalState as S;
    const fn made(command: C, who: &'static [Party], guard: &'static str, effect: &'static str) -> Row<S, C> {
        Row { from: None, command, who, guard, to: S::Open, effect }
    }
    const fn row(
        command: C,
        who: &'static [Party],
        guard: &'static str,
        to: S,
        effect: &'static str,
    ) -> Row<S, C> {
        Row { from: Some(S::Open), command, who, guard, to, effect }
    }
    const MADE: &str = "the other side has 7 days; proposal.made";
    Machine {
        object: "proposal",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            made(
                C::OfferPart,
                CLIENT,
                "the milestone is paid for, neither settled nor disputed; more than nothing, at most its amount; \
                 no open proposal of the kind about it",
                MADE,
            ),
            made(
                C::AskRefund,
                CLIENT,
                "the milestone is paid for, neither settled nor disputed; no open proposal of the kind about it",
                MADE,
            ),
            made(
                C::AskReturn,
                CLIENT,
                "the milestone is completed; more than nothing, at most what the provider has of it; no open \
                 proposal of the kind about it",
                MADE,
            ),
            made(
                C::OfferEnd,
                EITHER,
                "the order is active and nothing of it disputed; at most what is not settled; no open proposal of \
                 the kind",
                MADE,
            ),
            row(
                C::Accept,
                EITHER,
                "the side that did not make it; what it is about is as it was; for a return the provider's wallet \
                 covers it",
                S::Accepted,
                "what it says is done; see the milestone, the contract and the order; proposal.accepted",
            ),
            row(C::Reject, EITHER, "the side that did not make it", S::Rejected, "proposal.rejected"),
            row(C::Withdraw, EITHER, "the side that made it", S::Withdrawn, "proposal.withdrawn"),
            row(
                C::Default,
                SYSTEM,
                "a refund, nothing was ever handed in for the milestone, and 7 days have passed",
                S::Accepted,
                "the milestone's money goes back; proposal.accepted",
            ),
            row(
                C::Lapse,
                SYSTEM,
                "7 days have passed, and there is no default",
                S::Lapsed,
                "proposal.lapsed",
            ),
            row(
                C::Supersede,
                SYSTEM,
                "what it is about was settled, disputed or returned meanwhile",
                S::Superseded,
                "proposal.superseded",
            ),
        ],
        refusals: &[],
    }
};

impl ProposalKind {
    /// By which command it is made.
    #[must_use]
    pub const fn command(self) -> ProposalCommand {
        match self {
            Self::PartialRelease => ProposalCommand::OfferPart,
            Self::Refund => ProposalCommand::AskRefund,
            Self::Return => ProposalCommand::AskReturn,
            Self::Cancellation => ProposalCommand::OfferEnd,
        }
    }
}

impl ProposalState {
    /// Whether the other side may still answer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Open => true,
            Self::Accepted | Self::Rejected | Self::Withdrawn | Self::Lapsed | Self::Superseded => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_open_has_no_way_on() {
        for state in ProposalState::ALL.iter().copied() {
            let has_way_on = PROPOSAL_MACHINE.rows.iter().any(|row| row.from == Some(state));
            assert_eq!(state.is_open(), has_way_on, "{state}");
        }
    }

    #[test]
    fn guards_name_the_period_that_holds() {
        let days = format!("{} days", super::super::PROPOSAL_PERIOD.num_days());
        for command in [ProposalCommand::Default, ProposalCommand::Lapse] {
            let mut rows = PROPOSAL_MACHINE.rows.iter().filter(|row| row.command == command);
            assert!(rows.all(|row| row.guard.contains(&days)), "{command}");
        }
        assert!(MADE_WITHIN.contains(&days));
    }

    const MADE_WITHIN: &str = PROPOSAL_MACHINE.rows[0].effect;
}
