//! From an order to a payout, as the README tells it.

use serde_json::{Value, json};

use super::{Market, balance, command, conflict, deposit, id};
use crate::harness::Person;

fn milestone(order: &Value, number: usize) -> &Value {
    &order["milestones"][number - 1]
}

async fn transactions(who: &Person) -> Vec<(String, String, String, f64)> {
    let data = who.client.get("/api/v1/transactions?limit=100").await.data(200);
    let rows = data["transactions"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| {
            let amount = row["amount"].as_f64().unwrap();
            (text(row, "type"), text(row, "description"), text(row, "reference"), amount)
        })
        .collect()
}

fn line(kind: &str, description: &str, reference: &str, amount: f64) -> (String, String, String, f64) {
    (kind.to_owned(), description.to_owned(), reference.to_owned(), amount)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_order_to_a_payout() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;

    // A client posts an order in two steps, three parts to one.
    let order = market
        .post(json!({"milestones": [
            {"title": "Draft", "due_date": market.at(24), "amount": 150},
            {"title": "Final", "due_date": market.at(48), "amount": 50},
        ]}))
        .await;
    assert_eq!((&order["id"], &order["status"]), (&json!("ORD-001"), &json!("open")));
    assert_eq!(milestone(&order, 1)["state"], "unfunded");

    // A writer finds it and bids less.
    let data = writer.client.get("/api/v1/available-orders?search=market").await.data(200);
    assert_eq!(data["orders"][0]["id"], "ORD-001");
    let bid = market.bid(writer, "AO-001", json!(115.01)).await;
    assert_eq!((&bid["id"], &bid["order_id"]), (&json!("BID-001"), &json!("ORD-001")));
    let gone = writer.client.get("/api/v1/available-orders").await.data(200);
    assert_eq!(gone["summary"]["total_available"], 0, "what one has bid on is not offered again");

    // The client accepts; the wallet is empty, so that the order waits for money.
    let accepted = command(client, "/api/v1/bids/BID-001/accept").await.data(200);
    assert_eq!(accepted["bid"]["status"], "accepted");
    assert_eq!(accepted["order"]["status"], "pending");
    assert_eq!(accepted["order"]["accepted_bid"], json!(115.01), "the price is the bid's, not the budget");
    let required = json!({"amount": 115.01, "available": 0.0, "currency": "USD"});
    assert_eq!(accepted["payment_required"], required);
    assert_eq!(milestone(&accepted["order"], 1)["amount"], json!(86.25));
    assert_eq!(milestone(&accepted["order"], 2)["amount"], json!(28.76), "the residue goes to the last");

    // Funding needs money.
    let error = command(client, "/api/v1/orders/ORD-001/fund").await.error(402, "PAYMENT_REQUIRED");
    assert_eq!(error["details"], json!({"required": 115.01, "available": 0.0}));
    deposit(client, &json!(200)).await;
    let funded = command(client, "/api/v1/orders/ORD-001/fund").await.data(200);
    assert_eq!(funded["order"]["status"], "active");
    assert!(funded["order"]["started_at"].is_string());
    let paid = balance(client).await;
    assert_eq!((&paid["available"], &paid["in_escrow"]), (&json!(84.99), &json!(115.01)));
    assert_eq!(balance(writer).await["pending"], json!(115.01));
    assert_eq!(conflict(&command(client, "/api/v1/orders/ORD-001/fund").await).1, "active");

    // The writer works; only they can hand in, and only the client can approve.
    let path = "/api/v1/orders/ORD-001";
    let body = json!({"progress": 65, "milestone_id": 1, "status": "in-progress"});
    let seen = writer.client.patch(path, &body).await.data(200)["order"].clone();
    assert_eq!((&seen["progress"], &milestone(&seen, 1)["state"]), (&json!(65), &json!("in_progress")));
    assert_eq!(seen["client"]["email"], "client@example.com", "whoever holds the order may write");
    let approve = |number: i64| format!("{path}/milestones/{number}/approve");
    assert_eq!(
        conflict(&command(client, &approve(1)).await),
        ("invalid_transition".into(), "in_progress".into())
    );
    command(writer, &approve(1)).await.error(403, "FORBIDDEN");
    market.submit("ORD-001", 1).await;
    let changes = format!("{path}/milestones/1/request-changes");
    let wanted = json!({"message": "More figures, please"});
    let back = client.client.post(&changes, &wanted).await.data(200)["order"].clone();
    assert_eq!(milestone(&back, 1)["state"], "changes_requested");
    assert_eq!(milestone(&back, 1)["changes_message"], "More figures, please");
    assert_eq!(milestone(&back, 1)["auto_release_at"], Value::Null, "the clock has stopped");
    market.submit("ORD-001", 1).await;
    market.submit("ORD-001", 2).await;

    settle(&market).await;
    // Each side says what the other was like.
    let path = "/api/v1/orders/ORD-001/review";
    let said = client.client.post(path, &json!({"rating": 5, "comment": "Well done"})).await.data(201);
    assert_eq!(said["review"]["subject_id"], writer.id.as_str());
    let again = client.client.post(path, &json!({"rating": 1})).await;
    assert_eq!(conflict(&again).0, "already_reviewed");
    writer.client.post(path, &json!({"rating": 4})).await.data(201);
    let rated = market.order(client, "ORD-001").await;
    assert_eq!((&rated["provider"]["rating"], &rated["client"]["rating"]), (&json!(5.0), &json!(4.0)));
    let me = writer.client.get("/api/v1/auth/me").await.data(200)["user"].clone();
    assert_eq!((&me["total_orders"], &me["completed_orders"]), (&json!(1), &json!(1)));
    assert_eq!(me["success_rate"], json!(100.0));
    app.assert_books_balance().await;
}

