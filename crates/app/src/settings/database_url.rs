//! The address of a PostgreSQL database, password included, and the form of it that may be shown.
//!
//! Deliberately absent: whether the server answers. A well-formed address of a database that is down is no
//! fault.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// Parameters whose value is shown; every other one could carry a password.
const SHOWN_PARAMETERS: &[&str] =
    &["sslmode", "application_name", "connect_timeout", "host", "port", "target_session_attrs"];

const FORM: &str = "not a PostgreSQL address such as postgres://user:password@host:5432/name";
const ENCODE: &str =
    "characters such as @ : / # ? in the user name or password are written percent-encoded (@ is %40)";

/// A well-formed `postgres://` or `postgresql://` URL. Shown (`Display`, `Debug`) without its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    full: SecretString,
    shown: String,
}

impl DatabaseUrl {
    /// Checks the form. The reason in the error never contains a piece of the text, as any of it may be the
    /// password.
    ///
    /// # Errors
    /// When the text is no such URL, or reads like one whose password was not percent-encoded.
    pub fn parse(text: &str) -> Result<Self, String> {
        // The parser would silently drop tabs and line breaks, and so check another text than the one that is
        // used.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(format!("{FORM}; {ENCODE}"));
        }
        let url = Url::parse(text).map_err(|error| format!("{FORM} ({error}); {ENCODE}"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(FORM.into());
        }
        let path = url.path().strip_prefix('/').unwrap_or(url.path());
        // An unencoded '#', '/' or '?' in the password ends the host part early: the URL would be another one
        // than was meant, and what is left of the password would count as something to show.
        let query = url.query().unwrap_or_default();
        if url.fragment().is_some() || path.contains(['/', '@']) || query.contains('@') {
            return Err(format!("{FORM}; {ENCODE}"));
        }
        let host_in_query = url.query_pairs().any(|(key, value)| key == "host" && !value.is_empty());
        if url.host_str().is_none_or(str::is_empty) && !host_in_query {
            return Err(format!("{FORM}: it names no host"));
        }
        let shown = redacted(url).unwrap_or_else(|()| "postgres://***".into());
        Ok(Self { full: SecretString::from(text), shown })
    }

    /// The whole URL, password included: for the connection only, never for a log or an answer.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.full.expose_secret()
    }
}

impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({})", self.shown)
    }
}

fn redacted(mut url: Url) -> Result<String, ()> {
    if url.password().is_some() {
        url.set_password(Some("***"))?;
    }
    let parameters: Vec<(String, String)> = url
        .query_pairs()
        .map(|(key, value)| {
            let shown =
                if SHOWN_PARAMETERS.contains(&key.as_ref()) { value.into_owned() } else { "***".into() };
            (key.into_owned(), shown)
        })
        .collect();
    url.set_query(None);
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_addresses_and_how_they_are_shown() {
        for (text, shown) in [
            ("postgres://u:hunter2@db.example:5432/shop", "postgres://u:***@db.example:5432/shop"),
            ("postgresql://u@localhost/shop", "postgresql://u@localhost/shop"),
            (
                "postgres://u:hunter%402@[::1]:5433/shop?sslmode=require",
                "postgres://u:***@[::1]:5433/shop?sslmode=require",
            ),
            ("postgres:///shop?host=/run/postgresql", "postgres:///shop?host=%2Frun%2Fpostgresql"),
            ("postgres://%2Frun%2Fpostgresql/shop", "postgres://%2Frun%2Fpostgresql/shop"),
            ("postgres://h/shop?user=u&password=hunter2", "postgres://h/shop?user=***&password=***"),
            ("postgres://h", "postgres://h"),
        ] {
            let url = DatabaseUrl::parse(text).unwrap_or_else(|reason| panic!("{text}: {reason}"));
            assert_eq!(url.to_string(), shown);
            assert_eq!(url.expose(), text);
            assert!(!format!("{url:?} {url}").contains("hunter"), "{text}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused_without_their_password() {
        for text in [
            "hunter2",
            "mysql://u:hunter2@h/shop",
            "sqlite:///hunter2.db",
            "postgres:u:hunter2@h/shop",
            "postgres://u:hunter2@h:port/shop",
            "postgres://u:hunter2@h:99999/shop",
            "postgres://u:pa/hunter2@h/shop",
            "postgres://u:12/hunter2@h/shop",
            "postgres://u:12?hunter2@h/shop",
            "postgres://u:pa#hunter2@h/shop",
            "postgres://u:p@ss#hunter2@h/shop",
            "postgres://u:hunter2@/shop",
            "postgres:///hunter2",
            "postgres://u:hunter2@a b/shop",
            "postgres://u:hunter2@h\n/shop",
            "",
        ] {
            let reason = DatabaseUrl::parse(text).expect_err(text);
            assert!(reason.starts_with("not a PostgreSQL address"), "{text}: {reason}");
            assert!(!reason.contains("hunter2"), "{text}: {reason}");
        }
    }
}
