//! From the text of one value to its type. Each parser answers why it refuses, in words that fit behind
//! `NAME="value": `.

use std::{
    net::{IpAddr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    ops::RangeInclusive,
    path::PathBuf,
    time::Duration,
};

use domain::contracts::{AutoReleasePeriod, ClearancePeriod};
use domain::money::{BasisPoints, MARKET_CURRENCY, Money, PayoutProvider};
use ipnet::IpNet;
use secrecy::{SecretSlice, SecretString};
use tracing_subscriber::EnvFilter;

use super::{LogFilter, LogFormat, Mode, fault::quoted, origin::Origin};

/// What a parser answers: the value, or why not.
pub(super) type Parsed<T> = Result<T, String>;

/// Bytes that a secret key has at least.
const KEY_BYTES: usize = 32;
/// Bytes that a password has; bcrypt reads no further than the last one.
const PASSWORD_BYTES: RangeInclusive<usize> = 8..=72;
/// Characters of an e-mail address (RFC 5321).
const EMAIL_CHARACTERS: usize = 254;

pub(super) fn mode(text: &str) -> Parsed<Mode> {
    match text.to_ascii_lowercase().as_str() {
        "development" => Ok(Mode::Development),
        "production" => Ok(Mode::Production),
        _ => Err("neither development nor production".into()),
    }
}

pub(super) fn switch(text: &str) -> Parsed<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" => Ok(true),
        "off" | "false" | "0" => Ok(false),
        _ => Err("neither on nor off".into()),
    }
}

pub(super) fn log_format(text: &str) -> Parsed<LogFormat> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("neither text nor json".into()),
    }
}

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| {
        let hint = match text.rsplit_once(':') {
            Some(("localhost", port)) => format!("; for localhost write 127.0.0.1:{port}"),
            Some(("" | "*", port)) => format!("; for every address write 0.0.0.0:{port}"),
            None if text.parse::<u16>().is_ok() => format!("; for every address write 0.0.0.0:{text}"),
            None if text.parse::<IpAddr>().is_ok() => "; the port is missing".into(),
            _ => String::new(),
        };
        format!("not an address and port such as 127.0.0.1:8080{hint}")
    })
}

/// Any text may be a folder; whether it is there is seen when it is used.
pub(super) fn folder(text: &str) -> Parsed<PathBuf> {
    Ok(PathBuf::from(text))
}

/// A whole number within the range, written in digits only.
fn whole(text: &str, range: &RangeInclusive<u32>) -> Parsed<u32> {
    Some(text)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("not a whole number from {} to {}", range.start(), range.end()))
}

pub(super) fn number(range: RangeInclusive<u32>) -> impl Fn(&str) -> Parsed<u32> {
    move |text| whole(text, &range)
}

pub(super) fn basis_points(text: &str) -> Parsed<BasisPoints> {
    let share = u16::try_from(whole(text, &(0..=10_000))?).map_err(|error| error.to_string())?;
    BasisPoints::new(share).map_err(|error| error.to_string())
}

pub(super) fn auto_release_period(text: &str) -> Parsed<AutoReleasePeriod> {
    days(text, &AutoReleasePeriod::DAYS, AutoReleasePeriod::days)
}

pub(super) fn clearance_period(text: &str) -> Parsed<ClearancePeriod> {
    days(text, &ClearancePeriod::DAYS, ClearancePeriod::days)
}

fn days<T>(text: &str, range: &RangeInclusive<u8>, period: fn(u8) -> Option<T>) -> Parsed<T> {
    let days = whole(text, &(u32::from(*range.start())..=u32::from(*range.end())))?;
    u8::try_from(days).ok().and_then(period).ok_or_else(|| "out of range".into())
}

/// An amount of the one currency, in major units.
pub(super) fn amount(text: &str) -> Parsed<Money> {
    Money::parse(text, MARKET_CURRENCY).map_err(|error| format!("not an amount: it {error}"))
}

pub(super) fn payout_provider(text: &str) -> Parsed<PayoutProvider> {
    PayoutProvider::from_word(&text.to_ascii_lowercase()).ok_or_else(|| "neither manual nor sandbox".into())
}

/// For ranges that begin at 1 or above.
pub(super) fn count(range: RangeInclusive<u32>) -> impl Fn(&str) -> Parsed<NonZeroU32> {
    move |text| NonZeroU32::new(whole(text, &range)?).ok_or_else(|| "zero".into())
}

/// The same, for things that are counted in memory.
pub(super) fn size(range: RangeInclusive<u32>) -> impl Fn(&str) -> Parsed<NonZeroUsize> {
    move |text| NonZeroUsize::try_from(count(range.clone())(text)?).map_err(|error| error.to_string())
}

pub(super) fn milliseconds(range: RangeInclusive<u32>) -> impl Fn(&str) -> Parsed<Duration> {
    move |text| whole(text, &range).map(|number| Duration::from_millis(number.into()))
}

