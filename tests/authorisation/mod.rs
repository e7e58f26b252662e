//! Every operation of the OpenAPI document: who gets which answer.
//!
//! An operation without a row here fails the test. Rows name the status for nobody (no token), for
//! each role on what is its own, and for an id that is unknown or malformed.

pub(crate) mod market;
mod messaging;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, PASSWORD, TestApp, eventually};

/// What an operation wants of its caller.
enum Access {
    /// Anybody; answered with this status when it is called as described.
    Public(u16),
    /// Anybody who is logged in, on their own things.
    LoggedIn(u16),
    /// Anybody who is logged in, on the person whose id is in the path.
    OfPerson(u16),
    /// Administrators, on the account whose id is in the path.
    Admin(u16),
    /// Everybody who has a wallet, on their own things: administrators have none.
    Wallet(u16),
    /// The owner of the withdrawal in the path; administrators get this.
    OwnWithdrawal {
        /// For the owner.
        owner: u16,
        /// For administrators.
        admin: u16,
    },
    /// The owner of the file in the path, and administrators.
    OwnFile,
    /// Administrators, on the withdrawal whose id is in the path.
    AdminOfWithdrawals(u16),
    /// Administrators, on the chargeback whose id is in the path.
    AdminOfChargebacks(u16),
    /// Whoever was told of something, on that notification: to everybody else there is no such.
    OwnNotification(u16),
    /// Administrators, on the books; the id in the path is an account's.
    AdminOfBooks(u16),
    /// Administrators, on the queue of jobs; with an id in the path, on a job that has failed.
    AdminOfJobs(u16),
}

struct Row {
    method: &'static str,
    path: &'static str,
    access: Access,
    body: Option<Value>,
}

