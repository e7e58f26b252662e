//! Envelope, request ids, headers, CORS, panics, overload, older paths, HTTPS.

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;

use actix_web::http::{Method, header};
use actix_web::test::TestRequest;
use futures_util::future::join;
use serde_json::json;

use super::support::{start, start_with};

#[actix_web::test]
async fn unknown_routes_are_404_always_with_the_same_body() {
    let app = start().await;
    let first = app.get("/api/v1/nowhere").await;
    assert_eq!(first.expect_error(404, "NOT_FOUND"), json!({}));
    assert_eq!(first.json()["error"]["message"], "Not found");
    for path in ["/nowhere", "/api/v1", "/api/v1/", "/api/v1/auth/login/", "/docs/nothing.js", "/%ff"] {
        let answer = app.get(path).await;
        answer.expect_error(404, "NOT_FOUND");
        assert_eq!(answer.body, first.body, "{path}");
    }
}

#[actix_web::test]
async fn wrong_methods_are_405_and_say_which_are_right() {
    let app = start().await;
    let cases = [
        (Method::DELETE, "/api/v1/auth/login", "POST"),
        (Method::GET, "/api/v1/auth/login", "POST"),
        (Method::HEAD, "/api/v1/auth/login", "POST"),
        (Method::OPTIONS, "/api/v1/auth/login", "POST"),
        (Method::TRACE, "/api/v1/auth/login", "POST"),
        (Method::DELETE, "/api/v1/users/profile", "GET, HEAD, PUT, PATCH"),
        (Method::GET, "/api/v1/admin/users/7/block", "POST"),
        (Method::POST, "/health", "GET, HEAD"),
        (Method::POST, "/", "GET, HEAD"),
        (Method::POST, "/openapi.json", "GET, HEAD"),
        (Method::PUT, "/docs/", "GET, HEAD"),
        (Method::GET, "/auth/login/", "POST"),
    ];
    for (method, path, allow) in cases {
        let answer = app.send(TestRequest::with_uri(path).method(method.clone())).await;
        answer.expect_error(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[actix_web::test]
async fn a_server_that_is_being_prepared_says_so_and_one_that_stops_still_serves() {
    let app = start().await;
    app.world.is_being_prepared.store(true, Ordering::SeqCst);
    let answer = app.get("/api/v1/auth/me").await;
    answer.expect_error(503, "SERVICE_UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(app.get("/readyz").await.status, 503);
    for path in ["/livez", "/health", "/api/v1/health", "/openapi.json"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    app.world.is_being_prepared.store(false, Ordering::SeqCst);
    app.world.is_shutting_down.store(true, Ordering::SeqCst);
    app.get("/api/v1/auth/me").await.expect_error(401, "UNAUTHORIZED");
    assert_eq!(app.get("/readyz").await.status, 503);
}

#[actix_web::test]
async fn head_is_answered_like_get() {
    let app = start().await;
    let answer = app.send(TestRequest::with_uri("/health").method(Method::HEAD)).await;
    assert_eq!(answer.status, 200);
    app.send(TestRequest::with_uri("/nowhere").method(Method::HEAD)).await.expect_error(404, "NOT_FOUND");
}

#[actix_web::test]
async fn every_answer_has_a_request_id() {
    let app = start().await;
    for path in ["/health", "/nowhere", "/test/panic", "/docs", "/openapi.json"] {
        let answer = app.send(TestRequest::get().uri(path).insert_header(("x-request-id", "my-7"))).await;
        assert_eq!(answer.header("x-request-id"), Some("my-7"), "{path}");
    }
    for bad in ["", "a b", "<x>", &"x".repeat(129)] {
        let answer = app.send(TestRequest::get().uri("/health").insert_header(("x-request-id", bad))).await;
        let id = answer.header("x-request-id").unwrap();
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    }
    let [one, two] = [app.get("/health").await, app.get("/health").await];
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[actix_web::test]
async fn faults_of_ours_show_no_cause() {
    let app = start().await;
    for path in ["/test/panic", "/test/command-panic", "/test/broken"] {
        let answer = app.get(path).await;
        assert_eq!(answer.expect_error(500, "INTERNAL_ERROR"), json!({}), "{path}");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(!text.contains("secret") && !text.contains("users"), "{text}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.headers.contains_key("ratelimit-limit"), "{path}");
    }
    let answer = app.get("/test/unavailable").await;
    assert_eq!(answer.expect_error(503, "SERVICE_UNAVAILABLE"), json!({}));
    assert_eq!(answer.header("retry-after"), Some("2"), "whole seconds, rounded up");
    assert!(!String::from_utf8_lossy(&answer.body).contains("10.9.8.7"));
    assert_eq!(app.get("/health").await.status, 200, "the application goes on");
}

#[actix_web::test]
async fn conflicts_name_reason_and_state() {
    let app = start().await;
    let details = app.get("/test/conflict").await.expect_error(409, "CONFLICT");
    assert_eq!(details, json!({"reason": "not_open", "state": "accepted"}));
}

#[actix_web::test]
async fn security_headers_are_on_everything() {
    let app = start_with(|settings| settings.force_https = true).await;
    for path in ["/health", "/nowhere", "/api/v1/health", "/test/panic", "/docs"] {
        let https = TestRequest::get()
            .uri(path)
            .peer_addr("10.0.0.1:1".parse().unwrap())
            .insert_header(("x-forwarded-proto", "https"));
        let answer = app.send(https).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(answer.header("server").is_none());
        let cached = if path.starts_with("/api") { Some("no-store") } else { None };
        assert!(path == "/docs" || answer.header("cache-control") == cached, "{path}");
    }
    assert!(start().await.get("/health").await.header("strict-transport-security").is_none());
}

#[actix_web::test]
async fn plain_http_is_refused_when_https_is_forced() {
    let app = start_with(|settings| settings.force_https = true).await;
    let cases = [
        ("/api/v1/auth/me", "10.0.0.1:1", Some("http"), 403),
        ("/api/v1/auth/me", "10.0.0.1:1", None, 403),
        ("/api/v1/auth/me", "10.0.0.1:1", Some("https"), 401),
        ("/api/v1/auth/me", "203.0.113.5:1", Some("https"), 403),
        ("/api/v1/nowhere", "203.0.113.5:1", None, 403),
        ("/health", "203.0.113.5:1", None, 200),
        ("/livez", "10.0.0.1:1", Some("http"), 200),
        ("/api/v1/health", "10.0.0.1:1", None, 200),
    ];
    for (path, peer, proto, status) in cases {
        let mut request = TestRequest::get().uri(path).peer_addr(peer.parse().unwrap());
        if let Some(proto) = proto {
            request = request.insert_header(("x-forwarded-proto", proto));
        }
        assert_eq!(app.send(request).await.status, status, "{path} {peer} {proto:?}");
    }
}

#[actix_web::test]
async fn only_allowed_origins_get_cors_headers() {
    let app = start().await;
    for (origin, is_allowed) in [
        ("https://app.example.com", true),
        ("http://localhost:5173", true),
        ("http://localhost", true),
        ("https://evil.test", false),
        ("null", false),
    ] {
        for path in ["/api/v1/health", "/nowhere", "/test/panic", "/api/v1/auth/me"] {
            let answer = app.send(TestRequest::get().uri(path).insert_header((header::ORIGIN, origin))).await;
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed, is_allowed.then_some(origin), "{path}");
            assert_eq!(answer.headers.contains_key("access-control-expose-headers"), is_allowed);
            assert!(!answer.headers.contains_key("access-control-allow-credentials"));
            let varies = answer.headers.get_all(header::VARY).any(|value| value == "Origin");
            assert!(varies, "{path}");
        }
    }
    let answer = app.get("/api/v1/health").await;
    assert!(answer.header("access-control-allow-origin").is_none());
    assert_eq!(answer.header("vary"), Some("Origin"));
}

#[actix_web::test]
async fn preflights_need_no_login_and_are_not_counted() {
    let app = start().await;
    let preflight = |origin: &'static str| {
        TestRequest::with_uri("/auth/login")
            .method(Method::OPTIONS)
            .insert_header((header::ORIGIN, origin))
            .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "POST"))
            .insert_header((header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type,authorization"))
    };
    let answer = app.send(preflight("http://localhost:3000")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("idempotency-key"));
    assert_eq!(answer.header("access-control-max-age"), Some("7200"));
    assert!(answer.header("ratelimit-limit").is_none());
    for _ in 0..200 {
        assert_eq!(app.send(preflight("http://localhost:3000")).await.status, 204);
    }
    let answer = app.send(preflight("https://evil.test")).await;
    answer.expect_error(405, "METHOD_NOT_ALLOWED");
    assert!(answer.header("access-control-allow-methods").is_none());
}

#[actix_web::test]
async fn too_many_at_once_are_turned_away() {
    let app = start_with(|settings| settings.max_in_flight = NonZeroUsize::new(1).unwrap()).await;
    let slow = app.get("/test/slow");
    let meanwhile = async {
        let answer = app.get("/api/v1/nowhere").await;
        answer.expect_error(503, "SERVICE_UNAVAILABLE");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.headers.contains_key("ratelimit-remaining"));
        assert_eq!(app.get("/health").await.status, 200, "health is exempt");
        app.world.go_on.notify_one();
    };
    let (slow, ()) = join(slow, meanwhile).await;
    assert_eq!(slow.status, 200);
    app.get("/test/panic").await.expect_error(500, "INTERNAL_ERROR");
    assert_eq!(app.get("/api/v1/nowhere").await.status, 404, "a panic gives its place back");
}

#[actix_web::test]
async fn older_paths_mean_the_same_and_say_so() {
    let app = start().await;
    for path in ["/auth/me", "/auth/me/", "/api/auth/me", "/api/auth/me/?x=1"] {
        let answer = app.get(path).await;
        answer.expect_error(401, "UNAUTHORIZED");
        assert_eq!(answer.header("deprecation"), Some("@1767225600"), "{path}");
        assert_eq!(answer.header("link"), Some("</api/v1/auth/me>; rel=\"successor-version\""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let answer = app.get("/api/v1/auth/me").await;
    answer.expect_error(401, "UNAUTHORIZED");
    assert!(answer.header("deprecation").is_none());
    let missing = app.get("/auth/nothing").await;
    missing.expect_error(404, "NOT_FOUND");
    assert!(missing.headers.contains_key("deprecation"));
}

#[actix_web::test]
async fn large_answers_are_compressed_for_those_who_ask() {
    let app = start().await;
    let ask = |path: &str, accept: &'static str| {
        app.send(TestRequest::get().uri(path).insert_header((header::ACCEPT_ENCODING, accept)))
    };
    let large = ask("/test/large", "br, gzip;q=0.8").await;
    assert_eq!(large.header("content-encoding"), Some("gzip"));
    assert!(large.body.len() < 500 && large.body.starts_with(&[0x1f, 0x8b]), "{}", large.body.len());
    let vary: Vec<_> = large.headers.get_all(header::VARY).map(|value| value.to_str().unwrap()).collect();
    assert_eq!(vary, ["accept-encoding", "Origin"]);
    for (path, accept) in [
        ("/test/small", "gzip"),
        ("/test/large", "identity"),
        ("/test/large", "gzip;q=0"),
        ("/test/large", "br"),
        ("/test/large", "identity;q=0"),
        ("/test/large", "???"),
    ] {
        let answer = ask(path, accept).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-encoding")),
            (200, None),
            "{path} {accept}"
        );
        assert_eq!(answer.json()["status"], "success");
    }
}
