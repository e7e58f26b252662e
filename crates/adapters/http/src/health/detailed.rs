//! Documents for those who run the installation (see [`super::access`]).

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use ports::environment::DatabaseStatus;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::path::PathItem;

use super::access::Operator;
use super::words::{HealthWord, LoadWord};
use super::{started_at, uptime_seconds};
use crate::wire::Timestamp;
use crate::{Api, routes};

/// How each part of the program is doing.
#[derive(Serialize, ToSchema)]
pub(super) struct DetailedHealthDocument {
    /// `healthy`, or `unhealthy` when one of the components is.
    status: HealthWord,
    /// Now; the database was asked at most a second ago.
    timestamp: Timestamp,
    /// Which program this is.
    service: &'static str,
    /// And which version of it.
    version: &'static str,
    /// When it began to serve.
    started_at: Timestamp,
    /// Seconds since then.
    uptime_seconds: u64,
    /// The parts.
    components: HealthComponents,
}

/// The parts of the program.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthComponents {
    database: DatabaseComponent,
    http: HttpComponent,
}

/// The database and the pool of connections to it.
#[derive(Serialize, ToSchema)]
pub(super) struct DatabaseComponent {
    status: HealthWord,
    /// Of the server; null while it does not answer, like the rest.
    version: Option<String>,
    /// How long one question took, in milliseconds.
    round_trip_ms: Option<f64>,
    /// Connections there are.
    pool_connections: Option<usize>,
    /// Connections that wait to be used.
    pool_idle: Option<usize>,
    /// The most connections there may be.
    pool_capacity: Option<usize>,
}

impl From<Option<DatabaseStatus>> for DatabaseComponent {
    fn from(status: Option<DatabaseStatus>) -> Self {
        let Some(status) = status else {
            return Self {
                status: HealthWord::Unhealthy,
                version: None,
                round_trip_ms: None,
                pool_connections: None,
                pool_idle: None,
                pool_capacity: None,
            };
        };
        let DatabaseStatus { version, round_trip, pool_connections, pool_idle, pool_capacity } = status;
        Self {
            status: HealthWord::Healthy,
            version: Some(version),
            round_trip_ms: Some(round_trip.as_secs_f64() * 1000.0),
            pool_connections: Some(pool_connections),
            pool_idle: Some(pool_idle),
            pool_capacity: Some(pool_capacity),
        }
    }
}

/// This server.
#[derive(Serialize, ToSchema)]
pub(super) struct HttpComponent {
    status: LoadWord,
    /// Requests under way; health documents do not count.
    in_flight: usize,
    /// The most requests there may be.
    max_in_flight: usize,
}

/// How each part of the program is doing
///
/// For requests from the machine itself, or with the metrics token as bearer. 503 while the database
/// does not answer.
#[utoipa::path(
    tag = "health",
    operation_id = "getDetailedHealth",
    security((), ("metrics_token" = [])),
    responses(
        (status = 200, description = "Everything is in order.", body = DetailedHealthDocument, example = json!({
            "status": "healthy", "timestamp": "2024-01-15T10:30:00Z", "service": "guildhall",
            "version": "0.1.0", "started_at": "2024-01-15T09:30:00Z", "uptime_seconds": 3600,
            "components": {
                "database": {"status": "healthy", "version": "15.8", "round_trip_ms": 0.4,
                             "pool_connections": 4, "pool_idle": 4, "pool_capacity": 16},
                "http": {"status": "healthy", "in_flight": 0, "max_in_flight": 512}}})),
        (status = 503, description = "Something is not.", body = DetailedHealthDocument, example = json!({
            "status": "unhealthy", "timestamp": "2024-01-15T10:30:00Z", "service": "guildhall",
            "version": "0.1.0", "started_at": "2024-01-15T09:30:00Z", "uptime_seconds": 3600,
            "components": {
                "database": {"status": "unhealthy", "version": null, "round_trip_ms": null,
                             "pool_connections": null, "pool_idle": null, "pool_capacity": null},
                "http": {"status": "healthy", "in_flight": 0, "max_in_flight": 512}}})),
        (status = 403, description = "There is no metrics token, and the request is from elsewhere.")
    )
)]
#[get("/health/detailed")]
pub(super) async fn detailed(_: Operator, api: web::Data<Api>) -> HttpResponse {
    let database = DatabaseComponent::from(api.database.check().await);
    let (in_flight, max_in_flight) = api.in_flight.usage();
    let http = HttpComponent {
        status: if in_flight < max_in_flight { LoadWord::Healthy } else { LoadWord::Overloaded },
        in_flight,
        max_in_flight,
    };
    let status = if database.version.is_some() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(DetailedHealthDocument {
        status: database.status,
        timestamp: Timestamp(api.clock.now()),
        service: api.settings.service,
        version: api.settings.version,
        started_at: started_at(&api),
        uptime_seconds: uptime_seconds(&api),
        components: HealthComponents { database, http },
    })
}

