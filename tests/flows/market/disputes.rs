//! Two sides who do not agree: over HTTP, with the job that minds the deadlines.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::clocks::is_told;
use super::files::{fetch, upload};
use super::{Market, balance, command, conflict, deposit, named};
use crate::harness::{Person, TestApp, TestSettings, eventually};

/// A market with fees of a tenth and a twentieth, in which the deadlines are minded.
async fn open() -> Market {
    let settings = TestSettings::default().with("PROVIDER_FEE_BPS", "1000").with("CLIENT_FEE_BPS", "500");
    let app = TestApp::start_with(settings).await;
    // A schedule begins with the tick after the one at which it was first seen.
    let has_begun = "EXISTS (SELECT FROM schedules WHERE name = 'expire_disputes')";
    eventually("the schedule has begun", || app.holds(has_begun)).await;
    let client = app.register("client", "client@example.com").await;
    let writer = app.register("writer", "writer@example.com").await;
    // For the fee on what their orders cost.
    deposit(&client, &json!(10)).await;
    Market { app, client, writer }
}

/// Somebody disputes the first milestone of an order.
async fn disputed(who: &Person, order: &str, to_provider: Value) -> Value {
    let body = json!({"order_id": order, "milestone_id": 1, "reason": "The charts are missing.",
        "to_provider": to_provider});
    who.client.post("/api/v1/disputes", &body).await.data(201)["dispute"].clone()
}

fn path(dispute: &Value) -> String {
    format!("/api/v1/disputes/{}", dispute["id"].as_str().unwrap())
}

