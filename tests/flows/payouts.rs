//! The ways out: two administrators for large ones, and a payment provider that pays.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Person, TestApp, TestSettings, eventually};

/// With the play provider, and two administrators above 100.00.
async fn start() -> (TestApp, [Person; 2]) {
    let settings =
        TestSettings::default().with("PAYOUT_PROVIDER", "sandbox").with("FOUR_EYES_LIMIT", "100.00");
    let app = TestApp::start_with(settings).await;
    app.register("client", "second@example.com").await;
    app.sql("UPDATE users SET role = 'admin' WHERE email = 'second@example.com'").await;
    let admins = [app.admin().await, app.log_in("second@example.com").await];
    (app, admins)
}

/// Asks for money; the holder's name says what becomes of it.
async fn withdraw(person: &Person, amount: f64, holder: &str) -> String {
    let details =
        json!({"account_number": "1234567890", "bank_name": "Example Bank", "account_holder": holder});
    let body = json!({"amount": amount, "method": "bank_transfer", "account_details": details});
    let data = person.client.post("/api/v1/withdrawals", &body).await.data(201);
    data["withdrawal"]["id"].as_str().unwrap().to_owned()
}

async fn approve(admin: &Person, id: &str) -> Value {
    let path = format!("/api/v1/admin/withdrawals/{id}/approve");
    admin.client.post_nothing(&path).await.data(200)["withdrawal"].clone()
}

async fn seen(admin: &Person, id: &str) -> Value {
    let path = format!("/api/v1/withdrawals/{id}");
    admin.client.get(&path).await.data(200)["withdrawal"].clone()
}

async fn until(admin: &Person, id: &str, state: &str) -> Value {
    eventually(&format!("{id} is {state}"), || async { seen(admin, id).await["state"] == state }).await;
    seen(admin, id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_provider_pays_what_was_approved() {
    let (app, [admin, second]) = start().await;
    let ada = app.register("writer", "ada@example.com").await;
    ada.client.post("/api/v1/payments/deposits", &json!({"amount": 1000})).await.data(201);

    let paid = withdraw(&ada, 100.0, "Ada Lovelace").await;
    approve(&admin, &paid).await;
    let view = until(&admin, &paid, "paid").await;
    assert_eq!((&view["status"], &view["approved_by"]), (&json!("completed"), &json!([admin.id])));
    assert!(view["sent_at"].is_string() && view["completed_at"].is_string(), "{view}");
    let own = seen(&ada, &paid).await;
    assert_eq!((own.get("approved_by"), own.get("user")), (None, None), "who runs the place is not told");

    // Above the limit it takes two.
    let large = withdraw(&ada, 100.01, "Ada Declined").await;
    assert_eq!(approve(&admin, &large).await["state"], "countersign");
    let path = format!("/api/v1/admin/withdrawals/{large}/approve");
    let error = admin.client.post_nothing(&path).await.error(409, "CONFLICT");
    let details = json!({"reason": "second_administrator_required", "state": "countersign"});
    assert_eq!(error["details"], details);
    let view = approve(&second, &large).await;
    assert_eq!(view["approved_by"], json!([admin.id, second.id]));
    let view = until(&admin, &large, "failed").await;
    assert_eq!((&view["status"], &view["completed_at"]), (&json!("failed"), &Value::Null));
    assert_eq!(view["failure_reason"], "The sandbox has declined this account");
    let balance = ada.client.get("/api/v1/balance").await.data(200)["balance"].clone();
    assert_eq!((&balance["available"], &balance["total_withdrawn"]), (&json!(900.0), &json!(100.0)));
    app.assert_books_balance().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_an_administrator_finds_out() {
    let (app, [admin, _]) = start().await;
    let ada = app.register("writer", "ada@example.com").await;
    ada.client.post("/api/v1/payments/deposits", &json!({"amount": 100})).await.data(201);
    let id = withdraw(&ada, 60.0, "Unreachable Holder").await;
    approve(&admin, &id).await;
    until(&admin, &id, "sent").await;
    let fail = format!("/api/v1/admin/withdrawals/{id}/mark-failed");
    let body = json!({"reason": "The bank knows nothing of it"});
    admin.client.post(&fail, &body).await.error(409, "CONFLICT");
    app.clock.advance(TimeDelta::hours(1));
    // Logins are not as long.
    let (admin, ada) = (app.admin().await, app.log_in("ada@example.com").await);
    assert_eq!(until(&admin, &id, "needs_review").await["status"], "pending");
    let view = admin.client.post(&fail, &body).await.data(200)["withdrawal"].clone();
    assert_eq!((&view["status"], &view["failure_reason"]), (&json!("failed"), &body["reason"]));
    admin.client.post(&fail, &body).await.error(409, "CONFLICT");
    let balance = ada.client.get("/api/v1/balance").await.data(200)["balance"].clone();
    assert_eq!(balance["available"], json!(100.0));
    app.assert_books_balance().await;
    app.stop().await;
}
