//! The ranking of providers.

use chrono::{DateTime, TimeDelta, Utc};
use ports::environment::Clock;
use serde_json::{Value, json};

use crate::authorisation::market::{Stage, bring};
use crate::harness::{Person, TestApp, eventually};

async fn ranking(person: &Person, query: &str) -> Value {
    person.client.get(&format!("/api/v1/leaderboard{query}")).await.data(200)
}

fn ids(ranking: &Value) -> Vec<&str> {
    let rows = ranking["leaderboard"].as_array().unwrap();
    rows.iter().map(|row| row["writer"]["id"].as_str().unwrap()).collect()
}

/// Lets the schedule tick, and waits until every ranking is as of now.
async fn until_ranked(app: &TestApp) {
    app.clock.advance(TimeDelta::seconds(30));
    let now: DateTime<Utc> = app.clock.now();
    let fresh = format!("(SELECT count(*) = 3 FROM leaderboards WHERE as_of >= '{}')", now.to_rfc3339());
    eventually("providers are ranked anew", || app.holds(&fresh)).await;
}

/// The story over HTTP, with real money.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_completes_an_order_is_ranked_within_a_minute() {
    let app = TestApp::start().await;
    let [client, writer, idle] = [
        app.register("client", "client@example.com").await,
        app.register("writer", "writer@example.com").await,
        app.register("freelancer", "idle@example.com").await,
    ];
    eventually("there is a ranking right after the start", || {
        app.holds("(SELECT count(*) = 3 FROM leaderboards)")
    })
    .await;
    let empty = ranking(&writer, "").await;
    assert_eq!((&empty["current_user_position"], &empty["leaderboard"]), (&Value::Null, &json!([])));
    // The schedules begin with their next tick.
    eventually("the schedule has begun", || {
        app.holds("EXISTS (SELECT FROM schedules WHERE name = 'refresh_leaderboard')")
    })
    .await;

    let order = bring(Stage::Completed, &client, &writer).await.order;
    let review = json!({"rating": 5});
    client.client.post(&format!("/api/v1/orders/{order}/review"), &review).await.data(201);
    until_ranked(&app).await;
    let balance = writer.client.get("/api/v1/balance").await.data(200)["balance"].clone();
    assert_eq!(balance["total_earned"], 9.0);
    for period in ["all-time", "monthly", "weekly"] {
        let data = ranking(&writer, &format!("?period={period}")).await;
        let row = json!({"rank": 1,
            "writer": {"id": writer.id, "name": "Test Person", "avatar_url": null, "rating": 5.0},
            "orders_completed": 1, "total_earned": balance["total_earned"], "success_rate": 100.0});
        let updated_at: DateTime<Utc> = data["updated_at"].as_str().unwrap().parse().unwrap();
        assert!(app.clock.now() - updated_at <= TimeDelta::seconds(60), "{updated_at}");
        let expected = json!({"current_user_position": row, "leaderboard": [row], "period": period,
            "updated_at": data["updated_at"]});
        assert_eq!(data, expected);
        for other in [&client, &idle] {
            let data = ranking(other, &format!("?period={period}")).await;
            assert_eq!(data["current_user_position"], Value::Null);
            assert_eq!(ids(&data), [writer.id.as_str()]);
        }
    }
    let own = writer.client.get("/api/v1/profile").await.data(200)["profile"].clone();
    assert_eq!((&own["total_earned"], &own["success_rate"]), (&json!(9.0), &json!(100.0)));

    // Two months later it counts of all time only.
    app.clock.advance(TimeDelta::days(62));
    let writer = app.log_in("writer@example.com").await;
    until_ranked(&app).await;
    for (period, expected) in
        [("all-time", vec![writer.id.as_str()]), ("monthly", vec![]), ("weekly", vec![])]
    {
        let data = ranking(&writer, &format!("?period={period}")).await;
        assert_eq!(ids(&data), expected, "{period}");
        assert_eq!(data["current_user_position"].is_null(), expected.is_empty(), "{period}");
    }
    app.stop().await;
}

/// The figures of the source document, put where the story would have to work for years.
#[tokio::test(flavor = "multi_thread")]
async fn the_sources_ranking_is_kept_to_the_number() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for (email, name, completed, total, (sum, count), earned) in [
        ("john", "John Doe", 42, 45, (24, 5), 524_000),
        ("michael", "Michael Chen", 142, 146, (99, 20), 2_678_000),
        ("sarah", "Sarah Johnson", 158, 160, (49, 10), 2_845_000),
    ] {
        let person = app.register("writer", &format!("{email}@example.com")).await;
        person.client.patch("/api/v1/profile", &json!({"full_name": name})).await.data(200);
        app.sql(&format!(
            "UPDATE user_figures SET orders_total = {total}, orders_completed = {completed},
                 rating_sum = {sum}, rating_count = {count} WHERE user_id = '{0}';
             INSERT INTO wallet_totals (user_id, currency, earned_minor, withdrawn_minor)
             VALUES ('{0}', 'USD', {earned}, 0)",
            person.id
        ))
        .await;
        people.push(person);
    }
    eventually("the schedule has begun", || {
        app.holds("EXISTS (SELECT FROM schedules WHERE name = 'refresh_leaderboard')")
    })
    .await;
    until_ranked(&app).await;
    let john = &people[0];
    let data = ranking(john, "?limit=2").await;
    let row = |rank: u32, person: &Person, name, rating, completed, earned, rate| {
        json!({"rank": rank,
            "writer": {"id": person.id, "name": name, "avatar_url": null, "rating": rating},
            "orders_completed": completed, "total_earned": earned, "success_rate": rate})
    };
    let expected = json!({
        "current_user_position": row(3, john, "John Doe", 4.8, 42, 5240.0, 93.3),
        "leaderboard": [
            row(1, &people[2], "Sarah Johnson", 4.9, 158, 28450.0, 98.7),
            row(2, &people[1], "Michael Chen", 4.95, 142, 26780.0, 97.2)],
        "period": "all-time", "updated_at": data["updated_at"]});
    assert_eq!(data, expected);
    let profile = john.client.get("/api/v1/profile").await.data(200)["profile"].clone();
    for (key, value) in [
        ("rating", json!(4.8)),
        ("total_orders", json!(45)),
        ("completed_orders", json!(42)),
        ("success_rate", json!(93.3)),
        ("total_earned", json!(5240.0)),
    ] {
        assert_eq!(profile[key], value, "{key}");
    }
    assert!(john.client.get("/api/v1/profile").await.text.contains("\"total_earned\":5240.00"));
    app.stop().await;
}
