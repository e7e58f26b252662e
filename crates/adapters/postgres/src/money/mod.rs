//! The books, deposits and withdrawals: rows, statements and questions.

pub(crate) mod chargeback_views;
pub(crate) mod chargebacks;
pub(crate) mod deposits;
mod entries;
pub(crate) mod ledger;
mod queries;
mod unattended;
pub(crate) mod wallets;
pub(crate) mod withdrawal_views;
pub(crate) mod withdrawals;

use std::fmt::Display;

use domain::money::{Currency, Money};
use ports::store::StoreError;

use crate::error::corrupt;

/// The stored word of a currency.
pub(crate) fn currency(table: &'static str, row: impl Display, word: &str) -> Result<Currency, StoreError> {
    Currency::from_word(word).ok_or_else(|| corrupt(table, "currency", row, "is no currency"))
}

/// A stored amount that somebody once named: above zero and within bounds.
pub(crate) fn named(
    table: &'static str,
    column: &'static str,
    row: impl Display,
    minor: i64,
    currency: Currency,
) -> Result<Money, StoreError> {
    Money::positive(minor, currency).map_err(|problem| corrupt(table, column, row, problem))
}

/// A stored sum of amounts: zero or more.
pub(crate) fn total(
    table: &'static str,
    column: &'static str,
    row: impl Display,
    minor: i64,
    currency: Currency,
) -> Result<Money, StoreError> {
    Money::total(minor, currency).map_err(|problem| corrupt(table, column, row, problem))
}

/// The amount of a row that has one, beside its currency.
fn amount(
    table: &'static str,
    row: impl Display + Copy,
    minor: i64,
    word: &str,
) -> Result<Money, StoreError> {
    named(table, "amount_minor", row, minor, currency(table, row, word)?)
}
