//! How one connection is made: URL, TLS, session settings.
//!
//! `sslmode=require` (and `verify-ca`, `verify-full`, which mean the same here) encrypts and checks
//! the server's certificate and name against the system's certificates, or those that the
//! environment variable `SSL_CERT_FILE` names. Everything else is plain text: `prefer`, the default
//! of most clients, would have to accept any certificate to be of use (Debian's server comes with
//! a self-signed one), and encryption towards an unknown peer protects against nobody who matters.
//!
//! Deliberately absent: client certificates, settings of the pool.

use std::sync::Arc;
use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long making a connection may take, from the first packet to the last setting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long sent data may stay unacknowledged before the peer counts as dead.
const PEER_TIMEOUT: Duration = Duration::from_secs(20);

/// Why connections cannot even be tried.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The URL is not one of PostgreSQL. It is not repeated here: it may hold a password.
    #[error(
        "the database URL cannot be understood; it should look like postgres://user:password@host/database"
    )]
    InvalidUrl,
    /// `sslmode=require`, but there is nothing to check the server's certificate against.
    #[error("no system certificates were found to check the database's certificate against: {0}")]
    NoCertificates(String),
    /// The TLS library refused its own settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[source] rustls::Error),
    /// The pool refused its settings.
    #[error("the connection pool cannot be set up: {0}")]
    Pool(String),
}

/// What every statement of a session is bound by. Zero means no limit.
#[derive(Clone, Debug)]
pub(crate) struct SessionLimits {
    pub(crate) statement_timeout: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) idle_in_transaction_timeout: Duration,
}

/// Settings of every session, in one batch.
///
/// No statement here runs for so long that compiling it would pay: a summary over many rows costs
/// enough for the server to try, and then takes several times as long.
/// The last two are taken where the server lets us and left alone where not. The check interval
/// makes a server drop a statement (and its locks) about a second after its client has gone.
fn session_sql(limits: &SessionLimits) -> String {
    let SessionLimits { statement_timeout, lock_timeout, idle_in_transaction_timeout } = limits;
    format!(
        "SET statement_timeout = {};
         SET lock_timeout = {};
         SET idle_in_transaction_session_timeout = {};
         SET default_transaction_isolation = 'read committed';
         SET jit = off;
         SET TimeZone = 'UTC';
         DO $$ BEGIN
             BEGIN
                 PERFORM set_config('client_connection_check_interval', '1s', false);
             EXCEPTION WHEN OTHERS THEN NULL;
             END;
             BEGIN
                 IF current_setting('lc_messages') !~ '^(C|POSIX|en)' THEN
                     PERFORM set_config('lc_messages', 'C', false);
                 END IF;
             EXCEPTION WHEN OTHERS THEN NULL;
             END;
         END $$;",
        statement_timeout.as_millis(),
        lock_timeout.as_millis(),
        idle_in_transaction_timeout.as_millis(),
    )
}

/// Makes connections that are all alike.
pub(crate) struct Connector {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
    session_sql: String,
}

impl Connector {
    pub(crate) fn new(
        url: &SecretString,
        application_name: &str,
        limits: &SessionLimits,
    ) -> Result<Self, SetupError> {
        let (config, tls) = driver_settings(url, application_name)?;
        Ok(Self { config, tls, session_sql: session_sql(limits) })
    }

    /// The same, for connections on which each statement is planned once, for whatever values.
    pub(crate) fn planning_once(&self) -> Self {
        let Self { config, tls, session_sql } = self;
        let session_sql = format!("{session_sql} SET plan_cache_mode = force_generic_plan;");
        Self { config: config.clone(), tls: tls.clone(), session_sql }
    }

    /// Connects. The task that moves the bytes is spawned on the runtime that this is called on.
    pub(crate) async fn connect(&self) -> Result<AsyncPgConnection, ConnectionError> {
        tokio::time::timeout(CONNECT_TIMEOUT, self.connect_unbounded()).await.map_err(|_| {
            ConnectionError::BadConnection("connecting to the database took too long".to_owned())
        })?
    }

