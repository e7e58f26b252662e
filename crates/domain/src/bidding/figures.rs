//! How many bids are in which state, and how often they win.

use super::{BidState, BidStatus, policy};
use crate::orders::percentage;

/// How many bids are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BidCounts {
    /// Open.
    pub open: i64,
    /// Changed.
    pub changed: i64,
    /// Countered.
    pub countered: i64,
    /// Accepted.
    pub accepted: i64,
    /// Declined.
    pub declined: i64,
    /// Withdrawn.
    pub withdrawn: i64,
}

impl BidCounts {
    /// How many are in one state.
    #[must_use]
    pub const fn of(&self, state: BidState) -> i64 {
        match state {
            BidState::Open => self.open,
            BidState::Changed => self.changed,
            BidState::Countered => self.countered,
            BidState::Accepted => self.accepted,
            BidState::Declined => self.declined,
            BidState::Withdrawn => self.withdrawn,
        }
    }

    /// How many are in any of these states.
    #[must_use]
    pub fn total(&self, states: &[BidState]) -> i64 {
        states.iter().fold(0, |sum, state| sum.saturating_add(self.of(*state)))
    }

    /// How many are of one coarse word.
    #[must_use]
    pub fn of_status(&self, status: BidStatus) -> i64 {
        self.total(&status.states())
    }

    /// How many the list shows by default (`summary.total_bids`).
    #[must_use]
    pub fn listed(&self) -> i64 {
        self.total(&policy::placed_states(None))
    }

    /// Accepted bids of all that were answered, in whole per cent rounded half up
    /// (`summary.success_rate`); 0 before the first answer.
    #[must_use]
    pub fn success_rate(&self) -> u32 {
        let count = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        let (accepted, declined) = (count(self.accepted), count(self.declined));
        percentage(accepted, u64::from(accepted) + u64::from(declined)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_half_up() {
        let cases = [
            (16, 8, 67),
            (1, 2, 33),
            (1, 1, 50),
            (1, 199, 1),
            (1, 200, 0),
            (5, 0, 100),
            (0, 5, 0),
            (0, 0, 0),
            (i64::MAX, i64::MAX, 50),
        ];
        for (accepted, declined, expected) in cases {
            let counts = BidCounts { accepted, declined, open: 7, withdrawn: 9, ..BidCounts::default() };
            assert_eq!(counts.success_rate(), expected, "{accepted} of {accepted} + {declined}");
        }
    }

    #[test]
    fn what_a_list_counts() {
        let counts =
            BidCounts { open: 1, changed: 2, countered: 4, accepted: 8, declined: 16, withdrawn: 32 };
        let of_word = [
            (BidStatus::Open, 1),
            (BidStatus::Unconfirmed, 6),
            (BidStatus::Accepted, 8),
            (BidStatus::Declined, 16),
            (BidStatus::Withdrawn, 32),
        ];
        for (status, expected) in of_word {
            assert_eq!(counts.of_status(status), expected, "{status}");
        }
        assert_eq!(counts.listed(), 23, "accepted ones are orders by then");
        assert_eq!(counts.total(BidState::ALL), 63);
    }
}
