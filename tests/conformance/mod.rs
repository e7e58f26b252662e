//! The source document (`writer-platform-api.md`, sections 1 to 9), held against the running server: each of its examples is
//! brought about, requested and compared, key by key.
//!
//! | module | holds |
//! |---|---|
//! | [`example`] | the examples, from `examples/`, and that each is replayed |
//! | [`shape`] | what it means that an answer is like its example |
//! | [`world`] | the people and orders of the examples |
//! | [`sections`] | the replays, section by section |
//! | [`figures`] | the figures beside lists, as the examples have them |
//! | [`described`] | that the OpenAPI document promises what the examples show |
//! | [`page`] | `docs/conformance.md`, drawn from all of these |
//!
//! Deliberately absent: most of the numbers that follow from rules; those are tested with the rules, and [`page`] says
//! where.

mod described;
mod example;
mod figures;
mod page;
mod sections;
mod shape;
mod world;