pub(super) fn seconds(range: RangeInclusive<u32>) -> impl Fn(&str) -> Parsed<Duration> {
    move |text| whole(text, &range).map(|number| Duration::from_secs(number.into()))
}

/// Comma-separated; empty pieces (a comma too many) are passed over.
fn list<T>(text: &str, one: impl Fn(&str) -> Parsed<T>) -> Parsed<Vec<T>> {
    text.split(',')
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .map(|piece| one(piece).map_err(|reason| format!("{} is {reason}", quoted(piece))))
        .collect()
}

pub(super) fn networks(text: &str) -> Parsed<Vec<IpNet>> {
    list(text, |piece| {
        let network = piece.parse::<IpNet>().or_else(|_| piece.parse::<IpAddr>().map(IpNet::from));
        network
            .map(|network| network.trunc())
            .map_err(|_| "not an IP address or network such as 10.0.0.0/8".into())
    })
}

pub(super) fn origins(text: &str) -> Parsed<Vec<Origin>> {
    text.split(',').map(str::trim).filter(|piece| !piece.is_empty()).map(Origin::parse).collect()
}

/// A level, or a filter of `tracing`.
pub(super) fn log_filter(text: &str) -> Parsed<LogFilter> {
    const FORM: &str =
        "neither error, warn, info, debug nor trace, nor a filter such as info,guildhall=debug";
    // To `tracing` a lone word that is no level is a target to log in full: "inof" would silence everything
    // else.
    let lone_target = |piece: &str| {
        let level = ["error", "warn", "info", "debug", "trace", "off"]
            .iter()
            .any(|level| piece.eq_ignore_ascii_case(level));
        !level && !piece.contains(['=', '[', ']', '{', '}', '"'])
    };
    let pieces: Vec<&str> = text.split(',').map(str::trim).collect();
    if pieces.iter().copied().any(lone_target) {
        return Err(FORM.into());
    }
    let directives = pieces.join(",");
    EnvFilter::builder().parse(&directives).map_err(|error| format!("{FORM} ({error})"))?;
    Ok(LogFilter(directives))
}

pub(super) fn key(text: &str) -> Parsed<SecretSlice<u8>> {
    if text.len() < KEY_BYTES {
        return Err(format!("shorter than {KEY_BYTES} bytes; make one with: openssl rand -base64 32"));
    }
    Ok(SecretSlice::from(text.as_bytes().to_vec()))
}

/// Comma-separated keys. A single one is taken to the byte, as ever; between several no spaces are taken,
/// because nobody could see whether they belong to a key.
pub(super) fn key_ring(text: &str) -> Parsed<Vec<SecretSlice<u8>>> {
    let pieces: Vec<&str> = text.split(',').collect();
    if pieces.len() > 1 {
        if pieces.iter().any(|piece| *piece != piece.trim()) {
            return Err("there are spaces around a comma; keys are separated by a comma alone".into());
        }
        if pieces.iter().enumerate().any(|(at, piece)| pieces.iter().take(at).any(|other| other == piece)) {
            return Err("a key is there twice".into());
        }
    }
    pieces.into_iter().map(key).collect()
}

pub(super) fn password(text: &str) -> Parsed<SecretString> {
    if !PASSWORD_BYTES.contains(&text.len()) {
        return Err(format!("not {} to {} bytes long", PASSWORD_BYTES.start(), PASSWORD_BYTES.end()));
    }
    if text.contains('\0') {
        return Err("contains a NUL character".into());
    }
    Ok(SecretString::from(text))
}

/// A coarse check; the account's own rules follow when it is made.
pub(super) fn email(text: &str) -> Parsed<String> {
    let well_formed = text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    if well_formed
        && text.chars().count() <= EMAIL_CHARACTERS
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return Ok(text.to_owned());
    }
    Err("not an e-mail address".into())
}

/// A token must fit into an `Authorization` header as it is.
pub(super) fn token(text: &str) -> Parsed<SecretString> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(SecretString::from(text));
    }
    Err("contains spaces or characters outside printable ASCII, which no header carries".into())
}

/// Where something is on the web: a host, and nothing behind it. Without the final slash.
pub(super) fn web_origin(text: &str) -> Parsed<String> {
    const FORM: &str = "not an address such as https://api.example.com";
    match Origin::parse(text.trim_end_matches('/')) {
        Ok(Origin::Exact(origin)) => Ok(origin),
        Ok(Origin::AnyPort { .. }) | Err(_) => Err(FORM.into()),
    }
}

/// A name of letters, digits, dots and hyphens, as buckets and regions have.
pub(super) fn bucket_name(text: &str) -> Parsed<String> {
    let well_formed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if well_formed && text.len() <= 63 {
        return Ok(text.to_owned());
    }
    Err("not a name of at most 63 letters, digits, dots and hyphens".into())
}

