//! Who one is, and the order of checks (contract §1).

use std::sync::atomic::Ordering;

use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::json;

use super::support::{session, start};

const SOMEBODY: &str = "/test/things/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11";

fn post(path: &str, token: Option<&str>, body: &'static str) -> TestRequest {
    let request = TestRequest::post()
        .uri(path)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(body);
    match token {
        Some(token) => request.insert_header((header::AUTHORIZATION, format!("Bearer {token}"))),
        None => request,
    }
}

#[actix_web::test]
async fn checks_come_in_the_order_of_the_contract() {
    let app = start().await;
    let cases = [
        (post("/test/things/bad", None, "{"), 401, "UNAUTHORIZED"),
        (post("/test/things/bad", Some("nonsense"), "{"), 401, "UNAUTHORIZED"),
        (post("/test/things/bad", Some("client:1"), "{"), 403, "FORBIDDEN"),
        (post("/test/things/bad", Some("admin:2"), "{"), 400, "VALIDATION_ERROR"),
        (post("/test/things/bad", Some("admin:2"), "{\"name\":\"\"}"), 400, "VALIDATION_ERROR"),
        (post("/test/things/bad", Some("admin:2"), "{}"), 404, "NOT_FOUND"),
    ];
    for (request, status, code) in cases {
        app.send(request).await.expect_error(status, code);
    }
    assert_eq!(app.send(post(SOMEBODY, Some("admin:2"), "{}")).await.status, 200);
    for _ in 0..130 {
        app.get("/nowhere").await;
    }
    app.send(post("/test/things/bad", None, "{")).await.expect_error(429, "RATE_LIMITED");
}

#[actix_web::test]
async fn strangers_are_401_with_a_challenge() {
    let app = start().await;
    for value in ["Basic abc", "Bearer", "Bearer a b", "Bearer nobody:1", "Bearer client:x", "client:1"] {
        let request = TestRequest::post().uri("/test/things").insert_header((header::AUTHORIZATION, value));
        let answer = app.send(request).await;
        assert_eq!(answer.expect_error(401, "UNAUTHORIZED"), json!({}), "{value}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let lower =
        TestRequest::post().uri("/test/things").insert_header((header::AUTHORIZATION, "bearer client:1"));
    assert_eq!(app.send(lower).await.status, 200, "the scheme's case does not matter");
}

#[actix_web::test]
async fn ended_logins_are_401_and_unknown_ones_503() {
    let app = start().await;
    app.world.ended.lock().unwrap().insert(session(7));
    app.send(post("/test/things", Some("client:7"), "{}")).await.expect_error(401, "UNAUTHORIZED");
    assert_eq!(app.send(post("/test/things", Some("client:8"), "{}")).await.status, 200);
    app.world.database_is_down.store(true, Ordering::SeqCst);
    let answer = app.send(post("/test/things", Some("client:8"), "{}")).await;
    answer.expect_error(503, "SERVICE_UNAVAILABLE");
    assert!(answer.headers.contains_key("retry-after"));
}

#[actix_web::test]
async fn operations_for_everybody_do_not_mind_a_bad_token() {
    let app = start().await;
    let request = TestRequest::get().uri("/api/v1/health").insert_header((header::AUTHORIZATION, "Bearer x"));
    assert_eq!(app.send(request).await.status, 200);
    app.send(post("/api/v1/auth/login", Some("x"), "{}")).await.expect_error(400, "VALIDATION_ERROR");
}
