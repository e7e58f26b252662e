//! What everybody is told of an order, from its posting to the payout.

use serde_json::{Value, json};

use super::{Market, command, deposit, id};
use crate::harness::{Person, eventually};

async fn list(who: &Person) -> Value {
    who.client.get("/api/v1/notifications?limit=100").await.data(200)
}

/// What somebody has been told, the oldest first: type, event, title and message.
async fn told(who: &Person, count: usize) -> Vec<[String; 4]> {
    let unread = async || list(who).await["unread_count"] == count;
    eventually(&format!("{} is told {count} things", who.email), unread).await;
    let data = list(who).await;
    let rows = data["notifications"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().rev().map(|row| ["type", "event", "title", "message"].map(|key| text(row, key))).collect()
}

fn expected(lines: &[[&str; 4]]) -> Vec<[String; 4]> {
    lines.iter().map(|line| line.map(|text| text.replace("{}", "'Marketing Research Paper'"))).collect()
}

/// The writer is invited, another bids as well, they haggle, the order changes, and one of them wins.
async fn agree(market: &Market, other: &Person) {
    let Market { client, writer, .. } = market;
    market.post(json!({"invited_writers": [writer.id]})).await;
    let first = id(&market.bid(writer, "ORD-001", json!(120)).await);
    market.bid(other, "ORD-001", json!(130)).await;
    let terms = json!({"bid_amount": 115});
    client.client.post(&format!("/api/v1/bids/{first}/counter"), &terms).await.data(200);
    command(writer, &format!("/api/v1/bids/{first}/accept-counter")).await.data(200);
    client.client.patch("/api/v1/orders/ORD-001", &json!({"budget": 210})).await.data(200);
    command(writer, &format!("/api/v1/bids/{first}/confirm")).await.data(200);
    command(client, &format!("/api/v1/bids/{first}/accept")).await.data(200);
}

/// It is paid for, handed in twice, approved, reviewed, and the money withdrawn.
async fn carry_out(market: &Market) {
    let Market { app, client, writer } = market;
    deposit(client, &json!(200)).await;
    command(client, "/api/v1/orders/ORD-001/fund").await.data(200);
    market.submit("ORD-001", 1).await;
    let path = "/api/v1/orders/ORD-001/milestones/1";
    let wanted = json!({"message": "More figures, please"});
    client.client.post(&format!("{path}/request-changes"), &wanted).await.data(200);
    market.submit("ORD-001", 1).await;
    command(client, &format!("{path}/approve")).await.data(200);
    let review = "/api/v1/orders/ORD-001/review";
    client.client.post(review, &json!({"rating": 5})).await.data(201);
    writer.client.post(review, &json!({"rating": 4})).await.data(201);
    let request = json!({"amount": 100, "method": "paypal", "account_details": {"email": "w@example.com"}});
    writer.client.post("/api/v1/withdrawals", &request).await.data(201);
    let admin = app.admin().await;
    command(&admin, "/api/v1/admin/withdrawals/WD-001/approve").await.data(200);
    command(&admin, "/api/v1/admin/withdrawals/WD-001/mark-paid").await.data(200);
}

fn what_the_client_is_told() -> Vec<[String; 4]> {
    let submitted = [
        "order",
        "milestone.submitted",
        "Work Submitted",
        "Milestone 1 of {} has been submitted for your approval",
    ];
    let placed = ["bid", "bid.placed", "New Bid", "You have received a new bid on {}"];
    expected(&[
        placed,
        placed,
        [
            "bid",
            "bid.counter_accepted",
            "Counter-Offer Accepted",
            "Your counter-offer for {} has been accepted!",
        ],
        ["bid", "bid.confirmed", "Bid Confirmed", "A bid on {} has been confirmed"],
        [
            "payment",
            "deposit.completed",
            "Deposit Completed",
            "Deposit of $200.00 has been credited to your account",
        ],
        submitted,
        submitted,
        ["review", "order.reviewed", "New Review", "You have received a 4-star review for {}"],
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_of_what_the_others_do_once() {
    let market = Market::open().await;
    let other = market.app.register("freelancer", "other@example.com").await;
    agree(&market, &other).await;
    carry_out(&market).await;
    let writers = expected(&[
        ["order", "order.invited", "Order Invitation", "You have been invited to bid on {}"],
        [
            "bid",
            "bid.countered",
            "Counter-Offer Received",
            "You have received a counter-offer for your bid on {}",
        ],
        ["bid", "bid.outdated", "Order Changed", "{} has changed; please confirm or update your bid"],
        ["bid", "bid.accepted", "Bid Accepted", "Your bid for {} has been accepted!"],
        ["order", "order.started", "Order Started", "{} has been paid for, and the work can begin"],
        [
            "order",
            "milestone.changes_requested",
            "Changes Requested",
            "Changes have been requested on milestone 1 of {}",
        ],
        [
            "payment",
            "payment.received",
            "Payment Received",
            "Payment of $115.00 has been credited to your account",
        ],
        ["order", "order.completed", "Order Completed", "{} has been completed!"],
        ["review", "order.reviewed", "New Review", "You have received a 5-star review for {}"],
        ["payment", "withdrawal.paid", "Withdrawal Completed", "Withdrawal of $100.00 has been paid out"],
    ]);
    assert_eq!(told(&market.writer, writers.len()).await, writers);
    let clients = what_the_client_is_told();
    assert_eq!(told(&market.client, clients.len()).await, clients);
    let others = expected(&[
        ["bid", "bid.outdated", "Order Changed", "{} has changed; please confirm or update your bid"],
        [
            "bid",
            "bid.declined",
            "Bid Declined",
            "Your bid for {} has been declined because another bid was accepted",
        ],
    ]);
    assert_eq!(told(&other, others.len()).await, others);
    let admin = market.app.admin().await;
    assert_eq!(list(&admin).await["notifications"], json!([]));
}

/// `writer-platform-api.md`, section 5: every key and every type.
#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_source_are_kept() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = market.active(json!({}), "115.00").await;
    market.submit(&order, 1).await;
    command(client, &format!("/api/v1/orders/{order}/milestones/1/approve")).await.data(200);
    told(writer, 4).await;
    let data = list(writer).await;
    let find = |event: &str| {
        let rows = data["notifications"].as_array().unwrap();
        rows.iter().find(|row| row["event"] == event).unwrap().clone()
    };
    let (bid, payment) = (find("bid.accepted"), find("payment.received"));
    let expected = json!({
        "id": bid["id"], "type": "bid", "event": "bid.accepted", "title": "Bid Accepted",
        "message": "Your bid for 'Marketing Research Paper' has been accepted!", "is_read": false,
        "created_at": market.at(0),
        "details": {"order_id": "ORD-001", "bid_id": "BID-001", "order_title": "Marketing Research Paper"}
    });
    assert_eq!(bid, expected);
    let expected = json!({
        "id": payment["id"], "type": "payment", "event": "payment.received", "title": "Payment Received",
        "message": "Payment of $115.00 has been credited to your account", "is_read": false,
        "created_at": market.at(0), "details": {"amount": 115.0, "order_id": "ORD-001"}
    });
    assert_eq!(payment, expected);
    for one in [&bid, &payment] {
        uuid::Uuid::parse_str(one["id"].as_str().unwrap()).unwrap();
    }
    assert_eq!(data["unread_count"], 4);
    assert_eq!(
        data["pagination"],
        json!({"page": 1, "limit": 100, "total": 4, "pages": 1, "has_next": false, "has_prev": false,
            "next_cursor": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_order_tells_each_of_those_concerned_once() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    let other = app.register("freelancer", "other@example.com").await;
    // Awarded and called off: the holder hears of the order, not of the bid as well.
    market.post(json!({})).await;
    let won = id(&market.bid(writer, "ORD-001", json!(100)).await);
    command(client, &format!("/api/v1/bids/{won}/accept")).await.data(200);
    command(client, "/api/v1/orders/ORD-001/cancel").await.data(200);
    let cancelled = ["order", "order.cancelled", "Order Cancelled", "{} has been cancelled by the client"];
    let accepted = ["bid", "bid.accepted", "Bid Accepted", "Your bid for {} has been accepted!"];
    assert_eq!(told(writer, 2).await, expected(&[accepted, cancelled]));
    // Left by the provider: the client hears of the bid, not of the order as well.
    market.post(json!({})).await;
    let left = id(&market.bid(&other, "ORD-002", json!(100)).await);
    command(client, &format!("/api/v1/bids/{left}/accept")).await.data(200);
    command(&other, &format!("/api/v1/bids/{left}/withdraw")).await.data(200);
    let placed = ["bid", "bid.placed", "New Bid", "You have received a new bid on {}"];
    let withdrawn = ["bid", "bid.withdrawn", "Bid Withdrawn", "A bid on {} has been withdrawn"];
    assert_eq!(told(client, 3).await, expected(&[placed, placed, withdrawn]));
    assert_eq!(told(&other, 1).await, expected(&[accepted]));
}
