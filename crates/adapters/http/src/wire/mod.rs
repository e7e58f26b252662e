//! Wire types that every module shares.

mod amount;
mod figures;
mod id;
mod moment;
mod names;
mod signed;
mod words;

use serde::{Deserialize, Deserializer};

pub(crate) use amount::{Amount, AmountBound, GivenAmount, GivenShare, to_be_moved};
pub(crate) use figures::{Tenths, rating, success_rate};
pub(crate) use id::{GivenId, given_order, hyphenated};
pub(crate) use moment::{GivenMoment, NoMoment, Timestamp};
pub(crate) use names::{AccountName, BidName, OrderName, WithdrawalName};
pub(crate) use signed::SignedAmount;
pub(crate) use words::words;

/// Reads an optional field that may be left out but not be null.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads an optional field in which null is a value of its own: `Some(None)`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
