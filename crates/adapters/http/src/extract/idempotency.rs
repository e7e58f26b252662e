//! How a caller names a request, so that asking again does nothing again (contract §1).

use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use domain::actor::Actor;
use ports::idempotency::{RequestKey, StoredAnswer};
use usecases::error::UseCaseError;
use usecases::idempotency::Once;
use utoipa::IntoParams;

use super::JsonBody;
use crate::error::ApiError;

/// The header as it is written for people.
pub(crate) const NAME: &str = "Idempotency-Key";
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_LENGTH: usize = 255;

/// The header's description; operations that take an [`IdempotencyKey`] name it among their `params`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes; the extractor reads the header by itself")]
pub(crate) struct IdempotencyHeader {
    /// Your name for this request, 1 to 255 printable ASCII characters, such as a UUID. For 24 hours
    /// the same key with the same request gets the same answer, and nothing is done twice.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]([ -~]*[!-~])?$",
        required = false,
        nullable = false,
        example = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    )]
    key: Option<String>,
}

/// What the request is called, and which one it is. Without the header it has no name; a header that
/// breaks the rules is 400.
pub struct IdempotencyKey {
    key: Option<String>,
    method: Method,
    /// With version and with `ORD-`, whichever way the caller wrote it.
    path: String,
}

impl IdempotencyKey {
    /// The request's name together with how its answer looks.
    #[must_use]
    pub fn once<B, T>(
        self,
        actor: &Actor,
        body: &JsonBody<B>,
        render: fn(&T) -> Result<StoredAnswer, UseCaseError>,
    ) -> Once<T> {
        self.once_for(actor, &body.canonical(), render)
    }

    /// The same for a request whose body is none of JSON: `what` is what tells it from others.
    #[must_use]
    pub fn once_for<T>(
        self,
        actor: &Actor,
        what: &str,
        render: fn(&T) -> Result<StoredAnswer, UseCaseError>,
    ) -> Once<T> {
        let Self { key, method, path } = self;
        let key = key.map(|key| RequestKey {
            user_id: actor.user_id,
            key,
            fingerprint: fingerprint(&method, &path, what),
        });
        Once { key, render }
    }
}

/// What tells requests apart. Neither a method nor a path has a line break.
fn fingerprint(method: &Method, path: &str, body: &str) -> [u8; SHA256_OUTPUT_LEN] {
    let mut context = Context::new(&SHA256);
    for part in [method.as_str(), "\n", path, "\n", body] {
        context.update(part.as_bytes());
    }
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    for (byte, digest) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *digest;
    }
    bytes
}

fn read(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ApiError::field(NAME, "must be given only once"));
    }
    let is_printable = |byte: &u8| matches!(byte, b' '..=b'~');
    let bytes = value.as_bytes();
    match value.to_str() {
        Ok(key) if (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().all(is_printable) => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(ApiError::field(NAME, format!("must have 1 to {MAX_LENGTH} printable ASCII characters"))),
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.headers()).map(|key| Self {
            key,
            method: request.method().clone(),
            path: request.path().replace("/AO-", "/ORD-"),
        }))
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, method, path } = self;
        write!(f, "IdempotencyKey({key:?} of {method} {path})")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn keys_are_printable_and_short() {
        let longest = "x".repeat(255);
        let too_long = "x".repeat(256);
        const BAD: Option<Option<&str>> = None;
        let cases: [(&[&str], Option<Option<&str>>); 9] = [
            (&[], Some(None)),
            (&["a"], Some(Some("a"))),
            (&["8e03978e-40d5-43e8"], Some(Some("8e03978e-40d5-43e8"))),
            (&["~ !\"$"], Some(Some("~ !\"$"))),
            (&[&longest], Some(Some(&longest))),
            (&[&too_long], BAD),
            (&[""], BAD),
            (&["a\tb"], BAD),
            (&["a", "a"], BAD),
        ];
        for (values, expected) in cases {
            let mut request = TestRequest::default();
            for value in values {
                request = request.append_header((HEADER, *value));
            }
            let key = read(request.to_http_request().headers()).ok();
            assert_eq!(key.as_ref().map(Option::as_deref), expected, "{values:?}");
        }
        let request = TestRequest::default().insert_header((HEADER, "schlüssel")).to_http_request();
        assert!(read(request.headers()).is_err(), "beyond ASCII");
    }

    #[test]
    fn the_fingerprint_is_of_method_path_and_body() {
        let one = fingerprint(&Method::POST, "/api/v1/withdrawals", "{}");
        assert_eq!(fingerprint(&Method::POST, "/api/v1/withdrawals", "{}"), one);
        for (method, path, body) in [
            (Method::PATCH, "/api/v1/withdrawals", "{}"),
            (Method::POST, "/api/v1/withdrawal", "s{}"),
            (Method::POST, "/api/v1/withdrawals", "{\"a\":1}"),
        ] {
            assert_ne!(fingerprint(&method, path, body), one, "{method} {path} {body}");
        }
        // SHA-256 of "POST\n/\n{}", reckoned elsewhere: what is stored must be found after an update.
        let known: String =
            fingerprint(&Method::POST, "/", "{}").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(known, "ee52f4062ff75bbef6fab5d03316aaeaac40e04a02302bdc63f1c022b282684a");
    }
}
