//! What happens to every request before and after its handler, in this order:
//!
//! 1. it gets a name ([`request_id`]), and everything below is logged under it;
//! 2. HEAD is served as GET, the server leaves the body out; a path without version gets its version
//!    ([`unversioned`]);
//! 3. a preflight request from an allowed origin is answered ([`cors`]);
//! 4. it is counted ([`limits`], 429), must have come over HTTPS if that is forced (403), may not
//!    come before the database has been prepared, and must find a place ([`shedding`]; both 503), and
//!    its access token is read and checked (the outcome is kept for the handler that needs it).
//!    Health routes skip this step;
//! 5. it is routed to its handler, or to [`fallback`] (404, 405);
//! 6. a panic anywhere below becomes a 500;
//! 7. the answer is compressed and gets its headers, and is written down ([`record`]). A body in
//!    pieces that nobody has read is let go of only when the answer has been sent ([`unread`]).
//!
//! All of it is one function around the routing, so that every answer passes through step 7.

mod buckets;
pub(crate) mod client;
mod compression;
mod cors;
pub(crate) mod fallback;
mod headers;
pub mod limits;
mod record;
pub(crate) mod request_id;
pub(crate) mod route_table;
pub(crate) mod shedding;
mod unread;
pub(crate) mod unversioned;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use domain::ids::UserId;
use futures_util::FutureExt;
use tracing::Instrument;

use self::client::Client;
use self::limits::{LIMIT, Shown};
use self::record::{Record, UnderWay};
use self::route_table::Route;
use self::shedding::Place;
use self::unread::Held;
use crate::Api;
use crate::error::ApiError;
use crate::extract::{Authenticated, bearer_token};

/// What needs the database lies below here.
const API_PREFIX: &str = "/api/";

/// Runs the frame around one request.
pub(crate) async fn around<B: MessageBody + 'static>(
    api: web::Data<Api>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let visit = Visit::begin(&api, &mut request);
    let body = unread::hold(&mut request);
    // As an error, so that the name is on errors even where the log shows nothing else.
    let span = tracing::error_span!("request", request_id = %visit.id);
    async {
        let outcome = AssertUnwindSafe(answer(&api, &visit, request, next)).catch_unwind().await;
        visit.finish(&api, outcome, body)
    }
    .instrument(span)
    .await
}

async fn answer<B: MessageBody + 'static>(
    api: &Api,
    visit: &Visit,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    if visit.origin.is_some() && cors::is_preflight(&visit.method, request.headers()) {
        return Ok(request.into_response(cors::preflight()));
    }
    // The place is given back when the handler is done, not when it begins.
    let _place = if visit.is_health() {
        None
    } else {
        match admit(api, visit, &request).await {
            Ok(place) => Some(place),
            Err(error) => return Ok(request.into_response(error.error_response())),
        }
    };
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Step 4.
async fn admit(api: &Api, visit: &Visit, request: &ServiceRequest) -> Result<Place, ApiError> {
    let claims = bearer_token(request.headers()).and_then(|token| api.authenticate.read(token));
    let user = claims.as_ref().map(|claims| claims.user_id);
    let path = request.match_info().as_str();
    let standing = api.limits.check_request(user, visit.client.address, request.method(), path)?;
    visit.standing.tighten(standing);
    if api.settings.force_https && !visit.client.is_https {
        return Err(ApiError::forbidden("Use HTTPS: plain HTTP is refused here"));
    }
    if path.starts_with(API_PREFIX)
        && let Some(barrier) = api.readiness.barrier()
    {
        return Err(ApiError::not_ready(barrier));
    }
    let place = api.in_flight.enter().ok_or_else(ApiError::overloaded)?;
    if request.headers().contains_key(header::AUTHORIZATION) {
        let outcome = match &claims {
            Some(claims) => api.authenticate.execute(claims).await.map_err(ApiError::from),
            None => Err(ApiError::unauthorized(None, "The access token is not valid, or not any more")),
        };
        visit.user.set(outcome.as_ref().ok().map(|actor| actor.user_id));
        request.extensions_mut().insert(Authenticated(outcome));
    }
    Ok(place)
}

