//! Notifications: rows, statements and the question.

mod details;
mod queries;
pub(crate) mod repository;

use domain::notifications::NotificationKind;

/// Every kind, as it is stored.
fn all_kinds() -> Vec<&'static str> {
    NotificationKind::ALL.iter().map(|kind| kind.as_str()).collect()
}
