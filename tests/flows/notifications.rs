//! From a stored fact to what somebody is told: every kind of fact is understood, none has its effect
//! twice, and what cannot be understood holds up nobody.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use adapter_memory::contract::facts_of_every_kind;
use adapter_memory::{ManualClock, PlainFieldCipher};
use adapter_postgres::{Database, PoolConfig};
use domain::event::Event;
use domain::ids::{EventId, UserId};
use ports::environment::Clock;
use ports::outbox::{Dispatch, OutboxReader, Reading, StoredFact};
use ports::store::{Store, UnitOfWork};
use reqwest::Method;
use serde_json::{Value, json};
use test_cluster::{Role, TestDatabase};
use tokio::runtime::Handle;
use usecases::outbox::fact_of;
use uuid::Uuid;

use crate::harness::{Answer, Person, TestApp, eventually};

const PATH: &str = "/api/v1/notifications";

/// Keeps what it is handed.
#[derive(Default)]
struct Keep(Mutex<Vec<StoredFact>>);

impl OutboxReader for Keep {
    fn name(&self) -> &'static str {
        "keep"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], _: &'a mut dyn UnitOfWork) -> Reading<'a> {
        self.0.lock().unwrap().extend_from_slice(facts);
        Box::pin(std::future::ready(Ok(())))
    }
}

fn connect(database: &TestDatabase) -> Database {
    let patience = Duration::from_secs(10);
    let config = PoolConfig {
        url: database.url(Role::App).into(),
        size: 2,
        readers: 1,
        wait: patience,
        statement_timeout: patience,
        lock_timeout: patience,
        idle_in_transaction_timeout: patience,
        application_name: "test".to_owned(),
    };
    Database::connect(config, Arc::new(PlainFieldCipher), &Handle::current()).unwrap()
}

/// What storage writes down of a fact and what is made of it again are two tables of names and keys;
/// this holds them together.
#[tokio::test(flavor = "multi_thread")]
async fn every_fact_is_read_as_it_was_told() {
    let (test, clock) = (TestDatabase::migrated().await, ManualClock::default());
    let database = connect(&test);
    let person = |number| UserId::new(Uuid::from_u128(number));
    let facts = facts_of_every_kind(person(1), person(2));
    let events: Vec<_> = facts
        .iter()
        .zip(1..)
        .map(|(fact, number)| {
            let event = Event { fact: fact.clone(), occurred_at: clock.now() };
            (EventId::new(Uuid::from_u128(number)), event)
        })
        .collect();
    let mut work = database.begin().await.unwrap();
    work.outbox().append(&events).await.unwrap();
    work.commit().await.unwrap();

    let keep = Arc::new(Keep::default());
    let readers = [Arc::clone(&keep) as Arc<dyn OutboxReader>];
    database.dispatch(&readers, clock.now(), 1_000).await.unwrap();
    let stored = keep.0.lock().unwrap();
    assert_eq!(stored.len(), facts.len());
    for (stored, fact) in stored.iter().zip(facts) {
        assert_eq!(fact_of(stored).as_ref(), Ok(&fact), "{stored:?}");
        // What an older program may have written: not a particular more than the name.
        let bare = StoredFact { particulars: Default::default(), ..stored.clone() };
        assert!(fact_of(&bare).is_err(), "{bare:?}");
        let unknown = StoredFact { name: format!("{}_anew", stored.name), ..stored.clone() };
        assert!(fact_of(&unknown).is_err(), "{unknown:?}");
    }
}

async fn list(who: &Person, query: &str) -> Value {
    who.client.get(&format!("{PATH}{query}")).await.data(200)
}

async fn total(who: &Person) -> Value {
    list(who, "").await["pagination"]["total"].clone()
}

async fn deposit(who: &Person, amount: i64) {
    who.client.post("/api/v1/payments/deposits", &json!({"amount": amount})).await.data(201);
}

/// Somebody with so many notifications, of their deposits.
async fn told(app: &TestApp, email: &str, count: i64) -> Person {
    let person = app.register("writer", email).await;
    for amount in 1..=count {
        deposit(&person, amount).await;
    }
    eventually("they are told of all", async || total(&person).await == count).await;
    person
}

async fn mark_all(who: &Person, key: Option<&str>) -> Answer {
    let mut request = who.client.request(Method::POST, &format!("{PATH}/mark-all-read"));
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    who.client.send(request).await
}

async fn mark(who: &Person, id: &str) -> Answer {
    let path = format!("{PATH}/{id}/read");
    who.client.send(who.client.request(Method::PATCH, &path)).await
}

