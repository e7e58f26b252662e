//! Money in, money out: deposits, withdrawals, the history, and asking twice.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestApp, TestSettings};

const DEPOSITS: &str = "/api/v1/payments/deposits";
const WITHDRAWALS: &str = "/api/v1/withdrawals";

fn bank(amount: &str) -> String {
    format!(
        r#"{{"amount": {amount}, "method": "bank_transfer", "account_details":
           {{"account_number": "1234567890", "bank_name": "Example Bank", "account_holder": "John Doe"}}}}"#
    )
}

async fn post(person: &Person, path: &str, body: &str, key: Option<&str>) -> Answer {
    let mut request = person.client.request(Method::POST, path);
    if !body.is_empty() {
        request = request.header("content-type", "application/json").body(body.to_owned());
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    person.client.send(request).await
}

async fn deposit(person: &Person, amount: &str) -> Value {
    post(person, DEPOSITS, &format!(r#"{{"amount": {amount}}}"#), None).await.data(201)
}

async fn balance(person: &Person) -> Value {
    person.client.get("/api/v1/balance").await.data(200)["balance"].clone()
}

async fn transactions(person: &Person) -> Vec<Value> {
    let data = person.client.get("/api/v1/transactions?limit=100").await.data(200);
    data["transactions"].as_array().unwrap().clone()
}

/// Each row's balance is the next older one's, more or less this amount; the newest is what there is.
async fn assert_history_adds_up(person: &Person) {
    let cents = |value: &Value| (value.as_f64().unwrap() * 100.0).round();
    let rows = transactions(person).await;
    let mut older = 0.0;
    for row in rows.iter().rev() {
        let signed = if row["type"] == "credit" { cents(&row["amount"]) } else { -cents(&row["amount"]) };
        assert_eq!(cents(&row["balance_after"]), older + signed, "{row}");
        older = cents(&row["balance_after"]);
    }
    assert_eq!(cents(&balance(person).await["available"]), older);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_deposit_to_a_payout() {
    let app = TestApp::start().await;
    let (ada, admin) = (app.register("writer", "ada@example.com").await, app.admin().await);
    let data = deposit(&ada, "1245.50").await;
    assert_eq!(data["deposit"]["status"], "completed");
    assert_eq!(data["deposit"]["method"], "sandbox");
    assert_eq!(data["balance"]["available"], json!(1245.5));
    assert_eq!(data["balance"]["currency"], "USD");

    app.clock.advance(TimeDelta::minutes(1));
    let answer = post(&ada, WITHDRAWALS, &bank("500.00"), None).await;
    assert!(answer.text.contains(r#""amount":500.00"#), "money has two decimals: {}", answer.text);
    let data = answer.data(201);
    assert_eq!(data["message"], "Withdrawal request submitted successfully");
    let withdrawal = &data["withdrawal"];
    assert_eq!((&withdrawal["id"], &withdrawal["status"]), (&json!("WD-001"), &json!("pending")));
    assert_eq!(withdrawal["method"], "bank_transfer");
    assert!(!answer.text.contains("1234567890"), "the account is masked: {}", answer.text);
    assert_eq!(withdrawal["estimated_completion"], "2026-06-01T00:00:00Z", "two business days on");
    let now = balance(&ada).await;
    assert_eq!((&now["available"], &now["total_withdrawn"]), (&json!(745.5), &json!(500.0)));
    assert_eq!(transactions(&ada).await[0]["status"], "pending");
    assert_eq!(transactions(&ada).await[0]["description"], "Withdrawal to Bank Account");

    let path = |verb: &str| format!("/api/v1/admin/withdrawals/WD-001/{verb}");
    post(&admin, &path("mark-paid"), "", None).await.error(409, "CONFLICT");
    let approved = post(&admin, &path("approve"), "", None).await.data(200);
    assert_eq!(approved["withdrawal"]["state"], "approved");
    assert_eq!(approved["withdrawal"]["status"], "pending");
    post(&ada, "/api/v1/withdrawals/WD-001/cancel", "", None).await.error(409, "CONFLICT");
    let paid = post(&admin, &path("mark-paid"), "", None).await.data(200);
    assert_eq!(paid["withdrawal"]["status"], "completed");
    post(&admin, &path("mark-paid"), "", None).await.error(409, "CONFLICT");
    assert_eq!(transactions(&ada).await[0]["status"], "completed");
    let seen = ada.client.get("/api/v1/withdrawals/WD-001").await.data(200);
    assert_eq!(seen["withdrawal"]["status"], "completed");
    assert_history_adds_up(&ada).await;
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_back_or_refused_comes_back() {
    let app = TestApp::start().await;
    let (ada, bob, admin) = (
        app.register("writer", "ada@example.com").await,
        app.register("client", "bob@example.com").await,
        app.admin().await,
    );
    deposit(&ada, "100").await;
    post(&ada, WITHDRAWALS, &bank("60"), None).await.data(201);
    post(&bob, "/api/v1/withdrawals/WD-001/cancel", "", None).await.error(404, "NOT_FOUND");
    bob.client.get("/api/v1/withdrawals/WD-001").await.error(404, "NOT_FOUND");
    let cancelled = post(&ada, "/api/v1/withdrawals/WD-001/cancel", "", None).await.data(200);
    assert_eq!(cancelled["withdrawal"]["status"], "cancelled");
    post(&ada, WITHDRAWALS, &bank("70"), None).await.data(201);
    let reason = r#"{"reason": "the name does not match"}"#;
    let rejected = post(&admin, "/api/v1/admin/withdrawals/WD-002/reject", reason, None).await.data(200);
    assert_eq!(rejected["withdrawal"]["status"], "rejected");
    assert_eq!(rejected["withdrawal"]["rejection_reason"], "the name does not match");
    let now = balance(&ada).await;
    assert_eq!((&now["available"], &now["total_withdrawn"]), (&json!(100.0), &json!(0.0)));
    assert_eq!(transactions(&ada).await.len(), 5, "money given back is a further credit");
    assert_history_adds_up(&ada).await;
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_withdrawals_at_once_never_overdraw() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for round in 0..5 {
        deposit(&ada, "100").await;
        let attempts = (0..20).map(|_| async { post(&ada, WITHDRAWALS, &bank("30"), None).await.status });
        let mut statuses = futures_util::future::join_all(attempts).await;
        statuses.sort_unstable();
        let granted = statuses.iter().filter(|status| **status == 201).count();
        // 10 are left over from the rounds before each time.
        assert_eq!(granted, if round % 3 == 2 { 4 } else { 3 }, "round {round}: {statuses:?}");
        assert!(statuses.iter().all(|status| [201, 422].contains(status)), "{statuses:?}");
        app.assert_books_balance().await;
    }
    assert_history_adds_up(&ada).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_answers_to_one_withdrawal_one_counts() {
    let app = TestApp::start().await;
    let (ada, admin) = (app.register("writer", "ada@example.com").await, app.admin().await);
    deposit(&ada, "1000").await;
    for round in 1..=5 {
        post(&ada, WITHDRAWALS, &bank("10"), None).await.data(201);
        let id = format!("WD-{round:03}");
        let (cancel, approve) =
            (format!("/api/v1/withdrawals/{id}/cancel"), format!("/api/v1/admin/withdrawals/{id}/approve"));
        let attempts = (0..20).map(|number| {
            let (person, path) = if number % 2 == 0 { (&ada, &cancel) } else { (&admin, &approve) };
            async move { post(person, path, "", None).await.status }
        });
        let mut statuses = futures_util::future::join_all(attempts).await;
        statuses.sort_unstable();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    }
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_request_is_done_once() {
    let app = TestApp::start().await;
    let (ada, bob) =
        (app.register("writer", "ada@example.com").await, app.register("writer", "bob@example.com").await);
    let first = post(&ada, DEPOSITS, r#"{"amount": 100, "method": "sandbox"}"#, Some("key-1")).await;
    first.data(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    // The same request in other words.
    let again = post(&ada, DEPOSITS, r#"{"method":"sandbox", "amount":100.00}"#, Some("key-1")).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = post(&ada, DEPOSITS, r#"{"amount": 200}"#, Some("key-1")).await;
    other.error(422, "UNPROCESSABLE_ENTITY");
    post(&ada, WITHDRAWALS, &bank("10"), Some("key-1")).await.error(422, "UNPROCESSABLE_ENTITY");
    post(&bob, DEPOSITS, r#"{"amount": 100}"#, Some("key-1")).await.data(201);
    for key in ["", "ä", &"x".repeat(256)] {
        let answer = post(&ada, DEPOSITS, r#"{"amount": 100}"#, Some(key)).await;
        answer.error(400, "VALIDATION_ERROR");
    }
    // An error leaves the key unused.
    post(&ada, WITHDRAWALS, &bank("5000"), Some("key-2")).await.error(422, "UNPROCESSABLE_ENTITY");
    deposit(&ada, "5000").await;
    post(&ada, WITHDRAWALS, &bank("5000"), Some("key-2")).await.data(201);
    // A day later it is forgotten.
    app.clock.advance(TimeDelta::hours(25));
    let ada = app.log_in(&ada.email).await;
    let later = post(&ada, DEPOSITS, r#"{"amount": 1}"#, Some("key-1")).await;
    assert_eq!((later.status, later.header("idempotent-replayed")), (201, None));
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_from_everywhere_at_once_moves_money_once() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for round in 0..10 {
        let key = format!("round-{round}");
        let attempts = (0..20).map(|_| post(&ada, DEPOSITS, r#"{"amount": 1}"#, Some(&key)));
        for answer in futures_util::future::join_all(attempts).await {
            match answer.status {
                201 => {}
                409 => assert_eq!(answer.error(409, "CONFLICT")["details"]["reason"], "in_progress"),
                other => panic!("{other}: {}", answer.text),
            }
        }
        assert_eq!(balance(&ada).await["available"], json!(f64::from(round + 1)));
    }
    app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_exact_or_refused() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for amount in ["0.1", "115", "115.0", "115.10", "99999999.99"] {
        deposit(&ada, amount).await;
    }
    assert_eq!(balance(&ada).await["available"], json!(100_000_345.19 - 0.0));
    for amount in
        ["0", "0.00", "-1", "1.150", "1e2", "\"100\"", "100000000", "null", "true", "[1]", "1.", "01"]
    {
        let body = format!(r#"{{"amount": {amount}}}"#);
        let answer = post(&ada, DEPOSITS, &body, None).await;
        let error = answer.error(400, "VALIDATION_ERROR");
        assert!(
            ["amount", "body"].contains(&error["details"]["field"].as_str().unwrap()),
            "{amount}: {error}"
        );
    }
    let missing = r#"{"amount": 5, "method": "paypal", "account_details": {"account_number": "1"}}"#;
    let error = post(&ada, WITHDRAWALS, missing, None).await.error(400, "VALIDATION_ERROR");
    assert!(error["details"]["field"].as_str().unwrap().starts_with("account_details"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_pages_or_follow_a_cursor() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for amount in 1..=7 {
        deposit(&ada, &amount.to_string()).await;
    }
    let list = |query: &str| {
        let (client, path) = (ada.client.clone(), format!("/api/v1/transactions?{query}"));
        async move { client.get(&path).await }
    };
    let amounts = |data: &Value| -> Vec<f64> {
        data["transactions"].as_array().unwrap().iter().map(|row| row["amount"].as_f64().unwrap()).collect()
    };
    let first = list("limit=3").await.data(200);
    assert_eq!(amounts(&first), [7.0, 6.0, 5.0]);
    let pagination = &first["pagination"];
    assert_eq!(
        (
            &pagination["page"],
            &pagination["total"],
            &pagination["pages"],
            &pagination["has_next"],
            &pagination["has_prev"]
        ),
        (&json!(1), &json!(7), &json!(3), &json!(true), &json!(false))
    );
    deposit(&ada, "8").await;
    let cursor = pagination["next_cursor"].as_str().unwrap();
    let second = list(&format!("limit=3&cursor={cursor}")).await.data(200);
    assert_eq!(amounts(&second), [4.0, 3.0, 2.0], "nothing comes twice and nothing is skipped");
    assert_eq!(second["pagination"]["page"], Value::Null);
    assert_eq!(second["pagination"]["has_prev"], true);
    let beyond = list("page=9").await.data(200);
    assert!(amounts(&beyond).is_empty());
    for query in [
        "page=0",
        "limit=0",
        "limit=101",
        "page=x",
        "type=none",
        "cursor=nonsense",
        &format!("page=1&cursor={cursor}"),
    ] {
        list(query).await.error(400, "VALIDATION_ERROR");
    }
    assert_eq!(amounts(&list("type=debit&unknown=1").await.data(200)).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_closes_an_account_with_money_in_it() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    deposit(&ada, "10").await;
    let error = ada.client.post_nothing("/api/v1/users/deactivate").await.error(409, "CONFLICT");
    assert_eq!(error["details"]["reason"], "money_left");
    post(&ada, WITHDRAWALS, &bank("10"), None).await.data(201);
    ada.client.post_nothing("/api/v1/users/deactivate").await.error(409, "CONFLICT");
    let admin = app.admin().await;
    post(&admin, "/api/v1/admin/withdrawals/WD-001/approve", "", None).await.data(200);
    post(&admin, "/api/v1/admin/withdrawals/WD-001/mark-paid", "", None).await.data(200);
    ada.client.post_nothing("/api/v1/users/deactivate").await.data(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_play_money_in_production() {
    let settings = TestSettings::default()
        .with("APP_ENV", "production")
        .with("FIELD_ENCRYPTION_KEY", "tests: 0f1e2d3c4b5a69788796a5b4c3d2e1f0")
        .with("FORCE_HTTPS", "off");
    let app = TestApp::start_with(settings).await;
    let ada = app.register("client", "ada@example.com").await;
    let error = post(&ada, DEPOSITS, r#"{"amount": 100}"#, None).await.error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(error["details"]["reason"], "payment_method_unavailable");
}
