//! Paths as the sources write them, without the version (contract §7): rewritten before routing, so
//! that there is one route table. Their answers say that they are deprecated.

use actix_web::dev::{ServiceRequest, Url};
use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Below `/api` without a version.
const BELOW_API: [&str; 5] = ["auth", "users", "professionals", "service-requests", "admin"];
/// At the root.
const AT_ROOT: [&str; 5] = ["auth", "users", "chats", "messages", "payments"];

/// RFC 9745: deprecated since 2026-01-01, when the version came into the paths.
const SINCE: &str = "@1767225600";
/// The header, in answers.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("deprecation");

/// The path that `path` means, if it is one of those without version: with `/api/v1` and without a
/// final slash.
fn successor(path: &str) -> Option<String> {
    let (rest, groups) = match path.strip_prefix("/api/") {
        Some(rest) => (rest, BELOW_API),
        None => (path.strip_prefix('/')?, AT_ROOT),
    };
    let group = rest.split('/').next()?;
    groups.contains(&group).then(|| format!("/api/v1/{}", rest.strip_suffix('/').unwrap_or(rest)))
}

/// Gives the request its path with version. Returns that path when the request had none.
pub(super) fn rewrite(request: &mut ServiceRequest) -> Option<String> {
    let path = successor(request.uri().path())?;
    let path_and_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.clone(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse().ok()?);
    let uri = Uri::from_parts(parts).ok()?;
    request.match_info_mut().set(Url::new(uri.clone()));
    request.head_mut().uri = uri;
    Some(path)
}

/// Says in an answer that the request's path is deprecated and which one to use.
pub(super) fn mark(headers: &mut HeaderMap, successor: &str) {
    headers.insert(HEADER, HeaderValue::from_static(SINCE));
    if let Ok(link) = HeaderValue::from_str(&format!("<{successor}>; rel=\"successor-version\"")) {
        headers.append(header::LINK, link);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::extract::IdempotencyKey;

    #[test]
    fn only_the_listed_paths_are_rewritten() {
        let cases = [
            ("/api/auth/login", Some("/api/v1/auth/login")),
            ("/api/auth/login/", Some("/api/v1/auth/login")),
            ("/api/users", Some("/api/v1/users")),
            ("/api/users/", Some("/api/v1/users")),
            ("/api/professionals/1", Some("/api/v1/professionals/1")),
            ("/api/service-requests/1/assign", Some("/api/v1/service-requests/1/assign")),
            ("/api/admin/users/1/block", Some("/api/v1/admin/users/1/block")),
            ("/auth/login", Some("/api/v1/auth/login")),
            ("/auth/login/", Some("/api/v1/auth/login")),
            ("/auth/login//", Some("/api/v1/auth/login/")),
            ("/users/profile", Some("/api/v1/users/profile")),
            ("/chats/", Some("/api/v1/chats")),
            ("/messages/", Some("/api/v1/messages")),
            ("/payments/webhook", Some("/api/v1/payments/webhook")),
            ("/users/a%2Fb", Some("/api/v1/users/a%2Fb")),
            ("/api/v1/auth/login", None),
            ("/api/v1/auth/login/", None),
            ("/api/chats", None),
            ("/api/orders", None),
            ("/orders", None),
            ("/admin/users", None),
            ("/authx/login", None),
            ("/api/authx", None),
            ("/health", None),
            ("/docs/", None),
            ("/api", None),
            ("/", None),
            ("", None),
            ("//auth/login", None),
        ];
        for (path, expected) in cases {
            assert_eq!(successor(path).as_deref(), expected, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_request_is_the_same_by_either_path() {
        for path in ["/payments/deposits", "/payments/deposits/?x=1", "/api/v1/payments/deposits"] {
            let mut request =
                TestRequest::post().uri(path).insert_header(("idempotency-key", "k")).to_srv_request();
            rewrite(&mut request);
            let key = request.extract::<IdempotencyKey>().await.unwrap();
            assert_eq!(format!("{key:?}"), "IdempotencyKey(Some(\"k\") of POST /api/v1/payments/deposits)");
        }
    }
}
