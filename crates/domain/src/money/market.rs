//! What this marketplace takes for money: one currency, amounts above zero, and the ways of paying in that
//! are open.

use thiserror::Error;

use super::{Currency, Money, MoneyError, Outside};

/// What is spent and earned here; there is no other currency yet.
pub const MARKET_CURRENCY: Currency = Currency::Usd;

/// Why an amount cannot be paid in or out here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unpayable {
    /// Nothing, or more than anybody may name (400).
    #[error(transparent)]
    Amount(#[from] MoneyError),
    /// Not of [`MARKET_CURRENCY`] (422).
    #[error("This currency is not available here")]
    CurrencyUnavailable,
}

impl Unpayable {
    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::Amount(_) => None,
            Self::CurrencyUnavailable => Some("currency_unavailable"),
        }
    }
}

/// That an amount can be paid in or out: something, and of the one currency there is.
///
/// # Errors
/// [`Unpayable`].
pub fn must_be_payable(amount: Money) -> Result<(), Unpayable> {
    amount.must_be_positive()?;
    if amount.currency() == MARKET_CURRENCY { Ok(()) } else { Err(Unpayable::CurrencyUnavailable) }
}

/// Which ways of paying in are open, by how the program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayIn {
    /// Whether play money is taken: never in production.
    pub sandbox: bool,
}

impl PayIn {
    /// Every way of paying in that there is, open or not.
    pub const WAYS: [Outside; 1] = [Outside::Sandbox];

    /// Whether money may be paid in through it.
    #[must_use]
    pub const fn is_open(self, through: Outside) -> bool {
        match through {
            Outside::Sandbox => self.sandbox,
            Outside::Stripe | Outside::BankTransfer | Outside::PayPal | Outside::MobileMoney => false,
        }
    }
}

impl Outside {
    /// Whether money that is paid in through it is there as soon as somebody asks for it, with nobody to
    /// wait for.
    #[must_use]
    pub const fn pays_at_once(self) -> bool {
        match self {
            Self::Sandbox => true,
            Self::Stripe | Self::BankTransfer | Self::PayPal | Self::MobileMoney => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_of_the_one_currency() {
        use Currency::{Eur, Usd};
        let most = Money::MAX_MINOR;
        for (minor, currency, expected) in [
            (1, Usd, Ok(())),
            (most, Usd, Ok(())),
            (0, Usd, Err(Unpayable::Amount(MoneyError::NotPositive))),
            (most + 1, Usd, Err(Unpayable::Amount(MoneyError::TooLarge))),
            (1, Eur, Err(Unpayable::CurrencyUnavailable)),
            (0, Eur, Err(Unpayable::Amount(MoneyError::NotPositive))),
        ] {
            let amount = Money::total(minor, currency).unwrap();
            assert_eq!(must_be_payable(amount), expected, "{minor} {currency}");
        }
    }

    #[test]
    fn play_money_is_the_one_way_in_and_closed_in_production() {
        for (sandbox, open) in [(true, &PayIn::WAYS[..]), (false, &[])] {
            let ways = Outside::ALL.iter().copied().filter(|way| PayIn { sandbox }.is_open(*way));
            assert_eq!(ways.collect::<Vec<_>>(), open);
        }
        let at_once = Outside::ALL.iter().copied().filter(|way| way.pays_at_once());
        assert_eq!(at_once.collect::<Vec<_>>(), [Outside::Sandbox]);
    }
}
