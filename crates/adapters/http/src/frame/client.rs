//! From which address, and over which protocol, a request really comes.
//!
//! `X-Forwarded-For` is read from the right, each entry being the word of the proxy behind it: it
//! counts only as long as that proxy is a trusted one. What stands further left may have been
//! written by anybody. Of `X-Forwarded-Proto` the last value counts, the one that the nearest proxy
//! set, and only if that is trusted.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address, if there is one.
    pub(crate) address: Option<IpAddr>,
    /// Whether it came over HTTPS, as a trusted proxy says.
    pub(crate) is_https: bool,
    /// Whether it was made on this very machine, and not by a proxy for somebody else.
    pub(crate) is_local: bool,
}

impl Client {
    /// Reads the connection's address and the headers.
    pub(crate) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let through_proxy = peer.is_some_and(is_trusted);
        let address = peer.map(|peer| walk(peer, headers, is_trusted));
        let is_forwarded = headers.contains_key(FORWARDED_FOR) || headers.contains_key(FORWARDED);
        Self {
            address,
            is_https: through_proxy && forwarded_proto(headers).is_some_and(|proto| proto == "https"),
            // A proxy on this machine that nobody has declared must not make everybody local.
            is_local: address.is_some_and(|address| address.is_loopback())
                && (through_proxy || !is_forwarded),
        }
    }
}

fn walk(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut lines: Vec<_> = headers.get_all(FORWARDED_FOR).collect();
    lines.reverse();
    let entries = lines.into_iter().flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    let mut client = peer;
    for entry in entries {
        if !is_trusted(client) {
            break;
        }
        // `unknown` and the like: nobody further left can be believed either.
        let Some(address) = address(entry) else { break };
        client = address;
    }
    client
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let address = bare
        .parse::<IpAddr>()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(address.to_canonical())
}

fn forwarded_proto(headers: &HeaderMap) -> Option<String> {
    let last = headers.get_all(FORWARDED_PROTO).last()?.to_str().ok()?;
    let last = last.rsplit(',').next().unwrap_or(last);
    Some(last.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn client(peer: &str, forwarded_for: &[&str], proto: Option<&str>, trusted: &[&str]) -> Client {
        let mut request = TestRequest::default();
        for line in forwarded_for {
            request = request.append_header((FORWARDED_FOR, *line));
        }
        if let Some(proto) = proto {
            request = request.append_header((FORWARDED_PROTO, proto));
        }
        let request = request.to_http_request();
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        Client::of(Some(peer), request.headers(), &trusted)
    }

    #[test]
    fn forwarded_addresses_count_only_behind_trusted_proxies() {
        const PROXIES: &[&str] = &["10.0.0.0/8", "fd00::/8"];
        let cases: [(&str, &[&str], &[&str], &str); 14] = [
            ("203.0.113.9", &[], PROXIES, "203.0.113.9"),
            ("203.0.113.9", &["192.0.2.1"], PROXIES, "203.0.113.9"),
            ("10.0.0.1", &[], PROXIES, "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.1"], PROXIES, "192.0.2.1"),
            ("10.0.0.1", &["192.0.2.1"], &[], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1, 192.0.2.1"], PROXIES, "192.0.2.1"),
            ("10.0.0.1", &["1.1.1.1, 192.0.2.1, 10.0.0.2"], PROXIES, "192.0.2.1"),
            ("10.0.0.1", &["1.1.1.1", "192.0.2.1,10.0.0.2"], PROXIES, "192.0.2.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], PROXIES, "10.0.0.3"),
            ("10.0.0.1", &["1.1.1.1, unknown"], PROXIES, "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.1:55"], PROXIES, "192.0.2.1"),
            ("fd00::1", &["[2001:db8::7]:55"], PROXIES, "2001:db8::7"),
            ("::ffff:10.0.0.1", &["2001:db8::7"], PROXIES, "2001:db8::7"),
            ("10.0.0.1", &[""], PROXIES, "10.0.0.1"),
        ];
        for (peer, forwarded_for, trusted, expected) in cases {
            let client = client(peer, forwarded_for, None, trusted);
            assert_eq!(client.address, Some(expected.parse().unwrap()), "{peer} {forwarded_for:?}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_can_say_https() {
        let cases = [
            ("10.0.0.1", Some("https"), true),
            ("10.0.0.1", Some("HTTPS"), true),
            ("10.0.0.1", Some("https, http"), false),
            ("10.0.0.1", Some("http"), false),
            ("10.0.0.1", None, false),
            ("203.0.113.9", Some("https"), false),
        ];
        for (peer, proto, is_https) in cases {
            assert_eq!(client(peer, &[], proto, &["10.0.0.0/8"]).is_https, is_https, "{peer} {proto:?}");
        }
    }

    #[test]
    fn a_proxy_on_this_machine_makes_nobody_local() {
        assert!(client("127.0.0.1", &[], None, &[]).is_local);
        assert!(client("::1", &[], None, &[]).is_local);
        assert!(!client("127.0.0.1", &["203.0.113.9"], None, &[]).is_local);
        assert!(!client("127.0.0.1", &["203.0.113.9"], None, &["127.0.0.1/32"]).is_local);
        assert!(client("127.0.0.1", &["127.0.0.1"], None, &["127.0.0.1/32"]).is_local);
        assert!(!client("203.0.113.9", &["127.0.0.1"], None, &[]).is_local);
        assert!(!client("10.0.0.1", &[], None, &["10.0.0.0/8"]).is_local);
        assert!(!Client::of(None, &HeaderMap::new(), &[]).is_local);
    }
}
