//! Handing stored facts to those who make something of them.

mod dispatch;

pub use dispatch::{DispatchFacts, Rest};