/// Both milestones are approved, and the money is withdrawn.
async fn settle(market: &Market) {
    let Market { app, client, writer } = market;
    let admin = app.admin().await;
    let approve = |number: i64| format!("/api/v1/orders/ORD-001/milestones/{number}/approve");
    // The second one first: any order will do.
    let half = command(client, &approve(2)).await.data(200)["order"].clone();
    assert_eq!((&half["status"], &milestone(&half, 2)["status"]), (&json!("active"), &json!("completed")));
    let earned = balance(writer).await;
    assert_eq!((&earned["available"], &earned["pending"]), (&json!(28.76), &json!(86.25)));
    let done = command(client, &approve(1)).await.data(200)["order"].clone();
    assert_eq!((&done["status"], &done["progress"]), (&json!("completed"), &json!(100)));
    assert!(done["completed_at"].is_string());
    assert_eq!(conflict(&command(client, &approve(1)).await).1, "completed", "nothing is paid twice");

    // The money is there, to the cent, and is withdrawn.
    let earned = balance(writer).await;
    assert_eq!(
        (&earned["available"], &earned["pending"], &earned["total_earned"]),
        (&json!(115.01), &json!(0.0), &json!(115.01))
    );
    assert_eq!(balance(client).await["in_escrow"], json!(0.0));
    let request = json!({"amount": 100, "method": "bank_transfer", "account_details": {
        "account_number": "1234567890", "bank_name": "Example Bank", "account_holder": "Willem Writer"}});
    writer.client.post("/api/v1/withdrawals", &request).await.data(201);
    command(&admin, "/api/v1/admin/withdrawals/WD-001/approve").await.data(200);
    command(&admin, "/api/v1/admin/withdrawals/WD-001/mark-paid").await.data(200);
    assert_eq!(
        transactions(writer).await,
        [
            line("debit", "Withdrawal to Bank Account", "WD-001", 100.0),
            line("credit", "Payment for Order #ORD-001", "ORD-001", 86.25),
            line("credit", "Payment for Order #ORD-001", "ORD-001", 28.76),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_award_that_the_wallet_covers_starts_at_once() {
    let market = Market::open().await;
    let order = market.active(json!({}), "115.00").await;
    let seen = market.order(&market.writer, &order).await;
    assert_eq!(seen["status"], "active");
    assert_eq!(seen["milestones"].as_array().unwrap().len(), 1);
    assert_eq!(milestone(&seen, 1)["title"], "Final Submission");
    assert_eq!(milestone(&seen, 1)["due_date"], seen["deadline"]);
    assert_eq!(milestone(&seen, 1)["amount"], json!(115.0));
    let spent = balance(&market.client).await;
    assert_eq!((&spent["available"], &spent["in_escrow"]), (&json!(0.0), &json!(115.0)));
    let data = market.client.client.get("/api/v1/orders").await.data(200);
    assert_eq!(data["summary"]["active"], 1);
    assert_eq!(data["orders"][0]["provider"]["id"], market.writer.id.as_str());
    market.app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_order_can_be_left_or_called_off_and_costs_nothing() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    let other = app.register("freelancer", "other@example.com").await;

    // Left by the provider: open again, the others stay declined, and may bid anew.
    let order = id(&market.post(json!({})).await);
    let lost = id(&market.bid(&other, &order, json!(90)).await);
    let won = id(&market.bid(writer, &order, json!(100)).await);
    command(client, &format!("/api/v1/bids/{won}/accept")).await.data(200);
    other.client.get(&format!("/api/v1/orders/{order}")).await.error(404, "NOT_FOUND");
    let left = command(writer, &format!("/api/v1/bids/{won}/withdraw")).await.data(200);
    assert_eq!(left["bid"]["status"], "withdrawn");
    let again = market.order(client, &order).await;
    assert_eq!((&again["status"], &again["provider"]), (&json!("open"), &Value::Null));
    assert_eq!(again["accepted_bid"], Value::Null);
    let seen = other.client.get(&format!("/api/v1/bids/{lost}")).await.data(200);
    assert_eq!(seen["bid"]["status"], "declined");
    let anew = id(&market.bid(&other, &order, json!(95)).await);

    // Awarded again and called off by the client: nothing was paid, nothing is kept.
    command(client, &format!("/api/v1/bids/{anew}/accept")).await.data(200);
    let cancelled = command(client, &format!("/api/v1/orders/{order}/cancel")).await.data(200);
    assert_eq!(cancelled["order"]["status"], "cancelled");
    let closed = other.client.get(&format!("/api/v1/bids/{anew}")).await.data(200);
    assert_eq!(closed["bid"]["status"], "declined");
    deposit(client, &json!(500)).await;
    let refused = command(client, &format!("/api/v1/orders/{order}/fund")).await;
    assert_eq!(conflict(&refused).1, "cancelled");
    assert_eq!(balance(client).await["available"], json!(500.0));

    // What is paid for cannot be called off by one side.
    let active = market.active(json!({}), "10").await;
    let refused = command(client, &format!("/api/v1/orders/{active}/cancel")).await;
    assert_eq!(conflict(&refused).1, "active");
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_closes_an_account_while_a_contract_runs() {
    let market = Market::open().await;
    let order = market.active(json!({}), "10").await;
    for person in [&market.client, &market.writer] {
        let error = command(person, "/api/v1/users/deactivate").await.error(409, "CONFLICT");
        assert_eq!(error["details"]["reason"], "contracts_running");
    }
    market.submit(&order, 1).await;
    command(&market.client, &format!("/api/v1/orders/{order}/milestones/1/approve")).await.data(200);
    command(&market.client, "/api/v1/users/deactivate").await.data(200);
    let error = command(&market.writer, "/api/v1/users/deactivate").await.error(409, "CONFLICT");
    assert_eq!(error["details"]["reason"], "money_left");
}
