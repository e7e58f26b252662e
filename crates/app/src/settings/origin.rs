//! The origins whose web pages may call the API.

use std::fmt;

use url::{Host, Url};

const FORM: &str = "not an origin such as https://app.example.com or http://localhost:3000";

/// One entry of the allow-list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Exactly this origin, written as a browser sends it: lower case, without the scheme's own port.
    Exact(String),
    /// A loopback host with whatever port.
    AnyPort {
        /// `http` or `https`.
        scheme: String,
        /// `localhost`, `127.0.0.1` or `[::1]`.
        host: String,
    },
}

impl Origin {
    /// Reads `scheme://host[:port]`, or `scheme://localhost:*`.
    ///
    /// # Errors
    /// The reason why the text is no such origin.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Err(
                "\"*\" would let every web site act with the visitor's login; list the origins one by one"
                    .into(),
            );
        }
        if text.eq_ignore_ascii_case("null") {
            return Err("\"null\" is sent by any sandboxed page; list real origins".into());
        }
        if let Some(rest) = text.strip_suffix(":*") {
            return any_port(rest);
        }
        if text.contains('*') {
            return Err(format!("{FORM}; * may only stand for the port of a loopback host"));
        }
        let url = web_url(text)?;
        // The parser gives every web URL the path "/": whether one was written is seen in the text only.
        if text.matches('/').count() > 2 {
            return Err(format!("{FORM}; it must not have a path, not even a final slash"));
        }
        Ok(Self::Exact(url.origin().ascii_serialization()))
    }

    /// Whether a request's `Origin` header is this one.
    #[must_use]
    pub fn allows(&self, header: &str) -> bool {
        match self {
            Self::Exact(origin) => origin == header,
            Self::AnyPort { scheme, host } => {
                let rest = header
                    .strip_prefix(scheme.as_str())
                    .and_then(|rest| rest.strip_prefix("://"))
                    .and_then(|rest| rest.strip_prefix(host.as_str()));
                match rest.map(|rest| rest.strip_prefix(':')) {
                    Some(Some(port)) => {
                        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
                    }
                    Some(None) => rest == Some(""),
                    None => false,
                }
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(origin) => formatter.write_str(origin),
            Self::AnyPort { scheme, host } => write!(formatter, "{scheme}://{host}:*"),
        }
    }
}

fn any_port(text: &str) -> Result<Origin, String> {
    let url = web_url(text)?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let host = url.host_str().unwrap_or_default();
    // Nothing may stand between the host and the port: no path, and no other port.
    if !loopback || text.to_ascii_lowercase() != format!("{}://{host}", url.scheme()) {
        return Err(format!("{FORM}; * may only stand for the port of a loopback host"));
    }
    Ok(Origin::AnyPort { scheme: url.scheme().into(), host: host.into() })
}

fn web_url(text: &str) -> Result<Url, String> {
    // The parser repairs "http:/host", "http:\\host" and tabs; an allow-list is not the place for guesses.
    if !text.contains("://") || text.contains(['\\', '?', '#', '@']) || text.contains(char::is_whitespace) {
        return Err(FORM.into());
    }
    let url = Url::parse(text).map_err(|error| format!("{FORM} ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FORM.into());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_that_are_accepted_and_what_they_allow() {
        for (text, shown, allowed, refused) in [
            (
                "https://app.example.com",
                "https://app.example.com",
                "https://app.example.com",
                "https://app.example.com:8443",
            ),
            (
                "HTTPS://App.Example.com:443",
                "https://app.example.com",
                "https://app.example.com",
                "http://app.example.com",
            ),
            (
                "http://localhost:3000",
                "http://localhost:3000",
                "http://localhost:3000",
                "http://localhost:3001",
            ),
            ("http://localhost:*", "http://localhost:*", "http://localhost:5173", "https://localhost:5173"),
            ("http://localhost:*", "http://localhost:*", "http://localhost", "http://localhost.evil.example"),
            (
                "http://localhost:*",
                "http://localhost:*",
                "http://localhost:1",
                "http://localhost:80@evil.example",
            ),
            ("http://localhost:*", "http://localhost:*", "http://localhost:65535", "http://localhost:65536"),
            ("http://localhost:*", "http://localhost:*", "http://localhost:1", "http://localhost:+1"),
            ("http://127.0.0.1:*", "http://127.0.0.1:*", "http://127.0.0.1:8080", "http://127.0.0.10:8080"),
            ("http://[::1]:*", "http://[::1]:*", "http://[::1]:8080", "http://[::2]:8080"),
        ] {
            let origin = Origin::parse(text).unwrap_or_else(|reason| panic!("{text}: {reason}"));
            assert_eq!(origin.to_string(), shown);
            assert!(origin.allows(allowed), "{text} {allowed}");
            assert!(!origin.allows(refused), "{text} {refused}");
        }
        assert_eq!(
            Origin::parse("http://localhost:*"),
            Ok(Origin::AnyPort { scheme: "http".into(), host: "localhost".into() })
        );
    }

    #[test]
    fn what_is_no_origin() {
        for (text, piece) in [
            ("*", "every web site"),
            ("null", "sandboxed"),
            ("app.example.com", "not an origin"),
            ("https://app.example.com/", "path"),
            ("https://app.example.com/shop", "path"),
            ("https://u:p@app.example.com", "not an origin"),
            ("https://app.example.com?x=1", "not an origin"),
            ("https://*.example.com", "* may only"),
            ("https://example.com:*", "* may only"),
            ("http://localhost:80:*", "* may only"),
            ("http://localhost:81:*", "* may only"),
            ("http://localhost/:*", "* may only"),
            ("ftp://example.com", "not an origin"),
            ("file://x", "not an origin"),
            ("https:/example.com", "not an origin"),
            ("https://", "not an origin"),
            ("https://exa mple.com", "not an origin"),
        ] {
            let reason = Origin::parse(text).expect_err(text);
            assert!(reason.contains(piece), "{text}: {reason}");
        }
    }
}
