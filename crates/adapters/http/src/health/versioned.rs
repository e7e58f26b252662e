//! The same below `/api/v1`, in the envelope.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{EnvironmentWord, OperationWord};
use super::{HealthDocument, started_at, uptime_seconds};
use crate::Api;
use crate::envelope::{Envelope, ok};
use crate::wire::Timestamp;

/// Whether the program runs (in the envelope)
///
/// The document of `/health`.
#[utoipa::path(
    tag = "health",
    operation_id = "getApiHealth",
    responses((status = 200, description = "It runs.", body = Envelope<HealthDocument>, example = json!({
        "status": "success", "data": {"status": "healthy", "timestamp": "2024-01-15T10:30:00Z",
            "service": "guildhall", "version": "0.1.0"}})))
)]
#[get("/health")]
pub(super) async fn health(api: web::Data<Api>) -> HttpResponse {
    ok(HealthDocument::of(&api))
}

/// How the application is doing.
#[derive(Serialize, ToSchema)]
pub(super) struct StatusDocument {
    status: OperationWord,
    /// Now; the database was asked at most a second ago.
    timestamp: Timestamp,
    /// Which program this is.
    service: &'static str,
    /// And which version of it.
    version: &'static str,
    environment: EnvironmentWord,
    /// When it began to serve.
    started_at: Timestamp,
    /// Seconds since then.
    uptime_seconds: u64,
}

/// How the application is doing
///
/// 200 in any case.
#[utoipa::path(
    tag = "health",
    operation_id = "getApiStatus",
    responses((status = 200, description = "How it is doing.", body = Envelope<StatusDocument>, example = json!({
        "status": "success", "data": {"status": "operational", "timestamp": "2024-01-15T10:30:00Z",
            "service": "guildhall", "version": "0.1.0", "environment": "production",
            "started_at": "2024-01-15T09:30:00Z", "uptime_seconds": 3600}})))
)]
#[get("/status")]
pub(super) async fn status(api: web::Data<Api>) -> HttpResponse {
    let is_up = api.database.check().await.is_some();
    ok(StatusDocument {
        status: if is_up { OperationWord::Operational } else { OperationWord::Degraded },
        timestamp: Timestamp(api.clock.now()),
        service: api.settings.service,
        version: api.settings.version,
        environment: if api.settings.production {
            EnvironmentWord::Production
        } else {
            EnvironmentWord::Development
        },
        started_at: started_at(&api),
        uptime_seconds: uptime_seconds(&api),
    })
}
