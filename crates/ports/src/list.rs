//! Parts of lists.

/// Which part of a list is wanted. A position is a number that a row of the list has for good, such
/// as that of its identifier; lists are sorted by it, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The rows after the first `offset`.
    Page {
        /// How many rows to pass over.
        offset: i64,
        /// How many rows at most.
        limit: i64,
    },
    /// The rows older than the one at this position.
    Before {
        /// A position that a row of this list had.
        position: i64,
        /// How many rows at most.
        limit: i64,
    },
}

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many rows the whole list has.
    pub total: i64,
    /// The position of the last row, when there are older ones.
    pub next: Option<i64>,
}
