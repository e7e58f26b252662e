//! Documents for everybody: load balancers, container platforms, the curious.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::HealthDocument;
use super::words::{ConnectionWord, HealthWord, LivenessWord, ReadinessWord};
use crate::Api;
use crate::wire::Timestamp;

/// What this server is.
#[derive(Serialize, ToSchema)]
pub(super) struct RootDocument {
    #[serde(flatten)]
    health: HealthDocument,
    /// For people.
    #[schema(example = "Guildhall API")]
    message: &'static str,
    /// Where the reference page is.
    #[schema(example = "/docs")]
    docs: &'static str,
    /// Where its OpenAPI description is.
    #[schema(example = "/openapi.json")]
    openapi: &'static str,
}

/// What this server is
///
/// And where its documentation is.
#[utoipa::path(
    tag = "health",
    operation_id = "getRoot",
    responses((status = 200, description = "What this server is.", body = RootDocument, example = json!({
        "status": "healthy", "timestamp": "2024-01-15T10:30:00Z", "service": "guildhall", "version": "0.1.0",
        "message": "Guildhall API", "docs": "/docs", "openapi": "/openapi.json"})))
)]
#[get("/")]
pub(super) async fn root(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(RootDocument {
        health: HealthDocument::of(&api),
        message: "Guildhall API",
        docs: "/docs",
        openapi: "/openapi.json",
    })
}

/// Whether the program runs
///
/// Says nothing of the database: see `/health/database` and `/readyz`.
#[utoipa::path(
    tag = "health",
    operation_id = "getHealth",
    responses((status = 200, description = "It runs.", body = HealthDocument, example = json!({
        "status": "healthy", "timestamp": "2024-01-15T10:30:00Z", "service": "guildhall", "version": "0.1.0"})))
)]
#[get("/health")]
pub(super) async fn health(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(HealthDocument::of(&api))
}

/// Whether the database answers.
#[derive(Serialize, ToSchema)]
pub(super) struct DatabaseHealthDocument {
    status: HealthWord,
    /// Now; the database was asked at most a second ago.
    timestamp: Timestamp,
    database: ConnectionWord,
}

/// Whether the database answers
///
/// Asked at most once a second, however often this is.
#[utoipa::path(
    tag = "health",
    operation_id = "getDatabaseHealth",
    responses(
        (status = 200, description = "It answers.", body = DatabaseHealthDocument, example = json!({
            "status": "healthy", "timestamp": "2024-01-15T10:30:00Z", "database": "connected"})),
        (status = 503, description = "It does not.", body = DatabaseHealthDocument, example = json!({
            "status": "unhealthy", "timestamp": "2024-01-15T10:30:00Z", "database": "unreachable"}))
    )
)]
#[get("/health/database")]
pub(super) async fn database(api: web::Data<Api>) -> HttpResponse {
    let is_up = api.database.check().await.is_some();
    let timestamp = Timestamp(api.clock.now());
    if is_up {
        let document = DatabaseHealthDocument {
            status: HealthWord::Healthy,
            timestamp,
            database: ConnectionWord::Connected,
        };
        HttpResponse::Ok().json(document)
    } else {
        let document = DatabaseHealthDocument {
            status: HealthWord::Unhealthy,
            timestamp,
            database: ConnectionWord::Unreachable,
        };
        HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "1")).json(document)
    }
}

/// Whether the process is alive.
#[derive(Serialize, ToSchema)]
pub(super) struct LivenessDocument {
    /// Always `alive`.
    status: LivenessWord,
}

/// Whether the process is alive
///
/// Always 200, whatever the database does: a restart would not help.
#[utoipa::path(
    tag = "health",
    operation_id = "getLiveness",
    responses((status = 200, description = "It is.", body = LivenessDocument, example = json!({"status": "alive"})))
)]
#[get("/livez")]
pub(super) async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(LivenessDocument { status: LivenessWord::Alive })
}

/// Whether requests may be sent here.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadinessDocument {
    status: ReadinessWord,
    /// What is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the database does not answer", nullable = false)]
    reason: Option<&'static str>,
}

/// Whether requests may be sent here
///
/// 503 while the database is down or its schema is not current, and while the program shuts down.
#[utoipa::path(
    tag = "health",
    operation_id = "getReadiness",
    responses(
        (status = 200, description = "They may.", body = ReadinessDocument, example = json!({"status": "ready"})),
        (status = 503, description = "They should go elsewhere.", body = ReadinessDocument, example = json!({
            "status": "not_ready", "reason": "the database does not answer"}))
    )
)]
#[get("/readyz")]
pub(super) async fn readyz(api: web::Data<Api>) -> HttpResponse {
    let obstacle = match api.readiness.obstacle() {
        Some(obstacle) => Some(obstacle),
        None if api.database.check().await.is_none() => Some("the database does not answer"),
        None => None,
    };
    match obstacle {
        None => HttpResponse::Ok().json(ReadinessDocument { status: ReadinessWord::Ready, reason: None }),
        Some(reason) => HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, "1"))
            .json(ReadinessDocument { status: ReadinessWord::NotReady, reason: Some(reason) }),
    }
}
