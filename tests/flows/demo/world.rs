//! The small world.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use adapter_security::system::TimeOrderedIds;
use chrono::{DateTime, Utc};
use guildhall::demo::{DemoWorld, LOGINS, Made, PASSWORD, PEOPLE};
use guildhall::wiring;
use ports::environment::{Clock, Ids};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Backstage, test_settings};
use crate::harness::{Person, TestApp};

fn world(backstage: &Backstage) -> DemoWorld {
    let Backstage { settings, secrets, outside, home, .. } = backstage;
    wiring::wire(settings, secrets, outside, home, &Handle::current()).unwrap().demo
}

async fn log_in(app: &TestApp, email: &str) -> Person {
    let body = json!({"email": email, "password": PASSWORD});
    let data = app.client.post("/api/v1/auth/login", &body).await.data(200);
    let token = data["access_token"].as_str().unwrap();
    Person {
        id: data["user"]["id"].as_str().unwrap().to_owned(),
        email: email.to_owned(),
        access_token: token.to_owned(),
        refresh_token: String::new(),
        client: app.client.with_token(token),
    }
}

async fn get(person: &Person, path: &str) -> Value {
    person.client.get(&format!("/api/v1{path}")).await.data(200)
}

fn count(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_and_everybody_has_something_to_see() {
    let backstage = Backstage::new().await;
    assert_eq!(world(&backstage).make(&backstage.home.owner_url).await.unwrap(), Made::Now);
    backstage
        .assert_all(&[
            "(SELECT count(DISTINCT state) = 5 FROM orders)",
            "(SELECT count(DISTINCT state) = 6 FROM bids)",
            "(SELECT count(*) >= 8 FROM users JOIN profiles ON user_id = id
              WHERE char_length(bio) >= 100 AND avatar_url IS NOT NULL
                AND email NOT IN ('client@demo.test', 'writer@demo.test'))",
            "(SELECT count(*) >= 5 FROM reviews)",
            "(SELECT count(*) >= 8 FROM order_files)",
            "(SELECT count(DISTINCT state) >= 3 FROM withdrawals)",
            // Some weeks of history, in the order of its numbers.
            "(SELECT max(created_at) - min(created_at) > interval '6 weeks' FROM orders)",
            "NOT EXISTS (SELECT FROM (SELECT created_at < lag(created_at) OVER (ORDER BY id) AS back FROM orders) o WHERE back)",
            "NOT EXISTS (SELECT FROM (SELECT created_at < lag(created_at) OVER (ORDER BY position) AS back FROM postings) p WHERE back)",
            "NOT EXISTS (SELECT FROM outbox WHERE dispatched_at IS NULL)",
        ])
        .await;
    assert!(backstage.holds(&format!("(SELECT count(*) = {PEOPLE} FROM users)")).await);

    // The server's own administrator is not needed any more.
    let Backstage { database, clock, _data, .. } = backstage;
    let mut app = TestApp::start_unready(database, test_settings(), clock).await;
    app.ready().await;
    app.assert_books_balance().await;
    let [client, writer, admin] =
        [log_in(&app, LOGINS[0]).await, log_in(&app, LOGINS[1]).await, log_in(&app, LOGINS[2]).await];
    for person in [&client, &writer] {
        assert!(count(&get(person, "/orders").await["orders"]) >= 2);
        assert!(get(person, "/chats").await["unread_total"].as_i64().unwrap() >= 1);
        let notifications = get(person, "/notifications").await;
        let unread = notifications["unread_count"].as_i64().unwrap();
        assert!(
            (1..notifications["pagination"]["total"].as_i64().unwrap()).contains(&unread),
            "{notifications}"
        );
        assert!(get(person, "/balance").await["balance"]["available"].as_f64().unwrap() > 0.0);
        assert!(count(&get(person, "/transactions").await["transactions"]) >= 2);
        let me = get(person, "/auth/me").await["user"].clone();
        let since: DateTime<Utc> = me["member_since"].as_str().unwrap().parse().unwrap();
        assert!(since < app.clock.now(), "{me}");
    }
    assert!(count(&get(&writer, "/bids").await["bids"]) >= 2);
    assert!(count(&get(&writer, "/available-orders").await["orders"]) >= 3);
    assert!(count(&get(&admin, "/admin/withdrawals?status=pending").await["withdrawals"]) >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_adds_nothing() {
    let backstage = Backstage::new().await;
    assert_eq!(world(&backstage).make(&backstage.home.owner_url).await.unwrap(), Made::Now);
    let rows = "(SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM postings) + (SELECT count(*) FROM users))";
    let client = test_cluster::connect(&backstage.database.owner_url).await;
    let before: i64 = client.query_one(&format!("SELECT {rows}"), &[]).await.unwrap().get(0);
    assert_eq!(world(&backstage).make(&backstage.home.owner_url).await.unwrap(), Made::Before);
    let after: i64 = client.query_one(&format!("SELECT {rows}"), &[]).await.unwrap().get(0);
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_made_where_somebody_else_has_an_account() {
    let app = TestApp::start_with(test_settings()).await;
    app.register("writer", "ada@example.com").await;
    let backstage = Backstage::new().await;
    let theirs = app.owner_url();
    let made = world_on(&app, &backstage).make(&theirs.into()).await.unwrap();
    assert_eq!(made, Made::NotHere);
    assert!(app.holds("(SELECT count(*) = 2 FROM users)").await, "the administrator and Ada");
}

fn world_on(app: &TestApp, backstage: &Backstage) -> DemoWorld {
    let settings = app.settings(&test_settings());
    let home = guildhall::home::Home::attach(&settings).unwrap();
    let Backstage { secrets, outside, .. } = backstage;
    wiring::wire(&settings, secrets, outside, &home, &Handle::current()).unwrap().demo
}

/// Identifiers until the power is cut.
struct PowerCut(AtomicUsize);

impl Ids for PowerCut {
    fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        assert!(self.0.fetch_sub(1, Ordering::SeqCst) > 0, "the power is cut");
        TimeOrderedIds.uuid(now)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_breaks_off_leaves_nothing_and_the_next_one_makes_it() {
    let backstage = Backstage::new().await;
    let mut cut_off = world(&backstage);
    cut_off.issuer.ids = Arc::new(PowerCut(AtomicUsize::new(400)));
    let owner_url = backstage.home.owner_url.clone();
    let broken = tokio::spawn(async move { cut_off.make(&owner_url).await }).await;
    assert!(broken.unwrap_err().is_panic());
    backstage.assert_all(&["NOT EXISTS (SELECT FROM users)", "NOT EXISTS (SELECT FROM outbox)"]).await;
    assert_eq!(world(&backstage).make(&backstage.home.owner_url).await.unwrap(), Made::Now);
}
