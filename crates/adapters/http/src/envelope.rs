//! The envelope around every JSON answer under `/api/v1` (contract §1). Errors: [`crate::error`].

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use ports::idempotency::StoredAnswer;
use serde::Serialize;
use usecases::error::UseCaseError;
use utoipa::ToSchema;

/// A successful answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always `success`.
    pub status: Success,
    /// The answer itself.
    pub data: T,
}

/// The word of a successful answer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Success {
    /// It worked.
    Success,
}

impl<T> Envelope<T> {
    /// Wraps an answer.
    pub const fn new(data: T) -> Self {
        Self { status: Success::Success, data }
    }
}

/// 200 with `data` in its envelope.
pub fn ok<T: Serialize>(data: T) -> HttpResponse {
    HttpResponse::Ok().json(Envelope::new(data))
}

/// 201 with `data` in its envelope: something addressable came to be.
pub fn created<T: Serialize>(data: T) -> HttpResponse {
    HttpResponse::Created().json(Envelope::new(data))
}

/// The same as [`ok`], in the form in which it is kept to be given again.
///
/// # Errors
/// `Internal` when `data` cannot be written down.
pub fn stored_ok<T: Serialize>(data: T) -> Result<StoredAnswer, UseCaseError> {
    stored(StatusCode::OK, data)
}

/// The same as [`created`], in the form in which it is kept to be given again.
///
/// # Errors
/// `Internal` when `data` cannot be written down.
pub fn stored_created<T: Serialize>(data: T) -> Result<StoredAnswer, UseCaseError> {
    stored(StatusCode::CREATED, data)
}

fn stored<T: Serialize>(status: StatusCode, data: T) -> Result<StoredAnswer, UseCaseError> {
    let body = serde_json::to_string(&Envelope::new(data))
        .map_err(|error| UseCaseError::Internal(Box::new(error)))?;
    Ok(StoredAnswer { status: status.as_u16(), body })
}
