//! The envelope around every JSON answer under `/api/v1` (contract §1). Errors: [`crate::error`].

use actix_web::HttpResponse;
use serde::Serialize;
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
