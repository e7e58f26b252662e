//! What the platform takes: a share in basis points, rounded half up, reckoned cumulatively.
//!
//! A fee is never reckoned on one release alone. It is the fee of everything released of the
//! contract so far, less what was taken already: then any partition and any order of releases
//! costs the same in total (contract §5).

use thiserror::Error;

use super::{Money, MoneyError};

/// A share in hundredths of a per cent: 1,000 is 10 %. From 0 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BasisPoints(u16);

/// Why a share was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between 0 and 10000 basis points")]
pub struct BasisPointsError;

impl BasisPoints {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One of two equal parts.
    pub const HALF: Self = Self(5_000);

    /// Checks a share.
    ///
    /// # Errors
    /// [`BasisPointsError`] above 10,000.
    pub const fn new(basis_points: u16) -> Result<Self, BasisPointsError> {
        if basis_points > 10_000 { Err(BasisPointsError) } else { Ok(Self(basis_points)) }
    }

    /// The bare number, for storage.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// This share of `base`, rounded half up to the minor unit.
    #[must_use]
    pub fn of(self, base: Money) -> Money {
        base.share(self.0)
    }
}

/// Both fees, as they were when the contract was made. They never change afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeRule {
    /// Taken from the provider at each release.
    pub provider: BasisPoints,
    /// Paid by the client on top of the price when escrow is funded.
    pub client: BasisPoints,
}

impl FeeRule {
    /// No fees.
    pub const NONE: Self = Self { provider: BasisPoints::ZERO, client: BasisPoints::ZERO };
}

/// The fee of releasing `amount` when `released` has been released before: the fee of both
/// together, less what has been taken for the first.
///
/// # Errors
/// [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
pub(super) fn of_release(rate: BasisPoints, released: Money, amount: Money) -> Result<Money, MoneyError> {
    rate.of(released.plus(amount)?).minus(rate.of(released))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn bps(basis_points: u16) -> BasisPoints {
        BasisPoints::new(basis_points).unwrap()
    }

    fn fees_of(rate: BasisPoints, releases: &[i64]) -> Vec<i64> {
        let mut released = usd(0);
        let mut fees = Vec::new();
        for release in releases {
            fees.push(of_release(rate, released, usd(*release)).unwrap().minor());
            released = released.plus(usd(*release)).unwrap();
        }
        fees
    }

    #[test]
    fn a_share_is_rounded_half_up() {
        let cases = [
            (10_001, 1_000, 1_000),
            (10_004, 1_000, 1_000),
            (10_005, 1_000, 1_001),
            (1, 4_999, 0),
            (1, 5_000, 1),
            (0, 10_000, 0),
            (Money::MAX_MINOR, 10_000, Money::MAX_MINOR),
            (Money::MAX_MINOR, 0, 0),
            (i64::MAX, 10_000, i64::MAX),
        ];
        for (base, rate, fee) in cases {
            assert_eq!(bps(rate).of(usd(base)).minor(), fee, "{rate} of {base}");
        }
        assert!(BasisPoints::new(10_001).is_err());
    }

    #[test]
    fn the_example_of_the_contract() {
        assert_eq!(bps(1_000).of(usd(10_001)).minor(), 1_000);
        assert_eq!(fees_of(bps(1_000), &[3_333, 3_333, 3_335]), [333, 334, 333]);
        assert_eq!(fees_of(bps(1_000), &[10_001]), [1_000]);
    }

    proptest! {
        #[test]
        fn any_partition_in_any_order_costs_the_same(
            (releases, shuffled) in prop::collection::vec(0..=10_000_000_i64, 1..20)
                .prop_flat_map(|parts| (Just(parts.clone()), Just(parts).prop_shuffle())),
            rate in 0..=10_000_u16,
        ) {
            let total: i64 = releases.iter().sum();
            let at_once = bps(rate).of(usd(total)).minor();
            prop_assert_eq!(fees_of(bps(rate), &releases).iter().sum::<i64>(), at_once);
            prop_assert_eq!(fees_of(bps(rate), &shuffled).iter().sum::<i64>(), at_once);
            prop_assert_eq!(fees_of(bps(rate), &[total]), [at_once]);
        }

        #[test]
        fn no_fee_is_negative_or_more_than_its_release(
            before in 0..=Money::MAX_MINOR, release in 0..=Money::MAX_MINOR, rate in 0..=10_000_u16,
        ) {
            let fee = of_release(bps(rate), usd(before), usd(release)).unwrap();
            prop_assert!(fee.minor() <= release);
        }

        #[test]
        fn the_share_is_the_one_of_the_formula(base in 0..=i64::MAX, rate in 0..=10_000_u16) {
            let exact = (i128::from(base) * i128::from(rate) + 5_000) / 10_000;
            prop_assert_eq!(i128::from(bps(rate).of(usd(base)).minor()), exact);
        }
    }
}
