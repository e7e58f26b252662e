//! Accounts and logins: rows, statements and questions.

mod queries;
pub(crate) mod sessions;
pub(crate) mod users;
