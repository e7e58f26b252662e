//! Background work on `graphile_worker`, and calendars.
//!
//! The queue is the library's: a schema of its own (`graphile_worker`) beside ours, with its own
//! migrations. Jobs are put into it, listed, retried and cancelled by `adapter-postgres`, inside
//! ordinary transactions; here they are taken out and carried out.
//!
//! | module | holds |
//! |---|---|
//! | [`migrate`] | bringing the library's schema up to date, and what the serving role may do there |
//! | [`worker`] | [`Worker`]: takes jobs and has them carried out until it is told to stop |
//! | `task` | one attempt: time limit, pauses, what an administrator reads of its failure |
//! | `queue` | the library's connections, and how it is woken |
//! | [`calendar`] | when a schedule ticks, in its own time zone |
//!
//! Invariants: at least once; a job whose worker died comes back, and the crash counts as an attempt,
//! so that a job that kills its worker is dead in the end; a failed one waits longer each time and
//! keeps no worker busy meanwhile; a dead one stays to be seen.
//!
//! Deliberately absent: what the work is (`usecases`), the library's own schedules (they know UTC
//! only), NOTIFY as anything but a by-product (workers are woken in memory and look twice a second).

pub mod calendar;
pub mod migrate;
mod queue;
mod task;
pub mod worker;

pub use calendar::CronCalendar;
pub use migrate::{MigrateError, migrate};
pub use queue::Access;
pub use worker::{Worker, WorkerSettings};
