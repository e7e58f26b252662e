//! The books, deposits and withdrawals: rows, statements and questions.

pub(crate) mod deposits;
mod entries;
pub(crate) mod ledger;
mod queries;
pub(crate) mod range;
pub(crate) mod wallets;
pub(crate) mod withdrawal_views;
pub(crate) mod withdrawals;

use domain::money::{Currency, Money};
use ports::store::StoreError;

use crate::error::corrupt;

/// The stored word of a currency.
fn currency(table: &'static str, row: impl std::fmt::Display, word: &str) -> Result<Currency, StoreError> {
    Currency::from_word(word).ok_or_else(|| corrupt(table, "currency", row, "is no currency"))
}

/// A stored amount that somebody once named: above zero and within bounds.
fn amount(
    table: &'static str,
    row: impl std::fmt::Display + Copy,
    minor: i64,
    word: &str,
) -> Result<Money, StoreError> {
    Money::positive(minor, currency(table, row, word)?)
        .map_err(|problem| corrupt(table, "amount_minor", row, problem))
}
