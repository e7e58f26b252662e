//! The figures shown about a person, as exact fractions of integers (contract §3).

use crate::orders::completion_rate;

/// What a person's orders and reviews add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Orders that they posted, as a client.
    pub orders_posted: u32,
    /// Orders ever active: awarded and funded.
    pub orders_total: u32,
    /// Those of them that were completed.
    pub orders_completed: u32,
    /// Orders of theirs, as a client, that were called off after the award.
    pub orders_cancelled: u32,
    /// Sum of all ratings received, each 1 to 5.
    pub rating_sum: u32,
    /// How many ratings that is.
    pub rating_count: u32,
}

/// Mean of the reviews, in hundredths: 480 is 4.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rating(u32);

/// Completed orders of all that were ever active, in tenths of a per cent: 933 is 93.3 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SuccessRate(u32);

impl Rating {
    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl SuccessRate {
    /// In tenths of a per cent.
    #[must_use]
    pub const fn permille(self) -> u32 {
        self.0
    }
}

impl Figures {
    /// The mean of the reviews to two decimals, rounded half up; `None` before the first one.
    #[must_use]
    pub fn rating(&self) -> Option<Rating> {
        let (sum, count) = (u64::from(self.rating_sum), u64::from(self.rating_count));
        let doubled = (sum * 200 + count).checked_div(count * 2)?;
        u32::try_from(doubled).ok().map(Rating)
    }

    /// Completed × 100 / total with one decimal, cut off and not rounded; `None` before the first order.
    #[must_use]
    pub fn success_rate(&self) -> Option<SuccessRate> {
        let permille =
            (u64::from(self.orders_completed) * 1_000).checked_div(u64::from(self.orders_total))?;
        u32::try_from(permille).ok().map(SuccessRate)
    }

    /// See [`completion_rate`].
    #[must_use]
    pub fn completion_rate(&self) -> Option<u32> {
        completion_rate(self.orders_completed, self.orders_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(completed: u32, total: u32) -> Figures {
        Figures { orders_completed: completed, orders_total: total, ..Figures::default() }
    }

    fn ratings(sum: u32, count: u32) -> Figures {
        Figures { rating_sum: sum, rating_count: count, ..Figures::default() }
    }

    #[test]
    fn the_success_rate_is_cut_off() {
        let cases = [(42, 45, 933), (158, 160, 987), (2, 3, 666), (0, 7, 0), (7, 7, 1000)];
        for (completed, total, permille) in cases {
            assert_eq!(orders(completed, total).success_rate().map(SuccessRate::permille), Some(permille));
        }
        assert_eq!(orders(0, 0).success_rate(), None);
    }

    #[test]
    fn the_rating_is_rounded_half_up_to_two_decimals() {
        let cases = [(24, 5, 480), (99, 20, 495), (14, 3, 467), (13, 3, 433), (5, 1, 500), (801, 200, 401)];
        for (sum, count, hundredths) in cases {
            assert_eq!(
                ratings(sum, count).rating().map(Rating::hundredths),
                Some(hundredths),
                "{sum}/{count}"
            );
        }
        assert_eq!(ratings(0, 0).rating(), None);
    }

    #[test]
    fn no_figures_overflow() {
        let most = Figures {
            orders_total: 1,
            orders_completed: u32::MAX,
            rating_sum: u32::MAX,
            rating_count: 1,
            ..Figures::default()
        };
        assert_eq!(most.rating(), None);
        assert_eq!(most.success_rate(), None);
    }
}
