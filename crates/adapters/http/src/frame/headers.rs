//! Headers that every answer has.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Nothing of the API is a page: should a browser show it as one, it may do nothing.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// One year. Subdomains are their owner's business.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what is missing. A handler's own `Content-Security-Policy` and `Cache-Control` stay.
pub(super) fn dress(headers: &mut HeaderMap, path: &str, force_https: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(header::X_FRAME_OPTIONS, DENY);
    insert_if_missing(headers, header::CONTENT_SECURITY_POLICY, NOTHING);
    if path == "/api" || path.starts_with("/api/") {
        insert_if_missing(headers, header::CACHE_CONTROL, NO_STORE);
    }
    if force_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

fn insert_if_missing(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}
