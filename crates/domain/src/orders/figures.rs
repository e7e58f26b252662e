//! Counts, percentages and means shown about orders and bids.

use super::{OrderState, policy};
use crate::identity::Role;
use crate::money::{Currency, Money, MoneyError};

/// `part` of `whole` in per cent, rounded half up; `None` of nothing.
pub(crate) fn percentage(part: u32, whole: u64) -> Option<u32> {
    let doubled = (u64::from(part) * 200).checked_add(whole)?.checked_div(whole.checked_mul(2)?)?;
    u32::try_from(doubled).ok()
}

/// How many orders are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderCounts {
    /// Open.
    pub open: i64,
    /// Pending.
    pub pending: i64,
    /// Active.
    pub active: i64,
    /// Completed.
    pub completed: i64,
    /// Cancelled.
    pub cancelled: i64,
}

impl OrderCounts {
    /// How many are in one state.
    #[must_use]
    pub const fn of(&self, state: OrderState) -> i64 {
        match state {
            OrderState::Open => self.open,
            OrderState::Pending => self.pending,
            OrderState::Active => self.active,
            OrderState::Completed => self.completed,
            OrderState::Cancelled => self.cancelled,
        }
    }

    /// How many are in any of these states.
    #[must_use]
    pub fn total(&self, states: &[OrderState]) -> i64 {
        states.iter().fold(0, |sum, state| sum.saturating_add(self.of(*state)))
    }

    /// How many of one state are told to somebody beside their list; `None` where the list shows none of
    /// it by default.
    #[must_use]
    pub fn told(&self, role: Role, state: OrderState) -> Option<i64> {
        policy::listed_states(role).contains(&state).then_some(self.of(state))
    }

    /// How many somebody's list shows by default (`summary.total_orders`).
    #[must_use]
    pub fn listed(&self, role: Role) -> i64 {
        self.total(policy::listed_states(role))
    }
}

/// The mean of some budgets that add up to `sum_minor`, rounded half up to the cent
/// (`summary.avg_budget`); zero of none.
///
/// # Errors
/// [`MoneyError`], which no sum of budgets makes.
pub fn average_budget(sum_minor: i128, count: u64, currency: Currency) -> Result<Money, MoneyError> {
    let count = i128::from(count);
    let twice =
        sum_minor.checked_mul(2).and_then(|sum| sum.checked_add(count)).ok_or(MoneyError::OutOfRange)?;
    let mean = twice.checked_div(count.saturating_mul(2)).unwrap_or(0);
    Money::total(i64::try_from(mean).map_err(|_| MoneyError::OutOfRange)?, currency)
}

/// How many live bids there are to an order, in tenths, rounded half up
/// (`summary.avg_competition`); 0 without orders.
#[must_use]
pub fn average_competition(bids: u64, orders: u64) -> u64 {
    let twice = bids.saturating_mul(20).saturating_add(orders);
    twice.checked_div(orders.saturating_mul(2)).unwrap_or(0)
}

/// How many of a client's awarded orders that came to an end were completed, in per cent
/// (`client.completion_rate`); `None` before the first one.
#[must_use]
pub fn completion_rate(completed: u32, cancelled_after_award: u32) -> Option<u32> {
    percentage(completed, u64::from(completed) + u64::from(cancelled_after_award))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_counts() {
        let counts = OrderCounts { open: 1, pending: 2, active: 4, completed: 8, cancelled: 16 };
        for role in Role::ALL {
            let (listed, open) = if role.is_provider() { (14, None) } else { (15, Some(1)) };
            assert_eq!(counts.listed(role), listed, "{role}");
            assert_eq!(counts.told(role, OrderState::Open), open, "{role}");
            assert_eq!(counts.told(role, OrderState::Active), Some(4), "{role}");
        }
        assert_eq!(counts.total(OrderState::ALL), 31);
    }

    #[test]
    fn rounded_half_up() {
        let cases =
            [(22, 1, Some(96)), (1, 1, Some(50)), (1, 7, Some(13)), (0, 3, Some(0)), (3, 0, Some(100))];
        for (completed, cancelled, expected) in cases {
            assert_eq!(completion_rate(completed, cancelled), expected, "{completed}, {cancelled}");
        }
        let budgets = [(57_000, 3, 19_000), (100, 3, 33), (200, 3, 67), (1, 2, 1), (0, 0, 0), (0, 5, 0)];
        for (sum, count, mean) in budgets {
            let expected = Money::total(mean, Currency::Usd);
            assert_eq!(average_budget(sum, count, Currency::Usd), expected, "{sum}, {count}");
        }
        let competition = [(83, 10, 83), (25, 3, 83), (1, 3, 3), (1, 4, 3), (1, 2, 5), (0, 4, 0), (7, 0, 0)];
        for (bids, orders, tenths) in competition {
            assert_eq!(average_competition(bids, orders), tenths, "{bids}, {orders}");
        }
        assert_eq!(completion_rate(0, 0), None);
        assert_eq!(completion_rate(u32::MAX, u32::MAX), Some(50));
    }
}
