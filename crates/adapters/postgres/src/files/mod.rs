//! Files: rows, statements and questions. Their bytes are elsewhere.

pub(crate) mod attachments;
mod queries;
pub(crate) mod rows;
