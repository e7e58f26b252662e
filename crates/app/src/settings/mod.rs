//! The settings of the program: read once at the start, typed, checked as a whole, never changed afterwards.
//!
//! They come from the environment and from `./.env`; the environment wins. An empty or blank value counts as
//! not set, in both places. All faults are found at once. [`names`] is the one table of what can be set.
//!
//! Invariants: what is in a [`Settings`] has passed every rule of `names` and of `assemble`; no secret shows
//! in `Debug`, in [`Settings::report`] or in a [`Fault`].
//!
//! Deliberately absent: settings of outside services (each comes with its capability), reloading while
//! running, and any look at the disk or the network while checking ([`secrets`] does that separately).

mod assemble;
mod database_url;
mod fault;
mod load;
pub mod names;
mod origin;
mod parse;
mod report;
pub mod secrets;
mod sources;
mod strength;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use domain::contracts::Clocks;
use domain::money::{FeeRule, FourEyes, Money, PayoutProvider};
use ipnet::IpNet;
use secrecy::{SecretSlice, SecretString};

pub use self::{
    database_url::DatabaseUrl, fault::Fault, names::Name, origin::Origin, report::Line, secrets::Secrets,
    sources::Source,
};

/// How strict the program is (`APP_ENV`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// On one's own machine: secrets are generated, the sandbox works. The default.
    #[default]
    Development,
    /// In the open: refuses to start without secrets of its own and without HTTPS in front of it.
    Production,
}

impl Mode {
    /// Whether this is production.
    #[must_use]
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Development => "development",
            Self::Production => "production",
        })
    }
}

/// Everything that can be set. The fields can be changed in tests; the rules hold only for what came through
/// [`Settings::from_sources`].
#[derive(Clone, Debug)]
pub struct Settings {
    /// `APP_ENV`, default development.
    pub mode: Mode,
    /// `DATA_DIR`, default `./data`: private database, generated secrets, uploaded files. Relative to the
    /// working folder.
    pub data_dir: PathBuf,
    /// The HTTP server.
    pub http: Http,
    /// PostgreSQL.
    pub database: Database,
    /// `PROVIDER_FEE_BPS`, `CLIENT_FEE_BPS`, each 0 to 10000 basis points, default 0.
    pub fees: FeeRule,
    /// `AUTO_RELEASE_DAYS`, 1 to 90, default 14; `CLEARANCE_DAYS`, 0 to 14, default 0.
    pub clocks: Clocks,
    /// How money goes out.
    pub payouts: Payouts,
    /// `WORKER_*`, `OUTBOX_KEPT_DAYS`.
    pub work: Work,
    /// Uploaded files.
    pub files: Files,
    /// `RATE_LIMIT*`.
    pub rate_limits: RateLimits,
    /// `JWT_SECRET_KEY` and `FIELD_ENCRYPTION_KEY` as they were set; use [`secrets::resolve`] to get the
    /// keys.
    pub keys: Keys,
    /// `BCRYPT_COST`, default 12 (10 to 16): base-2 logarithm of the rounds.
    pub bcrypt_cost: u32,
    /// `ADMIN_EMAIL` with `ADMIN_PASSWORD`, default none.
    pub first_admin: Option<FirstAdmin>,
    /// `LOG_LEVEL`, `LOG_FORMAT`.
    pub log: Log,
    /// Where each name that was set came from; what is missing here is at its default.
    pub(in crate::settings) sources: BTreeMap<Name, Source>,
}

/// Settings of the HTTP server.
#[derive(Clone, Debug)]
pub struct Http {
    /// `BIND_ADDR`, default `127.0.0.1:8080`; port 0 takes a free one.
    pub bind_addr: SocketAddr,
    /// `WORKERS`, default one per core: threads that serve requests (1 to 1024).
    pub workers: NonZeroUsize,
    /// `MAX_IN_FLIGHT`, default 512: requests served at once (1 to 100000); further ones are turned away with
    /// 503.
    pub max_in_flight: NonZeroUsize,
    /// `SHUTDOWN_GRACE_SECONDS`, default 20 s (1 to 25 s): how long a shutdown waits for running requests.
    pub shutdown_grace: Duration,
    /// `CORS_ORIGINS`, default none in production and `http://localhost:*` in development.
    pub cors_origins: Vec<Origin>,
    /// `TRUSTED_PROXIES`, default none: whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Host bits are
    /// cleared.
    pub trusted_proxies: Vec<IpNet>,
    /// `FORCE_HTTPS`, default on in production: refuse plain HTTP and send HSTS. Never on without
    /// `trusted_proxies`.
    pub force_https: bool,
    /// `METRICS_TOKEN`, default none: lets others than loopback read the metrics and the detailed health.
    pub metrics_token: Option<SecretString>,
}

