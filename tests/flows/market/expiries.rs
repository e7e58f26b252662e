//! What becomes of an order whose deadline passes without an award.

use chrono::{DurationRound, TimeDelta};
use ports::environment::Clock;
use serde_json::{Value, json};

use super::{Market, id};
use crate::harness::{Person, eventually};

/// What the client has been told of orders whose deadline has passed.
async fn told(client: &Person) -> Vec<Value> {
    let data = client.client.get("/api/v1/notifications?limit=100").await.data(200);
    let rows = data["notifications"].as_array().unwrap();
    rows.iter().filter(|row| row["event"] == "order.expired").cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_is_told_of_each_deadline_that_passes_once() {
    let market = Market::open().await;
    let app = &market.app;
    let replica = app.replica().await;
    // A schedule begins with the tick after the one at which it was first seen.
    let has_begun = "EXISTS (SELECT FROM schedules WHERE name = 'expire_orders')";
    eventually("the schedule has begun", || app.holds(has_begun)).await;
    let order = id(&market.post(json!({"title": "Late"})).await);
    market.post(json!({"title": "In time", "deadline": market.at(900 * 24)})).await;

    app.clock.advance(TimeDelta::days(21));
    let client = app.log_in(&market.client.email).await;
    eventually("the client is told", async || told(&client).await.len() == 1).await;
    let notification = told(&client).await.remove(0);
    assert_eq!((&notification["type"], &notification["title"]), (&json!("order"), &json!("Order Expired")));
    assert_eq!(notification["message"], "The deadline of 'Late' has passed without an award");
    assert_eq!(market.order(&client, &order).await["status"], "open", "a new deadline may be set");

    let path = format!("/api/v1/orders/{order}");
    client.client.patch(&path, &json!({"deadline": market.at(5)})).await.data(200);
    app.clock.advance(TimeDelta::hours(6));
    let client = app.log_in(&market.client.email).await;
    eventually("the client is told anew", async || told(&client).await.len() == 2).await;

    // Another tick, at which nothing is due.
    app.clock.advance(TimeDelta::hours(1));
    let tick = super::wire(app.clock.now().duration_trunc(TimeDelta::minutes(1)).unwrap());
    let is_over = format!(
        "(SELECT claimed_at FROM schedules WHERE name = 'expire_orders') >= '{tick}'
         AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs)"
    );
    eventually("the schedule ticks, and all jobs are done", || app.holds(&is_over)).await;
    let count = "(SELECT count(*) FROM outbox WHERE name = 'order.expired') = 2";
    assert!(app.holds(count).await, "twice, although two servers looked, again and again");
    replica.stop().await;
}
