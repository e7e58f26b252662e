//! The states of a dispute.

use chrono::TimeDelta;

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

/// How long the other side has to answer.
pub const ANSWER_PERIOD: TimeDelta = TimeDelta::days(7);
/// How long the two sides have to agree.
pub const NEGOTIATION_PERIOD: TimeDelta = TimeDelta::days(14);
/// How long the administrators have to decide.
pub const REVIEW_PERIOD: TimeDelta = TimeDelta::days(30);
/// The most offers that one side makes in a dispute.
pub const MOST_OFFERS: usize = 50;
/// The most pieces of evidence that one side brings forward in a dispute.
pub const MOST_EVIDENCE: usize = 50;

word_enum!(
    /// What a dispute waits for.
    DisputeState {
        /// For the other side.
        AwaitingAnswer = "awaiting_answer",
        /// For the two sides to agree.
        Negotiating = "negotiating",
        /// For an administrator.
        InReview = "in_review",
        /// For nothing: the money is divided.
        Resolved = "resolved",
    }
);
word_enum!(
    /// What can be asked of a dispute.
    DisputeCommand {
        /// One side disputes who is to have a milestone's money.
        Open = "open",
        /// The other side has said something for the first time.
        Answer = "answer",
        /// One side says why.
        AddEvidence = "add_evidence",
        /// One side offers a split.
        Offer = "offer",
        /// The other side takes it.
        AcceptOffer = "accept_offer",
        /// The other side does not.
        RejectOffer = "reject_offer",
        /// One side leaves it to an administrator.
        Escalate = "escalate",
        /// The other side never answered.
        Assume = "assume",
        /// The two sides did not agree in time.
        Review = "review",
        /// An administrator decides.
        Decide = "decide",
        /// Nobody decided in time.
        Halve = "halve",
    }
);

const EITHER: &[Party] = &[Party::Client, Party::Provider];
const SYSTEM: &[Party] = &[Party::System];

/// The states of a dispute.
pub const DISPUTE_MACHINE: Machine<DisputeState, DisputeCommand> = {
    use DisputeCommand as C;
    use DisputeState as S;
    const fn row(
        from: S,
        command: C,
        who: &'static [Party],
        guard: &'static str,
        to: S,
        effect: &'static str,
    ) -> Row<S, C> {
        Row { from: Some(from), command, who, guard, to, effect }
    }
    const ROOM: &str = "at most 50 of a side";
    const OFFERED: &str = "at most what is disputed; at most 50 of a side";
    const THEIRS: &str = "an offer of the other side that stands";
    const EVIDENCE: &str = "what is said by the other side is an answer; dispute.evidence_added";
    const STANDS: &str = "it takes the place of one's own that stood; dispute.offer_made";
    const DIVIDED: &str = "the frozen money is divided so; dispute.decided";
    const REJECTED: &str = "dispute.offer_rejected";
    Machine {
        object: "dispute",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row {
                from: None,
                command: C::Open,
                who: EITHER,
                guard: "the milestone is paid for, neither settled nor disputed; what is asked is at most its amount",
                to: S::AwaitingAnswer,
                effect: "the money is frozen; the other side has 7 days; milestone.disputed",
            },
            row(S::AwaitingAnswer, C::AddEvidence, EITHER, ROOM, S::AwaitingAnswer, EVIDENCE),
            row(S::Negotiating, C::AddEvidence, EITHER, ROOM, S::Negotiating, EVIDENCE),
            row(S::InReview, C::AddEvidence, EITHER, ROOM, S::InReview, EVIDENCE),
            row(
                S::AwaitingAnswer,
                C::Answer,
                EITHER,
                "the side that did not open it; goes before whatever else that side does",
                S::Negotiating,
                "the two sides have 14 days",
            ),
            row(S::AwaitingAnswer, C::Offer, EITHER, OFFERED, S::AwaitingAnswer, STANDS),
            row(S::Negotiating, C::Offer, EITHER, OFFERED, S::Negotiating, STANDS),
            row(S::InReview, C::Offer, EITHER, OFFERED, S::InReview, STANDS),
            row(S::Negotiating, C::AcceptOffer, EITHER, THEIRS, S::Resolved, DIVIDED),
            row(S::InReview, C::AcceptOffer, EITHER, THEIRS, S::Resolved, DIVIDED),
            row(S::Negotiating, C::RejectOffer, EITHER, THEIRS, S::Negotiating, REJECTED),
            row(S::InReview, C::RejectOffer, EITHER, THEIRS, S::InReview, REJECTED),
            row(
                S::Negotiating,
                C::Escalate,
                EITHER,
                "",
                S::InReview,
                "the administrators have 30 days; dispute.escalated",
            ),
            row(
                S::AwaitingAnswer,
                C::Assume,
                SYSTEM,
                "7 days have passed without an answer; the other side could answer; no provider asks for money for nothing",
                S::Resolved,
                "the frozen money is divided as was asked; dispute.decided",
            ),
            row(
                S::AwaitingAnswer,
                C::Review,
                SYSTEM,
                "7 days have passed without an answer; the other side is shut out, or a provider asks for money and has handed in nothing",
                S::InReview,
                "the administrators have 30 days; dispute.escalated",
            ),
            row(
                S::Negotiating,
                C::Review,
                SYSTEM,
                "14 days have passed without an agreement",
                S::InReview,
                "the administrators have 30 days; dispute.escalated",
            ),
            row(
                S::InReview,
                C::Decide,
                &[Party::Admin],
                "at most what is disputed; a reason",
                S::Resolved,
                DIVIDED,
            ),
            row(
                S::InReview,
                C::Halve,
                SYSTEM,
                "30 days have passed without a decision",
                S::Resolved,
                "each side gets a half, the client the odd cent; dispute.decided",
            ),
        ],
        refusals: &[],
    }
};

