//! Parts of lists.

use ports::list::{Slice, Window};

/// Cuts a part out of a whole list, newest first.
pub(crate) fn slice<T>(all: Vec<T>, window: Window, position: impl Fn(&T) -> i64) -> Slice<T> {
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (mut rest, limit): (Vec<T>, i64) = match window {
        Window::Page { offset, limit } => (all.into_iter().skip(count(offset)).collect(), limit),
        Window::Before { position: before, limit } => {
            (all.into_iter().filter(|row| position(row) < before).collect(), limit)
        }
    };
    let has_older = rest.len() > count(limit);
    rest.truncate(count(limit));
    let next = rest.last().map(position).filter(|_| has_older);
    Slice { rows: rest, total, next }
}
