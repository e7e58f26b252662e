//! What handlers take.
//!
//! actix polls the arguments of a handler in their order, and the first error is the answer. So
//! they stand in the contract's order of checks: [`Caller`] (401) or [`Permitted`] (403) first, then
//! [`JsonBody`] (400), while [`PathId`] never fails by itself: `get()` inside the handler gives the
//! 404, after the body's 400. Who somebody is was found out before by the frame, so `Caller` and
//! `Permitted` are ready at once and no body is read for strangers.

mod caller;
mod json;
mod path_id;

pub use caller::{AdminCaller, Caller, Permitted, Policy};
pub(crate) use caller::{Authenticated, bearer_token};
pub use json::JsonBody;
pub use path_id::{PathId, PathSegment};
