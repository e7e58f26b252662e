//! Handing stored facts to those who make something of them.

mod dispatch;
mod facts;

pub use dispatch::{DispatchFacts, Rest};
pub(crate) use facts::readable;
pub use facts::{Unreadable, fact_of};