fn row(method: &'static str, path: &'static str, access: Access, body: Option<Value>) -> Row {
    Row { method, path, access, body }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn table() -> Vec<Row> {
    use Access::{
        Admin, AdminOfBooks, AdminOfChargebacks, AdminOfJobs, AdminOfWithdrawals, LoggedIn, OfPerson,
        OwnFile, OwnNotification, OwnWithdrawal, Public, Wallet,
    };
    let wrong_login = json!({"email": "nobody@example.com", "password": PASSWORD});
    vec![
        row("get", "/", Public(200), None),
        row("get", "/health", Public(200), None),
        row("get", "/health/database", Public(200), None),
        row("get", "/health/detailed", Public(200), None),
        row("get", "/health/blueprints", Public(200), None),
        row("get", "/livez", Public(200), None),
        row("get", "/readyz", Public(200), None),
        row("get", "/metrics", Public(200), None),
        row("get", "/api/v1/health", Public(200), None),
        row("get", "/api/v1/status", Public(200), None),
        row("get", "/api/v1/meta/state-machines", Public(200), None),
        row("post", "/api/v1/auth/register", Public(400), Some(json!({}))),
        row("post", "/api/v1/auth/login", Public(401), Some(wrong_login)),
        row("post", "/api/v1/auth/refresh", Public(401), None),
        row("get", "/api/v1/auth/me", LoggedIn(200), None),
        row("get", "/api/v1/users/profile", LoggedIn(200), None),
        row("put", "/api/v1/users/profile", LoggedIn(200), Some(json!({"full_name": "Test Person"}))),
        row("patch", "/api/v1/users/profile", LoggedIn(200), Some(json!({"full_name": "Test Person"}))),
        row("get", "/api/v1/profile", LoggedIn(200), None),
        row("patch", "/api/v1/profile", LoggedIn(200), Some(json!({"bio": "Experienced writer"}))),
        row("get", "/api/v1/leaderboard", LoggedIn(200), None),
        row("get", "/api/v1/profiles/{user_id}", OfPerson(200), None),
        row(
            "post",
            "/api/v1/auth/change-password",
            LoggedIn(400),
            Some(json!({"old_password": "WrongPass123!", "new_password": "NewSecure456?"})),
        ),
        // Administrators may not close their account: tested with the account's story.
        row("post", "/api/v1/users/deactivate", LoggedIn(0), None),
        row("get", "/api/v1/balance", Wallet(200), None),
        row("post", "/api/v1/payments/deposits", Wallet(201), Some(json!({"amount": 10}))),
        row("get", "/api/v1/transactions", Wallet(200), None),
        row(
            "post",
            "/api/v1/withdrawals",
            Wallet(201),
            Some(json!({"amount": 1, "method": "paypal", "account_details": {"email": "a@example.com"}})),
        ),
        row("get", "/api/v1/withdrawals", Wallet(200), None),
        row("get", "/api/v1/withdrawals/{id}", OwnWithdrawal { owner: 200, admin: 200 }, None),
        row("get", "/api/v1/admin/withdrawals", AdminOfWithdrawals(200), None),
        row("post", "/api/v1/admin/withdrawals/{id}/approve", AdminOfWithdrawals(200), None),
        row("post", "/api/v1/admin/withdrawals/{id}/mark-paid", AdminOfWithdrawals(200), None),
        // Paid already, and never in doubt.
        row(
            "post",
            "/api/v1/admin/withdrawals/{id}/mark-failed",
            AdminOfWithdrawals(409),
            Some(json!({"reason": "no"})),
        ),
        row("get", "/api/v1/admin/chargebacks", AdminOfChargebacks(200), None),
        row(
            "post",
            "/api/v1/admin/chargebacks",
            AdminOfChargebacks(404),
            Some(json!({"deposit_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "reason": "stolen card"})),
        ),
        row("post", "/api/v1/admin/chargebacks/{id}/win", AdminOfChargebacks(200), None),
        row("post", "/api/v1/admin/chargebacks/{id}/lose", AdminOfChargebacks(409), None),
        // Without a form: what they answer to one is in the story of files.
        row("post", "/api/v1/files", LoggedIn(415), None),
        row("get", "/api/v1/files/{id}", OwnFile, None),
        row("get", "/api/v1/files/{id}/content", Public(404), None),
        row("put", "/api/v1/profile/avatar", LoggedIn(415), None),
        row("delete", "/api/v1/profile/avatar", LoggedIn(200), None),
        row("get", "/api/v1/avatars/{id}", Public(404), None),
        // Paid already: 409, after 404 for those whose it is not.
        row("post", "/api/v1/withdrawals/{id}/cancel", OwnWithdrawal { owner: 409, admin: 403 }, None),
        row(
            "post",
            "/api/v1/admin/withdrawals/{id}/reject",
            AdminOfWithdrawals(409),
            Some(json!({"reason": "no"})),
        ),
        row("get", "/api/v1/notifications", LoggedIn(200), None),
        row("patch", "/api/v1/notifications/{id}/read", OwnNotification(200), None),
        row("post", "/api/v1/notifications/mark-all-read", LoggedIn(200), None),
        row("get", "/api/v1/admin/jobs", AdminOfJobs(200), None),
        row("post", "/api/v1/admin/jobs/{id}/cancel", AdminOfJobs(200), None),
        // Dead by now; a worker takes it at once.
        row("post", "/api/v1/admin/jobs/{id}/retry", AdminOfJobs(200), None),
        row("get", "/api/v1/admin/ledger/trial-balance", AdminOfBooks(200), None),
        row("get", "/api/v1/admin/ledger/accounts/{id}/entries", AdminOfBooks(200), None),
        row("get", "/api/v1/admin/reconciliation", AdminOfBooks(200), None),
        // Nobody's payouts are stopped; what happens when they are is in the story of money.
        row("post", "/api/v1/admin/payout-holds/{user_id}/lift", Admin(404), Some(json!({"reason": "ok"}))),
        // After everything that the target itself does.
        row("post", "/api/v1/admin/users/{id}/block", Admin(200), Some(json!({"reason": "spam"}))),
        row("post", "/api/v1/admin/users/{id}/unblock", Admin(200), None),
        // Last, because it ends the callers' logins.
        row("post", "/api/v1/auth/logout", LoggedIn(200), None),
    ]
}

async fn call(client: &Client, row: &Row, id: &str) -> Answer {
    let method = Method::from_bytes(row.method.to_uppercase().as_bytes()).unwrap();
    let request = client.request(method, &row.path.replace("{id}", id).replace("{user_id}", id));
    let request = match &row.body {
        Some(body) => request.json(body),
        None => request,
    };
    client.send(request).await
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let document = serde_json::to_value(adapter_http::openapi()).unwrap();
    let operations: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(operations, rows());
}

/// The operations that have a row.
pub(crate) fn rows() -> BTreeSet<String> {
    let rows = table().iter().map(|row| format!("{} {}", row.method, row.path)).collect::<BTreeSet<_>>();
    let market = market::table().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let rows: BTreeSet<_> = rows.union(&market).cloned().collect();
    let chats = messaging::TABLE.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    rows.union(&chats).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_the_answer_of_the_table() {
    let app = TestApp::start().await;
    let target = app.register("writer", "target@example.com").await;
    let mut people = Vec::new();
    for role in ["client", "writer", "freelancer", "professional"] {
        people.push((role, app.register(role, &format!("{role}@example.com")).await));
    }
    people.push(("admin", app.admin().await));
    let job = failed_job(&app, people.last().map(|(_, admin)| &admin.client).unwrap()).await;
    let things = Things {
        account: target.id.clone(),
        withdrawal: withdrawal_of(&target.client).await,
        chargeback: chargeback_of(&target.client, people.last().map(|(_, admin)| &admin.client).unwrap())
            .await,
        file: file_of(&target.client).await,
        notification: notification_of(&target.client).await,
        job,
    };

    for row in table() {
        let name = format!("{} {}", row.method, row.path);
        let nobody = call(&app.client, &row, &target.id).await;
        match row.access {
            Access::Public(status) => assert_eq!(nobody.status, status, "{name}: {}", nobody.text),
            Access::LoggedIn(_)
            | Access::OfPerson(_)
            | Access::Admin(_)
            | Access::Wallet(_)
            | Access::OwnFile
            | Access::OwnWithdrawal { .. }
            | Access::AdminOfWithdrawals(_)
            | Access::AdminOfChargebacks(_)
            | Access::OwnNotification(_)
            | Access::AdminOfBooks(_)
            | Access::AdminOfJobs(_) => drop(nobody.error(401, "UNAUTHORIZED")),
        }
        if let Access::OwnFile = row.access {
            call(&target.client, &row, &things.file).await.data(200);
        }
        if let Access::OwnWithdrawal { owner, .. } = row.access {
            let answer = call(&target.client, &row, &things.withdrawal).await;
            assert_eq!(answer.status, owner, "owner: {name}: {}", answer.text);
        }
        if let Access::OwnNotification(status) = row.access {
            let answer = call(&target.client, &row, &things.notification).await;
            assert_eq!(answer.status, status, "owner: {name}: {}", answer.text);
        }
        for (role, person) in &people {
            check(&row, role, &person.client, &things).await;
        }
    }
}

/// What belongs to somebody else.
struct Things {
    account: String,
    withdrawal: String,
    chargeback: String,
    file: String,
    notification: String,
    /// The queue's: it has failed.
    job: String,
}

/// What no withdrawal is called.
const NO_WITHDRAWALS: [&str; 6] = ["WD-999999", "WD-1", "wd-001", "1", "malformed", "%00"];
/// What no notification and no file is called.
const NOTHING: [&str; 4] = ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "malformed", "1", "%00"];

/// One row for one person who owns none of these things.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of access")]
async fn check(row: &Row, role: &str, client: &Client, things: &Things) {
    let (target_id, withdrawal) = (things.account.as_str(), things.withdrawal.as_str());
    let (job, notification) = (things.job.as_str(), things.notification.as_str());
    let (name, is_admin) = (format!("{} {}", row.method, row.path), role == "admin");
    match row.access {
        Access::Wallet(_) if is_admin => drop(call(client, row, "").await.error(403, "FORBIDDEN")),
        Access::Wallet(status) => {
            let answer = call(client, row, "").await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
        }
        Access::OwnFile if is_admin => drop(call(client, row, &things.file).await.data(200)),
        Access::OwnFile => is_hidden(row, client, &things.file, &NOTHING).await,
        Access::OwnWithdrawal { admin, .. } if is_admin => {
            let answer = call(client, row, withdrawal).await;
            assert_eq!(answer.status, admin, "{role}: {name}: {}", answer.text);
        }
        Access::OwnWithdrawal { .. } => {
            is_hidden(row, client, withdrawal, &NO_WITHDRAWALS).await;
        }
        Access::OwnNotification(_) => {
            is_hidden(row, client, notification, &NOTHING).await;
        }
        Access::AdminOfWithdrawals(_) if !is_admin => {
            for id in [withdrawal, "malformed", "WD-999999"] {
                call(client, row, id).await.error(403, "FORBIDDEN");
            }
        }
        Access::AdminOfWithdrawals(status) => {
            let answer = call(client, row, withdrawal).await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
            for id in ["WD-999999", "WD-1", "malformed"] {
                if row.path.contains("{id}") {
                    call(client, row, id).await.error(404, "NOT_FOUND");
                }
            }
        }
        Access::AdminOfBooks(_) if !is_admin => {
            for id in ["platform:fees", "malformed"] {
                call(client, row, id).await.error(403, "FORBIDDEN");
            }
        }
        Access::AdminOfBooks(status) => {
            let answer = call(client, row, "platform:fees").await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
            for id in ["platform:none", "malformed", "user:1:available", "%00"] {
                if row.path.contains("{id}") {
                    call(client, row, id).await.error(404, "NOT_FOUND");
                }
            }
        }
        Access::AdminOfChargebacks(_) if !is_admin => {
            for id in [things.chargeback.as_str(), "malformed", NOTHING[0]] {
                call(client, row, id).await.error(403, "FORBIDDEN");
            }
        }
        Access::AdminOfChargebacks(status) => {
            let answer = call(client, row, &things.chargeback).await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
            for id in NOTHING {
                if row.path.contains("{id}") {
                    call(client, row, id).await.error(404, "NOT_FOUND");
                }
            }
        }
        Access::AdminOfJobs(_) if !is_admin => {
            for id in [job, "malformed", "999999"] {
                call(client, row, id).await.error(403, "FORBIDDEN");
            }
        }
        Access::AdminOfJobs(status) => {
            let answer = call(client, row, job).await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
            for id in ["999999", "0", "01", "malformed"] {
                if row.path.contains("{id}") {
                    call(client, row, id).await.error(404, "NOT_FOUND");
                }
            }
        }
        Access::Public(_) | Access::LoggedIn(0) => {}
        Access::LoggedIn(status) => {
            let answer = call(client, row, "").await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
        }
        Access::OfPerson(status) => check_of_person(row, role, client, target_id, status).await,
        Access::Admin(_) if !is_admin => {
            for id in [target_id, "malformed", "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"] {
                call(client, row, id).await.error(403, "FORBIDDEN");
            }
        }
        Access::Admin(status) => {
            let answer = call(client, row, target_id).await;
            assert_eq!(answer.status, status, "{role}: {name}: {}", answer.text);
            let unknown = call(client, row, "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11").await;
            for malformed in ["malformed", "1", "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e1", "%00", "'"] {
                let answer = call(client, row, malformed).await;
                answer.error(404, "NOT_FOUND");
                assert_eq!(answer.text, unknown.text, "404s are the same byte for byte");
            }
        }
    }
}

/// One row for one person, about another one.
async fn check_of_person(row: &Row, role: &str, client: &Client, id: &str, status: u16) {
    let answer = call(client, row, id).await;
    assert_eq!(answer.status, status, "{role}: {}: {}", row.path, answer.text);
    let unknown = call(client, row, "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11").await;
    unknown.error(404, "NOT_FOUND");
    for malformed in ["malformed", "1", "%00", "'"] {
        assert_eq!(call(client, row, malformed).await.text, unknown.text, "{role}: {malformed}");
    }
}

/// That somebody else's thing is answered as one that is not there, byte for byte.
async fn is_hidden(row: &Row, client: &Client, others: &str, none: &[&str]) {
    let hidden = call(client, row, others).await;
    hidden.error(404, "NOT_FOUND");
    for id in none {
        assert_eq!(call(client, row, id).await.text, hidden.text, "{} {} with {id}", row.method, row.path);
    }
}

/// A job that has failed and is not due for a long while.
pub(crate) async fn failed_job(app: &TestApp, admin: &Client) -> String {
    app.sql(
        "SELECT graphile_worker.add_job('clean_up', '{}', run_at => now() + interval '1 year', job_key => 'a');
         UPDATE graphile_worker._private_jobs SET attempts = 1 WHERE key = 'a'",
    )
    .await;
    let data = admin.get("/api/v1/admin/jobs?state=retrying").await.data(200);
    data["jobs"][0]["id"].as_str().unwrap().to_owned()
}

/// Something that somebody with a deposit has been told.
async fn notification_of(client: &Client) -> String {
    let found = async || client.get("/api/v1/notifications").await.data(200)["notifications"][0].clone();
    eventually("they are told of their deposit", async || found().await.is_object()).await;
    found().await["id"].as_str().unwrap().to_owned()
}

/// A payment of somebody's that was taken back while it was in their wallet.
async fn chargeback_of(client: &Client, admin: &Client) -> String {
    let deposit = client.post("/api/v1/payments/deposits", &json!({"amount": 10})).await.data(201);
    let body = json!({"deposit_id": deposit["deposit"]["id"], "reason": "stolen card"});
    let data = admin.post("/api/v1/admin/chargebacks", &body).await.data(201);
    data["chargeback"]["id"].as_str().unwrap().to_owned()
}

/// Puts money into somebody's wallet and asks for some of it.
async fn withdrawal_of(client: &Client) -> String {
    client.post("/api/v1/payments/deposits", &json!({"amount": 100})).await.data(201);
    let body = json!({"amount": 10, "method": "paypal", "account_details": {"email": "a@example.com"}});
    let data = client.post("/api/v1/withdrawals", &body).await.data(201);
    data["withdrawal"]["id"].as_str().unwrap().to_owned()
}

/// Uploads something.
async fn file_of(client: &Client) -> String {
    let body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n";
    let request = client.request(Method::POST, "/api/v1/files");
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body);
    client.send(request).await.data(201)["file"]["id"].as_str().unwrap().to_owned()
}

/// 401 before 403 before 400 before 404 (contract §1).
#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_checks() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let client = app.register("client", "client@example.com").await;
    let path = "/api/v1/admin/users/malformed/block";
    let bad = json!({"unknown": 1});
    app.client.post(path, &bad).await.error(401, "UNAUTHORIZED");
    client.client.post(path, &bad).await.error(403, "FORBIDDEN");
    admin.client.post(path, &bad).await.error(400, "VALIDATION_ERROR");
    admin.client.post(path, &json!({"reason": ""})).await.error(400, "VALIDATION_ERROR");
    admin.client.post(path, &json!({"reason": "spam"})).await.error(404, "NOT_FOUND");
}
