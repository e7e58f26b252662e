//! What the two sides of contracts agree on about money: rows, statements and questions.

pub(crate) mod proposals;
mod queries;
