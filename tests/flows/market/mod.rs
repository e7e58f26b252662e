//! The marketplace, from an order to a payout: short words for what people do there, and the stories.

mod bidding;
mod clocks;
mod departures;
mod disputes;
mod expiries;
mod fees;
mod files;
mod lapses;
mod messaging;
mod notifications;
mod orders;
mod races;
mod storms;
mod story;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use ports::environment::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestApp};

/// A server with a client and a writer.
struct Market {
    app: TestApp,
    client: Person,
    writer: Person,
}

impl Market {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let client = app.register("client", "client@example.com").await;
        let writer = app.register("writer", "writer@example.com").await;
        Self { app, client, writer }
    }

    /// Some hours from now.
    fn at(&self, hours: i64) -> String {
        wire(self.app.clock.now() + TimeDelta::hours(hours))
    }

    /// What has to be said of an order, and these fields on top or instead.
    fn draft(&self, fields: &Value) -> Value {
        let mut draft = json!({
            "title": "Marketing Research Paper", "subject": "Marketing", "type": "Research Paper",
            "deadline": self.at(20 * 24), "budget": 200.00, "description": "A paper about markets",
        });
        let draft_fields = draft.as_object_mut().unwrap();
        draft_fields.extend(fields.as_object().unwrap().clone());
        draft
    }

    /// The client posts an order.
    async fn post(&self, fields: Value) -> Value {
        let answer = self.client.client.post("/api/v1/orders", &self.draft(&fields)).await;
        answer.data(201)["order"].clone()
    }

    /// Somebody bids.
    async fn bid(&self, who: &Person, order: &str, amount: Value) -> Value {
        let body = json!({"bid_amount": amount, "message": "I have done this before"});
        who.client.post(&format!("/api/v1/orders/{order}/bids"), &body).await.data(201)["bid"].clone()
    }

    /// An order whose work is on: posted, bid on by the writer, awarded and paid for.
    async fn active(&self, fields: Value, price: &str) -> String {
        let order = id(&self.post(fields).await);
        let price: Value = serde_json::from_str(price).unwrap();
        let bid = id(&self.bid(&self.writer, &order, price.clone()).await);
        deposit(&self.client, &price).await;
        let accepted = command(&self.client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
        assert_eq!(accepted["order"]["status"], "active", "{accepted}");
        order
    }

    /// The writer hands a milestone in.
    async fn submit(&self, order: &str, milestone: i64) {
        let body = json!({"milestone_id": milestone, "status": "submitted"});
        self.writer.client.patch(&format!("/api/v1/orders/{order}"), &body).await.data(200);
    }

    async fn order(&self, who: &Person, id: &str) -> Value {
        who.client.get(&format!("/api/v1/orders/{id}")).await.data(200)["order"].clone()
    }

    /// Twenty writers.
    async fn crowd(&self) -> Vec<Person> {
        let mut crowd = Vec::new();
        for number in 0..20 {
            crowd.push(self.app.register("writer", &format!("crowd{number}@example.com")).await);
        }
        crowd
    }
}

fn wire(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id: {object}")).to_owned()
}

/// A command without a body.
async fn command(who: &Person, path: &str) -> Answer {
    who.client.post_nothing(path).await
}

/// The same, with a name.
async fn named(who: &Person, path: &str, body: &Value, key: &str) -> Answer {
    let request = who.client.request(Method::POST, path).header("idempotency-key", key).json(body);
    who.client.send(request).await
}

async fn deposit(who: &Person, amount: &Value) {
    who.client.post("/api/v1/payments/deposits", &json!({"amount": amount})).await.data(201);
}

async fn balance(who: &Person) -> Value {
    who.client.get("/api/v1/balance").await.data(200)["balance"].clone()
}

/// Reason and state of a conflict.
#[track_caller]
fn conflict(answer: &Answer) -> (String, String) {
    let details = answer.error(409, "CONFLICT")["details"].clone();
    let word = |key: &str| details[key].as_str().unwrap_or_default().to_owned();
    (word("reason"), word("state"))
}
