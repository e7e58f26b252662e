//! How the program is doing: health documents and metrics (contract §7).
//!
//! They are plain documents without the envelope, but for the two below `/api/v1`. They are never
//! rate-limited, counted as load, turned away or refused for plain HTTP, and asking them often does
//! not load the database: its state is at most a second old.

mod access;
mod detailed;
mod plain;
pub(crate) mod probe;
mod versioned;
mod words;

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use self::words::HealthWord;
use crate::Api;
use crate::routes::Mount;
use crate::wire::Timestamp;

/// Every path of this module, as in the route table.
pub(crate) const PATHS: &[&str] = &[
    "/",
    "/health",
    "/health/database",
    "/health/detailed",
    "/health/blueprints",
    "/livez",
    "/readyz",
    "/metrics",
    "/api/v1/health",
    "/api/v1/status",
];

/// Mounts the documents at the root.
pub fn configure(config: &mut impl Mount) {
    config
        .service(plain::root)
        .service(plain::health)
        .service(plain::database)
        .service(detailed::detailed)
        .service(detailed::blueprints)
        .service(plain::livez)
        .service(plain::readyz)
        .service(detailed::metrics);
}

/// Mounts the documents below `/api/v1`.
pub fn configure_versioned(config: &mut impl Mount) {
    config.service(versioned::health).service(versioned::status);
}

/// The short answer to how the program is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthDocument {
    /// Always `healthy`: a program that is not does not answer.
    status: HealthWord,
    /// Now.
    timestamp: Timestamp,
    /// Which program this is.
    #[schema(example = "guildhall")]
    service: &'static str,
    /// And which version of it.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

impl HealthDocument {
    fn of(api: &Api) -> Self {
        Self {
            status: HealthWord::Healthy,
            timestamp: Timestamp(api.clock.now()),
            service: api.settings.service,
            version: api.settings.version,
        }
    }
}

/// Whole seconds since the program began to serve.
fn uptime_seconds(api: &Api) -> u64 {
    api.clock.monotonic().saturating_sub(api.started_at).as_secs()
}

/// When it began to serve.
fn started_at(api: &Api) -> Timestamp {
    let uptime = TimeDelta::seconds(i64::try_from(uptime_seconds(api)).unwrap_or(i64::MAX / 1000));
    let now = api.clock.now();
    Timestamp(now.checked_sub_signed(uptime).unwrap_or(now))
}
