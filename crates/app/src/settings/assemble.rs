//! From single values to [`Settings`]: the rules between several of them, and those of production.

use std::{num::NonZeroUsize, thread::available_parallelism};

use domain::contracts::Clocks;
use domain::money::{FeeRule, FourEyes, PayoutProvider};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::{
    Bucket, Database, DatabaseUrl, Fault, Files, FirstAdmin, Http, Keys, Loaded, Log, Name, Payouts,
    RateLimits, Settings, Work, parse,
    sources::{Read, Reader},
    strength,
};

/// A shorter token in production is worth a warning.
const TOKEN_BYTES: usize = 16;

impl Settings {
    /// Checks what the process environment and the pairs of `.env` say; the environment wins, pair by pair,
    /// and a blank value counts as not set. Looks at nothing else, except for the number of cores.
    ///
    /// # Errors
    /// All faults at once, one line each.
    pub fn from_sources(
        environment: impl IntoIterator<Item = (String, String)>,
        dotenv: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Loaded, Vec<Fault>> {
        let mut reader = Reader::new(environment, dotenv);
        let settings = settings(&mut reader);
        match settings {
            Ok(settings) if reader.faults.is_empty() => Ok(Loaded { settings, warnings: reader.warnings }),
            _ => Err(reader.faults),
        }
    }
}

// Every part is read before the first `?`, so that one fault does not hide another.
fn settings(reader: &mut Reader) -> Read<Settings> {
    let data_dir = reader.value(Name::DataDir, parse::folder);
    let http = http(reader);
    let database = database(reader);
    let fees = fees(reader);
    let clocks = clocks(reader);
    let payouts = payouts(reader);
    let work = work(reader);
    let files = files(reader);
    let rate_limits = rate_limits(reader);
    let keys = keys(reader);
    let bcrypt_cost = reader.value(Name::BcryptCost, parse::number(10..=16));
    let first_admin = first_admin(reader);
    let log = log(reader);
    Ok(Settings {
        mode: reader.mode?,
        data_dir: data_dir?,
        http: http?,
        database: database?,
        fees: fees?,
        clocks: clocks?,
        payouts: payouts?,
        work: work?,
        files: files?,
        rate_limits: rate_limits?,
        keys: keys?,
        bcrypt_cost: bcrypt_cost?,
        first_admin: first_admin?,
        log: log?,
        sources: reader.sources(),
    })
}

fn http(reader: &mut Reader) -> Read<Http> {
    let bind_addr = reader.value(Name::BindAddr, parse::address);
    let workers = reader.optional(Name::Workers, parse::size(1..=1024));
    let max_in_flight = reader.value(Name::MaxInFlight, parse::size(1..=100_000));
    let shutdown_grace = reader.value(Name::ShutdownGraceSeconds, parse::seconds(1..=25));
    let cors_origins = reader.optional(Name::CorsOrigins, parse::origins);
    let trusted_proxies =
        reader.optional(Name::TrustedProxies, parse::networks).map(Option::unwrap_or_default);
    let force_https = reader.value(Name::ForceHttps, parse::switch);
    let metrics_token = metrics_token(reader);

    if let Ok(proxies) = &trusted_proxies {
        if force_https == Ok(true) && proxies.is_empty() {
            let by_default =
                if reader.is_set(Name::ForceHttps) { "" } else { " (the default in production)" };
            reader.fault(format!(
                "TRUSTED_PROXIES: missing, but FORCE_HTTPS is on{by_default} and only a trusted proxy can say that a request came \
                 by HTTPS; name the proxy, or set FORCE_HTTPS=off"
            ));
        }
        if proxies.iter().any(|network| network.prefix_len() == 0) {
            reader
                .warnings
                .push("TRUSTED_PROXIES trusts every address: anybody can then pretend to be anybody".into());
        }
    }
    Ok(Http {
        bind_addr: bind_addr?,
        workers: workers?.unwrap_or_else(cores),
        max_in_flight: max_in_flight?,
        shutdown_grace: shutdown_grace?,
        cors_origins: cors_origins?.unwrap_or_default(),
        trusted_proxies: trusted_proxies?,
        force_https: force_https?,
        metrics_token: metrics_token?,
    })
}

fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn metrics_token(reader: &mut Reader) -> Read<Option<SecretString>> {
    let token = reader.optional(Name::MetricsToken, parse::token)?;
    let short = token.as_ref().is_some_and(|token| token.expose_secret().len() < TOKEN_BYTES);
    if short && in_production(reader) {
        reader.warnings.push(format!("METRICS_TOKEN is shorter than {TOKEN_BYTES} bytes and can be guessed"));
    }
    Ok(token)
}

fn database(reader: &mut Reader) -> Read<Database> {
    let parse_url = |text: &str| DatabaseUrl::parse(text.trim());
    let url = reader.optional(Name::DatabaseUrl, parse_url);
    let migration_url = reader.optional(Name::MigrationDatabaseUrl, parse_url);
    let pool_size = reader.value(Name::DatabasePoolSize, parse::size(1..=500));
    let pool_wait = reader.value(Name::DatabasePoolWaitMs, parse::milliseconds(10..=60_000));
    let statement_timeout =
        reader.value(Name::DatabaseStatementTimeoutMs, parse::milliseconds(100..=600_000));
    let embedded_bin = reader.optional(Name::EmbeddedPgBin, parse::folder);

    // Otherwise one database would be migrated, and the private one served.
    if reader.is_set(Name::MigrationDatabaseUrl) && !reader.is_set(Name::DatabaseUrl) {
        reader.fault("MIGRATION_DATABASE_URL: set without DATABASE_URL, so it is not the database that would be served");
    }
    Ok(Database {
        url: url?,
        migration_url: migration_url?,
        pool_size: pool_size?,
        pool_wait: pool_wait?,
        statement_timeout: statement_timeout?,
        embedded_bin: embedded_bin?,
    })
}

fn fees(reader: &mut Reader) -> Read<FeeRule> {
    let provider = reader.value(Name::ProviderFeeBps, parse::basis_points);
    let client = reader.value(Name::ClientFeeBps, parse::basis_points);
    Ok(FeeRule { provider: provider?, client: client? })
}

fn clocks(reader: &mut Reader) -> Read<Clocks> {
    let auto_release = reader.value(Name::AutoReleaseDays, parse::auto_release_period);
    let clearance = reader.value(Name::ClearanceDays, parse::clearance_period);
    Ok(Clocks { auto_release: auto_release?, clearance: clearance? })
}

fn payouts(reader: &mut Reader) -> Read<Payouts> {
    let provider = reader.value(Name::PayoutProvider, parse::payout_provider);
    let limit = reader.optional(Name::FourEyesLimit, parse::amount);
    let debt_limit = reader.value(Name::DebtLimit, parse::amount);
    if provider == Ok(PayoutProvider::Sandbox) && in_production(reader) {
        reader.fault("PAYOUT_PROVIDER: the sandbox pays nobody, and production refuses it; set manual");
    }
    Ok(Payouts { provider: provider?, four_eyes: FourEyes { limit: limit? }, debt_limit: debt_limit? })
}

fn work(reader: &mut Reader) -> Read<Work> {
    let concurrency = reader.value(Name::WorkerConcurrency, parse::size(1..=64));
    let silence = reader.value(Name::WorkerSilenceSeconds, parse::seconds(1..=36));
    let facts_kept_days = reader.value(Name::OutboxKeptDays, parse::count(1..=3650));
    Ok(Work {
        in_server: true,
        concurrency: concurrency?,
        silence: silence?,
        facts_kept_days: facts_kept_days?,
    })
}

fn files(reader: &mut Reader) -> Read<Files> {
    let public_url = reader.optional(Name::PublicUrl, parse::web_origin);
    let max_upload_bytes = reader.value(Name::MaxUploadBytes, parse::count(1..=1_073_741_824));
    let bucket = bucket(reader);
    Ok(Files { public_url: public_url?, max_upload_bytes: max_upload_bytes?, bucket: bucket? })
}

/// The names are those that many machines have set for other programs: without a bucket they mean
/// nothing.
fn bucket(reader: &mut Reader) -> Read<Option<Bucket>> {
    if !reader.is_set(Name::AwsS3Bucket) {
        return Ok(None);
    }
    let name = reader.optional(Name::AwsS3Bucket, parse::bucket_name);
    let region = reader.value(Name::AwsRegion, parse::bucket_name);
    let endpoint = reader.optional(Name::AwsEndpointUrl, parse::web_origin);
    let id = reader.optional(Name::AwsAccessKeyId, parse::access_key_id);
    let secret = reader.optional(Name::AwsSecretAccessKey, parse::token);
    for (one, other) in
        [(Name::AwsAccessKeyId, Name::AwsSecretAccessKey), (Name::AwsSecretAccessKey, Name::AwsAccessKeyId)]
    {
        if reader.is_set(one) && !reader.is_set(other) {
            let (one, other) = (one.known().name, other.known().name);
            return Err(reader.fault(format!("{other}: missing, but {one} is set; set both or neither")));
        }
    }
    let Some(name) = name? else { return Ok(None) };
    Ok(Some(Bucket { name, region: region?, endpoint: endpoint?, key: id?.zip(secret?) }))
}

fn rate_limits(reader: &mut Reader) -> Read<RateLimits> {
    let mut limit = |name| reader.value(name, parse::count(1..=1_000_000));
    let user = limit(Name::RateLimitUserPerMinute);
    let address = limit(Name::RateLimitAddressPerMinute);
    let login_address = limit(Name::RateLimitLoginAddressPerMinute);
    let login_account = limit(Name::RateLimitLoginAccountPerMinute);
    let register = limit(Name::RateLimitRegisterPerHour);
    let enabled = reader.value(Name::RateLimit, parse::switch);
    if enabled == Ok(false) && in_production(reader) {
        reader.warnings.push("RATE_LIMIT is off in production: passwords can be tried without limit".into());
    }
    Ok(RateLimits {
        enabled: enabled?,
        user_per_minute: user?,
        address_per_minute: address?,
        login_address_per_minute: login_address?,
        login_account_per_minute: login_account?,
        register_per_hour: register?,
    })
}

fn keys(reader: &mut Reader) -> Read<Keys> {
    let jwt = key(reader, Name::JwtSecretKey);
    let field_encryption = key_ring(reader, Name::FieldEncryptionKey);
    let (one, others) = (reader.text(Name::JwtSecretKey), reader.text(Name::FieldEncryptionKey));
    if one.is_some_and(|one| others.is_some_and(|others| others.split(',').any(|other| one == other))) {
        reader
            .warnings
            .push("JWT_SECRET_KEY and FIELD_ENCRYPTION_KEY are the same: whoever learns one has both".into());
    }
    Ok(Keys { jwt: jwt?, field_encryption: field_encryption? })
}

fn key(reader: &mut Reader, name: Name) -> Read<Option<SecretSlice<u8>>> {
    let key = reader.optional(name, parse::key)?;
    let weakness = reader.text(name).and_then(strength::weakness);
    must_be_strong(reader, name, key.is_some(), weakness)?;
    Ok(key)
}

/// Several keys, of which each has to be as good as one alone.
fn key_ring(reader: &mut Reader, name: Name) -> Read<Vec<SecretSlice<u8>>> {
    let keys = reader.optional(name, parse::key_ring)?;
    let weakness = reader.text(name).and_then(|text| text.split(',').find_map(strength::weakness));
    must_be_strong(reader, name, keys.is_some(), weakness)?;
    Ok(keys.unwrap_or_default())
}

fn must_be_strong(reader: &mut Reader, name: Name, is_set: bool, weakness: Option<&'static str>) -> Read<()> {
    let label = name.known().name;
    match (weakness, in_production(reader)) {
        (Some(weakness), true) => {
            Err(reader.fault(format!("{label}: it is {weakness}; make one with: openssl rand -base64 32")))
        }
        (Some(weakness), false) => {
            reader.warnings.push(format!("{label} is {weakness}; production would refuse it"));
            Ok(())
        }
        (None, true) if !is_set => {
            Err(reader
                .fault(format!("{label}: required in production; make one with: openssl rand -base64 32")))
        }
        (None, _) => Ok(()),
    }
}

fn first_admin(reader: &mut Reader) -> Read<Option<FirstAdmin>> {
    let email = reader.optional(Name::AdminEmail, parse::email);
    let password = reader.optional(Name::AdminPassword, parse::password);
    match (reader.is_set(Name::AdminEmail), reader.is_set(Name::AdminPassword)) {
        (true, false) => {
            return Err(reader.fault("ADMIN_PASSWORD: missing, but ADMIN_EMAIL is set; set both or neither"));
        }
        (false, true) => {
            return Err(reader.fault("ADMIN_EMAIL: missing, but ADMIN_PASSWORD is set; set both or neither"));
        }
        _ => {}
    }
    let (Some(email), Some(password)) = (email?, password?) else { return Ok(None) };
    if password.expose_secret().to_lowercase() == email.to_lowercase() {
        return Err(reader.fault("ADMIN_PASSWORD: it is the e-mail address"));
    }
    if in_production(reader) && strength::is_published(password.expose_secret()) {
        return Err(reader.fault("ADMIN_PASSWORD: it is a published example"));
    }
    Ok(Some(FirstAdmin { email, password }))
}

fn log(reader: &mut Reader) -> Read<Log> {
    let filter = reader.value(Name::LogLevel, parse::log_filter);
    let format = reader.value(Name::LogFormat, parse::log_format);
    Ok(Log { filter: filter?, format: format? })
}

/// With an unusable `APP_ENV` only that is a fault, not also what production would ask for.
fn in_production(reader: &Reader) -> bool {
    reader.mode.is_ok_and(super::Mode::is_production)
}
