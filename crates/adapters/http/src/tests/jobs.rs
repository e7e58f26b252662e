//! Background work: how it is shown, who may see it, and what is wrong with a request.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use domain::ids::JobId;
use domain::jobs::JobState;
use ports::jobs::{JobFilter, JobQueries, JobView};
use ports::list::{Slice, Window};
use ports::store::StoreError;
use serde_json::json;
use usecases::jobs::{CancelJob, ListJobs, RetryJob};

use super::support::{World, start};
use crate::jobs::JobUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> JobUseCases {
    JobUseCases {
        list: Arc::new(ListJobs { jobs: world.clone() }),
        retry: Arc::new(RetryJob { store: world.clone(), clock: world.clone() }),
        cancel: Arc::new(CancelJob { store: world.clone(), clock: world.clone() }),
    }
}

#[async_trait]
impl JobQueries for World {
    async fn jobs(&self, filter: JobFilter, window: Window) -> Result<Slice<JobView>, StoreError> {
        self.questions.lock().unwrap().push(format!("{filter:?} {window:?}"));
        let moment = |text: &str| text.parse().unwrap();
        let job = JobView {
            id: JobId::new(1042).unwrap(),
            kind: "clean_up".into(),
            key: None,
            state: JobState::Retrying,
            attempts: 3,
            max_attempts: 10,
            last_error: Some("the database took too long".into()),
            run_at: moment("2026-11-21T03:18:20.5Z"),
            created_at: moment("2026-11-21T03:17:00Z"),
        };
        Ok(Slice { rows: vec![job], total: 1, next: None })
    }
}

fn get(path: &str, token: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
}

#[actix_web::test]
async fn a_job_is_shown_in_full() {
    let app = start().await;
    let answer = app.send(get("/api/v1/admin/jobs", "admin:9")).await;
    assert_eq!(answer.status, 200);
    let expected = json!({
        "jobs": [{
            "id": "1042", "kind": "clean_up", "key": null, "state": "retrying", "attempts": 3,
            "max_attempts": 10, "last_error": "the database took too long",
            "run_at": "2026-11-21T03:18:20Z", "created_at": "2026-11-21T03:17:00Z"}],
        "pagination": {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": false,
            "has_prev": false, "next_cursor": null}
    });
    assert_eq!(answer.json()["data"], expected);
}

#[actix_web::test]
async fn filters_reach_the_question() {
    let app = start().await;
    let path = "/api/v1/admin/jobs?state=dead&kind=clean_up&limit=5&page=2";
    assert_eq!(app.send(get(path, "admin:9")).await.status, 200);
    let asked = app.world.questions.lock().unwrap().pop();
    let filter = "JobFilter { state: Some(Dead), kind: Some(CleanUp) } Page { offset: 5, limit: 5 }";
    assert_eq!(asked.as_deref(), Some(filter));
    for (query, field, message) in [
        ("state=failed", "state", "must be one of all, waiting, running, retrying, dead"),
        (
            "kind=x",
            "kind",
            "must be one of all, clean_up, clear_payments, expire_disputes, expire_orders, lapse_orders, \
             lapse_proposals, pay_withdrawals, refresh_leaderboard, release_milestones, settle_debts, \
             sweep_files, verify_books, wind_up_account",
        ),
        ("limit=101", "limit", "must be a whole number between 1 and 100"),
    ] {
        let path = format!("/api/v1/admin/jobs?{query}");
        let details = app.send(get(&path, "admin:9")).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], json!([{"field": field, "message": message}]), "{query}");
    }
}

#[actix_web::test]
async fn only_administrators_see_and_touch_jobs() {
    let app = start().await;
    for token in ["client:1", "writer:2", "freelancer:3", "professional:4"] {
        app.send(get("/api/v1/admin/jobs?state=nonsense", token)).await.expect_error(403, "FORBIDDEN");
        for command in ["retry", "cancel"] {
            let request = TestRequest::post()
                .uri(&format!("/api/v1/admin/jobs/malformed/{command}"))
                .insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
            app.send(request).await.expect_error(403, "FORBIDDEN");
        }
    }
    assert!(app.world.questions.lock().unwrap().is_empty());
}