    async fn connect_unbounded(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let mut connection = match &self.tls {
            Some(tls) => {
                let (client, connection) =
                    self.config.connect(tls.clone()).await.map_err(|error| bad_connection(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await?
            }
            None => {
                let (client, connection) = self
                    .config
                    .connect(tokio_postgres::NoTls)
                    .await
                    .map_err(|error| bad_connection(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await?
            }
        };
        connection
            .batch_execute(&self.session_sql)
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }
}

/// How the driver is to connect to `url`: for those who need connections without diesel.
///
/// # Errors
/// [`SetupError`] for an address that can never work.
pub fn driver_settings(
    url: &SecretString,
    application_name: &str,
) -> Result<(tokio_postgres::Config, Option<MakeRustlsConnect>), SetupError> {
    let mut config = parse(url)?;
    config
        .application_name(application_name)
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3)
        .tcp_user_timeout(PEER_TIMEOUT);
    let tls = if config.get_ssl_mode() == SslMode::Require { Some(tls()?) } else { None };
    if tls.is_none() {
        config.ssl_mode(SslMode::Disable);
    }
    Ok((config, tls))
}

/// With the cause behind the driver's own words ("error connecting to server").
fn bad_connection(error: &tokio_postgres::Error) -> ConnectionError {
    let message = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    ConnectionError::BadConnection(message)
}

/// The user that a URL names; `None` when it names none, and PostgreSQL's own default applies.
///
/// # Errors
/// [`SetupError::InvalidUrl`].
pub fn user_of(url: &SecretString) -> Result<Option<String>, SetupError> {
    Ok(parse(url)?.get_user().map(ToOwned::to_owned))
}

fn parse(url: &SecretString) -> Result<tokio_postgres::Config, SetupError> {
    // The driver does not know the two stricter words, but what we do for `require` is as strict.
    let url = url
        .expose_secret()
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    let config: tokio_postgres::Config = url.parse().map_err(|_| SetupError::InvalidUrl)?;
    // The driver would find out when it connects; there is no default to fall back on.
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(SetupError::InvalidUrl);
    }
    Ok(config)
}

fn tls() -> Result<MakeRustlsConnect, SetupError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    let (added, _unreadable) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let reasons: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        return Err(SetupError::NoCertificates(reasons.join("; ")));
    }
    // Named, because rustls refuses to guess when another crate has brought a second provider.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(SetupError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(url: &str) -> Result<Connector, SetupError> {
        let limits = SessionLimits {
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
            idle_in_transaction_timeout: Duration::from_secs(10),
        };
        Connector::new(&SecretString::from(url), "test", &limits)
    }

    #[test]
    fn only_the_strict_modes_encrypt() {
        for (mode, encrypted) in [
            ("", false),
            ("?sslmode=disable", false),
            ("?sslmode=prefer", false),
            ("?sslmode=require", true),
            ("?sslmode=verify-ca", true),
            ("?sslmode=verify-full", true),
        ] {
            match connector(&format!("postgres://app:secret@db.example/guildhall{mode}")) {
                Ok(connector) => assert_eq!(connector.tls.is_some(), encrypted, "{mode}"),
                // A machine without certificates must refuse rather than go on in plain text.
                Err(SetupError::NoCertificates(_)) => assert!(encrypted, "{mode}"),
                Err(other) => panic!("{mode}: {other}"),
            }
        }
    }

    #[test]
    fn a_bad_url_is_not_repeated() {
        for url in ["", "postgres://u:hunter2@host:port/db", "mysql://u:hunter2@host/db"] {
            let Err(error) = connector(url) else { panic!("{url:?} was taken") };
            assert!(matches!(error, SetupError::InvalidUrl), "{url:?}: {error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn the_user_is_read_from_the_url() {
        let user = |url: &str| user_of(&SecretString::from(url)).ok().flatten();
        assert_eq!(user("postgres://app@host/db"), Some("app".to_owned()));
        assert_eq!(user("postgres:///db?host=%2Frun&user=app"), Some("app".to_owned()));
        assert_eq!(user("postgres://db.example/guildhall"), None);
    }
}
