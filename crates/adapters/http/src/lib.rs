//! The marketplace over HTTP: routes, extractors, wire types, the one error → status mapping, and the
//! OpenAPI description.
//!
//! A handler parses and checks a request, calls exactly one use case and shows its result. Everything
//! that is the same for every request (request ids, limits, headers, CORS, logging) is done once, in
//! [`frame`], around all handlers.
//!
//! | module | holds |
//! |---|---|
//! | [`api`] | what the handlers share: use cases, settings, limits |
//! | [`server`] | the server itself |
//! | [`routes`] | which operations there are |
//! | [`frame`] | what happens to every request before and after its handler |
//! | [`extract`] | what handlers take: the caller, a body, a part of a list, an id from the path |
//! | [`envelope`], [`error`] | what handlers answer |
//! | [`commands`] | running a command to its end |
//! | [`health`] | health documents and metrics |
//! | [`document`] | the OpenAPI description and the reference page |
//! | [`identity`] | the operations around accounts |
//! | [`jobs`] | the operations around background work |
//! | [`audit`] | the books as administrators see them |
//! | [`files`] | the operations around files and the pictures of people |
//! | [`money`] | the operations around wallets |
//! | [`notifications`] | the operations around what people are told |
//! | [`profiles`] | the operations around profiles, and the ranking of providers |
//! | [`orders`] | the operations around posted work |
//! | [`bidding`] | the operations around bids |
//! | [`contracts`] | the operations around awarded orders |
//! | [`messaging`] | the operations around chats |
//! | [`meta`] | the state machines, as the program runs them |
//!
//! Deliberately absent: SQL, business rules, and reading settings (crate `app`).

pub mod agreements;
pub mod api;
pub mod audit;
pub mod bidding;
pub mod commands;
pub mod contracts;
pub mod disputes;
pub mod document;
pub mod envelope;
pub mod error;
pub mod extract;
pub mod files;
pub mod frame;
pub mod health;
pub mod identity;
pub mod jobs;
pub mod messaging;
pub mod meta;
pub mod money;
pub mod notifications;
pub mod orders;
pub mod profiles;
pub mod routes;
pub mod server;
#[cfg(test)]
mod tests;
mod wire;

pub use api::{Api, CorsOrigin, Dependencies, HttpSettings, RateLimitSettings, Readiness};
pub use document::openapi;
pub use server::serve;
