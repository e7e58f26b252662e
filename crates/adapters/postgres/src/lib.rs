//! PostgreSQL behind the traits of `ports`: the unit of work, repositories, questions, the outbox,
//! and the schema's migrations.
//!
//! | module | holds |
//! |---|---|
//! | [`pool`] | [`Database`]: what everything else hangs on; begins units of work; health |
//! | [`connector`] | how one connection is made: URL, TLS, session settings |
//! | `link` | one connection of the pool, and what is known of it |
//! | `uow` | one transaction on one connection, behind all repository traits |
//! | `read` | questions, pipelined on one connection per thread |
//! | `error` | the database's errors in the words of `ports` |
//! | `statement` | SQL that diesel has no words for, prepared once per connection |
//! | `list` | parts of lists, and lists beside their summaries |
//! | `shared` | what long lists come to, counted for all who ask |
//! | `states` | sets of states as literals, held to the domain's |
//! | `stored` | stored values in the words of the domain |
//! | `identity`, `profiles`, `orders`, `bidding`, `contracts`, `money`, `files`, `messaging`, `notifications`, `idempotency`, `jobs`, `outbox`, `retention` | rows, statements and questions, by noun |
//! | [`migrations`] | bringing the schema up to date, and telling whether it is |
//! | [`grants`] | what the serving role may do |
//! | [`doctor`] | what is wrong with the role that serves |
//! | [`fill`] | much data in an empty database |
//! | [`verify`] | whether the books and what is derived from them agree |
//! | [`schema`] | the tables in diesel's form; a test holds them to the migrations |
//!
//! Invariants: no open transaction ever returns to the pool; every UPDATE checks its affected rows;
//! a stored value that the domain cannot hold is an error that names it. Deliberately absent: rules
//! of the marketplace (`domain`), retries of whole use cases (`usecases`), contrib extensions.

mod agreements;
mod audit;
mod bidding;
pub mod connector;
mod contracts;
pub mod doctor;
mod error;
mod files;
pub mod fill;
pub mod grants;
mod idempotency;
mod identity;
mod jobs;
mod link;
mod list;
mod messaging;
pub mod migrations;
mod money;
mod notifications;
mod orders;
mod outbox;
pub mod pool;
mod profiles;
mod read;
pub mod reseal;
mod retention;
pub mod schema;
mod shared;
mod statement;
mod states;
mod stored;
mod uow;
pub mod verify;

pub use connector::{SetupError, driver_settings, user_of};
pub use doctor::{RoleReport, role_report};
pub use migrations::{Applied, MigrateError, SchemaState, migrate, pending_migrations};
pub use pool::{Database, PoolConfig};
