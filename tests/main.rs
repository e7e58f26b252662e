//! Tests of the whole program over HTTP, on a real PostgreSQL, and of the way it is built.
//!
//! | module | holds |
//! |---|---|
//! | [`harness`] | one cluster for all tests, a database and a server for each |
//! | [`architecture`] | which crate may name which |
//! | [`authorisation`] | every operation: who gets which answer |
//! | [`conformance`] | the source document's examples, replayed one by one |
//! | [`corpus`] | bad input against every field, body and parameter |
//! | [`flows`] | stories, from the outside |
//! | [`model`] | random commands against a simple model of the money |
//! | [`documents`] | diagrams and examples are drawn from the code |
//! | [`openapi`] | the committed document is the program's |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a broken premise should stop them at once"
)]

mod architecture;
mod authorisation;
mod conformance;
mod corpus;
mod documents;
mod flows;
mod harness;
mod model;
mod openapi;
