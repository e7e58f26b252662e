//! Bids and the offers made about them: rows, statements and questions.

pub(crate) mod offers;
mod queries;
pub(crate) mod repository;
mod rows;
pub(crate) mod saving;
pub(crate) mod stage;
mod views;

use domain::bidding::BidState;
use domain::ids::BidId;
use ports::store::StoreError;

use crate::error::corrupt;

/// The stored number of a bid.
pub(crate) fn bid_id(table: &'static str, column: &'static str, number: i64) -> Result<BidId, StoreError> {
    BidId::new(number).ok_or_else(|| corrupt(table, column, number, "is no number of a bid"))
}

pub(crate) fn state(id: BidId, word: &str) -> Result<BidState, StoreError> {
    BidState::from_word(word).ok_or_else(|| corrupt("bids", "state", id, "is no state"))
}
