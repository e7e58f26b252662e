//! JSON bodies on their way in. What is wrong inside them is tested beside the code.

use std::time::Duration;

use actix_http::h1;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, ResponseError};
use serde_json::json;

use super::support::{Thing, start, start_with};
use crate::api::MAX_BODY_BYTES;
use crate::error::ApiError;
use crate::extract::JsonBody;

fn post(kind: Option<&str>, body: impl Into<Bytes>) -> TestRequest {
    let request = TestRequest::post()
        .uri("/test/things")
        .insert_header((header::AUTHORIZATION, "Bearer client:1"))
        .set_payload(body);
    match kind {
        Some(kind) => request.insert_header((header::CONTENT_TYPE, kind)),
        None => request,
    }
}

#[actix_web::test]
async fn no_body_means_an_empty_object() {
    let app = start().await;
    for kind in [None, Some("application/json"), Some("text/plain")] {
        let answer = app.send(post(kind, "")).await;
        assert_eq!((answer.status.as_u16(), answer.json()["data"].clone()), (200, json!(null)), "{kind:?}");
    }
    assert_eq!(app.send(post(Some("application/json"), "{}")).await.status, 200);
}

#[actix_web::test]
async fn only_json_is_taken() {
    let app = start().await;
    let cases = [
        (Some("application/json"), 200),
        (Some("application/json; charset=utf-8"), 200),
        (Some("application/json; charset=UTF-8"), 200),
        (Some("Application/JSON"), 200),
        (Some("application/merge-patch+json"), 200),
        (Some("application/json; charset=latin1"), 415),
        (Some("text/json"), 415),
        (Some("text/plain"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("multipart/form-data; boundary=x"), 415),
        (Some("nonsense"), 415),
        (None, 415),
    ];
    for (kind, status) in cases {
        let answer = app.send(post(kind, "{\"name\":\"a\"}")).await;
        assert_eq!(answer.status, status, "{kind:?}");
        if status == 415 {
            answer.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        }
    }
    for (encoding, status) in [("gzip", 415), ("br", 415), ("identity", 200), ("identity, gzip", 415)] {
        let request =
            post(Some("application/json"), "{}").insert_header((header::CONTENT_ENCODING, encoding));
        assert_eq!(app.send(request).await.status, status, "{encoding}");
    }
}

#[actix_web::test]
async fn huge_bodies_are_413_announced_or_not() {
    let app = start().await;
    let text = |length: usize| format!("{{\"name\":\"{}\"}}", "x".repeat(length - 11));
    // Just fits: what is wrong then is the name.
    let fits = app.send(post(Some("application/json"), text(MAX_BODY_BYTES))).await;
    fits.expect_error(400, "VALIDATION_ERROR");
    let chunked = app.send(post(Some("application/json"), text(MAX_BODY_BYTES + 1))).await;
    chunked.expect_error(413, "PAYLOAD_TOO_LARGE");
    let announced = post(Some("application/json"), "{}").insert_header((header::CONTENT_LENGTH, "262145"));
    let announced = app.send(announced).await;
    assert_eq!(announced.expect_error(413, "PAYLOAD_TOO_LARGE"), json!({"limit": 262_144}));
}

#[actix_web::test]
async fn faults_name_their_field() {
    let app = start().await;
    let deep = "[".repeat(33);
    let cases: [(&str, &str, &str); 5] = [
        ("{\"name\":1}", "name", "must be a string"),
        ("{\"nmae\":\"a\"}", "nmae", "is not a known field"),
        ("{\"name\":\"01234567890\"}", "name", "must have 1 to 10 characters"),
        ("{\"name\"", "body", "is not valid JSON (line 1, column 7)"),
        (&deep, "body", "must not be nested deeper than 32 levels"),
    ];
    for (body, field, message) in cases {
        let answer = app.send(post(Some("application/json"), body.to_owned())).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        let expected = json!({"field": field, "errors": [{"field": field, "message": message}]});
        assert_eq!(details, expected, "{body}");
        assert_eq!(answer.json()["error"]["message"], format!("{field} {message}"));
    }
}

/// Reads the body of a request whose payload the test holds in its hand.
async fn read(payload: h1::Payload, timeout: Duration) -> Result<Thing, ApiError> {
    let app = start_with(|settings| settings.body_timeout = timeout).await;
    let request = TestRequest::post()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .app_data(web::Data::clone(&app.api))
        .to_http_request();
    let body = JsonBody::<Thing>::from_request(&request, &mut Payload::from(payload)).await;
    body.map(JsonBody::into_inner)
}

async fn expect_refusal(payload: h1::Payload, timeout: Duration) {
    let answer = read(payload, timeout).await.unwrap_err().error_response();
    assert_eq!(answer.status(), 400);
    assert!(!answer.head().keep_alive(), "the connection is closed");
}

#[actix_web::test]
async fn bodies_that_never_end_are_given_up() {
    let (mut sender, payload) = h1::Payload::create(false);
    sender.feed_data(Bytes::from_static(b"{"));
    expect_refusal(payload, Duration::ZERO).await;
}

#[actix_web::test]
async fn bodies_that_break_off_are_400() {
    let (mut sender, payload) = h1::Payload::create(false);
    sender.feed_data(Bytes::from_static(b"{"));
    sender.set_error(PayloadError::Incomplete(None));
    expect_refusal(payload, Duration::from_secs(60)).await;
}

#[actix_web::test]
async fn pieces_are_put_together() {
    let (mut sender, payload) = h1::Payload::create(false);
    for piece in ["{\"na", "", "me\":\"", "ab", "\"}"] {
        sender.feed_data(Bytes::from_static(piece.as_bytes()));
    }
    sender.feed_eof();
    let thing = read(payload, Duration::from_secs(60)).await.unwrap();
    assert_eq!(thing.name.as_deref(), Some("ab"));
}
