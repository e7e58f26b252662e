//! Files: rows, statements and questions. Their bytes are elsewhere.

mod queries;
pub(crate) mod rows;
