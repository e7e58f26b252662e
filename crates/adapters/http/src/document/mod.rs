//! The OpenAPI description, made from the very function that mounts the operations.
//!
//! Handlers describe what is their own: what they do, their body, their success, their own errors.
//! What all operations have in common is added by [`answers`], what all schemas have by [`schemas`].

mod answers;
pub(crate) mod examples;
pub(crate) mod page;
mod schemas;

use actix_web::App;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, Info, InfoBuilder, License, OpenApi, OpenApiBuilder, Server,
};
use utoipa_actix_web::AppExt;

use crate::routes;

/// Paths that are served but not described, with GET only.
pub(crate) const UNDESCRIBED: &[&str] = &["/openapi.json", "/docs", "/docs/", "/docs/{file}"];

/// The description of every operation. Needs no state, and is the same each time. It takes a tenth of a second
/// and tens of megabytes, so what is made of it is kept, and not the description.
#[must_use]
pub fn openapi() -> OpenApi {
    let (_, mut description) =
        App::new().into_utoipa_app().openapi(frame()).configure(routes::describe).split_for_parts();
    answers::complete(&mut description);
    schemas::complete(&mut description);
    description
}

/// Everything but the operations.
fn frame() -> OpenApi {
    let components = ComponentsBuilder::new()
        .security_scheme("bearer", bearer(Some("JWT"), "The `access_token` of a login."))
        .security_scheme("metrics_token", bearer(None, "The setting `METRICS_TOKEN`."))
        .build();
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([Server::new("/")]))
        .tags(Some(tags()))
        .components(Some(components))
        .build()
}

fn bearer(format: Option<&str>, description: &str) -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description = Some(description.to_owned());
    scheme.bearer_format = format.map(str::to_owned);
    SecurityScheme::Http(scheme)
}

fn info() -> Info {
    let mut license = License::new("MIT");
    license.identifier = Some("MIT".to_owned());
    InfoBuilder::new()
        .title("Guildhall API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("description.md")))
        .contact(None::<ContactBuilder>.map(ContactBuilder::build))
        .license(Some(license))
        .build()
}

fn tags() -> Vec<Tag> {
    [
        ("health", "How the program is doing. Plain documents, but for those below `/api/v1`."),
        ("auth", "Opening an account, logging in and out, passwords."),
        ("users", "One's own account."),
        ("profiles", "What people say of themselves, and the ranking of providers."),
        ("orders", "Posted work: finding and changing it, inviting, paying, milestones, reviews."),
        ("bids", "Offers on orders: placing them, haggling, the award."),
        ("agreements", "What the two sides of an order agree on about its money, or do not."),
        ("chats", "What the two sides of an order write to each other."),
        ("files", "Uploading, seeing and downloading files."),
        ("payments", "One's wallet: paying in, what went in and out, taking money out."),
        ("notifications", "What one is told of what others do."),
        ("admin", "For administrators."),
        ("meta", "What the program says about itself."),
    ]
    .into_iter()
    .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build())
    .collect()
}
