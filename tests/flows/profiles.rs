//! Profiles: what people say of themselves, and what others see of them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, Person, TestApp};

async fn profile(person: &Person) -> Value {
    person.client.get("/api/v1/profile").await.data(200)["profile"].clone()
}

async fn patch(person: &Person, body: &Value, header: Option<(&str, &str)>) -> Answer {
    let mut request = person.client.request(Method::PATCH, "/api/v1/profile").json(body);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    person.client.send(request).await
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_from_nothing_to_complete() {
    let app = TestApp::start().await;
    let writer = app.register("writer", "writer@example.com").await;
    let client = app.register("client", "client@example.com").await;
    let fresh = profile(&writer).await;
    let member_since = fresh["member_since"].clone();
    let expected = json!({
        "id": writer.id, "email": "writer@example.com", "full_name": "Test Person", "role": "writer",
        "avatar_url": null, "bio": null, "rating": null, "total_orders": 0, "completed_orders": 0,
        "success_rate": null, "specializations": [], "education": null, "languages": [],
        "member_since": member_since, "total_earned": 0.0, "verified": false, "profile_complete": false,
        "missing_fields": ["bio", "avatar_url", "specializations", "education", "languages"],
        "updated_at": member_since});
    assert_eq!(fresh, expected);
    assert_eq!(profile(&client).await["profile_complete"], true, "nothing is asked of clients");

    // The request of the source document.
    let body = json!({"full_name": "John Doe", "bio": "Updated bio text...",
        "specializations": ["Business", "Marketing", "Finance"], "education": "MBA, Marketing",
        "languages": ["English", "Spanish", "French"]});
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let data = patch(&writer, &body, None).await.data(200);
    assert_eq!(data["message"], "Profile updated successfully");
    let changed = data["profile"].clone();
    assert_eq!(changed, profile(&writer).await, "the whole profile");
    for (key, value) in body.as_object().unwrap() {
        assert_eq!(changed[key], *value, "{key}");
    }
    assert_ne!(changed["updated_at"], member_since);
    assert_eq!(changed["missing_fields"], json!(["bio", "avatar_url"]), "a hundred characters are asked for");

    // There is no way to a picture here: it is put there as whoever has it would.
    patch(&writer, &json!({"bio": "x".repeat(100)}), None).await.data(200);
    app.sql(&format!("UPDATE profiles SET avatar_url = '/a.png' WHERE user_id = '{}'", writer.id)).await;
    let complete = profile(&writer).await;
    assert_eq!((&complete["profile_complete"], &complete["missing_fields"]), (&json!(true), &json!([])));
    assert_eq!(complete["avatar_url"], "/a.png");
    let login = json!({"email": "writer@example.com", "password": PASSWORD});
    let user = app.client.post("/api/v1/auth/login", &login).await.data(200)["user"].clone();
    assert_eq!((&user["profile_complete"], &user["full_name"]), (&json!(true), &json!("John Doe")));
    patch(&writer, &json!({"languages": null}), None).await.data(200);
    let user = app.client.post("/api/v1/auth/login", &login).await.data(200)["user"].clone();
    assert_eq!(user["profile_complete"], false, "as the profile is");
    let me = writer.client.get("/api/v1/auth/me").await.data(200)["user"].clone();
    assert_eq!((&me["bio"], &me["avatar_url"]), (&json!("x".repeat(100)), &json!("/a.png")));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_made_once_and_only_of_what_one_has_seen() {
    let app = TestApp::start().await;
    let writer = app.register("writer", "writer@example.com").await;
    let read = writer.client.get("/api/v1/profile").await;
    let seen = read.header("etag").unwrap().to_owned();
    let bio = |text: &str| json!({"bio": text});
    let first = patch(&writer, &bio("one"), Some(("if-match", &seen))).await;
    assert_eq!(first.data(200)["profile"]["bio"], "one");
    let newer = first.header("etag").unwrap().to_owned();
    assert_ne!(newer, seen);
    patch(&writer, &bio("two"), Some(("if-match", &seen))).await.error(412, "PRECONDITION_FAILED");
    assert_eq!(profile(&writer).await["bio"], "one");
    patch(&writer, &bio("one"), Some(("if-match", &newer))).await.data(200);
    let same = writer.client.get("/api/v1/profile").await;
    assert_eq!(same.header("etag"), Some(newer.as_str()), "nothing was different");
    // The name belongs to the profile as well, wherever it is changed.
    writer.client.patch("/api/v1/users/profile", &json!({"full_name": "Jane"})).await.data(200);
    patch(&writer, &bio("two"), Some(("if-match", &newer))).await.error(412, "PRECONDITION_FAILED");

    let named = patch(&writer, &bio("three"), Some(("idempotency-key", "k"))).await;
    patch(&writer, &bio("four"), None).await.data(200);
    let again = patch(&writer, &bio("three"), Some(("idempotency-key", "k"))).await;
    assert_eq!((again.status, &again.text), (200, &named.text));
    assert_eq!((again.header("idempotent-replayed"), again.header("etag")), (Some("true"), None));
    assert_eq!(profile(&writer).await["bio"], "four", "nothing is done a second time");
    patch(&writer, &bio("five"), Some(("idempotency-key", "k"))).await.error(422, "UNPROCESSABLE_ENTITY");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_see_what_is_not_private_as_long_as_the_account_may_be_used() {
    let app = TestApp::start().await;
    let writer = app.register("writer", "writer@example.com").await;
    let client = app.register("client", "client@example.com").await;
    let admin = app.admin().await;
    patch(&writer, &json!({"bio": "Hello", "languages": ["English"]}), None).await.data(200);
    let path = |id: &str| format!("/api/v1/profiles/{id}");
    let seen = client.client.get(&path(&writer.id)).await.data(200)["profile"].clone();
    let expected = [
        "avatar_url",
        "bio",
        "completed_orders",
        "education",
        "full_name",
        "id",
        "languages",
        "member_since",
        "rating",
        "role",
        "specializations",
        "success_rate",
        "total_orders",
        "verified",
    ];
    assert_eq!(keys(&seen), expected);
    let own = profile(&writer).await;
    for key in expected {
        assert_eq!(seen[key], own[key], "{key}");
    }
    writer.client.get(&path(&client.id)).await.data(200);
    let unknown = client.client.get(&path("0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11")).await;
    unknown.error(404, "NOT_FOUND");
    assert_eq!(client.client.get(&path(&admin.id)).await.text, unknown.text, "administrators are not shown");

    let block = format!("/api/v1/admin/users/{}", writer.id);
    admin.client.post(&format!("{block}/block"), &json!({"reason": "spam"})).await.data(200);
    assert_eq!(client.client.get(&path(&writer.id)).await.text, unknown.text, "blocked");
    admin.client.post_nothing(&format!("{block}/unblock")).await.data(200);
    client.client.get(&path(&writer.id)).await.data(200);
    let writer = app.log_in("writer@example.com").await;
    writer.client.post_nothing("/api/v1/users/deactivate").await.data(200);
    assert_eq!(client.client.get(&path(&writer.id)).await.text, unknown.text, "closed");
    app.stop().await;
}
