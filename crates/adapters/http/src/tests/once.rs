//! Commands that their caller has named, over HTTP.

use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::json;

use super::support::{Answer, start};

fn post(path: &str, token: &str, key: Option<&str>, body: &'static str) -> TestRequest {
    let request = TestRequest::post()
        .uri(path)
        .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(body);
    match key {
        Some(key) => request.insert_header(("Idempotency-Key", key)),
        None => request,
    }
}

const PATH: &str = "/test/once";

fn is_replay(answer: &Answer) -> bool {
    match answer.header("idempotent-replayed") {
        None => false,
        Some(value) => value == "true",
    }
}

#[actix_web::test]
async fn the_same_request_gets_the_same_answer() {
    let app = start().await;
    let first = app.send(post(PATH, "client:1", Some("k"), "{\"name\":\"a\"}")).await;
    assert_eq!((first.status.as_u16(), is_replay(&first)), (201, false));
    assert_eq!(first.json(), json!({"status": "success", "data": "a 1"}));
    assert_eq!(first.header("content-type"), Some("application/json"));
    for body in ["{\"name\":\"a\"}", " { \"name\" : \"\\u0061\" }\n"] {
        let again = app.send(post(PATH, "client:1", Some("k"), body)).await;
        assert_eq!((again.status, is_replay(&again)), (first.status, true));
        assert_eq!(again.body, first.body, "byte for byte");
        assert_eq!(again.header("content-type"), Some("application/json"));
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    // Another person's key, another key, and none are other requests.
    for (number, (token, key)) in
        [("client:2", Some("k")), ("client:1", Some("l")), ("client:1", None)].into_iter().enumerate()
    {
        let other = app.send(post(PATH, token, key, "{\"name\":\"a\"}")).await;
        assert_eq!(other.json()["data"], format!("a {}", number + 2));
        assert!(!is_replay(&other));
    }
}

#[actix_web::test]
async fn a_version_is_told_only_when_it_is_the_present_one() {
    let app = start().await;
    let first = app.send(post("/test/versioned", "client:1", Some("k"), "{}")).await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, Some("\"7\"")));
    let again = app.send(post("/test/versioned", "client:1", Some("k"), "{}")).await;
    assert_eq!((again.body, again.headers.contains_key("etag")), (first.body, false));
}

#[actix_web::test]
async fn no_body_and_an_empty_object_are_one_request() {
    let app = start().await;
    let first = app.send(post(PATH, "client:1", Some("k"), "")).await;
    assert_eq!(app.send(post(PATH, "client:1", Some("k"), "{}")).await.body, first.body);
    app.send(post(PATH, "client:1", Some("k"), "{\"name\":null}"))
        .await
        .expect_error(422, "UNPROCESSABLE_ENTITY");
}

#[actix_web::test]
async fn a_key_is_for_one_request() {
    let app = start().await;
    app.send(post(PATH, "client:1", Some("k"), "{\"name\":\"a\"}")).await;
    for (path, body) in [(PATH, "{\"name\":\"b\"}"), ("/test/once/2", "{\"name\":\"a\"}")] {
        let answer = app.send(post(path, "client:1", Some("k"), body)).await;
        let details = answer.expect_error(422, "UNPROCESSABLE_ENTITY");
        assert_eq!(details, json!({"reason": "idempotency_key_reused"}), "{path} {body}");
        assert!(!is_replay(&answer));
    }
}

#[actix_web::test]
async fn a_request_under_way_is_409() {
    let app = start().await;
    let answer = app.send(post(PATH, "client:1", Some("busy"), "{}")).await;
    assert_eq!(
        answer.expect_error(409, "CONFLICT"),
        json!({"reason": "in_progress", "state": "in_progress"})
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[actix_web::test]
async fn keys_that_break_the_rules_are_400_after_401() {
    let app = start().await;
    let too_long = "x".repeat(256);
    for key in ["", "a\tb", "ä", &too_long] {
        app.send(post(PATH, "nobody", Some(key), "{}")).await.expect_error(401, "UNAUTHORIZED");
        let details = app.send(post(PATH, "client:1", Some(key), "{}")).await;
        let details = details.expect_error(400, "VALIDATION_ERROR");
        let message = "must have 1 to 255 printable ASCII characters";
        assert_eq!(details["errors"], json!([{"field": "Idempotency-Key", "message": message}]));
    }
}
