//! Commands that move money, each with the scene before it and how its effect is counted.

use chrono::{SecondsFormat, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::process::Person;

/// A command that moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Accept,
    Fund,
    Release,
    Refund,
    Withdraw,
}

/// A command on the point of being sent.
pub(crate) struct Scene<'a> {
    pub(crate) caller: &'a Person,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// Counts its effects in the database.
    pub(crate) effects: String,
}

/// A client with money and a writer.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) client: Person,
    pub(crate) writer: Person,
}

impl Operation {
    pub(crate) const ALL: [Self; 5] = [Self::Accept, Self::Fund, Self::Release, Self::Withdraw, Self::Refund];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Fund => "fund",
            Self::Release => "release",
            Self::Refund => "refund",
            Self::Withdraw => "withdraw",
        }
    }

    /// Sets everything up for it.
    pub(crate) async fn scene<'a>(self, cast: &'a Cast, base: &str) -> Scene<'a> {
        let Cast { client, writer } = cast;
        match self {
            Self::Withdraw => {
                writer.done(base, "/api/v1/payments/deposits", &json!({"amount": 7}), None).await;
                Scene {
                    caller: writer,
                    path: "/api/v1/withdrawals".to_owned(),
                    body: payout(7),
                    effects: format!(
                        "SELECT count(*) FROM withdrawals w JOIN ledger_transactions t
                             ON t.source = 'withdrawal_requested:WD-' || lpad(w.id::text, greatest(3, length(w.id::text)), '0')
                         WHERE w.user_id = '{}'",
                        writer.id
                    ),
                }
            }
            Self::Accept => {
                let (order, bid) = cast.bid(base).await;
                client.done(base, "/api/v1/payments/deposits", &json!({"amount": 10}), None).await;
                Scene {
                    caller: client,
                    path: format!("/api/v1/bids/{bid}/accept"),
                    body: json!({}),
                    effects: movements("funding", &order),
                }
            }
            Self::Fund => {
                let (order, bid) = cast.bid(base).await;
                cast.without_money(base).await;
                client.done(base, &format!("/api/v1/bids/{bid}/accept"), &json!({}), None).await;
                client.done(base, "/api/v1/payments/deposits", &json!({"amount": 10}), None).await;
                Scene {
                    caller: client,
                    path: format!("/api/v1/orders/{order}/fund"),
                    body: json!({}),
                    effects: movements("funding", &order),
                }
            }
            Self::Release => {
                let order = cast.active(base).await;
                cast.submit(base, &order).await;
                Scene {
                    caller: client,
                    path: format!("/api/v1/orders/{order}/milestones/1/approve"),
                    body: json!({}),
                    effects: movements("release", &order),
                }
            }
            Self::Refund => {
                let order = cast.active(base).await;
                Scene {
                    caller: writer,
                    path: format!("/api/v1/orders/{order}/milestones/1/refund"),
                    body: json!({}),
                    effects: movements("refund", &order),
                }
            }
        }
    }
}

/// Counts the movements of this kind that an order's contracts made.
fn movements(kind: &str, order: &str) -> String {
    let number: i64 = order.rsplit('-').next().unwrap().parse().unwrap();
    format!(
        "SELECT count(*) FROM ledger_transactions t JOIN contracts c
             ON split_part(t.source, ':', 2) = c.id::text
         WHERE t.kind = '{kind}' AND c.order_id = {number}"
    )
}

pub(crate) fn payout(amount: i64) -> Value {
    json!({"amount": amount, "method": "paypal", "account_details": {"email": "a@example.com"}})
}

pub(crate) fn draft() -> Value {
    #[expect(clippy::disallowed_methods, reason = "the server has the real time")]
    let deadline = Utc::now() + TimeDelta::days(20);
    json!({
        "title": "Marketing Research Paper", "subject": "Marketing", "type": "Research Paper",
        "deadline": deadline.to_rfc3339_opts(SecondsFormat::Secs, true), "budget": 200.00,
        "description": "A paper about markets",
    })
}

impl Cast {
    pub(crate) async fn register(base: &str, name: &str) -> Self {
        Self {
            client: Person::register(base, "client", &format!("client.{name}@example.com")).await,
            writer: Person::register(base, "writer", &format!("writer.{name}@example.com")).await,
        }
    }

    /// An order and a bid of 10 on it.
    async fn bid(&self, base: &str) -> (String, String) {
        let order = self.client.done(base, "/api/v1/orders", &draft(), None).await;
        let order = order["order"]["id"].as_str().unwrap().to_owned();
        let body = json!({"bid_amount": 10, "message": "m"});
        let bid = self.writer.done(base, &format!("/api/v1/orders/{order}/bids"), &body, None).await;
        (order, bid["bid"]["id"].as_str().unwrap().to_owned())
    }

    /// The client's wallet is emptied.
    async fn without_money(&self, base: &str) {
        let heard = self.client.send(base, Method::GET, "/api/v1/balance", &Value::Null, None).await;
        let super::process::Heard::Done(text) = heard else { panic!("{heard:?}") };
        let available = super::process::data(&text)["balance"]["available"].clone();
        if available.as_f64().unwrap() > 0.0 {
            let mut body = payout(1);
            body["amount"] = available;
            self.client.done(base, "/api/v1/withdrawals", &body, None).await;
        }
    }

    /// An order whose work is on.
    async fn active(&self, base: &str) -> String {
        let (order, bid) = self.bid(base).await;
        self.client.done(base, "/api/v1/payments/deposits", &json!({"amount": 10}), None).await;
        self.client.done(base, &format!("/api/v1/bids/{bid}/accept"), &json!({}), None).await;
        order
    }

    async fn submit(&self, base: &str, order: &str) {
        let path = format!("/api/v1/orders/{order}/milestones/1/submissions");
        self.writer.done(base, &path, &json!({"message": "done"}), None).await;
    }
}
