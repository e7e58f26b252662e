//! What the platform keeps: cumulative, fixed on the contract, and rows of their own.

use serde_json::{Value, json};

use super::{Market, balance, command, deposit, id};
use crate::harness::{Person, TestApp, TestSettings};

async fn rows(who: &Person) -> Vec<(String, f64)> {
    let data = who.client.get("/api/v1/transactions").await.data(200);
    let rows = data["transactions"].as_array().unwrap();
    let row = |row: &Value| {
        let amount = row["amount"].as_f64().unwrap();
        let signed = if row["type"] == "credit" { amount } else { -amount };
        (row["description"].as_str().unwrap().to_owned(), signed)
    };
    rows.iter().map(row).collect()
}

fn expected(rows: &[(&str, f64)]) -> Vec<(String, f64)> {
    rows.iter().map(|(description, amount)| ((*description).to_owned(), *amount)).collect()
}

/// Ten per cent of the provider, three of the client on top; 100.01 in three parts costs the same as
/// in one: 10.00 and 3.00.
#[tokio::test(flavor = "multi_thread")]
async fn fees_are_rows_of_their_own_and_cost_the_same_in_any_parts() {
    let settings = TestSettings::default().with("PROVIDER_FEE_BPS", "1000").with("CLIENT_FEE_BPS", "300");
    let app = TestApp::start_with(settings).await;
    let client = app.register("client", "client@example.com").await;
    let writer = app.register("writer", "writer@example.com").await;
    let market = Market { app, client, writer };
    let Market { app, client, writer } = &market;
    let step = |amount: f64| json!({"title": "Part", "due_date": market.at(24), "amount": amount});
    let order = id(&market.post(json!({"milestones": [step(33.33), step(33.33), step(33.35)]})).await);
    let bid = id(&market.bid(writer, &order, json!(100.01)).await);
    let accepted = command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    assert_eq!(accepted["payment_required"]["amount"], json!(103.01), "price and fee");
    deposit(client, &json!(103.01)).await;
    command(client, &format!("/api/v1/orders/{order}/fund")).await.data(200);
    assert_eq!(balance(client).await["in_escrow"], json!(103.01));
    assert_eq!(balance(writer).await["pending"], json!(90.01), "net of the fee to come");
    for milestone in [3, 1, 2] {
        market.submit(&order, milestone).await;
        let path = format!("/api/v1/orders/{order}/milestones/{milestone}/approve");
        command(client, &path).await.data(200);
    }
    let (payment, fee) = (format!("Payment for Order #{order}"), format!("Platform fee for Order #{order}"));
    let earned = [
        (&*fee, -3.33),
        (&*payment, 33.33),
        (&*fee, -3.33),
        (&*payment, 33.33),
        (&*fee, -3.34),
        (&*payment, 33.35),
    ];
    assert_eq!(rows(writer).await, expected(&earned));
    let paid = [
        (&*format!("Service fee for Order #{order}"), -3.0),
        (&*format!("Escrow for Order #{order}"), -100.01),
        ("Deposit", 103.01),
    ];
    assert_eq!(rows(client).await, expected(&paid));
    let wallet = balance(writer).await;
    assert_eq!((&wallet["available"], &wallet["total_earned"]), (&json!(90.01), &json!(90.01)));
    assert_eq!((&wallet["pending"], &balance(client).await["in_escrow"]), (&json!(0.0), &json!(0.0)));
    app.assert_books_balance().await;
}
