//! What requests say about the terms of a bid, read into the domain's types.

use chrono::{DateTime, Utc};
use domain::money::{MARKET_CURRENCY, Money, MoneyError};

use crate::wire::{GivenAmount, GivenMoment, NoMoment};

/// A price.
pub(super) fn amount(given: &GivenAmount) -> Result<Money, MoneyError> {
    given.to_be_moved(MARKET_CURRENCY)
}

/// A revision of an order, if one is named: they are counted from 1.
pub(super) fn revision(given: Option<i64>) -> Result<Option<i64>, &'static str> {
    if given.is_some_and(|revision| revision < 1) { Err("must be at least 1") } else { Ok(given) }
}

/// A deadline, if one is named.
pub(super) fn deadline(given: Option<&GivenMoment>) -> Result<Option<DateTime<Utc>>, NoMoment> {
    given.map(GivenMoment::read).transpose()
}
