//! Which operations there are: one function for the server and for the description.

use actix_web::web;
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    agreements, audit, bidding, contracts, disputes, document, files, health, identity, jobs, messaging,
    meta, money, notifications, orders, profiles,
};

/// Mounts every operation that the description has.
pub fn configure(config: &mut ServiceConfig) {
    config.configure(health::configure).service(
        scope("/api/v1")
            .configure(health::configure_versioned)
            .configure(identity::configure)
            .configure(orders::configure)
            .configure(bidding::configure)
            .configure(contracts::configure)
            .configure(agreements::configure)
            .configure(disputes::configure)
            .configure(money::configure)
            .configure(notifications::configure)
            .configure(profiles::configure)
            .configure(jobs::configure)
            .configure(audit::configure)
            .configure(messaging::configure)
            .configure(files::configure)
            .configure(meta::configure),
    );
}

/// Mounts the description itself and the reference page.
pub(crate) fn configure_undescribed(config: &mut web::ServiceConfig) {
    document::page::configure(config);
}
