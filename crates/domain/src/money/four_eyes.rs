//! How many administrators a withdrawal needs.

use super::{Money, MoneyError};

/// Above which amount a withdrawal needs two different administrators; `None`: never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FourEyes {
    /// Up to here, this amount included, one administrator is enough.
    pub limit: Option<Money>,
}

impl FourEyes {
    /// Whether so much needs a second administrator.
    ///
    /// # Errors
    /// [`MoneyError`] for an amount in another currency than the limit's.
    pub fn are_needed_for(self, amount: Money) -> Result<bool, MoneyError> {
        let Some(limit) = self.limit else { return Ok(false) };
        Ok(!limit.covers(amount)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn above_the_limit_two_are_needed() {
        let usd = |minor| Money::total(minor, Currency::Usd).unwrap();
        for (limit, amount, needed) in [
            (None, Money::MAX_MINOR, false),
            (Some(100), 99, false),
            (Some(100), 100, false),
            (Some(100), 101, true),
            (Some(0), 1, true),
        ] {
            let four_eyes = FourEyes { limit: limit.map(usd) };
            assert_eq!(four_eyes.are_needed_for(usd(amount)), Ok(needed), "{limit:?} {amount}");
        }
        let euro = Money::total(1, Currency::Eur).unwrap();
        assert!(FourEyes { limit: Some(usd(1)) }.are_needed_for(euro).is_err(), "nothing is converted");
    }
}
