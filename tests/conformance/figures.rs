//! The figures beside the source's lists, brought about as they stand there.

use serde_json::{Value, json};

use super::example::Section;
use super::world::{REGISTRATION, World};

/// That the figures are the example's, and where its page stands in the list.
fn must_be_the_examples(section: u64, operation: &str, data: &Value, summary: &Value) {
    let shown = Section::of(section).shown(operation)["data"].clone();
    assert_eq!(&shown["summary"], summary, "the source says so");
    assert_eq!(&data["summary"], summary);
    for (key, value) in shown["pagination"].as_object().unwrap() {
        assert_eq!(&data["pagination"][key], value, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_five_orders() {
    let world = World::open(&Section::of(1).request(REGISTRATION)).await;
    let World { client, writer, .. } = &world;
    // One is completed already, for 115.00.
    let prices = std::iter::repeat_n("74.00", 36).chain(["61.00"]);
    for price in prices {
        let order = world.active(writer, json!({}), price).await;
        let work = json!({"milestone_id": 1, "status": "submitted"});
        writer.client.patch(&format!("/api/v1/orders/{order}"), &work).await.data(200);
        client.client.post_nothing(&format!("/api/v1/orders/{order}/milestones/1/approve")).await.data(200);
    }
    for _ in 0..5 {
        world.active(writer, json!({}), "10.00").await;
    }
    // Nobody has paid for these.
    for _ in 0..2 {
        let order = world.post(json!({})).await;
        world.accept(&world.bid(writer, &order, &json!(10)).await).await;
    }
    let data = writer.client.get("/api/v1/orders").await.data(200);
    let summary =
        json!({"total_orders": 45, "active": 5, "pending": 2, "completed": 38, "total_earned": 2_840.0});
    must_be_the_examples(2, "GET /api/v1/orders", &data, &summary);
    assert_eq!(data["orders"].as_array().unwrap().len(), 20);
    let last = writer.client.get("/api/v1/orders?page=3&status=active").await.data(200);
    assert_eq!(
        (&last["summary"], &last["orders"]),
        (&summary, &json!([])),
        "whatever the filter and the page"
    );
    world.app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_three_bids() {
    let world = World::open(&Section::of(1).request(REGISTRATION)).await;
    let World { client, writer, .. } = &world;
    // One was accepted already.
    for _ in 0..15 {
        let order = world.post(json!({})).await;
        world.accept(&world.bid(writer, &order, &json!(10)).await).await;
    }
    for _ in 0..8 {
        let order = world.post(json!({})).await;
        let bid = world.bid(writer, &order, &json!(10)).await;
        client.client.post_nothing(&format!("/api/v1/bids/{bid}/decline")).await.data(200);
    }
    for number in 0..15 {
        let order = world.post(json!({})).await;
        world.bid(writer, &order, &json!(10)).await;
        if number < 3 {
            let change = json!({"budget": 130});
            client.client.patch(&format!("/api/v1/orders/{order}"), &change).await.data(200);
        }
    }
    let data = writer.client.get("/api/v1/bids").await.data(200);
    let summary = json!({"total_bids": 23, "open": 12, "unconfirmed": 3, "declined": 8, "success_rate": 67});
    must_be_the_examples(3, "GET /api/v1/bids", &data, &summary);
}
