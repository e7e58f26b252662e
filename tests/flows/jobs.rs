//! Background work: it is done beside the requests, once however many servers run, and
//! administrators look after it.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;
use usecases::jobs::standing_schedules;

use crate::harness::{Answer, Person, TestApp, TestSettings, eventually};

const JOBS: &str = "/api/v1/admin/jobs";

async fn jobs(admin: &Person, query: &str) -> Vec<Value> {
    let data = admin.client.get(&format!("{JOBS}{query}")).await.data(200);
    data["jobs"].as_array().unwrap().clone()
}

async fn command(admin: &Person, id: &str, command: &str, key: Option<&str>) -> Answer {
    let mut request = admin.client.request(Method::POST, &format!("{JOBS}/{id}/{command}"));
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    admin.client.send(request).await
}

/// A job that cannot be read, so that it is dead as soon as a worker has tried it.
async fn add_hopeless(app: &TestApp, key: &str, run_at: &str) {
    app.sql(&format!(
        "SELECT graphile_worker.add_job('clean_up', '{{}}', job_key => '{key}', run_at => {run_at})"
    ))
    .await;
}

async fn until_dead(admin: &Person) -> Value {
    eventually("the job is dead", || async { jobs(admin, "?state=dead").await.len() == 1 }).await;
    jobs(admin, "?state=dead").await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_is_seen_retried_and_cancelled() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    add_hopeless(&app, "a", "now()").await;
    let dead = until_dead(&admin).await;
    assert_eq!(
        (&dead["kind"], &dead["key"], &dead["attempts"]),
        (&"clean_up".into(), &"a".into(), &1.into())
    );
    assert!(dead["last_error"].as_str().unwrap().contains("no usable field"), "{dead}");
    let id = dead["id"].as_str().unwrap();

    let retried = command(&admin, id, "retry", Some("once")).await;
    let job = retried.data(200)["job"].clone();
    assert_eq!((&job["state"], &job["attempts"]), (&"waiting".into(), &0.into()));
    until_dead(&admin).await;
    let again = command(&admin, id, "retry", Some("once")).await;
    assert_eq!((again.status, &again.text), (200, &retried.text), "nothing is done a second time");
    assert_eq!(jobs(&admin, "?state=dead").await.len(), 1);
    let other = command(&admin, id, "cancel", Some("once")).await;
    other.error(422, "UNPROCESSABLE_ENTITY");
    let conflict = command(&admin, id, "cancel", None).await.error(409, "CONFLICT");
    assert_eq!(conflict["details"]["state"], "dead", "{conflict}");

    add_hopeless(&app, "b", "now() + interval '1 year'").await;
    let waiting = jobs(&admin, "?state=waiting&kind=clean_up").await.remove(0);
    let id = waiting["id"].as_str().unwrap();
    command(&admin, id, "retry", None).await.error(409, "CONFLICT");
    let job = command(&admin, id, "cancel", None).await.data(200)["job"].clone();
    assert_eq!(
        (&job["state"], &job["last_error"]),
        (&"dead".into(), &"cancelled by an administrator".into())
    );
    assert_eq!(jobs(&admin, "?state=dead").await.len(), 2);
    app.stop().await;
}

/// The answers that were kept for requests with a key, which the clean-up removes after a day.
async fn add_old_answer(app: &TestApp) {
    app.sql(
        "INSERT INTO idempotency_keys
         SELECT id, 'old', sha256('x'), 200, '{}', '2001-01-01T00:00:00Z' FROM users LIMIT 1",
    )
    .await;
}

async fn old_answers_are_gone(app: &TestApp) -> bool {
    app.holds("NOT EXISTS (SELECT FROM idempotency_keys WHERE key = 'old')").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_by_a_schedule_is_done_once_however_many_servers_run() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    app.admin().await;
    let all = standing_schedules().len();
    let begun = format!("(SELECT count(*) FROM schedules) = {all}");
    eventually("every schedule has begun", || app.holds(&begun)).await;
    // Who takes a job and how often: the queue forgets what is done.
    app.sql(
        "CREATE TABLE seen (key text);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
             $$ BEGIN INSERT INTO public.seen VALUES (NEW.key); RETURN NEW; END $$;
         CREATE TRIGGER see AFTER INSERT ON graphile_worker._private_jobs
             FOR EACH ROW EXECUTE FUNCTION see()",
    )
    .await;
    add_old_answer(&app).await;
    // Everything was down for three days: the clean-up every hour is made up for once.
    app.clock.advance(TimeDelta::days(3));
    eventually("the clean-up is done", || old_answers_are_gone(&app)).await;
    let asked_for = format!("(SELECT count(DISTINCT key) FROM seen) >= {all}");
    eventually("everything due was asked for", || app.holds(&asked_for)).await;
    add_old_answer(&app).await;
    app.clock.advance(TimeDelta::hours(1));
    eventually("the next clean-up is done", || old_answers_are_gone(&app)).await;
    let hourly = "(SELECT count(*) FROM seen WHERE key LIKE 'clean_up_request_keys@%')";
    assert!(app.holds(&format!("{hourly} = 2")).await, "once for three days, once for the hour after");
    // The rankings' jobs have one key, whatever their tick.
    let once = "(SELECT count(*) = count(DISTINCT key) FROM seen WHERE key LIKE '%@%')";
    assert!(app.holds(once).await, "each tick once");
    replica.stop().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_can_leave_the_work_to_others() {
    let app = TestApp::start_with(TestSettings::default().without_worker()).await;
    let admin = app.admin().await;
    add_hopeless(&app, "a", "now()").await;
    let waiting = jobs(&admin, "").await;
    assert_eq!(waiting[0]["state"], "waiting");
    let worker = app.replica().await;
    until_dead(&admin).await;
    worker.stop().await;
    app.stop().await;
}
