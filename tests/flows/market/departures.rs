//! What becomes of the business of somebody whose account is blocked or closed.

use serde_json::{Value, json};

use super::{Market, command, conflict, deposit, id};
use crate::harness::{Person, TestApp, eventually};

/// The titles and messages of what somebody was told under this word.
async fn told(who: &Person, event: &str) -> Vec<(String, String)> {
    let data = who.client.get("/api/v1/notifications?limit=100").await.data(200);
    let rows = data["notifications"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let of_event = rows.iter().filter(|row| row["event"] == event);
    of_event.map(|row| (text(row, "title"), text(row, "message"))).collect()
}

async fn block(app: &TestApp, person: &Person) {
    let path = format!("/api/v1/admin/users/{}/block", person.id);
    app.admin().await.client.post(&path, &json!({"reason": "fraud"})).await.data(200);
}

async fn unblock(app: &TestApp, person: &Person) {
    command(&app.admin().await, &format!("/api/v1/admin/users/{}/unblock", person.id)).await.data(200);
}

/// That every job is done, and how often a fact was written.
async fn assert_done(app: &TestApp, counts: &[(&str, u32)]) {
    let empty = "NOT EXISTS (SELECT FROM outbox WHERE dispatched_at IS NULL)
                 AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs)";
    eventually("the queue is empty", || app.holds(empty)).await;
    for (name, count) in counts {
        let condition = format!("(SELECT count(*) FROM outbox WHERE name = '{name}') = {count}");
        assert!(app.holds(&condition).await, "{name}: {count} times, although there are two servers");
    }
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_orders_of_a_blocked_client_end_and_paid_work_goes_on() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    let replica = app.replica().await;
    let paid = market.active(json!({"title": "Paid"}), "30").await;
    let open = id(&market.post(json!({"title": "Open"})).await);
    market.bid(writer, &open, json!(100)).await;
    let pending = id(&market.post(json!({"title": "Pending"})).await);
    let won = id(&market.bid(writer, &pending, json!(90)).await);
    command(client, &format!("/api/v1/bids/{won}/accept")).await.data(200);

    block(app, client).await;
    let declined = async || {
        let data = writer.client.get("/api/v1/bids?status=declined").await.data(200);
        data["pagination"]["total"] == 2
    };
    eventually("both bids have come to their end", declined).await;
    let available = writer.client.get("/api/v1/available-orders").await.data(200);
    assert_eq!(available["orders"], json!([]), "nothing of theirs is offered any more");
    assert_eq!(market.order(writer, &paid).await["status"], "active", "that one is paid for");
    let told_once = async || told(writer, "order.cancelled").await.len() == 2;
    eventually("the bidder is told", told_once).await;
    let of = |title: &str, why: &str| {
        ("Order Cancelled".to_owned(), format!("'{title}' has been cancelled because {why}"))
    };
    let gone = "its client is not available any more";
    let mut messages = told(writer, "order.cancelled").await;
    messages.sort();
    assert_eq!(messages, [of("Open", gone), of("Pending", gone)]);
    assert_done(app, &[("order.cancelled", 2), ("bid.declined", 2), ("contract.ended", 1)]).await;

    // Whoever is let in again is told why, and what has ended stays so.
    unblock(app, client).await;
    let client = app.log_in(&client.email).await;
    let why = "your account was closed or blocked";
    let mut messages = told(&client, "order.cancelled").await;
    messages.sort();
    assert_eq!(messages, [of("Open", why), of("Pending", why)]);
    let late = command(&client, &format!("/api/v1/orders/{pending}/fund")).await;
    assert_eq!(conflict(&late), ("invalid_transition".into(), "cancelled".into()));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bids_of_somebody_who_is_gone_are_taken_back() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    let replica = app.replica().await;
    let other = app.register("writer", "other@example.com").await;
    let open = id(&market.post(json!({"title": "Open"})).await);
    market.bid(writer, &open, json!(100)).await;
    market.bid(&other, &open, json!(110)).await;
    let pending = id(&market.post(json!({"title": "Pending"})).await);
    let won = id(&market.bid(&other, &pending, json!(90)).await);
    command(client, &format!("/api/v1/bids/{won}/accept")).await.data(200);

    // Whoever has nothing more than bids may close their account by themselves.
    command(writer, "/api/v1/users/deactivate").await.data(200);
    block(app, &other).await;
    eventually("no bid is left", async || market.order(client, &open).await["bids_count"] == 0).await;
    let reopened = async || market.order(client, &pending).await["status"] == "open";
    eventually("the order is open again", reopened).await;
    eventually("the client is told", async || told(client, "bid.withdrawn").await.len() == 3).await;
    assert_done(app, &[("bid.withdrawn", 3), ("order.reopened", 1), ("contract.ended", 1)]).await;

    let third = app.register("writer", "third@example.com").await;
    let again = id(&market.bid(&third, &pending, json!(80)).await);
    deposit(client, &json!(80)).await;
    let accepted = command(client, &format!("/api/v1/bids/{again}/accept")).await.data(200);
    assert_eq!(accepted["order"]["status"], "active", "another has it");
    replica.stop().await;
}
