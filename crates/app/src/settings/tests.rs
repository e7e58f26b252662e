//! The rules between sources, names and modes. What a single value may be is tested beside its parser.

use std::{ffi::OsString, fs, net::IpAddr, os::unix::ffi::OsStringExt as _, time::Duration};

use secrecy::ExposeSecret as _;

use super::*;

const JWT: &str = "Vq2n7Lr0ZtYx5Wc8Kd3Hs6Jf9Gb1Mp4R";
const FIELD: &str = "Tw5Xz8Bv2Nm6Qk1Lj4Hg7Fd0Sa3Pe9Yu";
/// The least with which production starts.
const PRODUCTION: &[(&str, &str)] = &[
    ("APP_ENV", "production"),
    ("JWT_SECRET_KEY", JWT),
    ("FIELD_ENCRYPTION_KEY", FIELD),
    ("TRUSTED_PROXIES", "10.0.0.0/8"),
];

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn owned(pairs: Pairs<'_>) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn both(environment: Pairs<'_>, dotenv: Pairs<'_>) -> Result<Loaded, Vec<String>> {
    Settings::from_sources(owned(environment), owned(dotenv)).map_err(|faults| lines(&faults))
}

fn lines(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

fn good(environment: Pairs<'_>) -> Settings {
    both(environment, &[]).unwrap().settings
}

fn faults(environment: Pairs<'_>) -> Vec<String> {
    both(environment, &[]).expect_err("should be refused")
}

fn warnings(environment: Pairs<'_>) -> Vec<String> {
    both(environment, &[]).unwrap().warnings
}

/// Production's settings with some of them changed.
fn production<'a>(changes: Pairs<'a>) -> Vec<(&'a str, &'a str)> {
    PRODUCTION
        .iter()
        .copied()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name))
        .chain(changes.iter().copied())
        .collect()
}

