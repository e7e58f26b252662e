//! `/openapi.json`, and the reference page at `/docs`: Swagger UI from inside the binary, which
//! loads nothing from another host.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, ResponseError};
use utoipa_swagger_ui::Config;

use super::description;
use crate::error::ApiError;

/// What the page needs: its own scripts and style sheets, styles that the scripts set, pictures that
/// the style sheet holds, and asking this very server.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The files have the same names in every version of the program.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

static TEXT: LazyLock<Bytes> =
    LazyLock::new(|| serde_json::to_vec(description()).map(Bytes::from).unwrap_or_default());

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    // The badge of an outside validator would tell it of every visit.
    let config = Config::from("/openapi.json").validator_url("none").display_operation_id(true);
    Arc::new(config.doc_expansion("none").persist_authorization(false))
});

/// Mounts both.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/openapi.json", web::get().to(text))
        .route("/docs", web::get().to(|| async { page("docs/") }))
        .route("/docs/", web::get().to(|| async { page("") }))
        .route("/docs/{file}", web::get().to(|file: web::Path<String>| async move { served(&file) }));
}

async fn text() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .body(TEXT.clone())
}

/// The page itself, with its links going by way of `folder`: it is served with and without a final
/// slash, and a redirection would be one more answer that is none.
fn page(folder: &str) -> HttpResponse {
    let Ok(Some(file)) = utoipa_swagger_ui::serve("index.html", Arc::clone(&CONFIG)) else {
        return ApiError::not_found().error_response();
    };
    let html = String::from_utf8_lossy(&file.bytes)
        .replace("<title>Swagger UI</title>", "<title>Guildhall API</title>")
        .replace("href=\"./", "href=\"")
        .replace("src=\"./", "src=\"")
        .replace("href=\"", &format!("href=\"{folder}"))
        .replace("src=\"", &format!("src=\"{folder}"));
    dressed().content_type(ContentType::html()).body(html)
}

fn served(file: &str) -> HttpResponse {
    match utoipa_swagger_ui::serve(file, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => dressed().content_type(file.content_type).body(file.bytes.into_owned()),
        Ok(None) => ApiError::not_found().error_response(),
        Err(error) => ApiError::internal(error.to_string()).error_response(),
    }
}

fn dressed() -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, REVALIDATE));
    answer
}
