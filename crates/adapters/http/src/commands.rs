//! Running a command to its end.
//!
//! A handler's future is dropped when its client hangs up or its worker stops. A command must not
//! be: it runs as a task of its own on the main runtime, and the handler merely waits for it.
//! Shutdown waits for all of them through the task tracker.
//!
//! A command that takes an `Idempotency-Key` stores its answer in the transaction of its effect, and
//! gives that very answer when it is asked again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};
use ports::idempotency::StoredAnswer;
use tracing::Instrument;
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};

use crate::Api;
use crate::error::ApiError;
use crate::extract::Version;

/// On answers that were given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Runs `command` on the main runtime and hands out what it answers.
///
/// # Errors
/// The command's own; `Internal` when it panicked or the runtime is going away.
pub async fn run<T, F>(api: &Api, command: F) -> Result<T, UseCaseError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, UseCaseError>> + Send + 'static,
{
    let task = api.tasks.spawn_on(command.in_current_span(), &api.runtime);
    match task.await {
        Ok(outcome) => outcome,
        Err(failure) => Err(UseCaseError::Internal(Box::new(failure))),
    }
}

/// Runs a command that its caller may have named, and answers as it says in `once`, or as it was
/// answered before.
///
/// # Errors
/// The command's own: 409 and 422 because of the name among them.
pub async fn run_once<T, F>(
    api: &Api,
    once: Once<T>,
    command: impl FnOnce(Once<T>) -> F,
) -> Result<HttpResponse, ApiError>
where
    T: Send + 'static,
    F: Future<Output = Result<Answered<T>, UseCaseError>> + Send + 'static,
{
    Ok(run_named(api, once, command).await?.0)
}

/// The same for a change of something that has versions: the answer names the new one. An answer
/// that was given before names none, as the thing may have changed since.
///
/// # Errors
/// As for [`run_once`].
pub async fn run_once_versioned<T, V, F>(
    api: &Api,
    once: Once<T>,
    version: fn(&T) -> V,
    command: impl FnOnce(Once<T>) -> F,
) -> Result<HttpResponse, ApiError>
where
    T: Send + 'static,
    V: Version,
    F: Future<Output = Result<Answered<T>, UseCaseError>> + Send + 'static,
{
    match run_named(api, once, command).await? {
        (answer, Some(output)) => versioned(answer, &version(&output)),
        (answer, None) => Ok(answer),
    }
}

/// The answer, and what it was made of if it was made now.
async fn run_named<T, F>(
    api: &Api,
    once: Once<T>,
    command: impl FnOnce(Once<T>) -> F,
) -> Result<(HttpResponse, Option<T>), ApiError>
where
    T: Send + 'static,
    F: Future<Output = Result<Answered<T>, UseCaseError>> + Send + 'static,
{
    let render = once.render;
    match run(api, command(once)).await? {
        Answered::Now(output) => Ok((answer(render(&output)?, false)?, Some(output))),
        Answered::Before(stored) => Ok((answer(stored, true)?, None)),
    }
}

/// As [`run_once`], for a command that finds out its own name because it is in what is still to come.
///
/// # Errors
/// The command's own.
pub async fn run_rendered<T, F>(
    api: &Api,
    render: fn(&T) -> Result<StoredAnswer, UseCaseError>,
    command: F,
) -> Result<HttpResponse, ApiError>
where
    T: Send + 'static,
    F: Future<Output = Result<Answered<T>, UseCaseError>> + Send + 'static,
{
    match run(api, command).await? {
        Answered::Now(output) => answer(render(&output)?, false),
        Answered::Before(stored) => answer(stored, true),
    }
}

/// As [`run_rendered`], for a change of something that has versions.
///
/// # Errors
/// The command's own.
pub async fn run_rendered_versioned<T, V, F>(
    api: &Api,
    render: fn(&T) -> Result<StoredAnswer, UseCaseError>,
    version: fn(&T) -> V,
    command: F,
) -> Result<HttpResponse, ApiError>
where
    T: Send + 'static,
    V: Version,
    F: Future<Output = Result<Answered<T>, UseCaseError>> + Send + 'static,
{
    match run(api, command).await? {
        Answered::Now(output) => versioned(answer(render(&output)?, false)?, &version(&output)),
        Answered::Before(stored) => answer(stored, true),
    }
}

fn versioned(mut answer: HttpResponse, version: &impl Version) -> Result<HttpResponse, ApiError> {
    let (name, value) = version.header()?;
    answer.headers_mut().insert(name, value);
    Ok(answer)
}

fn answer(answer: StoredAnswer, is_replay: bool) -> Result<HttpResponse, ApiError> {
    let StoredAnswer { status, body } = answer;
    let status = StatusCode::from_u16(status).map_err(ApiError::internal)?;
    let mut response = HttpResponse::build(status);
    response.content_type(ContentType::json());
    if is_replay {
        response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    }
    Ok(response.body(body))
}
