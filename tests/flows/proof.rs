//! The books are checked by night, payouts stop where they are wrong, and an administrator lets them
//! go on.

use chrono::{TimeDelta, TimeZone, Utc};
use ports::environment::Clock;
use serde_json::{Value, json};

use crate::harness::{Person, TestApp, eventually};

const RECONCILIATION: &str = "/api/v1/admin/reconciliation";

async fn reconciliation(admin: &Person) -> Value {
    admin.client.get(RECONCILIATION).await.data(200)
}

/// Goes to the next three in the morning, and waits until the check that is due then has been kept. The
/// other long job of the night comes before it, and is done first: there is one place for both.
async fn a_night_passes(app: &TestApp) {
    let begun = "(SELECT count(*) FROM schedules WHERE name IN ('verify_books', 'sweep_files')) = 2";
    eventually("the schedules have begun", || app.holds(begun)).await;
    let now = app.clock.now();
    let three = Utc.from_utc_datetime(&now.date_naive().and_hms_opt(3, 0, 1).unwrap());
    let next = if three > now { three } else { three + TimeDelta::days(1) };
    let before = next - TimeDelta::minutes(10);
    if before > now {
        app.clock.advance(before - now);
        let swept = format!(
            "(SELECT claimed_at > '{}' FROM schedules WHERE name = 'sweep_files')
             AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs WHERE key = 'sweep_files')",
            (next - TimeDelta::hours(1)).to_rfc3339()
        );
        eventually("files are swept", || app.holds(&swept)).await;
    }
    let kept = format!("EXISTS (SELECT FROM ledger_checks WHERE started_at >= '{}')", next.to_rfc3339());
    app.clock.advance(next - app.clock.now());
    eventually("the check is kept", || app.holds(&kept)).await;
}

async fn withdrawal(person: &Person, amount: i64) -> String {
    let body = json!({"amount": amount, "method": "paypal", "account_details": {"email": "a@example.com"}});
    let data = person.client.post("/api/v1/withdrawals", &body).await.data(201);
    data["withdrawal"]["id"].as_str().unwrap().to_owned()
}

async fn deposit(person: &Person, amount: i64) {
    person.client.post("/api/v1/payments/deposits", &json!({"amount": amount})).await.data(201);
}

async fn set_balance(app: &TestApp, person: &Person, by: i64) {
    app.sql(&format!(
        "UPDATE ledger_accounts SET balance_minor = balance_minor + {by}
         WHERE user_id = '{}' AND kind = 'user_available'",
        person.id
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disagreement_stops_payouts_and_tells_the_administrator() {
    let app = TestApp::start().await;
    let (ada, eve) =
        (app.register("writer", "ada@example.com").await, app.register("writer", "eve@example.com").await);
    for person in [&ada, &eve] {
        deposit(person, 100).await;
    }
    let (hers, other) = (withdrawal(&ada, 10).await, withdrawal(&eve, 10).await);
    assert_eq!(reconciliation(&app.admin().await).await["last_check"], Value::Null);
    set_balance(&app, &ada, 1).await;
    a_night_passes(&app).await;

    let admin = app.admin().await;
    let found = reconciliation(&admin).await;
    assert_eq!(found["last_check"]["ok"], false, "{found}");
    assert_eq!(found["last_check"]["broken"][0]["check"], "balances_are_the_fold_of_postings");
    assert_eq!(found["payout_holds"]["total"], 1);
    assert_eq!(found["payout_holds"]["first"][0]["user"]["id"], ada.id);
    let told = async || admin.client.get("/api/v1/notifications?type=system").await.data(200);
    eventually("the administrator is told", async || {
        told().await["notifications"].as_array().unwrap().iter().any(|one| one["title"] == "Books Disagree")
    })
    .await;

    let approve = |id: &str| format!("/api/v1/admin/withdrawals/{id}/approve");
    let refused = admin.client.post_nothing(&approve(&hers)).await.error(409, "CONFLICT");
    assert_eq!(refused["details"], json!({"reason": "payouts_stopped", "state": "pending"}));
    admin.client.post_nothing(&approve(&other)).await.data(200);

    set_balance(&app, &ada, -1).await;
    let lift = format!("/api/v1/admin/payout-holds/{}/lift", ada.id);
    let lifted = admin.client.post(&lift, &json!({"reason": "A row was restored"})).await.data(200);
    assert_eq!(lifted["payout_hold"]["state"], "lifted");
    let again = admin.client.post(&lift, &json!({"reason": "again"})).await.error(409, "CONFLICT");
    assert_eq!(again["details"]["state"], "lifted");
    admin.client.post_nothing(&approve(&hers)).await.data(200);
    assert_eq!(reconciliation(&admin).await["payout_holds"], json!({"total": 0, "first": []}));
    a_night_passes(&app).await;
    let found = reconciliation(&app.admin().await).await;
    assert_eq!(found["last_check"]["ok"], true, "{found}");
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accountant_reads_the_books() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for amount in [100, 5] {
        deposit(&ada, amount).await;
    }
    let id = withdrawal(&ada, 10).await;
    let admin = app.admin().await;
    for command in ["approve", "mark-paid"] {
        admin.client.post_nothing(&format!("/api/v1/admin/withdrawals/{id}/{command}")).await.data(200);
    }
    let trial = admin.client.get("/api/v1/admin/ledger/trial-balance").await.data(200);
    assert_eq!(trial["currencies"].as_array().unwrap().len(), 1);
    let books = &trial["currencies"][0];
    assert_eq!((&books["currency"], &books["balance"]), (&json!("USD"), &json!(0.0)));
    let lines = books["lines"].as_array().unwrap();
    let of = |account: &str| {
        let line = lines.iter().find(|line| line["account"] == account || line["kind"] == account).unwrap();
        [&line["debits"], &line["credits"], &line["balance"]].map(|amount| amount.as_f64().unwrap())
    };
    assert_eq!(of("world:sandbox"), [105.0, 0.0, -105.0]);
    assert_eq!(of("world:paypal"), [0.0, 10.0, 10.0]);
    assert_eq!(of("user_available"), [10.0, 105.0, 95.0]);
    assert_eq!(of("user_withdrawing"), [10.0, 10.0, 0.0]);

    let entries = async |account: &str, query: &str| {
        let path = format!("/api/v1/admin/ledger/accounts/{account}/entries{query}");
        admin.client.get(&path).await.data(200)
    };
    let outside = entries("world:sandbox", "").await;
    let told: Vec<_> = outside["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["amount"].as_f64().unwrap(), entry["balance_after"].as_f64().unwrap()))
        .collect();
    assert_eq!(told, [(-5.0, -105.0), (-100.0, -100.0)], "reckoned, as no balance is kept");
    let own = format!("user:{}:available", ada.id);
    let first = entries(&own, "?limit=2").await;
    assert_eq!((&first["account"]["owner_id"], &first["pagination"]["total"]), (&json!(ada.id), &json!(3)));
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let rest = entries(&own, &format!("?cursor={cursor}")).await;
    assert_eq!(rest["entries"][0]["balance_after"], json!(100.0));
    for line in reconciliation(&admin).await["outside"].as_array().unwrap() {
        assert_eq!(line["difference"], json!(0.0), "{line}");
    }
}
