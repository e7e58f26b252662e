//! Splitting a price over milestones, to the last cent.

use thiserror::Error;

use super::{Money, MoneyError};

/// Why a price cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SplitError {
    /// Some part would be less than one minor unit.
    #[error("the amount is too small for {parts} milestones")]
    TooSmall {
        /// How many parts were asked for.
        parts: usize,
    },
    /// Mixed currencies, or weights beyond the range of numbers.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// `parts` equal shares of `price`; the residue goes to the last.
///
/// # Errors
/// [`SplitError::TooSmall`] for no parts, or for less than a minor unit each.
pub fn split_equally(price: Money, parts: usize) -> Result<Vec<Money>, SplitError> {
    split(price, &vec![1; parts])
}

/// Shares of `price` in proportion to `weights`: `floor(weight × price / Σ weights)` each, and the
/// residue goes to the last.
///
/// # Errors
/// [`SplitError::TooSmall`] for no weights, or where a part would be less than a minor unit;
/// [`SplitError::Money`] for mixed currencies.
pub fn split_in_proportion(price: Money, weights: &[Money]) -> Result<Vec<Money>, SplitError> {
    // Only for the currency and the range: the split itself is reckoned in wider integers.
    Money::sum(weights.iter().copied(), price.currency())?;
    let weights: Vec<i64> = weights.iter().map(|weight| weight.minor()).collect();
    split(price, &weights)
}

fn split(price: Money, weights: &[i64]) -> Result<Vec<Money>, SplitError> {
    let too_small = SplitError::TooSmall { parts: weights.len() };
    let total: i128 = weights.iter().copied().map(i128::from).sum();
    let mut left = price;
    let mut parts = Vec::with_capacity(weights.len());
    let (_, all_but_last) = weights.split_last().ok_or(too_small)?;
    for weight in all_but_last {
        let share = (i128::from(*weight) * i128::from(price.minor())).checked_div(total).ok_or(too_small)?;
        let minor = i64::try_from(share).map_err(|_| MoneyError::OutOfRange)?;
        let part = Money::total(minor, price.currency())?;
        left = left.minus(part)?;
        parts.push(part);
    }
    parts.push(left);
    if parts.iter().any(|part| part.is_zero()) { Err(too_small) } else { Ok(parts) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn minors(parts: Result<Vec<Money>, SplitError>) -> Result<Vec<i64>, SplitError> {
        parts.map(|parts| parts.into_iter().map(Money::minor).collect())
    }

    #[test]
    fn the_residue_goes_to_the_last() {
        assert_eq!(minors(split_equally(usd(10_001), 3)), Ok(vec![3_333, 3_333, 3_335]));
        assert_eq!(minors(split_equally(usd(10_000), 1)), Ok(vec![10_000]));
        let weights = [usd(5_000), usd(2_500), usd(2_500)];
        assert_eq!(minors(split_in_proportion(usd(11_501), &weights)), Ok(vec![5_750, 2_875, 2_876]));
    }

    #[test]
    fn nobody_works_for_less_than_a_cent() {
        let too_small = |parts| Err(SplitError::TooSmall { parts });
        assert_eq!(minors(split_equally(usd(2), 3)), too_small(3));
        assert_eq!(minors(split_equally(usd(3), 3)), Ok(vec![1, 1, 1]));
        assert_eq!(minors(split_equally(usd(0), 1)), too_small(1));
        assert_eq!(minors(split_equally(usd(1), 0)), too_small(0));
        assert_eq!(minors(split_in_proportion(usd(5_000), &[usd(1), usd(100_000)])), too_small(2));
        assert_eq!(minors(split_in_proportion(usd(5_000), &[usd(0), usd(0)])), too_small(2));
    }

    #[test]
    fn currencies_do_not_mix() {
        let eur = Money::total(1, Currency::Eur).unwrap();
        assert!(matches!(split_in_proportion(usd(100), &[usd(1), eur]), Err(SplitError::Money(_))));
    }

    #[test]
    fn fifty_of_the_largest_do_not_overflow() {
        let weights = vec![usd(Money::MAX_MINOR); 50];
        let parts = split_in_proportion(usd(Money::MAX_MINOR), &weights).unwrap();
        assert_eq!(Money::sum(parts, Currency::Usd), Ok(usd(Money::MAX_MINOR)));
    }

    proptest! {
        #[test]
        fn parts_add_up_exactly(
            price in 1..=Money::MAX_MINOR,
            weights in prop::collection::vec(1..=Money::MAX_MINOR, 1..=50),
        ) {
            let given: Vec<_> = weights.iter().map(|weight| usd(*weight)).collect();
            for parts in [split_in_proportion(usd(price), &given), split_equally(usd(price), given.len())] {
                let Ok(parts) = parts else { continue };
                prop_assert_eq!(parts.len(), weights.len());
                prop_assert!(parts.iter().all(|part| part.minor() >= 1));
                prop_assert_eq!(parts.iter().map(|part| part.minor()).sum::<i64>(), price);
            }
        }

        #[test]
        fn equal_shares_fail_only_below_a_cent_each(price in 0..200_i64, parts in 1..=50_usize) {
            let enough = usize::try_from(price).unwrap() >= parts;
            prop_assert_eq!(split_equally(usd(price), parts).is_ok(), enough);
        }
    }
}
