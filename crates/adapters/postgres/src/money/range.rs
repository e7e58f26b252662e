//! Parts of lists.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use ports::money::{Slice, Window};

/// A window in the statements' terms. One row more than wanted tells whether there are older ones.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) before: i64,
    pub(crate) offset: i64,
    pub(crate) limit: i64,
    /// How many rows of one range of the index may be needed.
    pub(crate) reach: i64,
}

impl Range {
    pub(crate) fn of(window: Window) -> Self {
        let (before, offset, limit) = match window {
            Window::Page { offset, limit } => (i64::MAX, offset, limit),
            Window::Before { position, limit } => (position, 0, limit),
        };
        let (offset, limit) = (offset.max(0), limit.max(0).saturating_add(1));
        Self { before, offset, limit, reach: offset.saturating_add(limit) }
    }

    /// Takes the one row too many away again.
    pub(crate) fn slice<T>(self, mut rows: Vec<T>, total: i64, position: impl Fn(&T) -> i64) -> Slice<T> {
        let wanted = usize::try_from(self.limit.saturating_sub(1)).unwrap_or(usize::MAX);
        let has_older = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().map(position).filter(|_| has_older);
        Slice { rows, total, next }
    }
}

/// How many rows a whole list has.
#[derive(QueryableByName)]
pub(crate) struct Counted {
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
}
