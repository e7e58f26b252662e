//! The states of a contract.

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// How far a contract has come.
    ContractState {
        /// Waits for the client's money.
        PendingFunding = "pending_funding",
        /// The work is on.
        Active = "active",
        /// Some milestone waits for a decision; the others go on.
        Disputed = "disputed",
        /// Every milestone is settled, and something was paid out.
        Completed = "completed",
        /// Ended before it was paid for, with everything refunded, or by agreement with what was agreed.
        Cancelled = "cancelled",
    }
);
word_enum!(
    /// What can be asked of a contract.
    ContractCommand {
        /// An order is awarded.
        Make = "make",
        /// The client pays.
        Fund = "fund",
        /// The order ends before it is paid for.
        End = "end",
        /// Either side disputes a milestone.
        Dispute = "dispute",
        /// The last dispute is decided.
        Resume = "resume",
        /// Every milestone is settled.
        Complete = "complete",
        /// Every milestone was refunded.
        Revoke = "revoke",
        /// The client gives more than the price.
        GiveBonus = "give_bonus",
        /// Both sides have agreed to end it.
        Dissolve = "dissolve",
    }
);

impl ContractState {
    /// Whether it has come to its end. One that has not keeps its two sides' accounts open.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::PendingFunding | Self::Active | Self::Disputed => false,
            Self::Completed | Self::Cancelled => true,
        }
    }
}

/// The states of a contract.
pub const CONTRACT_MACHINE: Machine<ContractState, ContractCommand> = {
    use ContractCommand as C;
    use ContractState as S;
    const fn row(
        from: Option<S>,
        command: C,
        who: &'static [Party],
        guard: &'static str,
        to: S,
        effect: &'static str,
    ) -> Row<S, C> {
        Row { from, command, who, guard, to, effect }
    }
    const CLIENT: &[Party] = &[Party::Client];
    const EITHER: &[Party] = &[Party::Client, Party::Provider];
    const SYSTEM: &[Party] = &[Party::System];
    const COVERED: &str = "the wallet covers it; the provider's account is in use";
    const BONUS: &str = "bonus posting; payment.bonus";
    Machine {
        object: "contract",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            row(None, C::Make, CLIENT, "a bid is accepted", S::PendingFunding, "contract.made"),
            row(
                Some(S::PendingFunding),
                C::Fund,
                CLIENT,
                "the wallet covers price and fee",
                S::Active,
                "funding posting; milestones are funded; contract.funded",
            ),
            row(
                Some(S::PendingFunding),
                C::End,
                &[Party::Client, Party::Provider, Party::System],
                "the order is cancelled, left, or lapses",
                S::Cancelled,
                "contract.ended",
            ),
            row(Some(S::Active), C::Dispute, EITHER, "", S::Disputed, "see the milestone"),
            row(Some(S::Disputed), C::Dispute, EITHER, "", S::Disputed, "see the milestone"),
            row(Some(S::Disputed), C::Resume, SYSTEM, "no milestone is disputed any more", S::Active, ""),
            row(
                Some(S::Active),
                C::Complete,
                SYSTEM,
                "the last milestone is settled and something was released",
                S::Completed,
                "contract.completed; the order completes",
            ),
            row(
                Some(S::Active),
                C::Revoke,
                SYSTEM,
                "the last milestone is settled and everything was refunded",
                S::Cancelled,
                "contract.ended; the order is cancelled",
            ),
            row(Some(S::Active), C::GiveBonus, CLIENT, COVERED, S::Active, BONUS),
            row(Some(S::Disputed), C::GiveBonus, CLIENT, COVERED, S::Disputed, BONUS),
            row(Some(S::Completed), C::GiveBonus, CLIENT, COVERED, S::Completed, BONUS),
            row(
                Some(S::Active),
                C::Dissolve,
                SYSTEM,
                "one side has taken the other's proposal to end it",
                S::Cancelled,
                "what is not settled is divided as agreed; contract.ended; the order is cancelled",
            ),
        ],
        refusals: &[],
    }
};

impl ContractState {
    /// Those in which money of it may be held, in escrow or frozen: paid for, and not at its end.
    pub const HOLDING: &'static [Self] = &[Self::Active, Self::Disputed];
    /// Those whose releases count in the summary of a provider's orders: of the ones that are listed, which
    /// those that were called off are not.
    pub const EARNING: &'static [Self] = &[Self::Active, Self::Disputed, Self::Completed];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_final_has_no_way_on() {
        for state in ContractState::ALL.iter().copied() {
            let has_way_on =
                CONTRACT_MACHINE.rows.iter().any(|row| row.from == Some(state) && row.to != state);
            assert_eq!(state.is_final(), !has_way_on, "{state}");
        }
    }
}
