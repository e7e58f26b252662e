//! Opening an account, looking at it, changing it, closing it.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_EMAIL, PASSWORD, TestApp};

/// Every key of the source document's example is there, and no other that OpenAPI does not name.
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_from_its_opening_to_its_end() {
    let app = TestApp::start().await;

    let answer = app
        .client
        .post(
            "/api/v1/auth/register",
            &json!({"email": "Writer@Example.com", "password": PASSWORD, "full_name": "John Doe", "role": "Writer"}),
        )
        .await;
    let data = answer.data(201);
    assert_eq!(keys(&data), ["access_token", "refresh_token", "user"]);
    assert_eq!(keys(&data["user"]), ["created_at", "email", "full_name", "id", "role"]);
    assert_eq!(data["user"]["email"], "Writer@Example.com");
    assert_eq!(data["user"]["role"], "writer");
    assert_eq!(data["user"]["created_at"], "2026-05-28T20:26:40Z", "the test's clock, without a fraction");

    let data = app
        .client
        .post("/api/v1/auth/login", &json!({"email": "writer@example.COM", "password": PASSWORD}))
        .await
        .data(200);
    assert_eq!(keys(&data), ["access_token", "refresh_token", "user"]);
    let user = &data["user"];
    assert_eq!(
        keys(user),
        ["email", "full_name", "id", "profile_complete", "rating", "role", "total_orders"]
    );
    assert_eq!(user["profile_complete"], false);
    assert_eq!(user["rating"], Value::Null);
    assert_eq!(user["total_orders"], 0);

    let me = app.client.with_token(data["access_token"].as_str().unwrap());
    let user = me.get("/api/v1/auth/me").await.data(200)["user"].clone();
    assert_eq!(
        keys(&user),
        [
            "avatar_url",
            "bio",
            "completed_orders",
            "email",
            "full_name",
            "id",
            "member_since",
            "rating",
            "role",
            "success_rate",
            "total_orders"
        ]
    );
    assert_eq!(user["member_since"], "2026-05-28T20:26:40Z");

    app.clock.advance(TimeDelta::minutes(1));
    let changed = me
        .patch("/api/v1/users/profile", &json!({"full_name": "  Jane  Doe ", "phone": "+44 20 7946 0958"}))
        .await
        .data(200);
    let record = &changed["user"];
    assert_eq!(keys(record), ["created_at", "email", "full_name", "id", "phone", "role", "updated_at"]);
    assert_eq!(record["full_name"], "Jane  Doe");
    assert_eq!(record["phone"], "+44 20 7946 0958");
    assert_eq!(record["updated_at"], "2026-05-28T20:27:40Z");
    assert_eq!(me.get("/api/v1/users/profile").await.data(200), changed);

    let unchanged = me.put("/api/v1/users/profile", &json!({"phone": null})).await.data(200);
    assert_eq!(unchanged["user"]["phone"], Value::Null);
    assert_eq!(unchanged["user"]["full_name"], "Jane  Doe", "what is not named stays");

    let farewell = me.post_nothing("/api/v1/users/deactivate").await.data(200);
    assert_eq!(farewell["message"], "Account deactivated");
    me.get("/api/v1/auth/me").await.error(401, "UNAUTHORIZED");
    let error = app
        .client
        .post("/api/v1/auth/login", &json!({"email": "writer@example.com", "password": PASSWORD}))
        .await
        .error(401, "UNAUTHORIZED");
    assert_eq!(error["details"]["reason"], "account_deactivated");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_and_profile_show_as_the_source_has_them() {
    let app = TestApp::start().await;
    let writer = app.register("writer", "writer@example.com").await;
    let bio = "x".repeat(100);
    app.sql(&format!(
        "UPDATE user_figures SET orders_total = 45, orders_completed = 42, rating_sum = 24, rating_count = 5
         WHERE user_id = '{id}';
         UPDATE profiles SET bio = '{bio}', avatar_url = 'https://cdn.example.com/a.jpg',
                specializations = '{{Business}}', education = 'MBA', languages = '{{English}}'
         WHERE user_id = '{id}'",
        id = writer.id
    ))
    .await;
    let user = writer.client.get("/api/v1/auth/me").await.data(200)["user"].clone();
    assert_eq!(user["rating"], 4.8);
    assert_eq!(user["success_rate"], 93.3);
    assert_eq!((&user["total_orders"], &user["completed_orders"]), (&json!(45), &json!(42)));
    assert_eq!(user["bio"], bio);
    let login = app
        .client
        .post("/api/v1/auth/login", &json!({"email": writer.email, "password": PASSWORD}))
        .await
        .data(200);
    assert_eq!(login["user"]["profile_complete"], true);
    assert_eq!(login["user"]["rating"], 4.8);
    assert_eq!(login["user"]["total_orders"], 45);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_is_told_as_the_source_shows_it() {
    let app = TestApp::start().await;
    app.register("client", "ada@example.com").await;
    let body = json!({"email": "ADA@example.com", "password": PASSWORD, "full_name": "A", "role": "writer"});
    let answer = app.client.post("/api/v1/auth/register", &body).await;
    let error = answer.error(400, "VALIDATION_ERROR");
    assert_eq!(error["message"], "Email already exists");
    assert_eq!(error["details"]["field"], "email");
    assert_eq!(error["details"]["errors"][0]["field"], "email");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_one_address_exactly_one_gets_it() {
    let app = TestApp::start().await;
    for round in 0..5 {
        let attempts = (0..8).map(|attempt| {
            let email = if attempt % 2 == 0 {
                format!("r{round}@example.com")
            } else {
                format!("R{round}@Example.com")
            };
            let body = json!({"email": email, "password": PASSWORD, "full_name": "A", "role": "client"});
            let client = app.client.clone();
            async move { client.post("/api/v1/auth/register", &body).await.status }
        });
        let mut statuses = futures_util::future::join_all(attempts).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_broken_rules_are_told_together() {
    let app = TestApp::start().await;
    let body =
        r#"{"email": "nonsense", "role": "admin", "password": "short", "full_name": " ", "phone": "x"}"#;
    let request = app.client.request(Method::POST, "/api/v1/auth/register");
    let request = request.header("content-type", "application/json").body(body);
    let error = app.client.send(request).await.error(400, "VALIDATION_ERROR");
    let fields: Vec<_> =
        error["details"]["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["email", "role", "password", "full_name", "phone"], "in the order of the request");
    assert_eq!(error["details"]["field"], "email");
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_address_needs_the_password_and_a_free_address() {
    let app = TestApp::start().await;
    let ada = app.register("client", "ada@example.com").await;
    app.register("client", "bob@example.com").await;
    let patch = |body: Value| {
        let client = ada.client.clone();
        async move { client.patch("/api/v1/users/profile", &body).await }
    };
    let error = patch(json!({"email": "new@example.com"})).await.error(400, "VALIDATION_ERROR");
    assert_eq!(error["details"]["field"], "current_password");
    let error = patch(json!({"email": "new@example.com", "current_password": "wrong"}))
        .await
        .error(400, "VALIDATION_ERROR");
    assert_eq!(error["details"]["field"], "current_password");
    let error = patch(json!({"email": "BOB@example.com", "current_password": PASSWORD}))
        .await
        .error(400, "VALIDATION_ERROR");
    assert_eq!(error["details"]["field"], "email");
    patch(json!({"email": "ada@example.com"})).await.data(200);
    patch(json!({"email": "ADA@example.com"})).await.error(400, "VALIDATION_ERROR");
    patch(json!({"email": "new@example.com", "current_password": PASSWORD})).await.data(200);
    app.log_in("new@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_give_themselves_what_is_not_theirs_to_give() {
    let app = TestApp::start().await;
    let ada = app.register("client", "ada@example.com").await;
    for (field, value) in [
        ("role", json!("admin")),
        ("id", json!("0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11")),
        ("is_verified", json!(true)),
        ("password", json!("AnotherOne123!")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("state", json!("active")),
        ("version", json!(7)),
    ] {
        let error = ada.client.patch("/api/v1/users/profile", &json!({field: value})).await;
        assert_eq!(error.error(400, "VALIDATION_ERROR")["details"]["field"], field);
    }
    let mut body =
        json!({"email": "eve@example.com", "password": PASSWORD, "full_name": "Eve", "role": "client"});
    body["is_verified"] = json!(true);
    let error = app.client.post("/api/v1/auth/register", &body).await.error(400, "VALIDATION_ERROR");
    assert_eq!(error["details"]["field"], "is_verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_from_the_settings_and_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let me = admin.client.get("/api/v1/auth/me").await.data(200);
    assert_eq!(me["user"]["role"], "admin");
    assert_eq!(me["user"]["email"], ADMIN_EMAIL);
    let error = admin.client.post_nothing("/api/v1/users/deactivate").await.error(409, "CONFLICT");
    assert_eq!(error["details"]["reason"], "own_administrator_account");
    // A second start with the same settings finds the account.
    app.replica().await.admin().await;
}