async fn seen(who: &Person, dispute: &Value) -> Value {
    who.client.get(&path(dispute)).await.data(200)["dispute"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sides_bring_forward_what_happened_and_come_to_terms() {
    let market = open().await;
    let Market { app, client, writer } = &market;
    let order = market.active(json!({}), "100").await;
    market.submit(&order, 1).await;
    let dispute = disputed(client, &order, json!(20)).await;
    assert_eq!((&dispute["amount"], &dispute["state"]), (&json!(100.0), &json!("awaiting_answer")));
    assert_eq!(dispute["due_at"], market.at(7 * 24));
    assert_eq!(dispute["at_deadline"], json!({"outcome": "divided", "to_provider": 20.0}));
    is_told(writer, "milestone.disputed", 1).await;
    let frozen = market.order(writer, &order).await;
    assert_eq!(frozen["milestones"][0]["state"], "disputed");
    let approve = command(client, &format!("/api/v1/orders/{order}/milestones/1/approve")).await;
    assert_eq!(conflict(&approve), ("invalid_transition".into(), "disputed".into()));
    assert_eq!(balance(client).await["in_escrow"], json!(105.0));
    app.assert_books_balance().await;

    let (evidence, offers) = (format!("{}/evidence", path(&dispute)), format!("{}/offers", path(&dispute)));
    let chart = upload(writer, "chart.txt", "1 2 3").await;
    let said = json!({"text": "They were never asked for.", "file_ids": [chart["id"]]});
    let answered = writer.client.post(&evidence, &said).await.data(200)["dispute"].clone();
    assert_eq!(
        (&answered["state"], &answered["due_at"]),
        (&json!("negotiating"), &json!(market.at(14 * 24)))
    );
    assert_eq!(answered["at_deadline"], json!({"outcome": "reviewed", "to_provider": null}));
    is_told(client, "dispute.evidence_added", 1).await;
    let shown = seen(client, &dispute).await;
    assert_eq!(shown["evidence"][0]["files"], json!([{"id": chart["id"], "name": "chart.txt"}]));
    let file = format!("/api/v1/files/{}", chart["id"].as_str().unwrap());
    let administrator = app.admin().await;
    for reader in [client, &administrator] {
        let found = reader.client.get(&file).await.data(200)["file"].clone();
        assert_eq!(fetch(&market, &found).await, (200, "1 2 3".to_owned()));
    }

    writer.client.post(&offers, &json!({"to_provider": 70})).await.data(200);
    client.client.post(&offers, &json!({"to_provider": 30, "message": "no more"})).await.data(200);
    let turned_down = command(client, &format!("{offers}/1/reject")).await.data(200)["dispute"].clone();
    let states: Vec<_> =
        turned_down["offers"].as_array().unwrap().iter().map(|offer| &offer["state"]).collect();
    assert_eq!(states, ["rejected", "standing"]);
    client.client.post(&offers, &json!({"to_provider": 50})).await.data(200);
    assert_eq!(conflict(&command(writer, &format!("{offers}/2/accept")).await).0, "offer_over");
    assert_eq!(conflict(&command(client, &format!("{offers}/3/accept")).await).0, "own_offer");
    let settled = named(writer, &format!("{offers}/3/accept"), &json!({}), "settled").await;
    assert_eq!(named(writer, &format!("{offers}/3/accept"), &json!({}), "settled").await.text, settled.text);
    let settled = settled.data(200)["dispute"].clone();
    assert_eq!((&settled["resolution"]["by"], &settled["due_at"]), (&json!("agreement"), &Value::Null));
    is_told(client, "dispute.decided", 1).await;
    assert_eq!(balance(writer).await["available"], json!(45.0), "a tenth is the platform's");
    assert_eq!(balance(client).await["available"], json!(57.5), "with the fee on what came back");
    assert_eq!(market.order(client, &order).await["status"], "completed");
    assert_eq!(seen(client, &dispute).await, settled);
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_silent_loses_and_what_nobody_decides_is_halved() {
    let market = open().await;
    let Market { app, client, writer } = &market;
    let silent = market.active(json!({}), "40").await;
    let quarrel = market.active(json!({}), "0.05").await;
    let (first, second) =
        (disputed(client, &silent, json!(0)).await, disputed(writer, &quarrel, json!(0.05)).await);
    command(client, &format!("{}/escalate", path(&second))).await.data(200);
    let decide = format!("/api/v1/admin/disputes/{}/decide", first["id"].as_str().unwrap());
    let decision = json!({"to_provider": 1, "reason": "So it is."});
    let administrator = app.admin().await;
    let early = administrator.client.post(&decide, &decision).await;
    assert_eq!(conflict(&early), ("invalid_transition".into(), "awaiting_answer".into()));

    app.clock.advance(TimeDelta::days(7));
    let client = app.log_in(&client.email).await;
    eventually("it is divided", async || seen(&client, &first).await["state"] == "resolved").await;
    let resolution = seen(&client, &first).await["resolution"].clone();
    assert_eq!((&resolution["by"], &resolution["to_provider"]), (&json!("default"), &json!(0.0)));
    assert_eq!(market.order(&client, &silent).await["status"], "cancelled");
    assert_eq!(balance(&client).await["available"], json!(50.0));

    app.clock.advance(TimeDelta::days(23));
    let writer = app.log_in(&writer.email).await;
    eventually("it is halved", async || seen(&writer, &second).await["state"] == "resolved").await;
    assert_eq!(
        seen(&writer, &second).await["resolution"]["to_provider"],
        json!(0.02),
        "the odd cent is the client's"
    );
    is_told(&writer, "dispute.decided", 2).await;
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_decides_with_a_reason() {
    let market = open().await;
    let Market { app, client, writer } = &market;
    let order = market.active(json!({}), "60").await;
    let dispute = disputed(writer, &order, json!(60)).await;
    command(client, &format!("{}/escalate", path(&dispute))).await.data(200);
    let administrator = app.admin().await;
    let waiting = administrator.client.get("/api/v1/admin/disputes?state=in_review").await.data(200);
    assert_eq!(waiting["disputes"][0]["id"], dispute["id"]);
    assert_eq!(waiting["pagination"]["total"], 1, "{waiting}");
    let decide = format!("/api/v1/admin/disputes/{}/decide", dispute["id"].as_str().unwrap());
    let too_much = json!({"to_provider": 60.01, "reason": "So it is."});
    let refused = administrator.client.post(&decide, &too_much).await.error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(refused["details"]["reason"], "more_than_disputed");
    let decision = json!({"to_provider": 45, "reason": "Three quarters are there."});
    let decided = administrator.client.post(&decide, &decision).await.data(200)["dispute"].clone();
    assert_eq!(decided["resolution"]["reason"], "Three quarters are there.");
    for side in [client, writer] {
        is_told(side, "dispute.decided", 1).await;
        assert_eq!(seen(side, &dispute).await, decided);
        let own = side.client.get("/api/v1/disputes?state=resolved").await.data(200);
        assert_eq!(own["disputes"][0]["id"], dispute["id"]);
    }
    assert_eq!(balance(writer).await["available"], json!(40.5));
    assert_eq!(balance(client).await["available"], json!(22.75));
    app.assert_books_balance().await;
}
