//! The states of a bid.

use crate::actor::Party;
use crate::machine::{Machine, Row, SharpRefusal, word_enum};

word_enum!(
    /// What a bid is waiting for: the fine word.
    BidState {
        /// For the client.
        Open = "open",
        /// For the bidder to confirm it, because the order has changed.
        Changed = "changed",
        /// For the bidder to answer the client's counter-offer.
        Countered = "countered",
        /// For nothing: it won.
        Accepted = "accepted",
        /// For nothing: it lost.
        Declined = "declined",
        /// For nothing: its bidder took it back.
        Withdrawn = "withdrawn",
    }
);
word_enum!(
    /// The coarse word on the wire.
    BidStatus {
        /// The client can accept it.
        Open = "open",
        /// The bidder must speak first.
        Unconfirmed = "unconfirmed",
        /// It won.
        Accepted = "accepted",
        /// It lost.
        Declined = "declined",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
);
word_enum!(
    /// What can be asked of a bid.
    BidCommand {
        /// A provider makes an offer.
        Place = "place",
        /// The bidder makes another one in its place.
        Edit = "edit",
        /// The bidder says that it still holds.
        Confirm = "confirm",
        /// The order has changed.
        Outdate = "outdate",
        /// The client names other terms.
        Counter = "counter",
        /// The bidder takes the client's terms.
        AcceptCounter = "accept_counter",
        /// The bidder keeps to their own.
        RejectCounter = "reject_counter",
        /// The client awards the order.
        Accept = "accept",
        /// The client does not want it.
        Decline = "decline",
        /// Another bid won.
        Lose = "lose",
        /// The order was called off.
        Close = "close",
        /// The bidder takes it back, or the program for one whose account is closed or blocked.
        Withdraw = "withdraw",
    }
);

const CLIENT: &[Party] = &[Party::Client];
const PROVIDER: &[Party] = &[Party::Provider];
const SYSTEM: &[Party] = &[Party::System];
const IN_TIME: &str = "the order's deadline is not over, nor the one that the client named";
const NAMED: &str = "the order's deadline is not over; a deadline that is named is in the future";
const UNTIL: &str = "the order's deadline is not over; the bid's own is in the future";

/// The states of a bid.
pub const BID_MACHINE: Machine<BidState, BidCommand> = {
    use BidCommand as C;
    use BidState as S;
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
    const EDITED: &str = "holds for the present revision; an offer is recorded; bid.edited";
    const COUNTERED: &str = "an offer is recorded; bid.countered";
    const LOST: &str = "bid.declined";
    const BIDDER_GONE: &str = "the bidder's account is closed or blocked";
    const AS_THE_BIDDER: &str = "as when the bidder withdraws it";
    Machine {
        object: "bid",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row {
                from: None,
                command: C::Place,
                who: PROVIDER,
                guard: "the order is open and its deadline not over; not one's own; no live bid of the same \
                        provider; the bid's own deadline is in the future",
                to: S::Open,
                effect: "an offer is recorded; bid.placed",
            },
            row(S::Open, C::Edit, PROVIDER, UNTIL, S::Open, EDITED),
            row(S::Changed, C::Edit, PROVIDER, UNTIL, S::Open, EDITED),
            row(S::Countered, C::Edit, PROVIDER, UNTIL, S::Open, EDITED),
            row(
                S::Changed,
                C::Confirm,
                PROVIDER,
                "the order's deadline is not over, nor the bid's own; a revision, if given, is the present one",
                S::Open,
                "holds for the present revision; bid.confirmed",
            ),
            row(S::Open, C::Outdate, SYSTEM, "", S::Changed, "bid.outdated"),
            row(S::Changed, C::Outdate, SYSTEM, "", S::Changed, "nothing"),
            row(S::Countered, C::Outdate, SYSTEM, "", S::Countered, "nothing"),
            row(S::Open, C::Counter, CLIENT, NAMED, S::Countered, COUNTERED),
            row(S::Changed, C::Counter, CLIENT, NAMED, S::Countered, COUNTERED),
            row(S::Countered, C::Counter, CLIENT, NAMED, S::Countered, COUNTERED),
            row(
                S::Countered,
                C::AcceptCounter,
                PROVIDER,
                IN_TIME,
                S::Open,
                "the client's terms are the bid's, at the present revision; bid.counter_accepted",
            ),
            row(
                S::Countered,
                C::RejectCounter,
                PROVIDER,
                "",
                S::Open,
                "the old terms stay; outdate follows if the order has changed; bid.counter_rejected",
            ),
            row(
                S::Open,
                C::Accept,
                CLIENT,
                "the order accepts bids; not one's own; the bid's own deadline is not over; amount and revision, \
                 if given, are the present ones",
                S::Accepted,
                "the order is awarded; bid.accepted",
            ),
            row(S::Open, C::Decline, CLIENT, "", S::Declined, LOST),
            row(S::Changed, C::Decline, CLIENT, "", S::Declined, LOST),
            row(S::Countered, C::Decline, CLIENT, "", S::Declined, LOST),
            row(S::Open, C::Lose, SYSTEM, "another bid was accepted", S::Declined, LOST),
            row(S::Changed, C::Lose, SYSTEM, "another bid was accepted", S::Declined, LOST),
            row(S::Countered, C::Lose, SYSTEM, "another bid was accepted", S::Declined, LOST),
            row(S::Open, C::Close, SYSTEM, "the order was cancelled", S::Declined, LOST),
            row(S::Changed, C::Close, SYSTEM, "the order was cancelled", S::Declined, LOST),
            row(S::Countered, C::Close, SYSTEM, "the order was cancelled", S::Declined, LOST),
            row(
                S::Accepted,
                C::Close,
                SYSTEM,
                "the order was cancelled or lapsed while pending",
                S::Declined,
                LOST,
            ),
            row(S::Open, C::Withdraw, PROVIDER, "", S::Withdrawn, "bid.withdrawn"),
            row(S::Changed, C::Withdraw, PROVIDER, "", S::Withdrawn, "bid.withdrawn"),
            row(S::Countered, C::Withdraw, PROVIDER, "", S::Withdrawn, "bid.withdrawn"),
            row(
                S::Accepted,
                C::Withdraw,
                PROVIDER,
                "the order is pending",
                S::Withdrawn,
                "the provider leaves the order; bid.withdrawn",
            ),
            row(S::Open, C::Withdraw, SYSTEM, BIDDER_GONE, S::Withdrawn, AS_THE_BIDDER),
            row(S::Changed, C::Withdraw, SYSTEM, BIDDER_GONE, S::Withdrawn, AS_THE_BIDDER),
            row(S::Countered, C::Withdraw, SYSTEM, BIDDER_GONE, S::Withdrawn, AS_THE_BIDDER),
            row(
                S::Accepted,
                C::Withdraw,
                SYSTEM,
                "the order is pending; the bidder's account is closed or blocked",
                S::Withdrawn,
                AS_THE_BIDDER,
            ),
        ],
        refusals: &[
            SharpRefusal {
                state: S::Changed,
                command: C::Accept,
                reason: "bid_unconfirmed",
                message: "the order has changed since this bid; its bidder must confirm it first",
            },
            SharpRefusal {
                state: S::Countered,
                command: C::Accept,
                reason: "counter_pending",
                message: "the bidder has not answered the counter-offer yet",
            },
            SharpRefusal {
                state: S::Countered,
                command: C::Confirm,
                reason: "counter_pending",
                message: "accept or reject the counter-offer, or edit the bid",
            },
        ],
    }
};

