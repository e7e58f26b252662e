//! The states of an order.

use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// How far an order has come; also its `status` on the wire.
    OrderState {
        /// Providers may bid.
        Open = "open",
        /// Awarded, but not paid for.
        Pending = "pending",
        /// Paid into escrow: the work is on.
        Active = "active",
        /// Every milestone is settled, and something was paid out.
        Completed = "completed",
        /// Called off.
        Cancelled = "cancelled",
    }
);
word_enum!(
    /// What can be asked of an order.
    OrderCommand {
        /// A client wants something done.
        Post = "post",
        /// The client changes what is wanted.
        Edit = "edit",
        /// The client asks a provider to bid.
        Invite = "invite",
        /// A bid is placed, edited, confirmed or haggled over.
        TakeOffers = "take_offers",
        /// The client accepts a bid.
        Accept = "accept",
        /// The client pays.
        Fund = "fund",
        /// Nobody paid for too long.
        Lapse = "lapse",
        /// The provider gives notice before it is paid for, or the program for one whose account is
        /// closed or blocked.
        Leave = "leave",
        /// Either side adds files.
        AttachFiles = "attach_files",
        /// The provider says how far they are.
        ReportProgress = "report_progress",
        /// Every milestone is settled.
        Complete = "complete",
        /// Every milestone was refunded.
        Revoke = "revoke",
        /// Both sides have agreed to end it.
        Dissolve = "dissolve",
        /// The client calls it off, or the program for a client whose account is closed or blocked.
        Cancel = "cancel",
        /// Its deadline is over.
        Expire = "expire",
        /// One side says what the other was like.
        Review = "review",
    }
);

const CLIENT: &[Party] = &[Party::Client];
const PROVIDER: &[Party] = &[Party::Provider];
const SYSTEM: &[Party] = &[Party::System];
const EITHER: &[Party] = &[Party::Client, Party::Provider];

/// The states of an order.
pub const ORDER_MACHINE: Machine<OrderState, OrderCommand> = {
    use OrderCommand as C;
    use OrderState as S;
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
    const FILES: &str = "one's own files, each attached once; at most 100 of each side";
    const ATTACHED: &str = "seen by whoever may read the order; never outdates bids";
    const CLIENT_GONE: &str = "the client's account is closed or blocked";
    const AS_THE_CLIENT: &str = "as when the client cancels";
    Machine {
        object: "order",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            row(
                None,
                C::Post,
                CLIENT,
                "the deadline is in the future, every milestone too and none after it; whoever is invited is \
                 a provider whose account may be used",
                S::Open,
                "order.posted; order.invited for each invited provider",
            ),
            row(
                Some(S::Open),
                C::Edit,
                CLIENT,
                "a new deadline is in the future, new milestones too and none after it; invitations as below",
                S::Open,
                "order.edited; a material change raises the revision and outdates the live bids",
            ),
            row(
                Some(S::Open),
                C::Invite,
                CLIENT,
                "a provider whose account may be used and who has not declined before",
                S::Open,
                "order.invited, unless they were asked before",
            ),
            row(Some(S::Open), C::AttachFiles, CLIENT, FILES, S::Open, ATTACHED),
            row(Some(S::Active), C::AttachFiles, EITHER, FILES, S::Active, ATTACHED),
            row(
                Some(S::Open),
                C::TakeOffers,
                EITHER,
                "the deadline is not over",
                S::Open,
                "see the bid, which says who may do what",
            ),
            row(
                Some(S::Open),
                C::Expire,
                SYSTEM,
                "the deadline is over, which was not told yet",
                S::Open,
                "order.expired; not available until the client sets a new deadline",
            ),
            row(
                Some(S::Open),
                C::Accept,
                CLIENT,
                "the deadline is not over; the bid is open, at the present revision and not one's own; its \
                 bidder's account may be used; the price can be split over the milestones",
                S::Pending,
                "contract and milestones are made, the other live bids declined; fund follows at once \
                 if the wallet covers it",
            ),
            row(
                Some(S::Pending),
                C::Fund,
                CLIENT,
                "the wallet covers price and fee; also when lapse is overdue",
                S::Active,
                "funding posting; order.started",
            ),
            row(
                Some(S::Pending),
                C::Lapse,
                SYSTEM,
                "7 days since the award",
                S::Cancelled,
                "the bid is declined, the contract ended; order.cancelled",
            ),
            row(
                Some(S::Pending),
                C::Leave,
                PROVIDER,
                "",
                S::Open,
                "the bid is withdrawn, the contract ended, other bids stay declined; order.reopened",
            ),
            row(
                Some(S::Pending),
                C::Leave,
                SYSTEM,
                "the provider's account is closed or blocked",
                S::Open,
                "as when the provider leaves",
            ),
            row(
                Some(S::Active),
                C::ReportProgress,
                PROVIDER,
                "0 to 100",
                S::Active,
                "order.progressed; never touches bids or money",
            ),
            row(
                Some(S::Active),
                C::Complete,
                SYSTEM,
                "the last milestone is settled and something was released",
                S::Completed,
                "progress 100; order.completed; reviews open",
            ),
            row(
                Some(S::Active),
                C::Revoke,
                SYSTEM,
                "the last milestone is settled and everything was refunded",
                S::Cancelled,
                "order.cancelled",
            ),
            row(
                Some(S::Active),
                C::Dissolve,
                SYSTEM,
                "one side has taken the other's proposal to end it; no milestone is disputed",
                S::Cancelled,
                "what is not settled is divided as agreed; order.cancelled",
            ),
            row(Some(S::Open), C::Cancel, CLIENT, "", S::Cancelled, "live bids declined; order.cancelled"),
            row(
                Some(S::Pending),
                C::Cancel,
                CLIENT,
                "",
                S::Cancelled,
                "the accepted bid declined, the contract ended; order.cancelled",
            ),
            row(Some(S::Open), C::Cancel, SYSTEM, CLIENT_GONE, S::Cancelled, AS_THE_CLIENT),
            row(Some(S::Pending), C::Cancel, SYSTEM, CLIENT_GONE, S::Cancelled, AS_THE_CLIENT),
            row(
                Some(S::Completed),
                C::Review,
                EITHER,
                "each side once",
                S::Completed,
                "order.reviewed; counts for the other side's rating",
            ),
        ],
        refusals: &[],
    }
};

impl OrderState {
    /// Whether it stays as it is for good.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Completed | Self::Cancelled => true,
            Self::Open | Self::Pending | Self::Active => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FILES_OF_SIDE;
    use crate::orders::FUNDING_PERIOD;

    #[test]
    fn guards_name_the_limits_that_hold() {
        let limits = [
            (OrderCommand::Lapse, format!("{} days since", FUNDING_PERIOD.num_days())),
            (OrderCommand::AttachFiles, format!("at most {FILES_OF_SIDE} of each side")),
        ];
        for (command, words) in limits {
            let mut rows = ORDER_MACHINE.rows.iter().filter(|row| row.command == command).peekable();
            assert!(rows.peek().is_some(), "{command}");
            assert!(rows.all(|row| row.guard.contains(&words)), "{command}: {words}");
        }
    }
}
