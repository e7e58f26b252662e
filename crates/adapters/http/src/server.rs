//! The server: workers, connections and their time limits.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse, fn_service};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, HttpServer, web};

use crate::Api;
use crate::frame;
use crate::frame::fallback::fallback;
use crate::routes;

/// Longer than load balancers keep their connections (60 s), so that it is they who close.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a request's head may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a closing connection is waited for.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections per worker; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 10_000;

/// Serves on `listener` with `workers` threads until it is stopped through its handle; signals are
/// the caller's business. How many connections may wait to be accepted is the listener's.
///
/// # Errors
/// The listener cannot be used.
pub fn serve(api: web::Data<Api>, listener: TcpListener, workers: usize) -> io::Result<Server> {
    serve_with(api, listener, workers, |_| ())
}

/// The same; `more` mounts what only tests have.
pub(crate) fn serve_with(
    api: web::Data<Api>,
    listener: TcpListener,
    workers: usize,
    more: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    let grace = api.settings.shutdown_grace.as_secs();
    let server = HttpServer::new(move || app(api.clone(), more.clone()))
        .workers(workers)
        .max_connections(MAX_CONNECTIONS)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .shutdown_timeout(grace)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// The application; `more` mounts what only tests have.
pub(crate) fn app(
    api: web::Data<Api>,
    more: impl FnOnce(&mut web::ServiceConfig),
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(api.clone())
        .configure(routes::serve)
        .configure(more)
        .default_service(fn_service(fallback))
        .wrap(from_fn(move |request, next| frame::around(api.clone(), request, next)))
}
