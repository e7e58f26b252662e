//! `/openapi.json`, and the reference page at `/docs`: Swagger UI from inside the binary, which
//! loads nothing from another host.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use aws_lc_rs::digest::{SHA256, digest};
use utoipa_swagger_ui::Config;

use super::openapi;
use crate::error::ApiError;

/// What the page needs: its own scripts and style sheets, styles that the scripts set, pictures that
/// the style sheet holds, and asking this very server.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The files have the same names in every version of the program, so a browser asks each time; it is
/// told 304 as long as it has the right one.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

static TEXT: LazyLock<Bytes> =
    LazyLock::new(|| serde_json::to_vec(&openapi()).map(Bytes::from).unwrap_or_default());

/// What has been served so far, by name: no more entries than there are files.
static TAGS: Mutex<BTreeMap<String, EntityTag>> = Mutex::new(BTreeMap::new());

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    // The badge of an outside validator would tell it of every visit.
    let config = Config::from("/openapi.json").validator_url("none").display_operation_id(true);
    Arc::new(config.doc_expansion("none").persist_authorization(false))
});

/// Mounts both.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/openapi.json", web::get().to(text))
        .route("/docs", web::get().to(|request: HttpRequest| async move { page(&request, "docs/") }))
        .route("/docs/", web::get().to(|request: HttpRequest| async move { page(&request, "") }))
        .route("/docs/{file}", web::get().to(served));
}

async fn text(request: HttpRequest) -> HttpResponse {
    answer(&request, HttpResponse::Ok(), "openapi.json", "application/json", TEXT.clone())
}

/// The page itself, with its links going by way of `folder`: it is served with and without a final
/// slash, and a redirection would be one more answer that is none.
fn page(request: &HttpRequest, folder: &str) -> HttpResponse {
    let Ok(Some(file)) = utoipa_swagger_ui::serve("index.html", Arc::clone(&CONFIG)) else {
        return ApiError::not_found().error_response();
    };
    let html = String::from_utf8_lossy(&file.bytes)
        .replace("<title>Swagger UI</title>", "<title>Guildhall API</title>")
        .replace("href=\"./", "href=\"")
        .replace("src=\"./", "src=\"")
        .replace("href=\"", &format!("href=\"{folder}"))
        .replace("src=\"", &format!("src=\"{folder}"));
    let name = format!("docs from {folder}");
    answer(request, dressed(), &name, "text/html; charset=utf-8", html.into())
}

async fn served(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    match utoipa_swagger_ui::serve(&name, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => {
            let bytes = Bytes::from(file.bytes.into_owned());
            answer(&request, dressed(), &format!("docs/{name}"), &file.content_type, bytes)
        }
        Ok(None) => ApiError::not_found().error_response(),
        Err(error) => ApiError::internal(error.to_string()).error_response(),
    }
}

fn dressed() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    answer
}

/// The document, or 304 without it for who has it already. `name` is one of ours, not the caller's.
fn answer(
    request: &HttpRequest,
    mut answer: HttpResponseBuilder,
    name: &str,
    kind: &str,
    bytes: Bytes,
) -> HttpResponse {
    let tag = tag(name, &bytes);
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    answer.insert_header((header::CACHE_CONTROL, REVALIDATE)).insert_header(header::ETag(tag));
    if is_known {
        answer.status(StatusCode::NOT_MODIFIED).finish()
    } else {
        answer.content_type(kind).body(bytes)
    }
}

/// Of the bytes, computed once. Weak, as the same document is sent with and without compression.
fn tag(name: &str, bytes: &[u8]) -> EntityTag {
    let mut tags = TAGS.lock().unwrap_or_else(PoisonError::into_inner);
    let compute = || {
        let hash = digest(&SHA256, bytes);
        EntityTag::new_weak(hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    };
    tags.entry(name.to_owned()).or_insert_with(compute).clone()
}
