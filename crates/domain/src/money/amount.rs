//! An amount of money: an integer of minor units with its currency, never below zero.
//!
//! What somebody names (a budget, a bid, a deposit) lies within [`Money::MAX_MINOR`]. Sums of such
//! amounts (a balance, a price with its fee) may lie above it; they are checked against the range
//! of the integer. Signs exist in postings only.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

use crate::machine::word_enum;

word_enum!(
    /// A currency. All of them have two decimals (contract §2).
    Currency {
        /// United States dollar.
        Usd = "USD",
        /// Euro.
        Eur = "EUR",
        /// Pound sterling.
        Gbp = "GBP",
    }
);

/// An amount of money, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not a plain decimal number, or with more than two decimals.
    #[error("must be a number with at most two decimals, such as 115.00")]
    Malformed,
    /// Nothing to move.
    #[error("must be greater than zero")]
    NotPositive,
    /// Below zero, or more taken away than there is.
    #[error("must not be negative")]
    Negative,
    /// Above [`Money::MAX_MINOR`].
    #[error("must be at most 99999999.99")]
    TooLarge,
    /// A sum beyond what the books can hold.
    #[error("the sum is out of range")]
    OutOfRange,
    /// Two amounts of different currencies.
    #[error("{left} and {right} cannot be reckoned together")]
    CurrencyMismatch {
        /// The one currency.
        left: Currency,
        /// The other.
        right: Currency,
    },
}

impl Money {
    /// The largest amount that somebody may name: 99,999,999.99.
    pub const MAX_MINOR: i64 = 9_999_999_999;

    /// An amount that is to be moved, in minor units.
    ///
    /// # Errors
    /// [`MoneyError::NotPositive`], [`MoneyError::TooLarge`].
    pub const fn positive(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        match minor {
            ..=0 => Err(MoneyError::NotPositive),
            1..=Self::MAX_MINOR => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// An amount that may be nothing, in minor units.
    ///
    /// # Errors
    /// [`MoneyError::Negative`], [`MoneyError::TooLarge`].
    pub const fn non_negative(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        match minor {
            ..=-1 => Err(MoneyError::Negative),
            0..=Self::MAX_MINOR => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// A sum of amounts, such as a stored balance, in minor units. Not bounded by
    /// [`Money::MAX_MINOR`].
    ///
    /// # Errors
    /// [`MoneyError::Negative`].
    pub const fn total(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor < 0 { Err(MoneyError::Negative) } else { Ok(Self { minor, currency }) }
    }

    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads the text of a JSON number exactly: digits, and at most two decimals. Exponents, signs
    /// and a third decimal are refused even where they change nothing (`1.150`).
    ///
    /// # Errors
    /// [`MoneyError::Malformed`], [`MoneyError::Negative`] for a leading minus,
    /// [`MoneyError::TooLarge`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(MoneyError::Malformed),
            None => (text, ""),
        };
        let (unsigned, is_negative) = match whole.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (whole, false),
        };
        let is_number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        let has_idle_zero = unsigned.len() > 1 && unsigned.starts_with('0');
        if unsigned.is_empty() || has_idle_zero || !is_number(unsigned) || !is_number(decimals) {
            return Err(MoneyError::Malformed);
        }
        if is_negative {
            return Err(MoneyError::Negative);
        }
        // `5` is fifty hundredths, `05` is five, none is none; with three there is no such number.
        let scale = match decimals.len() {
            0 => 100,
            1 => 10,
            2 => 1,
            _ => return Err(MoneyError::Malformed),
        };
        let minor = format!("{unsigned}{decimals}").parse::<i64>().ok().and_then(|n| n.checked_mul(scale));
        Self::non_negative(minor.ok_or(MoneyError::TooLarge)?, currency)
    }

    /// This amount, if it is one that can be moved.
    ///
    /// # Errors
    /// [`MoneyError::NotPositive`], [`MoneyError::TooLarge`].
    pub const fn must_be_positive(self) -> Result<Self, MoneyError> {
        Self::positive(self.minor, self.currency)
    }

    /// In minor units (cents).
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Of what.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Both together.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.must_match(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// What is left of this without the other.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Negative`] where nothing is left.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.must_match(other)?;
        // Both are zero or more, so the difference is in range.
        Self::total(self.minor.saturating_sub(other.minor), self.currency)
    }

    /// All of them together.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>, currency: Currency) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// Which of the two is more.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn compare(self, other: Self) -> Result<Ordering, MoneyError> {
        self.must_match(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// Whether this is enough to pay the other.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn covers(self, other: Self) -> Result<bool, MoneyError> {
        Ok(self.compare(other)?.is_ge())
    }

    /// The smaller of the two.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn at_most(self, other: Self) -> Result<Self, MoneyError> {
        Ok(if self.compare(other)?.is_gt() { other } else { self })
    }