/// What is known of a request from its beginning to its end.
struct Visit {
    id: String,
    started: Duration,
    method: Method,
    /// As it was asked for, percent-encoded, without the query.
    path: String,
    /// The path with version, when the request had one without.
    successor: Option<String>,
    route: Option<&'static Route>,
    client: Client,
    origin: Option<HeaderValue>,
    wants_gzip: bool,
    standing: Shown,
    user: Cell<Option<UserId>>,
    _under_way: UnderWay,
}

impl Visit {
    fn begin(api: &Api, request: &mut ServiceRequest) -> Self {
        let started = api.clock.monotonic();
        let path = request.uri().path().to_owned();
        let method = request.method().clone();
        if method == Method::HEAD {
            request.head_mut().method = Method::GET;
        }
        let successor = unversioned::rewrite(request);
        let headers = request.headers();
        let client = Client::of(request.peer_addr(), headers, &api.settings.trusted_proxies);
        let standing = Shown::default();
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(standing.clone());
        Self {
            id: request_id::choose(headers, api.clock.as_ref(), api.ids.as_ref()),
            started,
            method,
            path,
            successor,
            route: route_table::find(request.match_info().as_str()),
            client,
            origin: cors::allowed_origin(headers, &api.settings.cors_origins),
            wants_gzip: compression::is_wanted(request),
            standing,
            user: Cell::new(None),
            _under_way: UnderWay::begin(),
        }
    }

    fn is_health(&self) -> bool {
        self.route.is_some_and(|route| route.is_health)
    }

    /// Steps 6 and 7.
    fn finish(
        &self,
        api: &Api,
        outcome: Result<Result<ServiceResponse, Error>, Box<dyn Any + Send>>,
        body: Option<Held>,
    ) -> Result<ServiceResponse, Error> {
        let (request, answer) = match outcome {
            Ok(Ok(answer)) => {
                let (request, answer) = answer.into_parts();
                (Some(request), answer)
            }
            Ok(Err(error)) => (None, from_error(&error)),
            Err(panic) => (None, ApiError::internal(panic_text(panic.as_ref())).error_response()),
        };
        let answer = compression::compress(answer, self.wants_gzip);
        let mut answer = unread::until_sent(answer, body);
        self.dress(api, &mut answer);
        self.record(api, answer.status());
        match request {
            Some(request) => Ok(ServiceResponse::new(request, answer)),
            // The request was lost on the way; the server takes an error's answer as it is.
            None => Err(Finished(RefCell::new(Some(answer))).into()),
        }
    }

    fn dress(&self, api: &Api, answer: &mut HttpResponse) {
        let headers = answer.headers_mut();
        headers.insert(request_id::HEADER, request_id::value(&self.id));
        // A refusal for a limit says itself which one it was.
        if let Some(standing) = self.standing.get().filter(|_| !headers.contains_key(LIMIT)) {
            for (name, value) in standing.headers() {
                headers.insert(name, value);
            }
        }
        if let Some(successor) = &self.successor {
            unversioned::mark(headers, successor);
        }
        let path = self.successor.as_deref().unwrap_or(&self.path);
        headers::dress(headers, path, api.settings.force_https);
        cors::dress(headers, self.origin.as_ref());
    }

    fn record(&self, api: &Api, status: StatusCode) {
        Record {
            method: &self.method,
            path: &self.path,
            route: self.route.map(|route| route.pattern.as_str()),
            status,
            took: api.clock.monotonic().saturating_sub(self.started),
            user: self.user.get(),
            is_routine: self.is_health(),
        }
        .write();
    }
}

fn from_error(error: &Error) -> HttpResponse {
    match error.as_error::<ApiError>() {
        Some(error) => error.error_response(),
        None => ApiError::internal(error.to_string()).error_response(),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.as_deref().unwrap_or("for no reason given"))
}

/// An answer that is ready to be sent, in the place of an error.
#[derive(Debug)]
struct Finished(RefCell<Option<HttpResponse<BoxBody>>>);

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("answered already")
    }
}

impl ResponseError for Finished {
    fn error_response(&self) -> HttpResponse {
        let answer = self.0.borrow_mut().take();
        answer.unwrap_or_else(|| ApiError::internal("an answer was taken twice").error_response())
    }
}
