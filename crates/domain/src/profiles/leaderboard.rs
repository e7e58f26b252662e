//! The ranking of providers (contract §6).
//!
//! Of those who may be ([`super::policy::may_be_ranked`]), whoever has completed an order is ranked: by what they have earned, then by how many orders they
//! have completed, then by their rating, then by their id, so that nobody shares a place. A store that
//! ranks by itself, because there are many, must come to the same (`adapter-memory`'s contract suite).

use std::cmp::Reverse;

use chrono::{DateTime, Datelike, Days, NaiveTime, Utc};

use super::Figures;
use crate::ids::UserId;
use crate::machine::word_enum;
use crate::money::Money;

word_enum!(
    /// Which completed orders count.
    Period {
        /// Every one.
        AllTime = "all-time",
        /// Those of the present calendar month.
        Monthly = "monthly",
        /// Those of the present ISO week, which begins on Monday.
        Weekly = "weekly",
    }
);

impl Period {
    /// When it began, in UTC; `None` where there is no beginning.
    #[must_use]
    pub fn since(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.date_naive();
        let gone = match self {
            Self::AllTime => return None,
            Self::Monthly => today.day0(),
            Self::Weekly => today.weekday().num_days_from_monday(),
        };
        // Only at the beginning of time itself is there no such day.
        let first = today.checked_sub_days(Days::new(gone.into())).unwrap_or(today);
        Some(first.and_time(NaiveTime::MIN).and_utc())
    }
}

/// What one provider has achieved in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Achievement {
    /// Who.
    pub user_id: UserId,
    /// Orders of theirs that were completed in the period.
    pub orders_completed: u32,
    /// What these have brought them, net of fees. Of all time it is all that they ever earned here,
    /// as their balance shows it.
    pub total_earned: Money,
    /// What all their orders and reviews ever add up to.
    pub figures: Figures,
}

/// Best first, of people who may be ranked. All amounts are of one currency; whoever has completed nothing
/// is left out.
#[must_use]
pub fn rank(achievements: impl IntoIterator<Item = Achievement>) -> Vec<Achievement> {
    let mut ranked: Vec<_> = achievements.into_iter().filter(|one| one.orders_completed > 0).collect();
    ranked.sort_by_key(|one| {
        let best_first = (one.total_earned.minor(), one.orders_completed, one.figures.rating());
        (Reverse(best_first), one.user_id)
    });
    ranked
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::money::Currency;

    #[test]
    fn periods_begin_at_midnight_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (now, month, week) in [
            // A Monday, a Sunday, and a week that began in another year.
            ("2024-01-15T10:30:00Z", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z"),
            ("2024-01-21T23:59:59.999Z", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z"),
            ("2024-01-22T00:00:00Z", "2024-01-01T00:00:00Z", "2024-01-22T00:00:00Z"),
            ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2024-12-30T00:00:00Z"),
            ("2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z", "2024-02-26T00:00:00Z"),
        ] {
            let now = at(now);
            assert_eq!(Period::Monthly.since(now), Some(at(month)), "{now}");
            assert_eq!(Period::Weekly.since(now), Some(at(week)), "{now}");
            assert_eq!(Period::AllTime.since(now), None);
        }
        assert_eq!(
            Period::Monthly.since(DateTime::<Utc>::MIN_UTC).map(|since| since.time()),
            Some(NaiveTime::MIN)
        );
    }

    /// Earned, completed, sum and number of ratings.
    fn one(id: u128, earned: i64, completed: u32, (sum, count): (u32, u32)) -> Achievement {
        Achievement {
            user_id: UserId::new(Uuid::from_u128(id)),
            orders_completed: completed,
            total_earned: Money::total(earned, Currency::Usd).unwrap(),
            figures: Figures {
                orders_total: completed,
                orders_completed: completed,
                rating_sum: sum,
                rating_count: count,
                ..Figures::default()
            },
        }
    }

    #[test]
    fn money_then_orders_then_rating_then_id() {
        let ranked = rank([
            one(9, 0, 0, (5, 1)),
            one(8, 100, 2, (0, 0)),
            one(7, 100, 2, (9, 2)),
            one(6, 100, 2, (5, 1)),
            // The mean to two decimals is that of the next one, so that the id decides.
            one(5, 100, 2, (1000, 300)),
            one(4, 100, 2, (999, 300)),
            one(3, 100, 3, (0, 0)),
            one(2, 2_678_000, 142, (99, 20)),
            one(1, 2_845_000, 158, (49, 10)),
            one(10, 0, 1, (5, 1)),
        ]);
        let ids: Vec<_> = ranked.iter().map(|one| one.user_id.uuid().as_u128()).collect();
        assert_eq!(ids, [1, 2, 3, 6, 7, 4, 5, 8, 10]);
    }
}
