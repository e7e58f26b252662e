//! What requests say about the terms of a bid, read into the domain's types.

use chrono::{DateTime, Utc};
use domain::money::{Money, MoneyError};
use usecases::money::CURRENCY;

use crate::wire::{GivenAmount, GivenMoment, NoMoment};

/// A price.
pub(super) fn amount(given: &GivenAmount) -> Result<Money, MoneyError> {
    given.to_be_moved(CURRENCY)
}

/// A deadline, if one is named.
pub(super) fn deadline(given: Option<&GivenMoment>) -> Result<Option<DateTime<Utc>>, NoMoment> {
    given.map(GivenMoment::read).transpose()
}