/// The aim is 200 ms (p99).
#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_almost_at_once() {
    const TEN_TIMES_THE_AIM: Duration = Duration::from_secs(2);
    let app = TestApp::start().await;
    let person = app.register("writer", "ada@example.com").await;
    for amount in 1..=10 {
        deposit(&person, amount).await;
        let committed = Instant::now();
        eventually("they are told", async || total(&person).await == amount).await;
        assert!(committed.elapsed() < TEN_TIMES_THE_AIM, "{:?}", committed.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatching_twice_tells_nobody_twice() {
    let app = TestApp::start().await;
    let person = told(&app, "ada@example.com", 5).await;
    let before = list(&person, "").await;
    app.sql("UPDATE outbox SET dispatched_at = NULL").await;
    const DONE: &str = "NOT EXISTS (SELECT FROM outbox WHERE dispatched_at IS NULL)";
    eventually("all facts are dispatched again", || app.holds(DONE)).await;
    assert_eq!(list(&person, "").await, before);
    deposit(&person, 6).await;
    eventually("the next one comes", async || total(&person).await == 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_holds_up_nobody_and_is_told_by_who_can() {
    let app = TestApp::start().await;
    app.sql(
        "INSERT INTO outbox (id, name, payload, occurred_at)
         SELECT gen_random_uuid(), name, payload::jsonb, now()
         FROM (VALUES ('bid.accepted', '{}'), ('deposit.completed', '{\"user_id\": \"nobody\"}'),
                      ('weather.changed', '{}')) AS told (name, payload);
         INSERT INTO outbox (id, name, payload, occurred_at)
         VALUES (gen_random_uuid(), 'user.password_changed',
                 '{\"user_id\": \"0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11\"}', now())",
    )
    .await;
    let person = told(&app, "ada@example.com", 1).await;
    let set_aside = "(SELECT count(*) FROM outbox WHERE refusals > 0 AND last_error IS NOT NULL) = 3";
    eventually("what cannot be read is set aside", || app.holds(set_aside)).await;
    assert!(app.holds("(SELECT count(*) FROM outbox WHERE dispatched_at IS NULL) = 3").await, "nothing else");
    assert_eq!(total(&person).await, 1);
    // As a newer program reads them, when their time has come.
    app.sql(&format!(
        "UPDATE outbox
         SET name = 'user.password_changed', payload = '{{\"user_id\": \"{}\"}}', retry_at = NULL
         WHERE dispatched_at IS NULL",
        person.id
    ))
    .await;
    eventually("it is told", async || total(&person).await == 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_shows_and_marks_the_same() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let here = told(&app, "ada@example.com", 3).await;
    let there = replica.client.with_token(&here.access_token);
    let seen = there.get(PATH).await.data(200);
    assert_eq!((&seen["unread_count"], &seen["pagination"]["total"]), (&json!(3), &json!(3)));
    let answer = there.post_nothing(&format!("{PATH}/mark-all-read")).await.data(200);
    assert_eq!(answer, json!({"message": "All notifications marked as read", "count": 3}));
    assert_eq!(list(&here, "").await["unread_count"], 0);
    replica.stop().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_made_by_their_owner_and_filter_the_list() {
    let app = TestApp::start().await;
    let (ada, eve) = (told(&app, "ada@example.com", 3).await, told(&app, "eve@example.com", 1).await);
    let all = list(&ada, "").await;
    let id = |place: usize| all["notifications"][place]["id"].as_str().unwrap().to_owned();
    let unknown = mark(&eve, "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11").await;
    unknown.error(404, "NOT_FOUND");
    assert_eq!(mark(&eve, &id(1)).await.text, unknown.text, "somebody else's is as one that is not there");
    assert_eq!(list(&ada, "").await["unread_count"], 3);
    for _ in 0..2 {
        let answer = mark(&ada, &id(1)).await.data(200);
        assert_eq!(answer, json!({"id": id(1), "is_read": true}));
        let seen = list(&ada, "?is_read=true").await;
        assert_eq!((&seen["notifications"][0]["id"], &seen["unread_count"]), (&json!(id(1)), &json!(2)));
        assert_eq!(seen["pagination"]["total"], 1);
    }
    let unread = list(&ada, "?is_read=false&type=payment&limit=1").await;
    assert_eq!(unread["notifications"][0]["id"], json!(id(0)), "newest first");
    assert_eq!(unread["pagination"]["total"], 2);
    let cursor = unread["pagination"]["next_cursor"].as_str().unwrap();
    let next = list(&ada, &format!("?is_read=false&type=payment&limit=1&cursor={cursor}")).await;
    assert_eq!(next["notifications"][0]["id"], json!(id(2)));
    assert_eq!(next["pagination"]["next_cursor"], Value::Null);
    let none = list(&ada, "?type=review").await;
    assert_eq!((&none["notifications"], &none["unread_count"]), (&json!([]), &json!(2)));

    let first = mark_all(&ada, Some("once")).await;
    assert_eq!(first.data(200), json!({"message": "All notifications marked as read", "count": 2}));
    let again = mark_all(&ada, Some("once")).await;
    assert_eq!((again.status, &again.text), (200, &first.text), "the same answer, and nothing done");
    assert_eq!(mark_all(&ada, None).await.data(200)["count"], 0);
    assert_eq!(list(&eve, "").await["unread_count"], 1, "hers are hers");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_marks_at_once_add_up() {
    let app = TestApp::start().await;
    let person = told(&app, "ada@example.com", 10).await;
    let all = list(&person, "").await;
    let ids: Vec<_> =
        all["notifications"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let twice = ids.iter().chain(&ids);
    let marks = futures_util::future::join_all(twice.map(|id| mark(&person, id)));
    let everything = futures_util::future::join_all((0..3).map(|_| mark_all(&person, None)));
    let (marks, everything) = tokio::join!(marks, everything);
    for answer in marks {
        assert_eq!(answer.data(200)["is_read"], true);
    }
    let counted: i64 = everything.iter().map(|answer| answer.data(200)["count"].as_i64().unwrap()).sum();
    assert!((0..=10).contains(&counted), "{counted}: none is counted twice");
    let seen = list(&person, "?is_read=true").await;
    assert_eq!((&seen["unread_count"], &seen["pagination"]["total"]), (&json!(0), &json!(10)));
    let wrong = "(SELECT total, unread FROM notification_counts
                  EXCEPT SELECT count(*), count(*) FILTER (WHERE NOT is_read AND position > read_up_to)
                         FROM notifications JOIN notification_counts USING (user_id, kind)
                         GROUP BY user_id, kind)";
    assert!(app.holds(&format!("NOT EXISTS {wrong}")).await, "the counts are those of the rows");
}