/// The groups of operations.
#[derive(Serialize, ToSchema)]
pub(super) struct BlueprintsDocument {
    /// Always `healthy`.
    status: HealthWord,
    /// Now.
    timestamp: Timestamp,
    /// In the order of the documentation.
    blueprints: Vec<Blueprint>,
    /// Operations in all groups together.
    total_routes: usize,
}

/// A group of operations.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct Blueprint {
    /// The tag in the documentation.
    name: String,
    /// How many operations are mounted.
    routes: usize,
}

/// Which groups of operations are mounted
///
/// For requests from the machine itself, or with the metrics token as bearer.
#[utoipa::path(
    tag = "health",
    operation_id = "getBlueprints",
    security((), ("metrics_token" = [])),
    responses(
        (status = 200, description = "The groups with their counts.", body = BlueprintsDocument, example = json!({
            "status": "healthy", "timestamp": "2024-01-15T10:30:00Z",
            "blueprints": [{"name": "health", "routes": 10}, {"name": "auth", "routes": 6}],
            "total_routes": 16})),
        (status = 403, description = "There is no metrics token, and the request is from elsewhere.")
    )
)]
#[get("/health/blueprints")]
pub(super) async fn blueprints(_: Operator, api: web::Data<Api>) -> HttpResponse {
    let blueprints = BLUEPRINTS.clone();
    let total_routes = blueprints.iter().map(|group| group.routes).sum();
    let timestamp = Timestamp(api.clock.now());
    HttpResponse::Ok().json(BlueprintsDocument {
        status: HealthWord::Healthy,
        timestamp,
        blueprints,
        total_routes,
    })
}

/// The groups, which are the same as long as the program runs.
static BLUEPRINTS: LazyLock<Vec<Blueprint>> = LazyLock::new(|| {
    let mut groups: Vec<Blueprint> = Vec::new();
    for name in routes::list().paths.values().flat_map(tags) {
        match groups.iter_mut().find(|group| &group.name == name) {
            Some(group) => group.routes += 1,
            None => groups.push(Blueprint { name: name.clone(), routes: 1 }),
        }
    }
    groups
});

/// The first tag of each operation.
fn tags(item: &PathItem) -> impl Iterator<Item = &String> {
    [&item.get, &item.post, &item.put, &item.patch, &item.delete]
        .into_iter()
        .flatten()
        .filter_map(|operation| operation.tags.as_ref()?.first())
}

/// Metrics for Prometheus
///
/// For requests from the machine itself, or with the metrics token as bearer.
#[utoipa::path(
    tag = "health",
    operation_id = "getMetrics",
    security((), ("metrics_token" = [])),
    responses(
        (status = 200, description = "The metrics, in the text format.", body = String,
        content_type = "text/plain; version=0.0.4; charset=utf-8",
        example = "http_requests_total{method=\"GET\",route=\"/health\",status=\"2xx\"} 1\n"),
        (status = 403, description = "There is no metrics token, and the request is from elsewhere.")
    )
)]
#[get("/metrics")]
pub(super) async fn metrics(_: Operator, api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body((api.settings.render_metrics)())
}
