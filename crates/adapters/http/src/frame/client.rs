//! From which address, and over which protocol, a request really comes.
//!
//! `X-Forwarded-For` is read from the right, each entry being the word of the proxy behind it: it
//! counts only as long as that proxy is a trusted one. What stands further left may have been
//! written by anybody. Of `X-Forwarded-Proto` the last value counts, the one that the nearest proxy
//! set, and only if that is trusted.
//!
//! Local is only what is certain to be: a connection from this very machine on which no header
//! speaks of a proxy, or on which trusted proxies name this machine all the way to the left. A header
//! that is missing or cannot be read makes nobody local.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{self, HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Any of them tells that a proxy has sent the request on.
const SIGNS_OF_A_PROXY: [HeaderName; 6] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
    header::VIA,
];

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
        let origin = peer.map(|peer| walk(peer, headers, is_trusted));
        let is_forwarded = SIGNS_OF_A_PROXY.iter().any(|name| headers.contains_key(name));
        Self {
            address: origin.map(|origin| origin.address),
            is_https: through_proxy && forwarded_proto(headers).is_some_and(|proto| proto == "https"),
            // A proxy on this machine, declared or not, must not make everybody local.
            is_local: peer.is_some_and(|peer| peer.is_loopback())
                && origin.is_some_and(|origin| {
                    origin.address.is_loopback() && (!is_forwarded || origin.is_certain)
                }),
        }
    }
}

/// How far to the left the proxies can be believed.
#[derive(Clone, Copy)]
struct Origin {
    address: IpAddr,
    /// Whether there are entries, and every single one is the word of a trusted proxy.
    is_certain: bool,
}

fn walk(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Origin {
    let mut lines: Vec<_> = headers.get_all(FORWARDED_FOR).collect();
    lines.reverse();
    let entries = lines.into_iter().flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    let mut origin = Origin { address: peer, is_certain: false };
    for entry in entries {
        // `unknown` and the like: nobody further left can be believed either.
        let believed = if is_trusted(origin.address) { address(entry) } else { None };
        let Some(address) = believed else { return Origin { is_certain: false, ..origin } };
        origin = Origin { address, is_certain: true };
    }
    origin
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

    #[test]
    fn behind_a_proxy_only_a_whole_chain_of_this_machine_is_local() {
        const PROXY: &[&str] = &["127.0.0.0/8", "10.0.0.0/8"];
        for (forwarded_for, is_local) in [
            (&["127.0.0.1"][..], true),
            (&["::1"], true),
            (&["127.0.0.1, 127.0.0.2"], true),
            (&["127.0.0.1", "[::1]:55, 127.0.0.2"], false),
            (&["unknown"], false),
            (&["8.8.8.8, unknown"], false),
            (&["unknown, 127.0.0.1"], false),
            (&["8.8.8.8, ::1"], false),
            (&["8.8.8.8", "127.0.0.1"], false),
            (&["127.0.0.1", "8.8.8.8"], false),
            (&["fe80::1%eth0"], false),
            (&["_hidden"], false),
            (&[""], false),
            (&["", "127.0.0.1"], false),
        ] {
            assert_eq!(
                client("127.0.0.1", forwarded_for, None, PROXY).is_local,
                is_local,
                "{forwarded_for:?}"
            );
        }
        assert!(!client("10.0.0.1", &["127.0.0.1"], None, PROXY).is_local, "the proxy is elsewhere");
    }

    #[test]
    fn every_sign_of_a_proxy_counts() {
        for trusted in [&["127.0.0.1/32".parse().unwrap()][..], &[]] {
            for (name, value) in [
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "api.example.com"),
                ("forwarded", "for=8.8.8.8"),
                ("via", "1.1 proxy"),
                ("x-real-ip", "1.2.3.4"),
                ("x-real-ip", "127.0.0.1"),
            ] {
                let request = TestRequest::default().insert_header((name, value)).to_http_request();
                let peer = SocketAddr::new("127.0.0.1".parse().unwrap(), 4711);
                assert!(!Client::of(Some(peer), request.headers(), trusted).is_local, "{name} {trusted:?}");
            }
        }
    }
}
