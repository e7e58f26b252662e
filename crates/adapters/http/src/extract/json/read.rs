//! Getting a body's bytes, within bounds of size and time.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::BytesMut;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::StreamExt;

use super::BODY;
use crate::api::HttpSettings;
use crate::error::ApiError;

/// A body that is about to be read.
pub(super) struct Reading {
    payload: Payload,
    limit: usize,
    timeout: Duration,
    /// What is wrong with how the body is sent; it matters only if there is one.
    form: Result<(), ApiError>,
}

impl Reading {
    /// Looks at the headers.
    ///
    /// # Errors
    /// 413 when more bytes are announced than allowed.
    pub(super) fn begin(
        request: &HttpRequest,
        payload: Payload,
        settings: &HttpSettings,
    ) -> Result<Self, ApiError> {
        let limit = settings.max_body_bytes;
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let is_too_large =
            announced.is_some_and(|length| length.parse::<usize>().is_ok_and(|length| length > limit));
        if is_too_large {
            return Err(ApiError::payload_too_large(limit));
        }
        let form = check_encoding(request.headers()).and_then(|()| check_type(request));
        Ok(Self { payload, limit, timeout: settings.body_timeout, form })
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// 413, 415 or 400.
    pub(super) async fn finish(self) -> Result<BytesMut, ApiError> {
        let Self { mut payload, limit, timeout, mut form } = self;
        let all = async {
            let mut bytes = BytesMut::new();
            while let Some(chunk) = payload.next().await {
                let chunk =
                    chunk.map_err(|_| ApiError::field(BODY, "could not be read to its end").closing())?;
                if chunk.is_empty() {
                    continue;
                }
                std::mem::replace(&mut form, Ok(()))?;
                if bytes.len().saturating_add(chunk.len()) > limit {
                    return Err(ApiError::payload_too_large(limit));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        match tokio::time::timeout(timeout, all).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("did not arrive within {} seconds", timeout.as_secs());
                Err(ApiError::field(BODY, message).closing())
            }
        }
    }
}

fn check_encoding(headers: &HeaderMap) -> Result<(), ApiError> {
    let is_plain = headers
        .get_all(header::CONTENT_ENCODING)
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_plain {
        Ok(())
    } else {
        Err(ApiError::unsupported_media_type("Send the body without a content encoding"))
    }
}

fn check_type(request: &HttpRequest) -> Result<(), ApiError> {
    let is_json = request.mime_type().ok().flatten().is_some_and(|mime| {
        let is_json = mime.subtype() == "json" || mime.suffix().is_some_and(|suffix| suffix == "json");
        let is_utf8 = mime.get_param("charset").is_none_or(|charset| charset == "utf-8");
        mime.type_() == "application" && is_json && is_utf8
    });
    if is_json {
        Ok(())
    } else {
        Err(ApiError::unsupported_media_type("Send the body as Content-Type: application/json"))
    }
}
