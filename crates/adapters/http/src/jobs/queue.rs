//! The queue: what is in it, and an administrator's two commands.

use actix_web::{HttpResponse, get, post, web};
use domain::ids::JobId;
use domain::jobs::JobState;
use ports::idempotency::StoredAnswer;
use ports::jobs::{JobFilter, JobKind, JobView};
use usecases::error::UseCaseError;

use super::JobAdmin;
use super::wire::{JobData, JobKindFilterWord, JobRow, JobStateFilterWord, JobsData};
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, ok, stored_ok};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    ALL, Filter, IdempotencyHeader, IdempotencyKey, JsonBody, ListParameters, ListQuery, NoFields, PathId,
    Query,
};

/// Which jobs are wanted.
#[derive(Debug)]
pub(super) struct WantedJobs(JobFilter);

impl Filter for WantedJobs {
    const LIST: &'static str = "jobs";

    fn read(query: &mut Query) -> Self {
        let state = query.one_of("state", JobState::ALL, JobState::as_str);
        let kind = query.one_of("kind", JobKind::ALL, JobKind::as_str);
        Self(JobFilter { state, kind })
    }

    fn canonical(&self) -> String {
        let JobFilter { state, kind } = self.0;
        format!("{}\n{}", state.map_or(ALL, JobState::as_str), kind.map_or(ALL, JobKind::as_str))
    }
}

/// See background work
///
/// For administrators. Everything that is not done: waiting, running, failed, dead. Newest first.
#[utoipa::path(
    tag = "admin",
    operation_id = "listJobs",
    security(("bearer" = [])),
    params(
        ("state" = inline(Option<JobStateFilterWord>), Query, nullable = false, example = "dead",
            description = "`all` (default), `waiting`, `running`, `retrying` or `dead`."),
        ("kind" = inline(Option<JobKindFilterWord>), Query, nullable = false, example = "clean_up",
            description = "`all` (default), or a kind of work."),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<JobsData>,
        example = json!({"status": "success", "data": {
            "jobs": [{
                "id": "1042", "kind": "clean_up", "key": "clean_up_logins@2026-11-21T03:17:00Z",
                "state": "dead", "attempts": 10, "max_attempts": 10,
                "last_error": "the database took too long: canceling statement due to statement timeout",
                "run_at": "2026-11-21T07:30:12Z", "created_at": "2026-11-21T03:17:00Z"}],
            "pagination": {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": false,
                "has_prev": false, "next_cursor": null}}})))
)]
#[get("/admin/jobs")]
pub(super) async fn list(
    caller: JobAdmin,
    api: web::Data<Api>,
    query: ListQuery<WantedJobs>,
) -> Result<HttpResponse, ApiError> {
    let WantedJobs(filter) = query.filter;
    let found = api.jobs.list.execute(&caller.actor, filter, query.window()).await?;
    let pagination = query.pagination(&found);
    Ok(ok(JobsData { jobs: found.rows.iter().map(JobRow::from).collect(), pagination }))
}

/// How every answer of a command here looks.
fn shown(job: &JobView) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(JobData::from(job))
}

/// Have a job tried again
///
/// For administrators. It is due at once and has all its attempts before it.
#[utoipa::path(
    tag = "admin",
    operation_id = "retryJob",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The job", example = "1042"), IdempotencyHeader),
    responses(
        (status = 200, description = "The job as it is now.", body = Envelope<JobData>,
        example = json!({"status": "success", "data": {"job": {
            "id": "1042", "kind": "clean_up", "key": "clean_up_logins@2026-11-21T03:17:00Z",
            "state": "waiting", "attempts": 0, "max_attempts": 10,
            "last_error": "the database took too long: canceling statement due to statement timeout",
            "run_at": "2026-11-21T09:00:00Z", "created_at": "2026-11-21T03:17:00Z"}}})),
        (status = 409, description = "The job has not failed.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "running"}}}))
    )
)]
#[post("/admin/jobs/{id}/retry")]
pub(super) async fn retry(
    caller: JobAdmin,
    api: web::Data<Api>,
    id: PathId<JobId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let retry = api.jobs.retry.clone();
    commands::run_once(&api, once, |once| async move { retry.execute(&caller.actor, id, &once).await }).await
}

/// Have a job tried no more
///
/// For administrators. It is dead, stays to be seen, and can still be retried.
#[utoipa::path(
    tag = "admin",
    operation_id = "cancelJob",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The job", example = "1042"), IdempotencyHeader),
    responses(
        (status = 200, description = "The job as it is now.", body = Envelope<JobData>,
        example = json!({"status": "success", "data": {"job": {
            "id": "1042", "kind": "clean_up", "key": "clean_up_logins@2026-11-21T03:17:00Z",
            "state": "dead", "attempts": 10, "max_attempts": 10,
            "last_error": "cancelled by an administrator",
            "run_at": "2026-11-21T09:00:00Z", "created_at": "2026-11-21T03:17:00Z"}}})),
        (status = 409, description = "The job is running, or dead already.", body = ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "this is not possible in the present state",
            "details": {"reason": "invalid_transition", "state": "running"}}}))
    )
)]
#[post("/admin/jobs/{id}/cancel")]
pub(super) async fn cancel(
    caller: JobAdmin,
    api: web::Data<Api>,
    id: PathId<JobId>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, shown);
    let id = id.get()?;
    let cancel = api.jobs.cancel.clone();
    commands::run_once(&api, once, |once| async move { cancel.execute(&caller.actor, id, &once).await }).await
}
