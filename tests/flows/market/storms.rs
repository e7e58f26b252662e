//! 32 callers and one target, through two servers: exactly one wins, nobody gets a 5xx, and the books
//! balance. A few rounds of each here; `make soak` does a hundred (`SOAK_ROUNDS`) and prints how many.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Market, balance, command, deposit, id};
use crate::harness::{Answer, Client, Person, TestApp, eventually};

const CALLERS: usize = 32;

fn rounds() -> usize {
    let wanted = std::env::var("SOAK_ROUNDS").ok();
    wanted.map_or(3, |text| text.parse().expect("SOAK_ROUNDS is a number"))
}

/// A market with two servers.
struct Storm {
    market: Market,
    replica: TestApp,
}

/// A request that one of the callers makes.
struct Call {
    who: Client,
    path: String,
    body: Value,
    key: Option<String>,
}

impl Call {
    async fn send(self) -> Answer {
        let Self { who, path, body, key } = self;
        let mut request = who.request(Method::POST, &path).timeout(Duration::from_secs(60));
        if !body.is_null() {
            request = request.json(&body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        who.send(request).await
    }
}

impl Storm {
    async fn open() -> Self {
        let market = Market::open().await;
        let replica = market.app.replica().await;
        Self { market, replica }
    }

    /// Somebody, at one server or the other.
    fn at(&self, number: usize, who: &Person) -> Client {
        if number.is_multiple_of(2) {
            who.client.clone()
        } else {
            self.replica.client.with_token(&who.access_token)
        }
    }

    /// All at once.
    async fn all(&self, call: impl Fn(usize) -> (Person, String, Value, Option<String>)) -> Vec<Answer> {
        let calls = (0..CALLERS).map(|number| {
            let (who, path, body, key) = call(number);
            Call { who: self.at(number, &who), path, body, key }.send()
        });
        let answers = join_all(calls).await;
        for answer in &answers {
            assert!(answer.status < 500, "{}: {}", answer.status, answer.text);
        }
        answers
    }

    /// The one that won; all others were told that it is not possible any more.
    #[track_caller]
    fn winner(answers: &[Answer]) -> &Answer {
        let won: Vec<_> = answers.iter().filter(|answer| answer.status < 300).collect();
        for lost in answers.iter().filter(|answer| answer.status >= 300) {
            assert!([409, 422].contains(&lost.status), "{}: {}", lost.status, lost.text);
        }
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(won.len(), 1, "exactly one wins: {statuses:?}");
        won[0]
    }

    /// How often an order's contract has made this movement.
    async fn moved(&self, order: &str, source: &str, times: usize) {
        let number: i64 = order.rsplit('-').next().unwrap().parse().unwrap();
        let is_so = format!(
            "(SELECT count(*) FROM ledger_transactions t JOIN contracts c ON split_part(t.source, ':', 2) = c.id::text
              WHERE t.kind = '{source}' AND c.order_id = {number}) = {times}"
        );
        assert!(self.market.app.holds(&is_so).await, "{order}: {source} is booked {times} time(s)");
    }

    async fn over(self, what: &str, rounds: usize) {
        self.market.app.assert_books_balance().await;
        self.replica.stop().await;
        #[expect(clippy::print_stdout, reason = "the report of `make soak`")]
        {
            println!("storm: {what:<28} {rounds:>5} rounds of {CALLERS} callers, one winner each, no 5xx");
        }
    }
}

fn cloned(person: &Person) -> Person {
    Person {
        id: person.id.clone(),
        email: person.email.clone(),
        access_token: person.access_token.clone(),
        refresh_token: person.refresh_token.clone(),
        client: person.client.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_against_accept() {
    let (storm, rounds) = (Storm::open().await, rounds());
    let market = &storm.market;
    let mut bidders = Vec::new();
    for number in 0..4 {
        bidders.push(market.app.register("writer", &format!("bidder{number}@example.com")).await);
    }
    deposit(&market.client, &json!(rounds * 10)).await;
    for _ in 0..rounds {
        let order = id(&market.post(json!({})).await);
        let mut bids = Vec::new();
        for bidder in &bidders {
            bids.push(id(&market.bid(bidder, &order, json!(10)).await));
        }
        let accept = |number: usize| {
            let path = format!("/api/v1/bids/{}/accept", bids[number % bids.len()]);
            (cloned(&market.client), path, Value::Null, None)
        };
        Storm::winner(&storm.all(accept).await);
        storm.moved(&order, "funding", 1).await;
    }
    assert_eq!(balance(&market.client).await["available"], json!(0.0), "each order is paid for once");
    storm.over("accept/accept", rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_against_approve() {
    let (storm, rounds) = (Storm::open().await, rounds());
    let market = &storm.market;
    for _ in 0..rounds {
        let order = market.active(json!({}), "10").await;
        market.submit(&order, 1).await;
        let path = format!("/api/v1/orders/{order}/milestones/1/approve");
        Storm::winner(&storm.all(|_| (cloned(&market.client), path.clone(), Value::Null, None)).await);
        storm.moved(&order, "release", 1).await;
    }
    let earned = balance(&market.writer).await["available"].as_f64().unwrap();
    assert_eq!(json!(earned), json!(f64::from(u32::try_from(rounds * 10).unwrap())), "paid once each");
    storm.over("approve/approve", rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_against_fund() {
    let (storm, rounds) = (Storm::open().await, rounds());
    let market = &storm.market;
    let mut funded = 0;
    for round in 0..rounds {
        // A wallet of their own: an award that it covers would be paid for at once.
        let client = market.app.register("client", &format!("storm{round}@example.com")).await;
        let answer = client.client.post("/api/v1/orders", &market.draft(&json!({}))).await;
        let order = id(&answer.data(201)["order"]);
        let bid = id(&market.bid(&market.writer, &order, json!(10)).await);
        command(&client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
        deposit(&client, &json!(10)).await;
        let call = |number: usize| {
            let what = if (number / 2 + round).is_multiple_of(2) { "fund" } else { "cancel" };
            (cloned(&client), format!("/api/v1/orders/{order}/{what}"), Value::Null, None)
        };
        let answers = storm.all(call).await;
        let is_funded = match Storm::winner(&answers).data(200)["order"]["status"].as_str() {
            Some("active") => true,
            Some("cancelled") => false,
            other => panic!("{other:?}"),
        };
        storm.moved(&order, "funding", usize::from(is_funded)).await;
        let left = if is_funded { 0.0 } else { 10.0 };
        assert_eq!(balance(&client).await["available"], json!(left));
        funded += usize::from(is_funded);
    }
    storm.over(&format!("cancel/fund ({funded} funded)"), rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdraw_against_withdraw() {
    let (storm, rounds) = (Storm::open().await, rounds());
    let market = &storm.market;
    let body = json!({"amount": 10, "method": "paypal", "account_details": {"email": "a@example.com"}});
    for round in 1..=rounds {
        deposit(&market.writer, &json!(10)).await;
        let call = |_| (cloned(&market.writer), "/api/v1/withdrawals".to_owned(), body.clone(), None);
        let answers = storm.all(call).await;
        Storm::winner(&answers);
        for lost in answers.iter().filter(|answer| answer.status >= 300) {
            let error = lost.error(422, "UNPROCESSABLE_ENTITY");
            assert_eq!(error["details"]["reason"], "insufficient_funds", "{error}");
        }
        let own =
            format!("(SELECT count(*) FROM withdrawals WHERE user_id = '{}') = {round}", market.writer.id);
        assert!(market.app.holds(&own).await, "one a round");
    }
    assert_eq!(balance(&market.writer).await["available"], json!(0.0));
    storm.over("withdraw/withdraw", rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_from_everywhere() {
    let (storm, rounds) = (Storm::open().await, rounds());
    let market = &storm.market;
    deposit(&market.client, &json!(rounds * 10)).await;
    for round in 0..rounds {
        let order = id(&market.post(json!({})).await);
        let bid = id(&market.bid(&market.writer, &order, json!(10)).await);
        let (path, key) = (format!("/api/v1/bids/{bid}/accept"), format!("storm-{round}"));
        let call = |_| (cloned(&market.client), path.clone(), json!({}), Some(key.clone()));
        let answers = storm.all(call).await;
        let (done, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        for other in others {
            assert_eq!(other.error(409, "CONFLICT")["details"]["reason"], "in_progress");
        }
        let mut texts: Vec<_> = done.iter().map(|answer| &answer.text).collect();
        texts.dedup();
        assert_eq!(texts.len(), 1, "whoever is answered gets the one answer");
        storm.moved(&order, "funding", 1).await;
    }
    assert_eq!(balance(&market.client).await["available"], json!(0.0));
    storm.over("one key from everywhere", rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refund_against_release() {
    let (storm, rounds) = (Storm::open().await, rounds());
    let market = &storm.market;
    let mut released = 0;
    for round in 0..rounds {
        let order = market.active(json!({}), "10").await;
        market.submit(&order, 1).await;
        let path = |what: &str| format!("/api/v1/orders/{order}/milestones/1/{what}");
        let call = |number: usize| {
            if (number / 2 + round).is_multiple_of(2) {
                (cloned(&market.client), path("approve"), Value::Null, None)
            } else {
                (cloned(&market.writer), path("refund"), Value::Null, None)
            }
        };
        Storm::winner(&storm.all(call).await);
        let number: i64 = order.rsplit('-').next().unwrap().parse().unwrap();
        let is_released = market
            .app
            .holds(&format!(
                "EXISTS (SELECT FROM milestones m JOIN contracts c ON c.id = m.contract_id
                     WHERE c.order_id = {number} AND m.state = 'completed')"
            ))
            .await;
        storm.moved(&order, "release", usize::from(is_released)).await;
        storm.moved(&order, "refund", usize::from(!is_released)).await;
        released += usize::from(is_released);
    }
    storm.over(&format!("refund/release ({released} released)"), rounds).await;
}

/// The clock is a job: the callers begin when it has been asked for, or has already won.
#[tokio::test(flavor = "multi_thread")]
async fn approve_against_dispute_against_the_clock() {
    let (mut storm, rounds) = (Storm::open().await, rounds());
    let mut ends = [0, 0, 0];
    for round in 0..rounds {
        // Each round takes a minute of the clock, and access tokens last for fifteen.
        let Market { app, client, writer } = &storm.market;
        let (client, writer) = (app.log_in(&client.email).await, app.log_in(&writer.email).await);
        (storm.market.client, storm.market.writer) = (client, writer);
        let market = &storm.market;
        let order = market.active(json!({}), "10").await;
        market.submit(&order, 1).await;
        let number: i64 = order.rsplit('-').next().unwrap().parse().unwrap();
        let of_it =
            format!("FROM milestones m JOIN contracts c ON c.id = m.contract_id WHERE c.order_id = {number}");
        market
            .app
            .sql(&format!(
                "UPDATE milestones SET auto_release_at = '{}', remind_at = NULL WHERE contract_id IN (SELECT c.id {of_it})",
                market.at(0)
            ))
            .await;
        market.app.clock.advance(chrono::TimeDelta::seconds(61));
        let begun = format!(
            "EXISTS (SELECT FROM graphile_worker._private_jobs WHERE key = 'release_milestones')
             OR EXISTS (SELECT {of_it} AND m.state <> 'submitted')"
        );
        if !round.is_multiple_of(3) {
            eventually("the clock is at it", || market.app.holds(&begun)).await;
        }
        let call = |number: usize| {
            if (number / 2).is_multiple_of(2) {
                let path = format!("/api/v1/orders/{order}/milestones/1/approve");
                (cloned(&market.client), path, Value::Null, None)
            } else {
                let body = json!({"order_id": order, "milestone_id": 1, "reason": "r", "to_provider": 0});
                (cloned(&market.writer), "/api/v1/disputes".to_owned(), body, None)
            }
        };
        let answers = storm.all(call).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status < 300).collect();
        assert!(won.len() <= 1, "one wins, or the clock did");
        let is = async |state: &str| {
            market.app.holds(&format!("EXISTS (SELECT {of_it} AND m.state = '{state}')")).await
        };
        let (is_completed, is_disputed) = (is("completed").await, is("disputed").await);
        assert!(is_completed != is_disputed);
        storm.moved(&order, "release", usize::from(is_completed)).await;
        storm.moved(&order, "dispute_opened", usize::from(is_disputed)).await;
        ends[if is_disputed { 1 } else { usize::from(won.is_empty()) * 2 }] += 1;
    }
    let [approved, disputed, clock] = ends;
    storm.over(&format!("approve/dispute/clock ({approved}/{disputed}/{clock})"), rounds).await;
}
