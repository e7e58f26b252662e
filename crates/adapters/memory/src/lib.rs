//! The ports without an outside world, for tests only (everybody else's dev-dependency).
//!
//! [`MemoryStore`] behaves like PostgreSQL at READ COMMITTED as far as a use case can tell, and one
//! [`contract`] suite runs against both, so that it cannot lie. On top of that it can be told to
//! fail ([`MemoryStore::fail_next`]) and to stop at a chosen point ([`MemoryStore::hold_next`]), so
//! that a race is played move by move instead of hoped for.
//!
//! | module | holds |
//! |---|---|
//! | [`MemoryStore`] | transactions, questions, [`MemoryStore::events`] and [`MemoryStore::jobs`] to look at what was left to be done |
//! | [`Operation`], [`Fault`], [`Held`] | failing and stopping on purpose |
//! | [`ManualClock`], [`SequentialIds`] | time and identifiers |
//! | [`PlainHasher`], [`PlainAccessTokens`], [`PlainRefreshTokens`], [`PlainFieldCipher`] | secrets that hide nothing |
//! | [`MemoryBlobs`], [`PlainInspectors`], [`PlainImages`], [`PlainDownloadSigner`], [`Pieces`] | files without a disk |
//! | [`ScriptedPayouts`] | a payment provider without money |
//! | [`contract`] | what every store must keep, as functions |
//!
//! Deliberately absent: anything that keeps a secret or survives the process.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "only tests link this crate; a broken premise of a test should stop it at once"
)]

mod attachments;
mod audit;
mod audit_queries;
mod bid_queries;
mod bids;
mod blobs;
mod chargebacks;
mod chat_queries;
mod chats;
mod cipher;
mod clock;
pub mod contract;
mod contracts;
mod disputes;
mod faults;
mod figures;
mod files;
mod hasher;
mod idempotency;
mod identity;
mod ids;
mod jobs;
mod ledger;
mod list;
mod locks;
mod money_queries;
mod notifications;
mod order_queries;
mod order_views;
mod orders;
mod payments;
mod payouts;
mod plain_files;
mod profiles;
mod proposals;
mod queries;
mod reviews;
mod snapshot;
mod store;
mod tables;
mod tokens;
mod unfinished;
mod work;

pub use blobs::MemoryBlobs;
pub use cipher::PlainFieldCipher;
pub use clock::ManualClock;
pub use faults::{Fault, Held, Operation};
pub use hasher::{PlainHasher, Verification};
pub use ids::SequentialIds;
pub use payouts::ScriptedPayouts;
pub use plain_files::{Pieces, PlainDownloadSigner, PlainImages, PlainInspectors};
pub use store::MemoryStore;
pub use tokens::{PlainAccessTokens, PlainRefreshTokens};
