//! A payer's bank takes a payment back: work stops, a debt comes to be and is paid, and what is won
//! comes back.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::authorisation::market::{Stage, bring};
use crate::harness::{Person, TestApp, TestSettings, eventually};

async fn deposit(person: &Person, amount: i64) -> String {
    let data = person.client.post("/api/v1/payments/deposits", &json!({"amount": amount})).await.data(201);
    data["deposit"]["id"].as_str().unwrap().to_owned()
}

async fn take_back(admin: &Person, deposit: &str) -> Value {
    let body = json!({"deposit_id": deposit, "reason": "Reported as fraudulent"});
    admin.client.post("/api/v1/admin/chargebacks", &body).await.data(201)["chargeback"].clone()
}

async fn balance(person: &Person) -> Value {
    person.client.get("/api/v1/balance").await.data(200)["balance"].clone()
}

async fn told(person: &Person, event: &str) {
    let path = "/api/v1/notifications?limit=100";
    eventually(&format!("they are told of {event}"), || async {
        let data = person.client.get(path).await.data(200);
        data["notifications"].as_array().unwrap().iter().any(|one| one["event"] == event)
    })
    .await;
}

fn paypal(amount: i64) -> Value {
    json!({"amount": amount, "method": "paypal", "account_details": {"email": "a@example.com"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_owed_paid_and_won() {
    let app = TestApp::start_with(TestSettings::default().with("DEBT_LIMIT", "30.00")).await;
    let (client, writer) =
        (app.register("client", "c1@example.com").await, app.register("writer", "w1@example.com").await);
    let admin = app.admin().await;
    let paid_in = deposit(&client, 100).await;
    // The wallet covers it, so that accepting the bid pays for it: 9.00 are in escrow.
    let deal = bring(Stage::Pending, &client, &writer).await;
    client.client.post("/api/v1/withdrawals", &paypal(50)).await.data(201);

    let chargeback = take_back(&admin, &paid_in).await;
    assert_eq!((&chargeback["amount"], &chargeback["state"]), (&json!(100.0), &json!("received")));
    assert_eq!(chargeback["refunded"], json!(9.0));
    assert_eq!(chargeback["taken"], json!({"available": 50.0, "debt": 30.0, "losses": 20.0}));
    let order = client.client.get(&format!("/api/v1/orders/{}", deal.order)).await.data(200);
    assert_eq!(order["order"]["status"], "cancelled", "its one milestone was refunded");
    told(&writer, "milestone.charged_back").await;
    told(&client, "chargeback.received").await;
    let again = json!({"deposit_id": paid_in, "reason": "x"});
    let error = admin.client.post("/api/v1/admin/chargebacks", &again).await.error(409, "CONFLICT");
    assert_eq!(error["details"], json!({"reason": "already_charged_back", "state": "received"}));
    app.assert_books_balance().await;

    assert_eq!(balance(&client).await["debt"], json!(30.0));
    deposit(&client, 10).await;
    let error = client.client.post("/api/v1/withdrawals", &paypal(1)).await.error(409, "CONFLICT");
    assert_eq!(error["details"], json!({"reason": "debt_outstanding", "state": "in_debt"}));
    // By what came in, not by the schedule: no minute passes here.
    eventually("the debt is paid", || async { balance(&client).await["debt"] == json!(20.0) }).await;
    told(&client, "debt.settled").await;

    let path =
        |verb: &str| format!("/api/v1/admin/chargebacks/{}/{verb}", chargeback["id"].as_str().unwrap());
    let won = admin.client.post_nothing(&path("win")).await.data(200)["chargeback"].clone();
    assert_eq!(won["state"], "won");
    admin.client.post_nothing(&path("lose")).await.error(409, "CONFLICT");
    let after = balance(&client).await;
    assert_eq!((&after["available"], &after["debt"]), (&json!(60.0), &json!(0.0)));
    told(&client, "chargeback.won").await;
    let listed = admin.client.get("/api/v1/admin/chargebacks?state=won").await.data(200);
    let shown = (&listed["chargebacks"][0]["id"], &listed["pagination"]["total"]);
    assert_eq!(shown, (&chargeback["id"], &json!(1)));
    app.assert_books_balance().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rests_with_a_provider_goes_back_first() {
    let settings = TestSettings::default()
        .with("CLEARANCE_DAYS", "2")
        .with("PROVIDER_FEE_BPS", "1000")
        .with("CLIENT_FEE_BPS", "300");
    let app = TestApp::start_with(settings).await;
    let (client, writer) =
        (app.register("client", "c1@example.com").await, app.register("writer", "w1@example.com").await);
    let admin = app.admin().await;
    deposit(&client, 100).await;
    let small = deposit(&client, 5).await;
    // 9.00 and 0.27 on it, of which 8.10 rest with the writer; twice.
    let older = bring(Stage::Completed, &client, &writer).await;
    app.clock.advance(TimeDelta::seconds(1));
    let newer = bring(Stage::Completed, &client, &writer).await;
    assert_eq!(balance(&client).await["available"], json!(86.46));
    let before = balance(&writer).await;
    assert_eq!((&before["available"], &before["clearing"]), (&json!(0.0), &json!(16.2)));

    let chargeback = take_back(&admin, &small).await;
    assert_eq!(chargeback["refunded"], json!(5.0));
    assert_eq!(chargeback["taken"], json!({"available": 5.0, "debt": 0.0, "losses": 0.0}));
    assert_eq!(balance(&client).await["available"], json!(86.46), "the wallet paid nothing");
    let after = balance(&writer).await;
    // 4.85 of the newer order, without the fee on it, which was never the writer's.
    assert_eq!((&after["available"], &after["clearing"]), (&json!(0.0), &json!(11.83)));
    let returned = async |order: &str| {
        let data = client.client.get(&format!("/api/v1/orders/{order}")).await.data(200);
        assert_eq!(data["order"]["status"], "completed", "the work was done");
        data["order"]["milestones"][0]["refunded_amount"].clone()
    };
    assert_eq!((returned(&newer.order).await, returned(&older.order).await), (json!(4.85), Value::Null));
    told(&writer, "payment.charged_back").await;
    told(&client, "payment.charged_back").await;
    let data = writer.client.get("/api/v1/notifications?type=payment&limit=100").await.data(200);
    let rows = data["notifications"].as_array().unwrap();
    let one = rows.iter().find(|one| one["event"] == "payment.charged_back").unwrap();
    assert_eq!(one["title"], "Payment Taken Back", "{one}");
    app.assert_books_balance().await;
    app.stop().await;
}
