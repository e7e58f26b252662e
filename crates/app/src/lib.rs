//! Everything put together: settings, wiring, background work, command line.
//!
//! | module | holds |
//! |---|---|
//! | [`settings`] | what can be set, read once at the start |
//! | [`telemetry`] | log and metrics |
//! | [`outside`] | time, identifiers and the hasher: what tests put their own in place of |
//! | [`readiness`] | whether this process may be sent requests |
//! | [`home`] | where the database is: the private one, or somebody's |
//! | [`wiring`] | ports to adapters |
//! | [`demo`] | a small world to try the program with, or much data |
//! | [`bring_up`] | migrations, the first administrator, the first poll |
//! | [`background`] | what runs beside the requests: the loops |
//! | [`jobs`] | the worker, the dispatcher and the schedules of one process |
//! | [`server`] | [`server::start`] and [`server::Running`] |
//! | [`cli`] | `guildhall serve`, `worker`, `migrate`, `openapi`, `admin create`, `ledger verify`, `demo`, `doctor` |

pub mod background;
pub mod bring_up;
pub mod cli;
pub mod demo;
pub mod home;
pub mod jobs;
pub mod outside;
pub mod readiness;
pub mod server;
pub mod settings;
pub mod telemetry;
pub mod wiring;