/// Settings of the database.
#[derive(Clone, Debug)]
pub struct Database {
    /// `DATABASE_URL`, default none: the program then runs a private PostgreSQL of its own in the data
    /// folder.
    pub url: Option<DatabaseUrl>,
    /// `MIGRATION_DATABASE_URL`, default none; see [`Database::for_migrations`].
    pub migration_url: Option<DatabaseUrl>,
    /// `DATABASE_POOL_SIZE`, default 16: connections (1 to 500).
    pub pool_size: NonZeroUsize,
    /// `DATABASE_POOL_WAIT_MS`, default 2000 ms (10 to 60000 ms): how long a request waits for a connection.
    pub pool_wait: Duration,
    /// `DATABASE_STATEMENT_TIMEOUT_MS`, default 10000 ms (100 to 600000 ms): when PostgreSQL ends a
    /// statement.
    pub statement_timeout: Duration,
    /// `EMBEDDED_PG_BIN`, default none (looked for): folder of PostgreSQL's programs for the private
    /// database.
    pub embedded_bin: Option<PathBuf>,
}

impl Database {
    /// The owner's connection: `MIGRATION_DATABASE_URL`, else `DATABASE_URL`; `None` with the private
    /// PostgreSQL.
    #[must_use]
    pub fn for_migrations(&self) -> Option<&DatabaseUrl> {
        self.migration_url.as_ref().or(self.url.as_ref())
    }
}

/// Settings of background work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Whether a server also carries out jobs; `serve --no-worker` says no.
    pub in_server: bool,
    /// `WORKER_CONCURRENCY`, default 4: jobs at once (1 to 64), beside the place of a long one.
    pub concurrency: NonZeroUsize,
    /// `WORKER_SILENCE_SECONDS`, default 30 s (1 to 36 s): after so long without a sign of life a
    /// worker's jobs are given to others.
    pub silence: Duration,
    /// `OUTBOX_KEPT_DAYS`, default 7 (1 to 3650): how long dispatched facts are kept.
    pub facts_kept_days: NonZeroU32,
}

/// Settings of withdrawals and chargebacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payouts {
    /// `PAYOUT_PROVIDER`, default `manual`: who pays what was approved. The sandbox never in production.
    pub provider: PayoutProvider,
    /// `FOUR_EYES_LIMIT`, default none: above it two administrators approve.
    pub four_eyes: FourEyes,
    /// `DEBT_LIMIT`, default 1000.00: what somebody may come to owe after chargebacks.
    pub debt_limit: Money,
}

/// Settings of uploaded files.
#[derive(Clone, Debug)]
pub struct Files {
    /// `PUBLIC_URL`, default none: what stands before the addresses of files and pictures, without a
    /// final slash.
    pub public_url: Option<String>,
    /// `MAX_UPLOAD_BYTES`, default 26214400 bytes (1 byte to 1 GiB): the largest file.
    pub max_upload_bytes: NonZeroU32,
    /// `AWS_S3_BUCKET`, default none: files are then kept in the data folder.
    pub bucket: Option<Bucket>,
}

/// A bucket that speaks S3.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// `AWS_S3_BUCKET`.
    pub name: String,
    /// `AWS_REGION`, default `us-east-1`.
    pub region: String,
    /// `AWS_ENDPOINT_URL`, default none: Amazon's own.
    pub endpoint: Option<String>,
    /// `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY`, default none: the machine's role is asked for.
    pub key: Option<(String, SecretString)>,
}

/// How often somebody may call, each from 1 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// `RATE_LIMIT`, default on. Off: nothing is limited and the headers are missing.
    pub enabled: bool,
    /// `RATE_LIMIT_USER_PER_MINUTE`, default 600 requests a minute per user.
    pub user_per_minute: NonZeroU32,
    /// `RATE_LIMIT_ADDRESS_PER_MINUTE`, default 120 requests a minute per address without login.
    pub address_per_minute: NonZeroU32,
    /// `RATE_LIMIT_LOGIN_ADDRESS_PER_MINUTE`, default 10 logins a minute per address.
    pub login_address_per_minute: NonZeroU32,
    /// `RATE_LIMIT_LOGIN_ACCOUNT_PER_MINUTE`, default 5 logins a minute per account.
    pub login_account_per_minute: NonZeroU32,
    /// `RATE_LIMIT_REGISTER_PER_HOUR`, default 10 registrations an hour per address.
    pub register_per_hour: NonZeroU32,
}

/// The secret keys as they were set: the bytes of the text, 32 or more. Never missing in production.
#[derive(Clone, Debug)]
pub struct Keys {
    /// `JWT_SECRET_KEY`.
    pub jwt: Option<SecretSlice<u8>>,
    /// `FIELD_ENCRYPTION_KEY`: the first one seals, all of them open; none if it was not set.
    pub field_encryption: Vec<SecretSlice<u8>>,
}

/// The administrator who is made at the first start.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    /// `ADMIN_EMAIL`, coarsely checked.
    pub email: String,
    /// `ADMIN_PASSWORD`, 8 to 72 bytes.
    pub password: SecretString,
}

/// Settings of the log.
#[derive(Clone, Debug)]
pub struct Log {
    /// `LOG_LEVEL`, default `info`.
    pub filter: LogFilter,
    /// `LOG_FORMAT`, default text in development and JSON in production.
    pub format: LogFormat,
}

/// A filter that `tracing` has accepted: a level, or directives such as `info,guildhall=debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(pub(in crate::settings) String);

impl LogFilter {
    /// The filter's text.
    #[must_use]
    pub fn directives(&self) -> &str {
        &self.0
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Settings that can be used, and what is odd about them.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// One line each for the log; without secrets.
    pub warnings: Vec<String>,
}
