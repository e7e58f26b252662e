//! Files of an order: what the client gives, and what the provider hands in.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Market, command, conflict, deposit, id, named};
use crate::harness::{Answer, Person};

const FILES: &str = "/api/v1/files";

/// Uploads something.
pub(super) async fn upload(who: &Person, name: &str, content: &str) -> Value {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--b--\r\n"
    );
    let request = who.client.request(Method::POST, FILES);
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body);
    who.client.send(request).await.data(201)["file"].clone()
}

async fn attach(who: &Person, order: &str, files: &[&Value]) -> Answer {
    let ids: Vec<_> = files.iter().map(|file| &file["id"]).collect();
    who.client.post(&format!("/api/v1/orders/{order}/files"), &json!({"file_ids": ids})).await
}

/// What is behind a link, for somebody without a login.
pub(super) async fn fetch(market: &Market, file: &Value) -> (u16, String) {
    let answer = market.app.client.get(file["download_url"].as_str().unwrap()).await;
    (answer.status, answer.text)
}

fn names(files: &Value) -> Vec<&str> {
    files.as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_an_order_is_for_those_who_see_it() {
    let market = Market::open().await;
    let (client, writer) = (&market.client, &market.writer);
    let rival = market.app.register("freelancer", "rival@example.com").await;
    let outsider = market.app.register("client", "outsider@example.com").await;
    let order = id(&market.post(json!({})).await);
    let bid = id(&market.bid(writer, &order, json!(150)).await);
    let brief = upload(client, "brief.txt", "All about markets").await;
    let path = format!("{FILES}/{}", brief["id"].as_str().unwrap());
    rival.client.get(&path).await.error(404, "NOT_FOUND");

    let shown = attach(client, &order, &[&brief]).await.data(200)["order"].clone();
    let file = &shown["files"][0];
    for key in ["id", "name", "size", "size_formatted", "mime_type", "uploaded_at", "uploaded_by"] {
        assert_eq!(file[key], brief[key], "{key}");
    }
    assert_eq!(file["milestone_id"], Value::Null);
    assert_eq!(fetch(&market, file).await, (200, "All about markets".to_owned()));
    let seen = market.order(&rival, &order).await;
    assert_eq!(fetch(&market, &seen["files"][0]).await.0, 200, "whoever may bid needs to know");
    rival.client.get(&path).await.data(200);
    outsider.client.get(&path).await.error(404, "NOT_FOUND");
    let bids = client.client.get(&format!("/api/v1/orders/{order}/bids")).await.data(200);
    assert_eq!(bids["bids"][0]["status"], "open", "no bid is outdated");

    deposit(client, &json!(150)).await;
    command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    rival.client.get(&path).await.error(404, "NOT_FOUND");
    // What was given out is good to its end; then there is no new link.
    assert_eq!(fetch(&market, &seen["files"][0]).await.0, 200);
    market.app.clock.advance(TimeDelta::seconds(601));
    assert_eq!(fetch(&market, &seen["files"][0]).await.0, 404);
    let again = market.order(writer, &order).await;
    assert_eq!(fetch(&market, &again["files"][0]).await.0, 200);
    writer.client.get(&path).await.data(200);
    market.app.admin().await.client.get(&path).await.data(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_is_handed_in_again_and_again() {
    let market = Market::open().await;
    let (client, writer) = (&market.client, &market.writer);
    let order = market.active(json!({}), "150").await;
    let path = format!("/api/v1/orders/{order}/milestones/1");
    let (draft, final_text) =
        (upload(writer, "draft.txt", "First").await, upload(writer, "final.txt", "Second").await);
    let hand_in =
        async |body: Value, key: &str| named(writer, &format!("{path}/submissions"), &body, key).await;

    let body = json!({"message": "The draft", "file_ids": [draft["id"]]});
    let answer = hand_in(body.clone(), "first").await;
    assert_eq!(answer.data(200)["order"]["milestones"][0]["state"], "submitted");
    let replayed = hand_in(body, "first").await;
    assert_eq!((replayed.header("idempotent-replayed"), &replayed.text), (Some("true"), &answer.text));
    let too_early = hand_in(json!({"file_ids": [final_text["id"]]}), "second").await;
    assert_eq!(conflict(&too_early), ("invalid_transition".to_owned(), "submitted".to_owned()));
    client.client.post(&format!("{path}/request-changes"), &json!({"message": "more"})).await.data(200);
    let used = hand_in(json!({"file_ids": [draft["id"]]}), "second").await;
    assert_eq!(conflict(&used).0, "file_attached");
    let stranger = upload(client, "mine.txt", "x").await;
    let foreign = hand_in(json!({"file_ids": [stranger["id"]]}), "second").await;
    let details = foreign.error(422, "UNPROCESSABLE_ENTITY")["details"].clone();
    assert_eq!((&details["reason"], &details["field"]), (&json!("unknown_file"), &json!("file_ids[0]")));
    // Files are shown as they came.
    market.app.clock.advance(TimeDelta::seconds(1));
    hand_in(json!({"file_ids": [final_text["id"]]}), "second").await.data(200);

    let seen = market.order(client, &order).await;
    assert_eq!(names(&seen["files"]), ["draft.txt", "final.txt"]);
    assert_eq!(seen["files"][0]["uploaded_by"], "writer");
    assert_eq!(seen["files"][0]["milestone_id"], 1);
    let history = seen["milestones"][0]["submissions"].as_array().unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|one| (one["number"].as_i64(), one["message"].as_str(), names(&one["files"])))
        .collect();
    let expected = [(Some(1), Some("The draft"), vec!["draft.txt"]), (Some(2), None, vec!["final.txt"])];
    assert_eq!(told, expected);
    assert_eq!(fetch(&market, &history[1]["files"][0]).await, (200, "Second".to_owned()));

    command(client, &format!("{path}/approve")).await.data(200);
    let late = upload(client, "late.txt", "x").await;
    let answer = attach(client, &order, &[&late]).await;
    assert_eq!(conflict(&answer), ("invalid_transition".to_owned(), "completed".to_owned()));
    assert_eq!(names(&market.order(writer, &order).await["files"]), ["draft.txt", "final.txt"], "they stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_orders_one_gets_the_file() {
    let market = Market::open().await;
    let client = &market.client;
    let (one, two) = (id(&market.post(json!({})).await), id(&market.post(json!({})).await));
    for round in 0..10 {
        let file = upload(client, &format!("{round}.txt"), "x").await;
        let wanted = [&file];
        let (first, second) = tokio::join!(attach(client, &one, &wanted), attach(client, &two, &wanted));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.text, second.text);
    }
    let count = async |order| market.order(client, order).await["files"].as_array().unwrap().len();
    assert_eq!(count(&one).await + count(&two).await, 10);
}
