//! What holds for every request, seen through a real socket. The details are tested in the adapter.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::harness::{PASSWORD, TestApp, TestSettings};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_in_the_envelope_and_has_a_request_id() {
    let app = TestApp::start().await;
    let unknown = app.client.get("/api/v1/nothing/here").await;
    assert_eq!(unknown.error(404, "NOT_FOUND")["details"], json!({}));
    let wrong = app.client.send(app.client.request(Method::DELETE, "/api/v1/auth/login")).await;
    wrong.error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(wrong.header("allow"), Some("POST"));
    let malformed = app
        .client
        .request(Method::POST, "/api/v1/auth/login")
        .header("content-type", "application/json")
        .body("{\"email\": ");
    let malformed = app.client.send(malformed).await;
    malformed.error(400, "VALIDATION_ERROR");
    let large = json!({"email": "x".repeat(300_000), "password": "x"});
    let large = app.client.post("/api/v1/auth/login", &large).await;
    large.error(413, "PAYLOAD_TOO_LARGE");
    let text =
        app.client.request(Method::POST, "/api/v1/auth/login").header("content-type", "text/plain").body("x");
    let text = app.client.send(text).await;
    text.error(415, "UNSUPPORTED_MEDIA_TYPE");
    for answer in [unknown, wrong, malformed, large, text] {
        assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    let named = app.client.request(Method::GET, "/api/v1/health").header("x-request-id", "my-request-1");
    assert_eq!(app.client.send(named).await.header("x-request-id"), Some("my-request-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_predecessors_paths_reach_the_same_handlers() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let body = json!({"email": ada.email, "password": PASSWORD});
    for path in ["/api/auth/login", "/auth/login", "/auth/login/", "/api/auth/login/"] {
        let answer = app.client.post(path, &body).await;
        answer.data(200);
        assert!(answer.header("deprecation").is_some(), "{path}");
    }
    let answer = ada.client.get("/users/profile/").await;
    assert_eq!(answer.data(200), ada.client.get("/api/v1/users/profile").await.data(200));
    assert_eq!(ada.client.get("/api/v1/users/profile").await.header("deprecation"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_to_log_in_are_limited_by_account_and_by_address() {
    let app = TestApp::start_with(TestSettings::default().with("RATE_LIMIT", "on")).await;
    let attempt = |email: &str| {
        let (client, body) = (app.client.clone(), json!({"email": email, "password": "WrongPass123!"}));
        async move { client.post("/api/v1/auth/login", &body).await }
    };
    for _ in 0..5 {
        attempt("ada@example.com").await.error(401, "UNAUTHORIZED");
    }
    let limited = attempt("ADA@example.com").await;
    limited.error(429, "RATE_LIMITED");
    assert!(limited.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(limited.header("ratelimit-remaining"), Some("0"));
    for _ in 0..4 {
        attempt("bob@example.com").await.error(401, "UNAUTHORIZED");
    }
    attempt("eve@example.com").await.error(429, "RATE_LIMITED");
    app.clock.advance(TimeDelta::minutes(1));
    attempt("ada@example.com").await.error(401, "UNAUTHORIZED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_documents() {
    let app = TestApp::start().await;
    let health = app.client.get("/health").await.json();
    assert_eq!(health["status"], "healthy");
    for key in ["timestamp", "service", "version"] {
        assert!(health[key].is_string(), "{key}");
    }
    for path in ["/", "/health/database", "/health/detailed", "/health/blueprints", "/livez", "/readyz"] {
        let answer = app.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(answer.json().get("data").is_none(), "{path} is a plain document");
    }
    for path in ["/api/v1/health", "/api/v1/status"] {
        app.client.get(path).await.data(200);
    }
    let metrics = app.client.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.text.contains("http_requests_total"), "{}", metrics.text);
}
