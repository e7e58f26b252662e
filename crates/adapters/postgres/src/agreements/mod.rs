//! What the two sides of contracts agree on about money, or do not: rows, statements and questions.

mod dispute_queries;
pub(crate) mod disputes;
mod due;
pub(crate) mod proposals;
mod queries;
