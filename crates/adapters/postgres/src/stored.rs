//! Stored values in the words of the domain: what it cannot hold is named.

use std::fmt::Display;

use domain::text::TextError;
use ports::store::StoreError;

use crate::error::corrupt;

/// Where a value is stored: the column of a table and the key of a row.
#[derive(Clone, Copy)]
pub(crate) struct Place<R> {
    pub(crate) table: &'static str,
    pub(crate) row: R,
}

impl<R: Display + Copy> Place<R> {
    /// A text that somebody once typed.
    pub(crate) fn text<T>(
        self,
        column: &'static str,
        stored: &str,
        parse: fn(&str) -> Result<T, TextError>,
    ) -> Result<T, StoreError> {
        parse(stored).map_err(|problem| self.corrupt(column, problem))
    }

    /// A text that may be absent.
    pub(crate) fn optional<T>(
        self,
        column: &'static str,
        stored: Option<&str>,
        parse: fn(&str) -> Result<T, TextError>,
    ) -> Result<Option<T>, StoreError> {
        stored.map(|text| self.text(column, text, parse)).transpose()
    }

    /// A value, or what it is not.
    pub(crate) fn value<T>(
        self,
        column: &'static str,
        value: Option<T>,
        problem: &'static str,
    ) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column, problem))
    }

    pub(crate) fn corrupt(self, column: &'static str, problem: impl Display) -> StoreError {
        corrupt(self.table, column, self.row, problem)
    }
}
