//! What handlers take.
//!
//! actix polls the arguments of a handler in their order, and the first error is the answer. So
//! they stand in the contract's order of checks: [`Caller`] (401) or [`Permitted`] (403) first, then
//! [`IdempotencyKey`], [`IfMatch`], [`ListQuery`] or [`TopQuery`], and [`JsonBody`] (400), while [`PathId`] never fails by itself:
//! `get()` inside the handler gives the 404, after the body's 400. Who somebody is was found out
//! before by the frame, so `Caller` and `Permitted` are ready at once and no body is read for
//! strangers.

mod caller;
mod idempotency;
mod if_match;
mod json;
mod list;
mod path_id;
mod query;
mod top;
mod upload;
mod upload_places;

pub use caller::{AdminCaller, Caller, Permitted, Policy};
pub(crate) use caller::{Authenticated, bearer_token};
pub use idempotency::IdempotencyKey;
pub(crate) use idempotency::{IdempotencyHeader, NAME as IDEMPOTENCY_KEY};
pub use if_match::{IfMatch, Version};
pub(crate) use if_match::{IfMatchHeader, NAME as IF_MATCH};
pub(crate) use json::{Fields, broken, item, verdict};
pub use json::{JsonBody, NoFields};
pub(crate) use list::ListParameters;
pub use list::{Filter, ListQuery, Pagination};
pub use path_id::{PathId, PathSegment};
pub use query::Query;
pub(crate) use query::{ALL, must_be_one_of};
pub use top::{Top, TopQuery};
pub use upload::{Arriving, UploadBody};
pub(crate) use upload_places::UploadPlaces;