    /// So many ten-thousandths of this, rounded half up; `basis_points` is at most 10,000.
    pub(super) fn share(self, basis_points: u16) -> Self {
        const WHOLE: i64 = 10_000;
        let rate = i64::from(basis_points);
        // Whole ten-thousandths apart from the rest: no product exceeds the amount, so none overflows.
        let (whole, rest) = (self.minor / WHOLE, self.minor % WHOLE);
        Self { minor: whole * rate + (rest * rate + WHOLE / 2) / WHOLE, ..self }
    }

    fn must_match(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }
}

/// Two decimals, no currency: `115.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.minor / 100, self.minor % 100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    #[test]
    fn bounds_of_what_somebody_may_name() {
        let (max, above) = (Money::MAX_MINOR, Money::MAX_MINOR + 1);
        let cases = [
            (i64::MIN, Err(MoneyError::NotPositive), Err(MoneyError::Negative)),
            (-1, Err(MoneyError::NotPositive), Err(MoneyError::Negative)),
            (0, Err(MoneyError::NotPositive), Ok(usd(0))),
            (1, Ok(usd(1)), Ok(usd(1))),
            (max, Ok(usd(max)), Ok(usd(max))),
            (above, Err(MoneyError::TooLarge), Err(MoneyError::TooLarge)),
            (i64::MAX, Err(MoneyError::TooLarge), Err(MoneyError::TooLarge)),
        ];
        for (minor, positive, non_negative) in cases {
            assert_eq!(Money::positive(minor, Currency::Usd), positive, "{minor}");
            assert_eq!(Money::non_negative(minor, Currency::Usd), non_negative, "{minor}");
        }
    }

    #[test]
    fn numbers_are_read_exactly() {
        let cases = [
            ("115", Ok(11_500)),
            ("115.0", Ok(11_500)),
            ("115.00", Ok(11_500)),
            ("115.10", Ok(11_510)),
            ("0.1", Ok(10)),
            ("0.01", Ok(1)),
            ("0", Ok(0)),
            ("0.00", Ok(0)),
            ("99999999.99", Ok(Money::MAX_MINOR)),
            ("100000000", Err(MoneyError::TooLarge)),
            ("99999999999999999999999", Err(MoneyError::TooLarge)),
            ("9223372036854775807", Err(MoneyError::TooLarge)),
            ("1.150", Err(MoneyError::Malformed)),
            ("0.001", Err(MoneyError::Malformed)),
            ("1e2", Err(MoneyError::Malformed)),
            ("1E2", Err(MoneyError::Malformed)),
            ("1.5e1", Err(MoneyError::Malformed)),
            ("-1", Err(MoneyError::Negative)),
            ("-0", Err(MoneyError::Negative)),
            ("+1", Err(MoneyError::Malformed)),
            ("01", Err(MoneyError::Malformed)),
            ("1.", Err(MoneyError::Malformed)),
            (".5", Err(MoneyError::Malformed)),
            ("1.2.3", Err(MoneyError::Malformed)),
            ("1,50", Err(MoneyError::Malformed)),
            ("\"1\"", Err(MoneyError::Malformed)),
            (" 1", Err(MoneyError::Malformed)),
            ("NaN", Err(MoneyError::Malformed)),
            ("null", Err(MoneyError::Malformed)),
            ("--1", Err(MoneyError::Malformed)),
            ("-", Err(MoneyError::Malformed)),
            ("", Err(MoneyError::Malformed)),
            ("١", Err(MoneyError::Malformed)),
        ];
        for (text, expected) in cases {
            assert_eq!(Money::parse(text, Currency::Usd).map(Money::minor), expected, "{text:?}");
        }
    }

    #[test]
    fn reckoning_is_checked() {
        let eur = Money::total(1, Currency::Eur).unwrap();
        let mismatch = MoneyError::CurrencyMismatch { left: Currency::Usd, right: Currency::Eur };
        assert_eq!(usd(1).plus(eur), Err(mismatch));
        assert_eq!(usd(1).minus(eur), Err(mismatch));
        assert_eq!(usd(1).covers(eur), Err(mismatch));
        assert_eq!(usd(i64::MAX).plus(usd(1)), Err(MoneyError::OutOfRange));
        assert_eq!(usd(1).minus(usd(2)), Err(MoneyError::Negative));
        assert_eq!(usd(0).minus(usd(i64::MAX)), Err(MoneyError::Negative));
        assert_eq!(usd(2).minus(usd(2)), Ok(usd(0)));
        assert_eq!(usd(3).at_most(usd(2)), Ok(usd(2)));
        assert_eq!(usd(2).covers(usd(2)), Ok(true));
        assert_eq!(usd(1).covers(usd(2)), Ok(false));
        assert_eq!(Money::sum([usd(1), usd(2)], Currency::Usd), Ok(usd(3)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(minor in 0..=Money::MAX_MINOR) {
            let money = usd(minor);
            prop_assert_eq!(Money::parse(&money.to_string(), Currency::Usd), Ok(money));
        }

        #[test]
        fn nothing_that_is_read_is_out_of_bounds(text in "[-+0-9.eE ]{0,14}") {
            if let Ok(money) = Money::parse(&text, Currency::Usd) {
                prop_assert!((0..=Money::MAX_MINOR).contains(&money.minor()));
            }
        }
    }
}
