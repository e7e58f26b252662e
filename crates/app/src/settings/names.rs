//! Every name that a setting can have: the one table from which the parser, the report, the near-miss check
//! and `.env.example` are made.
//!
//! Deliberately absent: names that nothing reads yet. A setting comes in together with the capability it
//! switches on.

use super::Mode;

/// What holds when a name is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// This value.
    Value(&'static str),
    /// One value in development, another (or none) in production.
    ByMode {
        /// The value in development.
        development: &'static str,
        /// The value in production; `None`: not set.
        production: Option<&'static str>,
    },
    /// No value; these words say what the program does then.
    Unset(&'static str),
}

impl Preset {
    /// The text that stands in for the value in this mode.
    #[must_use]
    pub fn text(self, mode: Mode) -> Option<&'static str> {
        match (self, mode) {
            (Self::Value(text), _) => Some(text),
            (Self::ByMode { development, .. }, Mode::Development) => Some(development),
            (Self::ByMode { production, .. }, Mode::Production) => production,
            (Self::Unset(_), _) => None,
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The name in the environment and in `.env`.
    pub name: &'static str,
    /// The heading it stands under in `.env.example`.
    pub section: &'static str,
    /// What it means, one sentence or two.
    pub meaning: &'static str,
    /// The unit or the form of the value.
    pub unit: &'static str,
    /// What holds without it.
    pub preset: Preset,
    /// Whether the value is a secret or may contain one; it is then never shown as it is.
    pub secret: bool,
}

/// Writes the enum and its rows from one list, so that a name without a row, or a row without a name, cannot
/// be.
macro_rules! names {
    ($($section:literal { $($variant:ident $visibility:ident $name:literal, $unit:literal, $preset:expr, $meaning:literal;)* })*) => {
        /// A known name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each variant is documented by its row")]
        pub enum Name { $($($variant,)*)* }

        impl Name {
            /// All names, in the order in which they are documented.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The row of this name.
            #[must_use]
            pub const fn known(self) -> Known {
                match self {
                    $($(Self::$variant => Known {
                        name: $name, section: $section, meaning: $meaning, unit: $unit, preset: $preset,
                        secret: names!(@secret $visibility),
                    },)*)*
                }
            }
        }
    };
    (@secret shown) => { false };
    (@secret hidden) => { true };
}

names! {
    "Running" {
        AppEnv shown "APP_ENV", "development or production", Preset::Value("development"),
            "How strict the program is. Production refuses to start without secrets of its own and without HTTPS.";
        BindAddr shown "BIND_ADDR", "address:port", Preset::Value("127.0.0.1:8080"),
            "Where the HTTP server listens. Port 0 takes a free one.";
        DataDir shown "DATA_DIR", "folder", Preset::Value("./data"),
            "Data folder: private database, generated secrets, uploaded files.";
        Workers shown "WORKERS", "threads, 1 to 1024", Preset::Unset("one per core"),
            "Threads that serve HTTP requests.";
        MaxInFlight shown "MAX_IN_FLIGHT", "requests, 1 to 100000", Preset::Value("512"),
            "Requests served at once; further ones are turned away with 503.";
        ShutdownGraceSeconds shown "SHUTDOWN_GRACE_SECONDS", "seconds, 1 to 25", Preset::Value("20"),
            "How long a shutdown waits for running requests. The whole shutdown takes 30 seconds at most.";
    }
    "Database" {
        DatabaseUrl hidden "DATABASE_URL", "postgres://user:password@host:5432/name",
            Preset::Unset("the program runs a private PostgreSQL of its own in the data folder"),
            "PostgreSQL to use. Characters such as @ : / # ? in the password are written percent-encoded.";
        MigrationDatabaseUrl hidden "MIGRATION_DATABASE_URL", "postgres://owner:password@host:5432/name",
            Preset::Unset("the same as DATABASE_URL"),
            "The owner's connection for migrations; needs DATABASE_URL.";
        DatabasePoolSize shown "DATABASE_POOL_SIZE", "connections, 1 to 500", Preset::Value("16"),
            "Connections for transactions that this process opens at most.";
        DatabasePoolWaitMs shown "DATABASE_POOL_WAIT_MS", "milliseconds, 10 to 60000", Preset::Value("2000"),
            "How long a request waits for a free connection before it is answered with 503.";
        DatabaseStatementTimeoutMs shown "DATABASE_STATEMENT_TIMEOUT_MS", "milliseconds, 100 to 600000", Preset::Value("10000"),
            "After this time PostgreSQL ends a statement.";
        EmbeddedPgBin shown "EMBEDDED_PG_BIN", "folder", Preset::Unset("looked for in the usual places"),
            "Folder of PostgreSQL's programs (initdb, postgres) for the private database.";
    }
    "Background work" {
        WorkerConcurrency shown "WORKER_CONCURRENCY", "jobs, 1 to 64", Preset::Value("4"),
            "Jobs that this process carries out at once.";
        WorkerSilenceSeconds shown "WORKER_SILENCE_SECONDS", "seconds, 1 to 36", Preset::Value("30"),
            "A worker that gives no sign of life for so long counts as dead; at most half as long again and its jobs are with others.";
        OutboxKeptDays shown "OUTBOX_KEPT_DAYS", "days, 1 to 3650", Preset::Value("7"),
            "How long facts are kept after everybody has been told of them.";
    }
    "Secrets" {
        JwtSecretKey hidden "JWT_SECRET_KEY", "text, 32 bytes or more",
            Preset::Unset("development: made once and kept in the data folder; production: required"),
            "Signs the access tokens. Make one with: openssl rand -base64 32";
        FieldEncryptionKey hidden "FIELD_ENCRYPTION_KEY", "texts, 32 bytes or more each, separated by a comma alone",
            Preset::Unset("development: made once and kept in the data folder; production: required"),
            "Encrypts account details in the database: losing it loses them. The first key encrypts, all of them decrypt; guildhall keys reencrypt takes everything to the first. Make one with: openssl rand -base64 32";
        BcryptCost shown "BCRYPT_COST", "10 to 16", Preset::Value("12"),
            "Cost of hashing a password; each step doubles the time.";
        AdminEmail shown "ADMIN_EMAIL", "e-mail address", Preset::Unset("no first administrator is made"),
            "The first administrator; only together with ADMIN_PASSWORD.";
        AdminPassword hidden "ADMIN_PASSWORD", "text, 8 to 72 bytes", Preset::Unset("no first administrator is made"),
            "The first administrator's password; only together with ADMIN_EMAIL.";
        MetricsToken hidden "METRICS_TOKEN", "text", Preset::Unset("only loopback may"),
            "Bearer token with which others than loopback read /metrics, /health/detailed and /health/blueprints.";
    }
    "Network" {
        CorsOrigins shown "CORS_ORIGINS", "comma-separated origins",
            Preset::ByMode { development: "http://localhost:*", production: None },
            "Web origins whose pages may call the API: scheme://host[:port], without a path. Loopback hosts may have the port *.";
        TrustedProxies shown "TRUSTED_PROXIES", "comma-separated addresses or networks", Preset::Unset("nobody"),
            "Whose X-Forwarded-For and X-Forwarded-Proto count, such as 10.0.0.0/8,192.168.1.7.";
        ForceHttps shown "FORCE_HTTPS", "on or off", Preset::ByMode { development: "off", production: Some("on") },
            "Refuse plain HTTP behind the proxy and send HSTS; health routes are exempt. On needs TRUSTED_PROXIES.";
    }
    "Money" {
        ProviderFeeBps shown "PROVIDER_FEE_BPS", "basis points, 0 to 10000", Preset::Value("0"),
            "Share of each payment that the platform keeps; 250 are 2.5 per cent. Contracts keep the fees of the day on which they were made.";
        ClientFeeBps shown "CLIENT_FEE_BPS", "basis points, 0 to 10000", Preset::Value("0"),
            "Fee that a client pays on top of the price.";
        AutoReleaseDays shown "AUTO_RELEASE_DAYS", "days, 1 to 90", Preset::Value("14"),
            "How long a client may take to answer a submission; then its money is released by itself. Counts for what is handed in from now on.";
        ClearanceDays shown "CLEARANCE_DAYS", "days, 0 to 14", Preset::Value("0"),
            "How long released money rests before the provider may use it. Counts for what is released from now on.";
        PayoutProvider shown "PAYOUT_PROVIDER", "manual or sandbox", Preset::Value("manual"),
            "Who pays withdrawals that were approved: administrators, who say so, or the built-in play provider, which production refuses.";
        FourEyesLimit shown "FOUR_EYES_LIMIT", "amount, such as 1000.00", Preset::Unset("one administrator is always enough"),
            "Withdrawals of more than this need two different administrators.";
        DebtLimit shown "DEBT_LIMIT", "amount, such as 1000.00", Preset::Value("1000.00"),
            "What somebody may come to owe when their bank takes payments back; what is beyond it the platform loses.";
    }
    "Files" {
        PublicUrl shown "PUBLIC_URL", "scheme://host[:port]", Preset::Unset("addresses without a host"),
            "Where the API is reached from outside; stands before the addresses of files and pictures.";
        MaxUploadBytes shown "MAX_UPLOAD_BYTES", "bytes, 1 to 1073741824", Preset::Value("26214400"),
            "The largest file that may be uploaded.";
        AwsS3Bucket shown "AWS_S3_BUCKET", "name of a bucket", Preset::Unset("files are kept in the data folder"),
            "Keeps files in a bucket that speaks S3, of this installation alone. Let it abort incomplete multipart uploads after a day.";
        AwsRegion shown "AWS_REGION", "region", Preset::Value("us-east-1"),
            "Where the bucket is.";
        AwsEndpointUrl shown "AWS_ENDPOINT_URL", "URL", Preset::Unset("Amazon's own"),
            "Another place that speaks S3, such as http://127.0.0.1:9000.";
        AwsAccessKeyId shown "AWS_ACCESS_KEY_ID", "text", Preset::Unset("the machine's own role is asked for"),
            "Who uses the bucket; only together with AWS_SECRET_ACCESS_KEY.";
        AwsSecretAccessKey hidden "AWS_SECRET_ACCESS_KEY", "text", Preset::Unset("the machine's own role is asked for"),
            "The secret of AWS_ACCESS_KEY_ID.";
    }
    "Rate limits" {
        RateLimit shown "RATE_LIMIT", "on or off", Preset::Value("on"),
            "off only for load tests; the RateLimit headers are then missing too.";
        RateLimitUserPerMinute shown "RATE_LIMIT_USER_PER_MINUTE", "requests a minute, 1 to 1000000", Preset::Value("600"),
            "Per logged-in user.";
        RateLimitAddressPerMinute shown "RATE_LIMIT_ADDRESS_PER_MINUTE", "requests a minute, 1 to 1000000", Preset::Value("120"),
            "Per address without login.";
        RateLimitLoginAddressPerMinute shown "RATE_LIMIT_LOGIN_ADDRESS_PER_MINUTE", "logins a minute, 1 to 1000000", Preset::Value("10"),
            "Login attempts per address.";
        RateLimitLoginAccountPerMinute shown "RATE_LIMIT_LOGIN_ACCOUNT_PER_MINUTE", "logins a minute, 1 to 1000000", Preset::Value("5"),
            "Login attempts per account.";
        RateLimitRegisterPerHour shown "RATE_LIMIT_REGISTER_PER_HOUR", "registrations an hour, 1 to 1000000", Preset::Value("10"),
            "Registrations per address.";
    }
    "Logs" {
        LogLevel shown "LOG_LEVEL", "error, warn, info, debug, trace, or a filter such as info,guildhall=debug", Preset::Value("info"),
            "What is logged, to standard error.";
        LogFormat shown "LOG_FORMAT", "text or json", Preset::ByMode { development: "text", production: Some("json") },
            "One JSON object a line, or text for people.";
    }
}

impl Name {
    /// The known name that is written exactly so.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.known().name == text)
    }

    /// The known name nearest to `text` and its distance (Damerau-Levenshtein, without regard to case).
    #[must_use]
    pub fn nearest(text: &str) -> Option<(Self, usize)> {
        let upper = text.to_uppercase();
        Self::ALL
            .iter()
            .map(|name| (*name, strsim::damerau_levenshtein(&upper, name.known().name)))
            .min_by_key(|(_, distance)| *distance)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fmt::Write as _};

    use super::*;

    const EXAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.env.example"));

    /// What `.env.example` has to be.
    fn rendered() -> String {
        let mut text = String::from(HEADER);
        let mut section = "";
        for known in Name::ALL.iter().map(|name| name.known()) {
            if known.section != section {
                section = known.section;
                write!(text, "\n# ---- {section} ----\n").unwrap();
            }
            let (value, note) = match known.preset {
                Preset::Value(value) => (value, String::new()),
                Preset::ByMode { development, production } => {
                    (development, format!(" Default in production: {}.", production.unwrap_or("none")))
                }
                Preset::Unset(words) => ("", format!(" Without it: {words}.")),
            };
            write!(text, "\n# {}\n# ({}){note}\n# {}={value}\n", known.meaning, known.unit, known.name)
                .unwrap();
        }
        text
    }

    const HEADER: &str = "\
# Settings of Guildhall. Copy this file to .env, or set the same names in the environment, which wins.
# Each line below shows its default; take the # and the space away to change it. An empty value counts as not set.
# An unknown name in .env stops the start. Values with spaces, #, $ or quotes stand in 'single quotes'.
";

    #[test]
    fn the_example_file_is_what_the_table_says() {
        assert!(EXAMPLE == rendered(), ".env.example should read:\n{}", rendered());
    }

    #[test]
    fn the_example_file_lists_exactly_the_known_names_with_their_defaults_commented_out() {
        let listed: Vec<(&str, &str)> = EXAMPLE
            .lines()
            .filter_map(|line| line.strip_prefix("# ")?.split_once('='))
            .filter(|(name, _)| {
                name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            })
            .collect();
        let wanted: Vec<(&str, &str)> = Name::ALL
            .iter()
            .map(|name| (name.known().name, name.known().preset.text(Mode::Development).unwrap_or("")))
            .collect();
        assert_eq!(listed, wanted);
        assert!(
            EXAMPLE.lines().all(|line| line.is_empty() || line.starts_with('#')),
            "a line is not commented out"
        );
    }

    #[test]
    fn names_are_unique_upper_case_and_found_by_their_text() {
        let unique: BTreeSet<&str> = Name::ALL.iter().map(|name| name.known().name).collect();
        assert_eq!(unique.len(), Name::ALL.len());
        for name in Name::ALL.iter().copied() {
            assert_eq!(Name::find(name.known().name), Some(name));
        }
        assert_eq!(Name::find("database_url"), None);
        assert_eq!(Name::find("REDIS_URL"), None, "comes with its capability");
    }

    #[test]
    fn the_contract_s_defaults() {
        for (name, development, production) in [
            ("BIND_ADDR", Some("127.0.0.1:8080"), Some("127.0.0.1:8080")),
            ("DATA_DIR", Some("./data"), Some("./data")),
            ("APP_ENV", Some("development"), Some("development")),
            ("CORS_ORIGINS", Some("http://localhost:*"), None),
            ("LOG_LEVEL", Some("info"), Some("info")),
            ("LOG_FORMAT", Some("text"), Some("json")),
            ("RATE_LIMIT", Some("on"), Some("on")),
            ("FORCE_HTTPS", Some("off"), Some("on")),
            ("BCRYPT_COST", Some("12"), Some("12")),
            ("DATABASE_URL", None, None),
            ("TRUSTED_PROXIES", None, None),
            ("METRICS_TOKEN", None, None),
        ] {
            let preset = Name::find(name).unwrap().known().preset;
            assert_eq!(
                (preset.text(Mode::Development), preset.text(Mode::Production)),
                (development, production),
                "{name}"
            );
        }
    }
}
