//! Which operations there are: one list for the server, the description, and the table of paths.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    agreements, audit, bidding, contracts, disputes, document, files, health, identity, jobs, messaging,
    meta, money, notifications, orders, profiles,
};

/// What all but the health documents are below.
const API: &str = "/api/v1";

/// Takes operations: a server, the description, or the list of paths. Describing takes a hundred times as long
/// as serving them, so a server does not.
pub trait Mount {
    /// Takes one.
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self;
}

impl Mount for web::ServiceConfig {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        Self::service(self, operation)
    }
}

impl Mount for ServiceConfig<'_> {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        Self::service(self, operation)
    }
}

impl Mount for Paths {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        self.merge(operation.paths());
        self
    }
}

/// Everything below [`API`].
fn versioned(mount: &mut impl Mount) {
    health::configure_versioned(mount);
    identity::configure(mount);
    orders::configure(mount);
    bidding::configure(mount);
    contracts::configure(mount);
    agreements::configure(mount);
    disputes::configure(mount);
    money::configure(mount);
    notifications::configure(mount);
    profiles::configure(mount);
    jobs::configure(mount);
    audit::configure(mount);
    messaging::configure(mount);
    files::configure(mount);
    meta::configure(mount);
}

/// Serves every operation.
pub(crate) fn serve(config: &mut web::ServiceConfig) {
    health::configure(config);
    config.service(web::scope(API).configure(versioned));
    document::page::configure(config);
}

/// Describes every operation.
pub(crate) fn describe(config: &mut ServiceConfig) {
    health::configure(config);
    config.service(scope(API).configure(|below: &mut ServiceConfig| versioned(below)));
}

/// Lists every operation, by path.
pub(crate) fn list() -> Paths {
    let (mut paths, mut below) = (Paths::new(), Paths::new());
    health::configure(&mut paths);
    versioned(&mut below);
    paths.paths.extend(below.paths.into_iter().map(|(path, item)| (format!("{API}{path}"), item)));
    paths
}