impl DisputeState {
    /// Whether it is over.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::AwaitingAnswer | Self::Negotiating | Self::InReview => false,
            Self::Resolved => true,
        }
    }

    /// How long it stays in this state before something happens by itself.
    pub(super) const fn period(self) -> Option<TimeDelta> {
        match self {
            Self::AwaitingAnswer => Some(ANSWER_PERIOD),
            Self::Negotiating => Some(NEGOTIATION_PERIOD),
            Self::InReview => Some(REVIEW_PERIOD),
            Self::Resolved => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_and_effects_name_the_limits_that_hold() {
        let days = |period: TimeDelta| format!("{} days", period.num_days());
        let limits = [
            (DisputeCommand::Open, days(ANSWER_PERIOD)),
            (DisputeCommand::Assume, days(ANSWER_PERIOD)),
            (DisputeCommand::Answer, days(NEGOTIATION_PERIOD)),
            (DisputeCommand::Review, days(REVIEW_PERIOD)),
            (DisputeCommand::Escalate, days(REVIEW_PERIOD)),
            (DisputeCommand::Halve, days(REVIEW_PERIOD)),
            (DisputeCommand::Offer, format!("at most {MOST_OFFERS} of a side")),
            (DisputeCommand::AddEvidence, format!("at most {MOST_EVIDENCE} of a side")),
        ];
        for (command, words) in limits {
            let mut rows = DISPUTE_MACHINE.rows.iter().filter(|row| row.command == command).peekable();
            assert!(rows.peek().is_some(), "{command}");
            let mut said = rows.map(|row| [row.guard, row.effect].join("; "));
            assert!(said.all(|text| text.contains(&words)), "{command}: {words}");
        }
    }

    #[test]
    fn only_what_is_resolved_has_no_deadline() {
        for state in DisputeState::ALL.iter().copied() {
            assert_eq!(state.period().is_none(), state.is_final(), "{state}");
            let has_way_on = DISPUTE_MACHINE.rows.iter().any(|row| row.from == Some(state));
            assert_eq!(has_way_on, !state.is_final(), "{state}");
        }
    }
}
