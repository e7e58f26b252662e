//! What happens by itself to work that was handed in and to money that was earned, and what clients give
//! beyond the price.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, balance, command, conflict, deposit, named};
use crate::harness::{Person, TestApp, TestSettings, eventually};

/// A market in which clients have five days to answer, and earned money rests for two; a tenth is the
/// provider's fee.
async fn open() -> Market {
    let settings = TestSettings::default()
        .with("AUTO_RELEASE_DAYS", "5")
        .with("CLEARANCE_DAYS", "2")
        .with("PROVIDER_FEE_BPS", "1000");
    let app = TestApp::start_with(settings).await;
    // A schedule begins with the tick after the one at which it was first seen.
    let have_begun =
        "(SELECT count(*) = 2 FROM schedules WHERE name IN ('release_milestones', 'clear_payments'))";
    eventually("the schedules have begun", || app.holds(have_begun)).await;
    let client = app.register("client", "client@example.com").await;
    let writer = app.register("writer", "writer@example.com").await;
    Market { app, client, writer }
}

/// The events that somebody is told of.
async fn events(who: &Person) -> Vec<String> {
    let data = who.client.get("/api/v1/notifications?limit=100").await.data(200);
    let rows = data["notifications"].as_array().unwrap();
    rows.iter().map(|row| row["event"].as_str().unwrap().to_owned()).collect()
}

pub(super) async fn is_told(who: &Person, event: &str, times: usize) {
    let told = async || events(who).await.iter().filter(|known| *known == event).count() == times;
    eventually(&format!("{} is told of {event}", who.email), told).await;
}

fn step(order: &Value) -> Value {
    order["milestones"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_client_is_reminded_and_pays_and_the_money_rests() {
    let market = open().await;
    let order = market.active(json!({}), "100").await;
    market.submit(&order, 1).await;
    let (begun, clock) = (step(&market.order(&market.client, &order).await), &market.app.clock);
    assert_eq!(begun["auto_release_at"], market.at(5 * 24), "{begun}");

    clock.advance(TimeDelta::days(2));
    let client = market.app.log_in(&market.client.email).await;
    is_told(&client, "milestone.release_due", 1).await;
    clock.advance(TimeDelta::days(2));
    let client = market.app.log_in(&client.email).await;
    is_told(&client, "milestone.release_due", 2).await;
    let data = client.client.get("/api/v1/notifications?limit=1").await.data(200);
    assert_eq!(data["notifications"][0]["details"]["due_at"], begun["auto_release_at"]);

    clock.advance(TimeDelta::days(1));
    let client = market.app.log_in(&client.email).await;
    eventually("it is released", async || market.order(&client, &order).await["status"] == "completed").await;
    is_told(&client, "milestone.approved", 1).await;
    let released = step(&market.order(&client, &order).await);
    assert_eq!(released["clears_at"], market.at(2 * 24), "{released}");
    assert_eq!(released["cleared_at"], Value::Null);
    let writer = market.app.log_in(&market.writer.email).await;
    let wallet = balance(&writer).await;
    assert_eq!((&wallet["available"], &wallet["total_earned"]), (&json!(0.0), &json!(0.0)));
    assert_eq!((&wallet["pending"], &wallet["clearing"]), (&json!(90.0), &json!(90.0)));
    let paypal = json!({"amount": 1, "method": "paypal", "account_details": {"email": "w@example.com"}});
    assert_eq!(writer.client.post("/api/v1/withdrawals", &paypal).await.status, 422, "not yet");
    market.app.assert_books_balance().await;

    clock.advance(TimeDelta::days(2));
    let writer = market.app.log_in(&writer.email).await;
    is_told(&writer, "payment.cleared", 1).await;
    let wallet = balance(&writer).await;
    assert_eq!((&wallet["available"], &wallet["total_earned"]), (&json!(90.0), &json!(90.0)));
    assert_eq!((&wallet["pending"], &wallet["clearing"]), (&json!(0.0), &json!(0.0)));
    assert!(step(&market.order(&writer, &order).await)["cleared_at"].is_string());
    writer.client.post("/api/v1/withdrawals", &paypal).await.data(201);
    market.app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gives_more_than_the_price() {
    let market = open().await;
    let Market { app, client, writer } = &market;
    let order = market.active(json!({}), "100").await;
    let (path, bonus) =
        (format!("/api/v1/orders/{order}/bonus"), json!({"amount": 25, "message": "Thank you!"}));
    let short = client.client.post(&path, &bonus).await.error(402, "PAYMENT_REQUIRED");
    assert_eq!(short["details"], json!({"required": 25.0, "available": 0.0}));
    deposit(client, &json!(30)).await;
    let given = named(client, &path, &bonus, "thanks").await;
    let shown = given.data(200)["order"]["bonuses"].clone();
    assert_eq!((&shown[0]["amount"], &shown[0]["message"]), (&json!(25.0), &json!("Thank you!")));
    assert_eq!(named(client, &path, &bonus, "thanks").await.text, given.text, "once");
    assert_eq!(market.order(writer, &order).await["bonuses"], shown, "both see it");
    assert_eq!(balance(client).await["available"], json!(5.0));
    assert_eq!(balance(writer).await["available"], json!(22.5), "less a tenth, without rest");
    is_told(writer, "payment.bonus", 1).await;
    assert_eq!(client.client.post(&path, &json!({"amount": 0})).await.status, 400);

    let admin = app.admin().await;
    let block = format!("/api/v1/admin/users/{}/block", writer.id);
    admin.client.post(&block, &json!({"reason": "spam"})).await.data(200);
    let refused = client.client.post(&path, &json!({"amount": 1})).await;
    assert_eq!(conflict(&refused), ("provider_unavailable".into(), "active".into()));
    command(&admin, &format!("/api/v1/admin/users/{}/unblock", writer.id)).await.data(200);
    client.client.post(&path, &json!({"amount": 1})).await.data(200);
    app.assert_books_balance().await;
}