impl BidStatus {
    /// The states behind a coarse word.
    #[must_use]
    pub fn states(self) -> Vec<BidState> {
        BidState::ALL.iter().filter(|state| state.status() == self).copied().collect()
    }
}

impl BidState {
    /// Those that still run for an award.
    pub const LIVE: &'static [Self] = &[Self::Open, Self::Changed, Self::Countered];
    /// Those with which their bidder is not offered the order again: all but withdrawn ones, while it
    /// is open.
    pub const HINDERING: &'static [Self] = &[Self::Open, Self::Changed, Self::Countered, Self::Declined];

    /// The coarse word.
    #[must_use]
    pub const fn status(self) -> BidStatus {
        match self {
            Self::Open => BidStatus::Open,
            Self::Changed | Self::Countered => BidStatus::Unconfirmed,
            Self::Accepted => BidStatus::Accepted,
            Self::Declined => BidStatus::Declined,
            Self::Withdrawn => BidStatus::Withdrawn,
        }
    }

    /// Whether the client's terms stand and wait for an answer.
    #[must_use]
    pub const fn is_counter_offer(self) -> bool {
        matches!(self, Self::Countered)
    }

    /// Whether it still runs for an award (`bids_count` counts these).
    #[must_use]
    pub const fn is_live(self) -> bool {
        match self {
            Self::Open | Self::Changed | Self::Countered => true,
            Self::Accepted | Self::Declined | Self::Withdrawn => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_for_an_award_and_who_is_not_offered_it_again() {
        // live, hindering, a counter-offer
        let table = [
            (BidState::Open, true, true, false),
            (BidState::Changed, true, true, false),
            (BidState::Countered, true, true, true),
            (BidState::Accepted, false, false, false),
            (BidState::Declined, false, true, false),
            (BidState::Withdrawn, false, false, false),
        ];
        assert_eq!(table.len(), BidState::ALL.len());
        for (state, is_live, hinders, is_counter_offer) in table {
            assert_eq!(BidState::LIVE.contains(&state), is_live, "{state}");
            assert_eq!(state.is_live(), is_live, "{state}");
            assert_eq!(BidState::HINDERING.contains(&state), hinders, "{state}");
            assert_eq!(state.is_counter_offer(), is_counter_offer, "{state}");
        }
    }
}
