//! Which orders a provider is offered, and how urgent they are.

use chrono::{DateTime, TimeDelta, Utc};

use super::OrderState;
use crate::machine::word_enum;

word_enum!(
    /// How soon the deadline is.
    Urgency {
        /// Up to 96 hours.
        High = "high",
        /// Up to 240 hours.
        Medium = "medium",
        /// Longer.
        Low = "low",
    }
);

const HIGH: TimeDelta = TimeDelta::hours(96);
const MEDIUM: TimeDelta = TimeDelta::hours(240);

/// How urgent an order with this deadline is at `now`.
#[must_use]
pub fn urgency(deadline: DateTime<Utc>, now: DateTime<Utc>) -> Urgency {
    let left = deadline - now;
    if left <= HIGH {
        Urgency::High
    } else if left <= MEDIUM {
        Urgency::Medium
    } else {
        Urgency::Low
    }
}

/// What decides whether an order is offered to one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability {
    /// The order's state.
    pub state: OrderState,
    /// Its deadline.
    pub deadline: DateTime<Utc>,
    /// Whether this provider has a bid on it that is open, unconfirmed or declined.
    pub has_bid: bool,
    /// Whether this provider was invited and said no.
    pub has_declined_invitation: bool,
}

impl Availability {
    /// Whether the order is among the provider's available orders at `now`.
    #[must_use]
    pub fn is_available(&self, now: DateTime<Utc>) -> bool {
        self.state == OrderState::Open
            && now < self.deadline
            && !self.has_bid
            && !self.has_declined_invitation
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000 + hours * 3_600, 0).unwrap()
    }

    #[test]
    fn the_hours_of_the_contract() {
        let second = TimeDelta::seconds(1);
        let cases = [
            (at(-1), Urgency::High),
            (at(1), Urgency::High),
            (at(96), Urgency::High),
            (at(96) + second, Urgency::Medium),
            (at(240), Urgency::Medium),
            (at(240) + second, Urgency::Low),
        ];
        for (deadline, expected) in cases {
            assert_eq!(urgency(deadline, at(0)), expected, "{deadline}");
        }
    }

    #[test]
    fn only_what_one_can_still_bid_on_is_offered() {
        let offered = Availability {
            state: OrderState::Open,
            deadline: at(1),
            has_bid: false,
            has_declined_invitation: false,
        };
        assert!(offered.is_available(at(0)));
        assert!(!offered.is_available(at(1)), "the deadline itself is too late");
        assert!(!Availability { has_bid: true, ..offered }.is_available(at(0)));
        assert!(!Availability { has_declined_invitation: true, ..offered }.is_available(at(0)));
        for state in OrderState::ALL {
            let available = Availability { state: *state, ..offered }.is_available(at(0));
            assert_eq!(available, *state == OrderState::Open, "{state}");
        }
    }
}
