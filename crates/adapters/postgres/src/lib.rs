//! PostgreSQL behind the traits of `ports`: the unit of work, repositories, questions, the outbox,
//! and the schema's migrations.
//!
//! | module | holds |
//! |---|---|
//! | [`pool`] | [`Database`]: what everything else hangs on; begins units of work; health |
//! | [`connector`] | how one connection is made: URL, TLS, session settings |
//! | `uow` | one transaction on one connection, behind all repository traits |
//! | `read` | questions, pipelined on one connection per thread |
//! | `error` | the database's errors in the words of `ports` |
//! | `statement` | SQL that diesel has no words for, prepared once per connection |
//! | `identity`, `money`, `files`, `idempotency`, `outbox` | rows and statements, by noun |
//! | [`migrations`] | bringing the schema up to date, and telling whether it is |
//! | [`grants`] | what the serving role may do |
//! | [`doctor`] | what is wrong with the role that serves |
//! | [`schema`] | the tables in diesel's form; a test holds them to the migrations |
//!
//! Invariants: no open transaction ever returns to the pool; every UPDATE checks its affected rows;
//! a stored value that the domain cannot hold is an error that names it. Deliberately absent: rules
//! of the marketplace (`domain`), retries of whole use cases (`usecases`), contrib extensions.

pub mod connector;
pub mod doctor;
mod error;
mod files;
pub mod grants;
mod idempotency;
mod identity;
pub mod migrations;
mod money;
mod outbox;
pub mod pool;
mod read;
pub mod schema;
mod statement;
mod uow;

pub use connector::{SetupError, user_of};
pub use doctor::{RoleReport, role_report};
pub use migrations::{Applied, MigrateError, SchemaState, migrate, pending_migrations};
pub use pool::{Database, PoolConfig};
