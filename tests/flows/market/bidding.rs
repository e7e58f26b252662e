//! Bids, counter-offers, and who may see them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, command, conflict, deposit, id};

#[tokio::test(flavor = "multi_thread")]
async fn the_two_sides_come_to_terms() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = id(&market.post(json!({})).await);
    let bid = id(&market.bid(writer, &order, json!(150)).await);
    let path = format!("/api/v1/bids/{bid}");
    let terms = json!({"bid_amount": 120, "message": "Could you do it for less?"});
    let countered = client.client.post(&format!("{path}/counter"), &terms).await.data(200)["bid"].clone();
    assert_eq!((&countered["status"], &countered["state"]), (&json!("unconfirmed"), &json!("countered")));
    assert_eq!((&countered["bid_amount"], &countered["is_counter_offer"]), (&json!(150.0), &json!(true)));
    assert_eq!(countered["counter"]["bid_amount"], json!(120.0));
    for verb in ["accept", "confirm"] {
        let who = if verb == "accept" { client } else { writer };
        let refused = command(who, &format!("{path}/{verb}")).await;
        assert_eq!(conflict(&refused).0, "counter_pending", "{verb}");
    }
    let rejected = command(writer, &format!("{path}/reject-counter")).await.data(200)["bid"].clone();
    assert_eq!((&rejected["status"], &rejected["counter"]), (&json!("open"), &Value::Null));
    let terms = json!({"bid_amount": 130, "proposed_deadline": market.at(100)});
    client.client.post(&format!("{path}/counter"), &terms).await.data(200);
    let agreed = command(writer, &format!("{path}/accept-counter")).await.data(200)["bid"].clone();
    assert_eq!((&agreed["bid_amount"], &agreed["status"]), (&json!(130.0), &json!("open")));
    assert_eq!(agreed["proposed_deadline"], market.at(100).as_str());
    let edited = json!({"bid_amount": 131.5, "message": "With figures"});
    let edited = writer.client.patch(&path, &edited).await.data(200)["bid"].clone();
    assert_eq!((&edited["bid_amount"], &edited["message"]), (&json!(131.5), &json!("With figures")));

    let offers = client.client.get(&format!("{path}/offers")).await.data(200)["offers"].clone();
    let history: Vec<_> = offers
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| (offer["author"].as_str().unwrap(), offer["bid_amount"].as_f64().unwrap()))
        .collect();
    assert_eq!(history, [("provider", 150.0), ("client", 120.0), ("client", 130.0), ("provider", 131.5)]);

    deposit(client, &json!(200)).await;
    let accepted = command(client, &format!("{path}/accept")).await.data(200);
    assert_eq!(accepted["order"]["accepted_bid"], json!(131.5));
    assert_eq!(accepted["order"]["deadline"], market.at(100).as_str(), "the bid's deadline is the order's");
}

#[tokio::test(flavor = "multi_thread")]
async fn bids_are_seen_by_the_two_sides_only() {
    let market = Market::open().await;
    let Market { client, writer, app } = &market;
    let other = app.register("writer", "other@example.com").await;
    let stranger = app.register("client", "stranger@example.com").await;
    let order = id(&market.post(json!({})).await);
    let bid = id(&market.bid(writer, &order, json!(150)).await);
    market.bid(&other, &order, json!(140)).await;

    let list = format!("/api/v1/orders/{order}/bids");
    let received = client.client.get(&list).await.data(200);
    assert_eq!(received["pagination"]["total"], 2);
    let writer_row = &received["bids"][1]["writer"];
    assert_eq!((&writer_row["id"], &writer_row["orders_completed"]), (&json!(writer.id), &json!(0)));
    assert_eq!((&writer_row["rating"], &writer_row["success_rate"]), (&Value::Null, &Value::Null));
    stranger.client.get(&list).await.error(404, "NOT_FOUND");
    writer.client.get(&list).await.error(403, "FORBIDDEN");
    app.admin().await.client.get(&list).await.data(200);
    let path = format!("/api/v1/bids/{bid}");
    for who in [&other, &stranger] {
        who.client.get(&path).await.error(404, "NOT_FOUND");
        who.client.get(&format!("{path}/offers")).await.error(404, "NOT_FOUND");
    }
    command(&other, &format!("{path}/withdraw")).await.error(404, "NOT_FOUND");
    command(&stranger, &format!("{path}/accept")).await.error(404, "NOT_FOUND");
    command(&stranger, &format!("{path}/decline")).await.error(404, "NOT_FOUND");
    command(writer, &format!("{path}/accept")).await.error(403, "FORBIDDEN");

    let declined = command(client, &format!("{path}/decline")).await.data(200)["bid"].clone();
    assert_eq!(declined["status"], "declined");
    app.clock.advance(TimeDelta::minutes(1));
    market.bid(writer, &order, json!(120)).await;
    let own = writer.client.get("/api/v1/bids").await.data(200);
    assert_eq!(
        own["summary"],
        json!({"total_bids": 2, "open": 1, "unconfirmed": 0, "declined": 1, "success_rate": 0})
    );
    assert_eq!(own["bids"][0]["bid_amount"], json!(120.0), "newest first");
    let only = writer.client.get("/api/v1/bids?status=declined").await.data(200);
    assert_eq!(only["pagination"]["total"], 1);
    client.client.get("/api/v1/bids").await.error(403, "FORBIDDEN");
    writer.client.get("/api/v1/bids?status=lost").await.error(400, "VALIDATION_ERROR");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_says_when_it_is_answered() {
    let market = Market::open().await;
    let Market { client, writer, app } = &market;
    let order = id(&market.post(json!({})).await);
    let bid = market.bid(writer, &order, json!(150)).await;
    assert_eq!(bid["response_date"], market.at(5 * 24).as_str());
    app.clock.advance(TimeDelta::minutes(10));
    let path = format!("/api/v1/bids/{}", id(&bid));
    let declined = command(client, &format!("{path}/decline")).await.data(200)["bid"].clone();
    assert_eq!(declined["response_date"], market.at(0).as_str());
    let late = json!({"bid_amount": 5, "message": "me", "proposed_deadline": market.at(-1)});
    let answer = writer.client.post(&format!("/api/v1/orders/{order}/bids"), &late).await;
    let error = answer.error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(error["details"]["field"], "proposed_deadline");
}