/// What identifies somebody to S3.
pub(super) fn access_key_id(text: &str) -> Parsed<String> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err("contains spaces or characters outside printable ASCII".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepted texts, then refused ones with a piece of the reason.
    fn check<T: std::fmt::Debug>(parse: impl Fn(&str) -> Parsed<T>, good: &[&str], bad: &[(&str, &str)]) {
        for text in good {
            assert!(parse(text).is_ok(), "{text:?}: {:?}", parse(text));
        }
        for (text, piece) in bad {
            let reason = parse(text).expect_err(text);
            assert!(reason.contains(piece), "{text:?}: {reason}");
        }
    }

    #[test]
    fn addresses() {
        check(
            address,
            &["127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "[::]:65535"],
            &[
                ("x", "not an address and port such as 127.0.0.1:8080"),
                ("localhost:8080", "write 127.0.0.1:8080"),
                (":8080", "write 0.0.0.0:8080"),
                ("8080", "write 0.0.0.0:8080"),
                ("127.0.0.1", "the port is missing"),
                ("127.0.0.1:65536", "not an address"),
                ("::1:8080", "not an address"),
            ],
        );
    }

    #[test]
    fn words() {
        check(
            mode,
            &["development", "Production"],
            &[("test", "neither development nor production"), ("prod", "neither")],
        );
        check(
            switch,
            &["on", "OFF", "true", "false", "1", "0"],
            &[("yes", "neither on nor off"), ("2", "neither")],
        );
        check(log_format, &["text", "JSON"], &[("xml", "neither text nor json")]);
        assert_eq!((switch("1"), switch("off")), (Ok(true), Ok(false)));
    }

    #[test]
    fn numbers_keep_to_their_bounds_and_to_digits() {
        check(
            number(10..=16),
            &["10", "16", "012"],
            &[
                ("9", "not a whole number from 10 to 16"),
                ("17", "10 to 16"),
                ("+12", "whole"),
                ("-1", "whole"),
                ("12.0", "whole"),
                ("1e1", "whole"),
                ("99999999999", "whole"),
            ],
        );
        check(count(1..=5), &["1", "5"], &[("0", "from 1 to 5"), ("6", "from 1 to 5")]);
        check(size(1..=500), &["1", "500"], &[("0", "from 1 to 500"), ("501", "from 1 to 500")]);
        assert_eq!(milliseconds(10..=60_000)("2000"), Ok(Duration::from_secs(2)));
        assert_eq!(seconds(1..=25)("25"), Ok(Duration::from_secs(25)));
        check(seconds(1..=25), &[], &[("26", "from 1 to 25"), ("0", "from 1 to 25")]);
    }

    #[test]
    fn proxies() {
        check(
            networks,
            &["10.0.0.0/8", "192.168.1.7", "::1, fd00::/8,"],
            &[
                ("10.0.0.0/33", "\"10.0.0.0/33\" is not an IP address"),
                ("10.0.0.1,proxy", "\"proxy\" is not"),
                ("localhost", "is not"),
            ],
        );
        assert_eq!(networks("10.1.2.3/8").unwrap(), ["10.0.0.0/8".parse::<IpNet>().unwrap()]);
        assert!(networks("192.168.1.7").unwrap()[0].contains(&"192.168.1.7".parse::<IpAddr>().unwrap()));
    }

    #[test]
    fn origin_lists() {
        check(
            origins,
            &["https://a.example, http://localhost:*"],
            &[("*", "every web site"), ("https://a.example,b", "not an origin")],
        );
        assert_eq!(origins("https://a.example,https://b.example").unwrap().len(), 2);
    }

    #[test]
    fn log_filters() {
        check(
            log_filter,
            &[
                "error",
                "warn",
                "INFO",
                "debug",
                "trace",
                "off",
                "info,guildhall=debug",
                "warn, actix_server=off",
                "info,[request{id=\"7\"}]=trace",
            ],
            &[
                ("inof", "neither error, warn, info"),
                ("verbose", "neither"),
                ("3", "neither"),
                ("info,guildhall", "neither"),
                ("guildhall=debgu", "neither"),
                ("info,,", "neither"),
            ],
        );
    }

    #[test]
    fn secrets() {
        check(
            key,
            &["12345678901234567890123456789012"],
            &[("1234567890123456789012345678901", "shorter than 32 bytes")],
        );
        check(
            password,
            &["12345678", &"x".repeat(72)],
            &[
                ("1234567", "8 to 72 bytes"),
                (&"x".repeat(73), "8 to 72 bytes"),
                (&"ä".repeat(37), "8 to 72 bytes"),
                ("12345678\0", "NUL"),
            ],
        );
        check(token, &["abc.DEF-123"], &[("two words", "spaces"), ("tökén", "ASCII")]);
        check(
            email,
            &["a@b", "admin@example.com"],
            &[
                ("admin", "not an e-mail"),
                ("@example.com", "not"),
                ("a@", "not"),
                ("a@b@c", "not"),
                ("a b@c", "not"),
                ("a@.b", "not"),
                (&format!("{}@b", "a".repeat(300)), "not"),
            ],
        );
    }
}
