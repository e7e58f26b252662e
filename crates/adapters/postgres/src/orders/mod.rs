//! Orders and invitations: rows, statements and questions.

mod attached;
mod available;
mod cards;
pub(crate) mod detail;
mod due;
mod everybodys;
pub(crate) mod invitations;
mod json;
mod lists;
mod queries;
pub(crate) mod repository;
mod rows;
mod search;

pub(crate) use available::{Sought, Sums};
pub(crate) use everybodys::Everybodys;
pub(crate) use lists::TallyRow;

use domain::ids::OrderId;
use domain::money::Currency;
use domain::orders::OrderState;
use ports::store::StoreError;

use crate::error::corrupt;

/// What budgets are named and orders paid in; there is no other currency yet.
const CURRENCY: Currency = Currency::Usd;

/// The stored number of an order.
pub(crate) fn order_id(
    table: &'static str,
    column: &'static str,
    number: i64,
) -> Result<OrderId, StoreError> {
    OrderId::new(number).ok_or_else(|| corrupt(table, column, number, "is no number of an order"))
}

pub(crate) fn state(id: OrderId, word: &str) -> Result<OrderState, StoreError> {
    OrderState::from_word(word).ok_or_else(|| corrupt("orders", "state", id, "is no state"))
}
