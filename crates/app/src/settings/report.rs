//! The settings as `guildhall doctor` shows them: each name, its effective value without secrets, and where
//! it comes from.

use std::{fmt::Display, path::Path};

use super::{Bucket, DatabaseUrl, Name, Settings, Source};

/// One row of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The name in the environment.
    pub name: &'static str,
    /// The effective value; passwords are replaced, secrets are only said to be set.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
}

impl Settings {
    /// All settings, in the order of `.env.example`.
    #[must_use]
    pub fn report(&self) -> Vec<Line> {
        Name::ALL
            .iter()
            .map(|name| Line {
                name: name.known().name,
                value: self.shown(*name),
                source: self.sources.get(name).copied().unwrap_or(Source::Default),
            })
            .collect()
    }

    /// The value of one name as it may be shown.
    fn shown(&self, name: Name) -> String {
        let (http, database, limits) = (&self.http, &self.database, &self.rate_limits);
        let bucket = self.files.bucket.as_ref();
        match name {
            Name::AppEnv => self.mode.to_string(),
            Name::BindAddr => http.bind_addr.to_string(),
            Name::DataDir => self.data_dir.display().to_string(),
            Name::Workers => http.workers.to_string(),
            Name::MaxInFlight => http.max_in_flight.to_string(),
            Name::ShutdownGraceSeconds => http.shutdown_grace.as_secs().to_string(),
            Name::DatabaseUrl => url(database.url.as_ref(), "(private PostgreSQL)"),
            Name::MigrationDatabaseUrl => url(database.migration_url.as_ref(), "(as DATABASE_URL)"),
            Name::DatabasePoolSize => database.pool_size.to_string(),
            Name::DatabasePoolWaitMs => database.pool_wait.as_millis().to_string(),
            Name::DatabaseStatementTimeoutMs => database.statement_timeout.as_millis().to_string(),
            Name::EmbeddedPgBin => {
                or_words(database.embedded_bin.as_deref().map(Path::display), "(looked for)")
            }
            Name::WorkerConcurrency => self.work.concurrency.to_string(),
            Name::WorkerSilenceSeconds => self.work.silence.as_secs().to_string(),
            Name::OutboxKeptDays => self.work.facts_kept_days.to_string(),
            Name::JwtSecretKey => secret(self.keys.jwt.is_some(), "(kept in the data folder)"),
            Name::FieldEncryptionKey => {
                secret(!self.keys.field_encryption.is_empty(), "(kept in the data folder)")
            }
            Name::BcryptCost => self.bcrypt_cost.to_string(),
            Name::AdminEmail => or_words(self.first_admin.as_ref().map(|admin| &admin.email), "(none)"),
            Name::AdminPassword => secret(self.first_admin.is_some(), "(none)"),
            Name::MetricsToken => secret(http.metrics_token.is_some(), "(none)"),
            Name::CorsOrigins => list(&http.cors_origins),
            Name::TrustedProxies => list(&http.trusted_proxies),
            Name::ForceHttps => switch(http.force_https),
            Name::ProviderFeeBps => self.fees.provider.get().to_string(),
            Name::ClientFeeBps => self.fees.client.get().to_string(),
            Name::AutoReleaseDays => self.clocks.auto_release.in_days().to_string(),
            Name::ClearanceDays => self.clocks.clearance.in_days().to_string(),
            Name::PayoutProvider => self.payouts.provider.to_string(),
            Name::FourEyesLimit => or_words(self.payouts.four_eyes.limit, "(none)"),
            Name::DebtLimit => self.payouts.debt_limit.to_string(),
            Name::PublicUrl => or_words(self.files.public_url.as_ref(), "(none)"),
            Name::MaxUploadBytes => self.files.max_upload_bytes.to_string(),
            Name::AwsS3Bucket => of_bucket(bucket, |bucket| bucket.name.clone()),
            Name::AwsRegion => of_bucket(bucket, |bucket| bucket.region.clone()),
            Name::AwsEndpointUrl => {
                of_bucket(bucket, |bucket| or_words(bucket.endpoint.as_ref(), "(Amazon's own)"))
            }
            Name::AwsAccessKeyId => of_bucket(bucket, |bucket| {
                or_words(bucket.key.as_ref().map(|(id, _)| id), "(the machine's role)")
            }),
            Name::AwsSecretAccessKey => {
                of_bucket(bucket, |bucket| secret(bucket.key.is_some(), "(the machine's role)"))
            }
            Name::RateLimit => switch(limits.enabled),
            Name::RateLimitUserPerMinute => limits.user_per_minute.to_string(),
            Name::RateLimitAddressPerMinute => limits.address_per_minute.to_string(),
            Name::RateLimitLoginAddressPerMinute => limits.login_address_per_minute.to_string(),
            Name::RateLimitLoginAccountPerMinute => limits.login_account_per_minute.to_string(),
            Name::RateLimitRegisterPerHour => limits.register_per_hour.to_string(),
            Name::LogLevel => self.log.filter.directives().to_owned(),
            Name::LogFormat => self.log.format.to_string(),
        }
    }
}

/// A part of what is known of the bucket; without one its names mean nothing.
fn of_bucket(bucket: Option<&Bucket>, part: impl FnOnce(&Bucket) -> String) -> String {
    bucket.map_or_else(|| "(no bucket)".into(), part)
}

fn url(url: Option<&DatabaseUrl>, words: &str) -> String {
    or_words(url, words)
}

fn secret(is_set: bool, words: &str) -> String {
    if is_set { "(set, not shown)".into() } else { words.to_owned() }
}

fn or_words(value: Option<impl Display>, words: &str) -> String {
    value.map_or_else(|| words.to_owned(), |value| value.to_string())
}

fn switch(on: bool) -> String {
    if on { "on".into() } else { "off".into() }
}

fn list<T: Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "(none)".into();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
