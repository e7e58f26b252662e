//! Which web pages may call (contract §7: an exact allow-list).
//!
//! A preflight request from an allowed origin is answered here with 204 and everything that is
//! allowed; the browser compares. For other origins there are no CORS headers, and the request is
//! treated as if it had no origin: it is the browser that keeps the answer from the page. No
//! credentials: the API has no cookies.
//!
//! Not the crate actix-cors: it answers a preflight that it refuses with 400 and plain text, and
//! being a layer of its own it cannot dress the answers of the layers around it.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use crate::api::CorsOrigin;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, if-match, x-request-id");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-request-id, etag, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, \
     idempotent-replayed, deprecation, link, allow, content-disposition",
);
/// Two hours, the most that Chromium keeps it.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The request's origin, if its pages may call.
pub(super) fn allowed_origin(headers: &HeaderMap, allowed: &[CorsOrigin]) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    allowed.iter().any(|allowed| allows(allowed, text)).then(|| origin.clone())
}

fn allows(allowed: &CorsOrigin, origin: &str) -> bool {
    match allowed {
        CorsOrigin::Exact(exact) => exact == origin,
        CorsOrigin::AnyPort { scheme, host } => {
            let rest = origin
                .strip_prefix(scheme.as_str())
                .and_then(|rest| rest.strip_prefix("://"))
                .and_then(|rest| rest.strip_prefix(host.as_str()));
            match rest {
                Some("") => true,
                Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
                None => false,
            }
        }
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Whether a browser asks here what a page may do.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight request from an allowed origin.
pub(super) fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}

/// Dresses any answer. `Vary` is on answers to other origins, and to none, as well: a cache must
/// not give them to an allowed one.
pub(super) fn dress(headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_exactly() {
        let exact = CorsOrigin::Exact("https://app.example.com".into());
        let any = CorsOrigin::AnyPort { scheme: "http".into(), host: "localhost".into() };
        let cases = [
            (&exact, "https://app.example.com", true),
            (&exact, "https://app.example.com:443", false),
            (&exact, "http://app.example.com", false),
            (&exact, "https://app.example.com.evil.test", false),
            (&exact, "https://evil-app.example.com", false),
            (&exact, "null", false),
            (&any, "http://localhost", true),
            (&any, "http://localhost:3000", true),
            (&any, "http://localhost:65536", false),
            (&any, "http://localhost:", false),
            (&any, "http://localhost:30x", false),
            (&any, "http://localhost.evil.test", false),
            (&any, "http://localhost:3000.evil.test", false),
            (&any, "https://localhost:3000", false),
            (&any, "http://127.0.0.1:3000", false),
        ];
        for (allowed, origin, expected) in cases {
            assert_eq!(allows(allowed, origin), expected, "{allowed:?} {origin}");
        }
    }
}