#[test]
fn nothing_set_is_development_with_the_documented_defaults() {
    let Loaded { settings, warnings } = both(&[], &[]).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(settings.mode, Mode::Development);
    assert_eq!(settings.data_dir, PathBuf::from("./data"));
    assert_eq!(settings.http.bind_addr, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(settings.http.workers, std::thread::available_parallelism().unwrap());
    assert_eq!(settings.http.max_in_flight.get(), 512);
    assert_eq!(settings.http.shutdown_grace, Duration::from_secs(20));
    assert_eq!(
        settings.http.cors_origins,
        [Origin::AnyPort { scheme: "http".into(), host: "localhost".into() }]
    );
    assert!(
        settings.http.trusted_proxies.is_empty()
            && !settings.http.force_https
            && settings.http.metrics_token.is_none()
    );
    assert!(
        settings.database.url.is_none()
            && settings.database.for_migrations().is_none()
            && settings.database.embedded_bin.is_none()
    );
    assert_eq!(settings.database.pool_size.get(), 16);
    assert_eq!(settings.database.pool_wait, Duration::from_secs(2));
    assert_eq!(settings.database.statement_timeout, Duration::from_secs(10));
    assert!(settings.files.public_url.is_none() && settings.files.bucket.is_none());
    assert_eq!(settings.files.max_upload_bytes.get(), 25 * 1024 * 1024);
    let limits = settings.rate_limits;
    assert!(limits.enabled);
    let numbers = [
        limits.user_per_minute,
        limits.address_per_minute,
        limits.login_address_per_minute,
        limits.login_account_per_minute,
        limits.register_per_hour,
    ];
    assert_eq!(numbers.map(NonZeroU32::get), [600, 120, 10, 5, 10]);
    assert!(
        settings.keys.jwt.is_none()
            && settings.keys.field_encryption.is_empty()
            && settings.first_admin.is_none()
    );
    assert_eq!(settings.bcrypt_cost, 12);
    assert_eq!((settings.log.filter.directives(), settings.log.format), ("info", LogFormat::Text));
}

#[test]
fn production_has_stricter_defaults() {
    let Loaded { settings, warnings } = both(PRODUCTION, &[]).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert!(
        settings.mode.is_production() && settings.http.force_https && settings.http.cors_origins.is_empty()
    );
    assert_eq!(settings.log.format, LogFormat::Json);
    assert!(settings.http.trusted_proxies[0].contains(&"10.9.8.7".parse::<IpAddr>().unwrap()));
    assert_eq!(settings.keys.jwt.unwrap().expose_secret(), JWT.as_bytes());
}

/// How the report shows a secret.
const HIDDEN: &str = "(set, not shown)";

/// What the report says when every name is set as below.
const REPORTED: [(&str, &str); 46] = [
    ("APP_ENV", "development"),
    ("BIND_ADDR", "0.0.0.0:81"),
    ("DATA_DIR", "/srv/data"),
    ("WORKERS", "3"),
    ("MAX_IN_FLIGHT", "7"),
    ("SHUTDOWN_GRACE_SECONDS", "9"),
    ("DATABASE_URL", "postgres://app@h/d"),
    ("MIGRATION_DATABASE_URL", "postgres://owner@h/d"),
    ("DATABASE_POOL_SIZE", "11"),
    ("DATABASE_POOL_WAIT_MS", "13"),
    ("DATABASE_STATEMENT_TIMEOUT_MS", "170"),
    ("EMBEDDED_PG_BIN", "/pg/bin"),
    ("WORKER_CONCURRENCY", "5"),
    ("WORKER_SILENCE_SECONDS", "6"),
    ("OUTBOX_KEPT_DAYS", "8"),
    ("JWT_SECRET_KEY", HIDDEN),
    ("FIELD_ENCRYPTION_KEY", HIDDEN),
    ("BCRYPT_COST", "10"),
    ("ADMIN_EMAIL", "a@b.example"),
    ("ADMIN_PASSWORD", HIDDEN),
    ("METRICS_TOKEN", HIDDEN),
    ("CORS_ORIGINS", "https://a.example"),
    ("TRUSTED_PROXIES", "::1/128"),
    ("FORCE_HTTPS", "on"),
    ("PROVIDER_FEE_BPS", "250"),
    ("CLIENT_FEE_BPS", "10000"),
    ("AUTO_RELEASE_DAYS", "21"),
    ("CLEARANCE_DAYS", "5"),
    ("PAYOUT_PROVIDER", "sandbox"),
    ("FOUR_EYES_LIMIT", "1000.50"),
    ("DEBT_LIMIT", "50.00"),
    ("PUBLIC_URL", "https://api.example.com"),
    ("MAX_UPLOAD_BYTES", "1000"),
    ("AWS_S3_BUCKET", "guild-files"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"),
    ("AWS_ACCESS_KEY_ID", "AKIA"),
    ("AWS_SECRET_ACCESS_KEY", HIDDEN),
    ("RATE_LIMIT", "off"),
    ("RATE_LIMIT_USER_PER_MINUTE", "21"),
    ("RATE_LIMIT_ADDRESS_PER_MINUTE", "22"),
    ("RATE_LIMIT_LOGIN_ADDRESS_PER_MINUTE", "23"),
    ("RATE_LIMIT_LOGIN_ACCOUNT_PER_MINUTE", "24"),
    ("RATE_LIMIT_REGISTER_PER_HOUR", "25"),
    ("LOG_LEVEL", "debug"),
    ("LOG_FORMAT", "json"),
];

#[test]
fn every_name_reaches_its_field() {
    let settings = good(&[
        ("APP_ENV", "development"),
        ("BIND_ADDR", "0.0.0.0:81"),
        ("DATA_DIR", "/srv/data"),
        ("WORKERS", "3"),
        ("MAX_IN_FLIGHT", "7"),
        ("SHUTDOWN_GRACE_SECONDS", "9"),
        ("DATABASE_URL", "postgres://app@h/d"),
        ("MIGRATION_DATABASE_URL", "postgres://owner@h/d"),
        ("DATABASE_POOL_SIZE", "11"),
        ("DATABASE_POOL_WAIT_MS", "13"),
        ("DATABASE_STATEMENT_TIMEOUT_MS", "170"),
        ("EMBEDDED_PG_BIN", "/pg/bin"),
        ("WORKER_CONCURRENCY", "5"),
        ("WORKER_SILENCE_SECONDS", "6"),
        ("OUTBOX_KEPT_DAYS", "8"),
        ("JWT_SECRET_KEY", JWT),
        ("FIELD_ENCRYPTION_KEY", FIELD),
        ("BCRYPT_COST", "10"),
        ("ADMIN_EMAIL", "a@b.example"),
        ("ADMIN_PASSWORD", "correct horse"),
        ("METRICS_TOKEN", "token"),
        ("CORS_ORIGINS", "https://a.example"),
        ("TRUSTED_PROXIES", "::1"),
        ("FORCE_HTTPS", "on"),
        ("PROVIDER_FEE_BPS", "250"),
        ("AUTO_RELEASE_DAYS", "21"),
        ("CLEARANCE_DAYS", "5"),
        ("CLIENT_FEE_BPS", "10000"),
        ("PAYOUT_PROVIDER", "Sandbox"),
        ("FOUR_EYES_LIMIT", "1000.5"),
        ("DEBT_LIMIT", "50"),
        ("PUBLIC_URL", "https://api.example.com"),
        ("MAX_UPLOAD_BYTES", "1000"),
        ("AWS_S3_BUCKET", "guild-files"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2+s3/secret="),
        ("RATE_LIMIT", "off"),
        ("RATE_LIMIT_USER_PER_MINUTE", "21"),
        ("RATE_LIMIT_ADDRESS_PER_MINUTE", "22"),
        ("RATE_LIMIT_LOGIN_ADDRESS_PER_MINUTE", "23"),
        ("RATE_LIMIT_LOGIN_ACCOUNT_PER_MINUTE", "24"),
        ("RATE_LIMIT_REGISTER_PER_HOUR", "25"),
        ("LOG_LEVEL", "debug"),
        ("LOG_FORMAT", "json"),
    ]);
    let report: Vec<(&str, String)> =
        settings.report().into_iter().map(|line| (line.name, line.value)).collect();
    assert_eq!(report, REPORTED.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(settings.keys.field_encryption.len(), 1);
    assert_eq!(settings.keys.field_encryption[0].expose_secret(), FIELD.as_bytes());
    let (_, secret) = settings.files.bucket.unwrap().key.unwrap();
    assert_eq!(secret.expose_secret(), "hunter2+s3/secret=");
    assert_eq!(settings.database.url.unwrap().expose(), "postgres://app@h/d");
    assert_eq!(settings.first_admin.unwrap().password.expose_secret(), "correct horse");
    assert_eq!(settings.http.metrics_token.unwrap().expose_secret(), "token");
}

/// For each name a value that cannot be used, and how its line begins.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_rule_is_a_fault_of_one_line() {
    for (pairs, start) in [
        (&[("APP_ENV", "staging")] as Pairs<'_>, r#"APP_ENV="staging": neither development nor production"#),
        (&[("BIND_ADDR", "x")], r#"BIND_ADDR="x": not an address and port such as 127.0.0.1:8080"#),
        (&[("WORKERS", "0")], r#"WORKERS="0": not a whole number from 1 to 1024"#),
        (&[("MAX_IN_FLIGHT", "0")], r#"MAX_IN_FLIGHT="0": not a whole number from 1 to 100000"#),
        (
            &[("SHUTDOWN_GRACE_SECONDS", "26")],
            r#"SHUTDOWN_GRACE_SECONDS="26": not a whole number from 1 to 25"#,
        ),
        (&[("DATABASE_URL", "mysql://u:hunter2@h/d")], "DATABASE_URL: not a PostgreSQL address"),
        (
            &[("DATABASE_URL", "postgres://h/d"), ("MIGRATION_DATABASE_URL", "hunter2")],
            "MIGRATION_DATABASE_URL: not a PostgreSQL address",
        ),
        (&[("MIGRATION_DATABASE_URL", "postgres://h/d")], "MIGRATION_DATABASE_URL: set without DATABASE_URL"),
        (&[("DATABASE_POOL_SIZE", "501")], r#"DATABASE_POOL_SIZE="501": not a whole number from 1 to 500"#),
        (
            &[("DATABASE_POOL_WAIT_MS", "2s")],
            r#"DATABASE_POOL_WAIT_MS="2s": not a whole number from 10 to 60000"#,
        ),
        (
            &[("DATABASE_STATEMENT_TIMEOUT_MS", "1")],
            r#"DATABASE_STATEMENT_TIMEOUT_MS="1": not a whole number from 100"#,
        ),
        (&[("JWT_SECRET_KEY", "hunter2")], "JWT_SECRET_KEY: shorter than 32 bytes"),
        (&[("FIELD_ENCRYPTION_KEY", "hunter2")], "FIELD_ENCRYPTION_KEY: shorter than 32 bytes"),
        (&[("BCRYPT_COST", "9")], r#"BCRYPT_COST="9": not a whole number from 10 to 16"#),
        (&[("BCRYPT_COST", "17")], r#"BCRYPT_COST="17": not"#),
        (&[("ADMIN_EMAIL", "a@b.example")], "ADMIN_PASSWORD: missing, but ADMIN_EMAIL is set"),
        (&[("ADMIN_PASSWORD", "hunter2hunter2")], "ADMIN_EMAIL: missing, but ADMIN_PASSWORD is set"),
        (
            &[("ADMIN_EMAIL", "a@b.example"), ("ADMIN_PASSWORD", "hunter2")],
            "ADMIN_PASSWORD: not 8 to 72 bytes",
        ),
        (
            &[("ADMIN_EMAIL", "a@b.example"), ("ADMIN_PASSWORD", "A@b.example")],
            "ADMIN_PASSWORD: it is the e-mail",
        ),
        (
            &[("ADMIN_EMAIL", "boss"), ("ADMIN_PASSWORD", "hunter2hunter2")],
            r#"ADMIN_EMAIL="boss": not an e-mail"#,
        ),
        (&[("METRICS_TOKEN", "hunter2 x")], "METRICS_TOKEN: contains spaces"),
        (&[("CORS_ORIGINS", "*")], r#"CORS_ORIGINS="*": "*" would let every web site"#),
        (&[("TRUSTED_PROXIES", "proxy")], r#"TRUSTED_PROXIES="proxy": "proxy" is not an IP address"#),
        (&[("FORCE_HTTPS", "maybe")], r#"FORCE_HTTPS="maybe": neither on nor off"#),
        (&[("FORCE_HTTPS", "1")], "TRUSTED_PROXIES: missing, but FORCE_HTTPS is on and"),
        (&[("RATE_LIMIT", "maybe")], r#"RATE_LIMIT="maybe": neither on nor off"#),
        (&[("AUTO_RELEASE_DAYS", "0")], r#"AUTO_RELEASE_DAYS="0": not a whole number from 1 to 90"#),
        (&[("CLEARANCE_DAYS", "15")], r#"CLEARANCE_DAYS="15": not a whole number from 0 to 14"#),
        (&[("PROVIDER_FEE_BPS", "10001")], r#"PROVIDER_FEE_BPS="10001": not a whole number from 0 to 10000"#),
        (&[("CLIENT_FEE_BPS", "-1")], r#"CLIENT_FEE_BPS="-1": not a whole number from 0 to 10000"#),
        (&[("PAYOUT_PROVIDER", "stripe")], r#"PAYOUT_PROVIDER="stripe": neither manual nor sandbox"#),
        (&[("FOUR_EYES_LIMIT", "1.999")], r#"FOUR_EYES_LIMIT="1.999": not an amount: it must be a number"#),
        (&[("FOUR_EYES_LIMIT", "-1")], r#"FOUR_EYES_LIMIT="-1": not an amount: it must not be negative"#),
        (&[("DEBT_LIMIT", "much")], r#"DEBT_LIMIT="much": not an amount: it must be a number"#),
        (&[("RATE_LIMIT_USER_PER_MINUTE", "0")], r#"RATE_LIMIT_USER_PER_MINUTE="0": not a whole number"#),
        (
            &[("RATE_LIMIT_ADDRESS_PER_MINUTE", "-1")],
            r#"RATE_LIMIT_ADDRESS_PER_MINUTE="-1": not a whole number"#,
        ),
        (
            &[("RATE_LIMIT_LOGIN_ADDRESS_PER_MINUTE", "1000001")],
            r#"RATE_LIMIT_LOGIN_ADDRESS_PER_MINUTE="1000001": not"#,
        ),
        (&[("RATE_LIMIT_LOGIN_ACCOUNT_PER_MINUTE", "x")], r#"RATE_LIMIT_LOGIN_ACCOUNT_PER_MINUTE="x": not"#),
        (&[("RATE_LIMIT_REGISTER_PER_HOUR", "1.5")], r#"RATE_LIMIT_REGISTER_PER_HOUR="1.5": not"#),
        (&[("LOG_LEVEL", "inof")], r#"LOG_LEVEL="inof": neither error"#),
        (&[("LOG_FORMAT", "xml")], r#"LOG_FORMAT="xml": neither text nor json"#),
    ] {
        must_be_one_fault(pairs, start);
    }
}

/// The same for files.
#[test]
fn every_rule_of_files_is_a_fault_of_one_line() {
    for (pairs, start) in [
        (
            &[("PUBLIC_URL", "api.example.com")] as Pairs<'_>,
            r#"PUBLIC_URL="api.example.com": not an address such as"#,
        ),
        (&[("PUBLIC_URL", "https://a.example/x")], r#"PUBLIC_URL="https://a.example/x": not an address"#),
        (&[("MAX_UPLOAD_BYTES", "0")], r#"MAX_UPLOAD_BYTES="0": not a whole number from 1 to"#),
        (&[("AWS_S3_BUCKET", "a/b")], r#"AWS_S3_BUCKET="a/b": not a name of at most 63"#),
        (&[("AWS_S3_BUCKET", "b"), ("AWS_REGION", "x y")], r#"AWS_REGION="x y": not a name"#),
        (&[("AWS_S3_BUCKET", "b"), ("AWS_ENDPOINT_URL", "x")], r#"AWS_ENDPOINT_URL="x": not an address"#),
        (
            &[("AWS_S3_BUCKET", "b"), ("AWS_ACCESS_KEY_ID", "AKIA")],
            "AWS_SECRET_ACCESS_KEY: missing, but AWS_ACCESS_KEY_ID is set",
        ),
        (
            &[("AWS_S3_BUCKET", "b"), ("AWS_SECRET_ACCESS_KEY", "hunter2")],
            "AWS_ACCESS_KEY_ID: missing, but AWS_SECRET_ACCESS_KEY is set",
        ),
        (
            &[("AWS_S3_BUCKET", "b"), ("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "hunter2 x")],
            "AWS_SECRET_ACCESS_KEY: contains spaces",
        ),
    ] {
        must_be_one_fault(pairs, start);
    }
}

fn must_be_one_fault(pairs: Pairs<'_>, start: &str) {
    let faults = faults(pairs);
    assert_eq!(faults.len(), 1, "{pairs:?}: {faults:?}");
    assert!(faults[0].starts_with(start), "{pairs:?}: {faults:?}");
    assert!(!faults[0].contains("hunter2") && !faults[0].contains('\n'), "{faults:?}");
    // The same in the file as in the environment.
    assert_eq!(both(&[], pairs).unwrap_err(), faults);
}

#[test]
fn all_faults_at_once() {
    let faults = both(
        &[("BIND_ADDR", "x"), ("BCRYPT_COST", "y"), ("APP_ENV", "z"), ("ADMIN_EMAIL", "a@b")],
        &[("NOPE", "1"), ("LOG_FORMAT", "xml")],
    )
    .unwrap_err();
    assert_eq!(faults.len(), 6, "{faults:?}");
    for start in
        ["BIND_ADDR=", "BCRYPT_COST=", "APP_ENV=", "ADMIN_PASSWORD:", ".env: unknown name", "LOG_FORMAT="]
    {
        assert!(faults.iter().any(|line| line.starts_with(start)), "{start}: {faults:?}");
    }
}

#[test]
fn the_environment_wins_and_blank_is_not_set() {
    for (environment, dotenv, wanted, source) in [
        (None, None, "127.0.0.1:8080", Source::Default),
        (None, Some("127.0.0.1:2"), "127.0.0.1:2", Source::DotEnv),
        (Some("127.0.0.1:1"), Some("127.0.0.1:2"), "127.0.0.1:1", Source::Environment),
        (Some("127.0.0.1:1"), Some("nonsense"), "127.0.0.1:1", Source::Environment),
        (Some(""), Some("127.0.0.1:2"), "127.0.0.1:2", Source::DotEnv),
        (Some("  "), None, "127.0.0.1:8080", Source::Default),
        (Some(""), Some(" "), "127.0.0.1:8080", Source::Default),
        (Some(" 127.0.0.1:1 "), None, "127.0.0.1:1", Source::Environment),
    ] {
        let pair = |value: Option<&'static str>| value.map(|value| ("BIND_ADDR", value));
        let settings = both(pair(environment).as_slice(), pair(dotenv).as_slice()).unwrap().settings;
        let line = settings.report().into_iter().find(|line| line.name == "BIND_ADDR").unwrap();
        assert_eq!((line.value.as_str(), line.source), (wanted, source), "{environment:?} {dotenv:?}");
    }
    let blank: Vec<(&str, &str)> = Name::ALL.iter().map(|name| (name.known().name, "")).collect();
    assert_eq!(both(&blank, &blank).unwrap().settings.report(), good(&[]).report());
}

#[test]
fn a_secret_is_taken_to_the_byte() {
    let spaced = format!(" {JWT} ");
    assert_eq!(good(&[("JWT_SECRET_KEY", &spaced)]).keys.jwt.unwrap().expose_secret(), spaced.as_bytes());
}

#[test]
fn fields_have_a_ring_of_keys() {
    let ring = |text: &str| good(&[("FIELD_ENCRYPTION_KEY", text)]).keys.field_encryption;
    let keys = ring(&format!("{FIELD},{JWT}"));
    assert_eq!(keys.len(), 2);
    assert_eq!((keys[0].expose_secret(), keys[1].expose_secret()), (FIELD.as_bytes(), JWT.as_bytes()));
    let spaced = format!(" {FIELD} ");
    assert_eq!(ring(&spaced)[0].expose_secret(), spaced.as_bytes(), "one alone is taken to the byte");
    for (text, start) in [
        (format!("{FIELD}, {JWT}"), "FIELD_ENCRYPTION_KEY: there are spaces around a comma"),
        (format!("{FIELD},{JWT},{FIELD}"), "FIELD_ENCRYPTION_KEY: a key is there twice"),
        (format!("{FIELD},"), "FIELD_ENCRYPTION_KEY: shorter than 32 bytes"),
        (format!("{FIELD},hunter2"), "FIELD_ENCRYPTION_KEY: shorter than 32 bytes"),
    ] {
        must_be_one_fault(&[("FIELD_ENCRYPTION_KEY", &text)], start);
    }
}

#[test]
fn an_unknown_key_of_the_file_stops_the_start() {
    for (key, suggestion) in [
        ("DATABSE_URL", "; did you mean DATABASE_URL?"),
        ("BIND_ADDRESS", "; did you mean BIND_ADDR?"),
        ("bind_addr", "; did you mean BIND_ADDR?"),
        ("JWT_SECRET", "; did you mean JWT_SECRET_KEY?"),
        ("FLASK_DEBUG", ""),
        ("REDIS_URL", ""),
        ("X", ""),
    ] {
        let faults = both(&[], &[(key, "hunter2")]).unwrap_err();
        assert_eq!(faults, [format!(".env: unknown name \"{key}\"{suggestion}")]);
    }
}

#[test]
fn a_key_twice_in_the_file_stops_the_start() {
    let faults = both(&[], &[("BCRYPT_COST", "11"), ("BCRYPT_COST", "12")]).unwrap_err();
    assert_eq!(faults, [".env: BCRYPT_COST stands there more than once"]);
}

/// What machines, shells, tools and other programs have in their environment.
const ORDINARY: &str = "
    PATH HOME USER LANG LC_ALL SHELL TERM PWD OLDPWD SHLVL LOGNAME HOSTNAME EDITOR PAGER TZ TMPDIR PGDATA
    PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PG_MAJOR POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB RUST_LOG
    RUST_BACKTRACE CARGO_HOME RUSTUP_HOME CARGO_MANIFEST_DIR LD_LIBRARY_PATH OUT_DIR NO_COLOR FORCE_COLOR CI
    NODE_ENV RAILS_ENV BASH_ENV JAVA_HOME PYTHONPATH GOPATH VIRTUAL_ENV XDG_DATA_DIRS XDG_DATA_HOME
    XDG_CONFIG_DIRS XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK SSH_CONNECTION DISPLAY
    WAYLAND_DISPLAY COLORTERM LS_COLORS http_proxy HTTPS_PROXY NO_PROXY KUBERNETES_SERVICE_HOST
    KUBERNETES_PORT INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET DATABASE_HOST REDIS_URL SECRET_KEY SENTRY_DSN
    APP_URL APP_KEY APP_NAME LOG_FILE LOG_DIR DOCKER_HOST MAILTO _";

#[test]
fn a_near_miss_in_the_environment_warns_and_nothing_else_does() {
    for (key, meant) in [
        ("DATABASE_URI", "DATABASE_URL"),
        ("DATBASE_URL", "DATABASE_URL"),
        ("DATABASE_ULR", "DATABASE_URL"),
        ("DATADIR", "DATA_DIR"),
        ("TRUSTED_PROXY", ""),
        ("RATE_LIMITS", "RATE_LIMIT"),
        ("BIND_ADDRES", "BIND_ADDR"),
        ("DATBSE_URL", "DATABASE_URL"),
        ("ADMIN_MAIL", "ADMIN_EMAIL"),
        ("WORKER", "WORKERS"),
        ("bind_addr", "BIND_ADDR"),
    ] {
        let warnings = warnings(&[(key, "hunter2")]);
        let wanted =
            format!("the environment has \"{key}\", which means nothing here; did you mean {meant}?");
        assert_eq!(warnings, if meant.is_empty() { vec![] } else { vec![wanted] });
    }
    let pairs: Vec<(&str, &str)> = ORDINARY.split_whitespace().map(|name| (name, "x")).collect();
    assert_eq!(warnings(&pairs), Vec::<String>::new());
}

#[test]
fn what_production_refuses_and_development_does_not() {
    for (name, value, piece) in [
        ("JWT_SECRET_KEY", "", "required in production"),
        ("FIELD_ENCRYPTION_KEY", "", "required in production"),
        ("JWT_SECRET_KEY", "your-32-character-secret-key-here", "it is a published example"),
        ("JWT_SECRET_KEY", "production-secret-key-32-characters-minimum", "it is a published example"),
        ("FIELD_ENCRYPTION_KEY", "changeme-changeme-changeme-changeme!", "it is a published example"),
        ("FIELD_ENCRYPTION_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too few different characters"),
        ("FIELD_ENCRYPTION_KEY", "Kq7Zp2Xw-Kq7Zp2Xw-Kq7Zp2Xw-Kq7Zp2Xw", "a short text repeated"),
        ("TRUSTED_PROXIES", "", "FORCE_HTTPS is on (the default in production)"),
    ] {
        let faults = faults(&production(&[(name, value)]));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with(&format!("{name}: ")) && faults[0].contains(piece), "{faults:?}");
        assert!(value.is_empty() || !faults[0].contains(value), "{faults:?}");
        good(&[(name, value)]);
    }
    let published = [("ADMIN_EMAIL", "admin@example.com"), ("ADMIN_PASSWORD", "admin123")];
    assert_eq!(faults(&production(&published)), ["ADMIN_PASSWORD: it is a published example"]);
    good(&published);
    let play = faults(&production(&[("PAYOUT_PROVIDER", "sandbox")]));
    assert_eq!(play, ["PAYOUT_PROVIDER: the sandbox pays nobody, and production refuses it; set manual"]);
    assert_eq!(
        faults(&production(&[("FIELD_ENCRYPTION_KEY", &format!("{FIELD},{}", "x".repeat(32)))])).len(),
        1
    );
    good(&production(&[("TRUSTED_PROXIES", ""), ("FORCE_HTTPS", "off")]));
    let bare = faults(&[("APP_ENV", "production")]);
    assert_eq!(bare.len(), 3, "{bare:?}");
}

#[test]
fn one_bad_value_does_not_bring_on_further_faults() {
    assert_eq!(faults(&production(&[("TRUSTED_PROXIES", "proxy")])).len(), 1);
    assert_eq!(faults(&production(&[("JWT_SECRET_KEY", "changeme")])).len(), 1);
}

#[test]
fn what_is_odd_but_usable_warns() {
    for (pairs, piece) in [
        (
            vec![("JWT_SECRET_KEY", "your-32-character-secret-key-here")],
            "JWT_SECRET_KEY is a published example",
        ),
        (vec![("JWT_SECRET_KEY", JWT), ("FIELD_ENCRYPTION_KEY", JWT)], "are the same"),
        (vec![("TRUSTED_PROXIES", "0.0.0.0/0")], "trusts every address"),
        (vec![("TRUSTED_PROXIES", "10.0.0.0/8,::/0")], "trusts every address"),
        (production(&[("RATE_LIMIT", "off")]), "RATE_LIMIT is off"),
        (production(&[("METRICS_TOKEN", "short")]), "METRICS_TOKEN is shorter"),
    ] {
        let warnings = warnings(&pairs);
        assert!(warnings.len() == 1 && warnings[0].contains(piece), "{warnings:?}");
        assert!(!warnings[0].contains(JWT));
    }
    assert!(warnings(&[("RATE_LIMIT", "off"), ("METRICS_TOKEN", "short")]).is_empty());
}

#[test]
fn no_secret_shows_in_debug_or_report() {
    let secrets =
        [JWT, FIELD, "hunter6-s3", "hunter2-admin", "hunter3-metrics", "hunter4-url", "hunter5-migration"];
    let settings = good(&[
        ("JWT_SECRET_KEY", JWT),
        ("FIELD_ENCRYPTION_KEY", FIELD),
        ("ADMIN_EMAIL", "a@b.example"),
        ("ADMIN_PASSWORD", "hunter2-admin"),
        ("METRICS_TOKEN", "hunter3-metrics"),
        ("AWS_S3_BUCKET", "b"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "hunter6-s3"),
        ("DATABASE_URL", "postgres://app:hunter4-url@h/d"),
        ("MIGRATION_DATABASE_URL", "postgres://owner:hunter5-migration@h/d"),
    ]);
    let bytes = format!("{:?}", JWT.as_bytes()).trim_matches(['[', ']']).to_owned();
    for text in [format!("{settings:?}"), format!("{settings:#?}"), format!("{:?}", settings.report())] {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(!text.contains(&bytes), "{text}");
        assert!(
            text.contains("postgres://app:***@h/d") && text.contains("postgres://owner:***@h/d"),
            "{text}"
        );
    }
}

#[test]
fn the_report_names_each_setting_once_with_its_source() {
    let report = both(&[("WORKERS", "2")], &[("DATA_DIR", "/srv")]).unwrap().settings.report();
    assert_eq!(
        report.iter().map(|line| line.name).collect::<Vec<_>>(),
        Name::ALL.iter().map(|name| name.known().name).collect::<Vec<_>>()
    );
    for line in report {
        let wanted = match line.name {
            "WORKERS" => "environment",
            "DATA_DIR" => ".env",
            _ => "default",
        };
        assert_eq!(line.source.to_string(), wanted, "{}", line.name);
    }
}

#[test]
fn migrations_go_to_the_owner_s_connection_if_there_is_one() {
    let with = |pairs: Pairs<'_>| good(pairs).database.for_migrations().map(ToString::to_string);
    assert_eq!(with(&[("DATABASE_URL", "postgres://app@h/d")]).as_deref(), Some("postgres://app@h/d"));
    assert_eq!(
        with(&[("DATABASE_URL", "postgres://app@h/d"), ("MIGRATION_DATABASE_URL", "postgres://o@h/d")])
            .as_deref(),
        Some("postgres://o@h/d")
    );
}

/// What `load` finds with this `.env` and this environment.
fn load(dotenv: &[u8], environment: &[(&str, &[u8])]) -> Result<Loaded, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    fs::write(&path, dotenv).unwrap();
    let environment =
        environment.iter().map(|(name, value)| (OsString::from(name), OsString::from_vec(value.to_vec())));
    Settings::load_from(environment, &path).map_err(|faults| lines(&faults))
}

#[test]
fn the_file_is_read_as_shells_and_editors_write_it() {
    for text in [
        "BCRYPT_COST=11\n",
        "BCRYPT_COST=11",
        "BCRYPT_COST=11   ",
        "\u{feff}BCRYPT_COST=11\n",
        "# a comment, with a 'quote\n\nexport BCRYPT_COST='11' # why\r\n",
        "BCRYPT_COST=\"11\"\nLOG_LEVEL=\n",
    ] {
        assert_eq!(
            load(text.as_bytes(), &[])
                .unwrap_or_else(|faults| panic!("{text:?}: {faults:?}"))
                .settings
                .bcrypt_cost,
            11,
            "{text:?}"
        );
    }
    assert_eq!(load(b"BCRYPT_COST=11\n", &[("BCRYPT_COST", b"13")]).unwrap().settings.bcrypt_cost, 13);
}

#[test]
fn the_example_file_uncommented_means_the_defaults() {
    let example = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.env.example"));
    let taken: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.split_once('=').is_some_and(|(name, _)| Name::find(name).is_some()))
        .map(|line| format!("{line}\n"))
        .collect();
    let values = |loaded: Loaded| {
        loaded.settings.report().into_iter().map(|line| (line.name, line.value)).collect::<Vec<_>>()
    };
    assert_eq!(values(load(taken.as_bytes(), &[]).unwrap()), values(both(&[], &[]).unwrap()));
    assert!(taken.lines().count() == Name::ALL.len());
}

#[test]
fn a_malformed_line_is_named_by_its_number_and_not_shown() {
    for (text, number) in [
        ("JWT_SECRET_KEY hunter2\n", 1),
        ("# first\n\nBCRYPT_COST=11\nADMIN_PASSWORD=hunter2 hunter2\n", 4),
        ("LOG_LEVEL=info\nADMIN_PASSWORD='hunter2\nBCRYPT_COST=11\n", 2),
        ("LOG_LEVEL=info\r\n=hunter2\r\n", 2),
    ] {
        let faults = load(text.as_bytes(), &[]).unwrap_err();
        assert_eq!(faults.len(), 1, "{text:?}: {faults:?}");
        assert!(
            faults[0].starts_with(&format!(".env line {number}: not NAME=value")),
            "{text:?}: {faults:?}"
        );
        assert!(!faults[0].contains("hunter2"), "{faults:?}");
    }
    let faults = load(b"one\nBIND_ADDR=x\ntwo\n", &[]).unwrap_err();
    assert_eq!(faults.len(), 3, "{faults:?}");
    let long = format!("LOG_LEVEL='{}'\nbroken\n", "x=info,".repeat(5_000));
    assert!(load(long.as_bytes(), &[]).unwrap_err().iter().any(|line| line.starts_with(".env line 2: ")));
}

#[test]
fn without_the_file_the_environment_alone_counts_but_an_unreadable_file_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Settings::load_from([], &folder.path().join(".env")).is_ok());
    let faults = lines(&Settings::load_from([], folder.path()).unwrap_err());
    assert!(faults.len() == 1 && faults[0].starts_with(".env: cannot be read"), "{faults:?}");
    assert_eq!(load(b"LOG_LEVEL=\xff\n", &[]).unwrap_err(), [".env: not UTF-8 text"]);
}

#[test]
fn values_that_are_no_text_matter_only_under_known_names() {
    assert_eq!(load(b"", &[("DATA_DIR", b"/\xff"), ("BIND_ADDR", b"x")]).unwrap_err().len(), 2);
    assert_eq!(load(b"", &[("DATA_DIR", b"/\xff")]).unwrap_err(), ["DATA_DIR: not UTF-8 text"]);
    assert!(load(b"", &[("OTHER", b"\xff")]).is_ok());
}
