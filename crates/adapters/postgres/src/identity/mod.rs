//! Accounts and logins: rows, statements and questions.

pub(crate) mod queries;
pub(crate) mod sessions;
pub(crate) mod users;
