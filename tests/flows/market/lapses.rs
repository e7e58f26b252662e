//! What becomes of an order that nobody pays for.

use chrono::TimeDelta;
use serde_json::json;

use super::{Market, balance, command, conflict, deposit, id};
use crate::harness::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_pays_for_is_called_off_after_seven_days() {
    let market = Market::open().await;
    let replica = market.app.replica().await;
    // A schedule begins with the tick after the one at which it was first seen.
    let has_begun = "EXISTS (SELECT FROM schedules WHERE name = 'lapse_orders')";
    eventually("the schedule has begun", || market.app.holds(has_begun)).await;

    let paid = market.active(json!({"title": "Paid"}), "30").await;
    let order = id(&market.post(json!({"title": "Unpaid"})).await);
    let bid = id(&market.bid(&market.writer, &order, json!(100)).await);
    let accepted = command(&market.client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    assert_eq!(accepted["order"]["status"], "pending");
    deposit(&market.client, &json!(40)).await;

    market.app.clock.advance(TimeDelta::days(7));
    let client = market.app.log_in(&market.client.email).await;
    eventually("it is called off", async || market.order(&client, &order).await["status"] == "cancelled")
        .await;
    let writer = market.app.log_in(&market.writer.email).await;
    let bids = writer.client.get("/api/v1/bids?status=declined").await.data(200);
    assert_eq!(bids["bids"][0]["id"], bid.as_str());
    assert_eq!(market.order(&client, &paid).await["status"], "active", "that one is paid for");
    let late = command(&client, &format!("/api/v1/orders/{order}/fund")).await;
    assert_eq!(conflict(&late), ("invalid_transition".into(), "cancelled".into()));
    let wallet = balance(&client).await;
    assert_eq!((&wallet["available"], &wallet["in_escrow"]), (&json!(40.0), &json!(30.0)));

    eventually("the queue is empty", || {
        market.app.holds("NOT EXISTS (SELECT FROM graphile_worker._private_jobs)")
    })
    .await;
    let told = "(SELECT count(*) FROM outbox WHERE name = 'order.cancelled')";
    assert!(market.app.holds(&format!("{told} = 1")).await, "once, although two servers looked");
    market.app.assert_books_balance().await;
    replica.stop().await;
}
