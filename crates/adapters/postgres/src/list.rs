//! Parts of lists.

use diesel::deserialize::{self, QueryableByName};
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Nullable};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use crate::error::refused;

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
#[derive(diesel::QueryableByName)]
pub(crate) struct Counted {
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
}

/// A row of a page, which is absent where the page is empty, beside what is told of the whole list.
/// Its statement joins the page to the one row of the summary from the left, so that a list and its
/// summary are one question whatever the page.
pub(crate) struct Beside<S, T> {
    summary: S,
    row: Option<T>,
}

impl<S, T> QueryableByName<Pg> for Beside<S, T>
where
    S: QueryableByName<Pg>,
    T: QueryableByName<Pg>,
{
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let id: Option<i64> = NamedRow::get::<Nullable<BigInt>, _>(row, "id")?;
        Ok(Self { summary: S::build(row)?, row: id.map(|_| T::build(row)).transpose()? })
    }
}

impl<S, T> Beside<S, T> {
    /// The summary once, and the rows.
    pub(crate) fn split(rows: Vec<Self>) -> Result<(S, Vec<T>), StoreError> {
        let mut summary = None;
        let mut page = Vec::with_capacity(rows.len());
        for Self { summary: told, row } in rows {
            summary = Some(told);
            page.extend(row);
        }
        Ok((summary.ok_or_else(|| refused("a list came without its summary"))?, page))
    }
}
