//! Each section of the source document, in a situation in which its examples could have been written down. Requests are
//! sent as they stand there; only names of things, and moments that have to be in the future, are put in.

use serde_json::{Value, json};

use super::example::{Parameter, Section, examples};
use super::shape::{document, our_name};
use super::world::{FIRST_PRICE, FIRST_TITLE, REGISTRATION, World, id};
use crate::corpus::operations::operations;
use crate::harness::{Person, TestApp, eventually};

async fn open() -> World {
    World::open(&Section::of(1).request(REGISTRATION)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn section_1_authentication() {
    let mut section = Section::of(1);
    let world = open().await;
    section.replay(REGISTRATION, &world.registered);
    let request = section.request(REGISTRATION);
    section.replay(REGISTRATION, &world.app.client.post("/api/v1/auth/register", &request).await);

    let login = section.request("POST /api/v1/auth/login");
    let answer = world.app.client.post("/api/v1/auth/login", &login).await;
    section.replay("POST /api/v1/auth/login", &answer);
    let user = &answer.data(200)["user"];
    assert_eq!((&user["profile_complete"], &user["total_orders"]), (&json!(true), &json!(1)));
    section.replay("GET /api/v1/auth/me", &world.writer.client.get("/api/v1/auth/me").await);
    section.replay_bare("GET /api/v1/auth/me", &world.app.admin().await.client.get("/api/v1/auth/me").await);
    let answer = world.writer.client.post_nothing("/api/v1/auth/logout").await;
    section.replay("POST /api/v1/auth/logout", &answer);
    section.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn section_2_orders() {
    let mut section = Section::of(2);
    let world = open().await;
    let World { client, writer, .. } = &world;
    let titles = ["Research and Outline", "First Draft", "Revisions", "Final Submission"];
    let steps =
        titles.iter().zip(1..).map(|(title, day)| json!({"title": title, "due_date": world.at(day * 24)}));
    let steps: Vec<_> = steps.collect();
    let order = world.active(writer, json!({"milestones": steps}), "115.00").await;
    world.complete(writer, &order, 2).await;
    let path = format!("/api/v1/orders/{order}");
    let patch = section.request("PATCH /api/v1/orders/{order_id}");
    section.replay("PATCH /api/v1/orders/{order_id}", &writer.client.patch(&path, &patch).await);

    let answer = writer.client.get(&path).await;
    section.replay("GET /api/v1/orders/{order_id}", &answer);
    let shown = &answer.data(200)["order"];
    assert_eq!(shown["progress"], 75);
    let states: Vec<_> = shown["milestones"].as_array().unwrap().iter().map(|step| &step["status"]).collect();
    assert_eq!(states, ["completed", "completed", "in-progress", "pending"], "as in the example");
    assert_eq!(
        (&shown["files"][0]["size"], &shown["files"][0]["size_formatted"]),
        (&json!(159_744), &json!("156 KB"))
    );
    section.replay("GET /api/v1/orders", &writer.client.get("/api/v1/orders").await);

    // What the other side sees, of an order of which less is known as well.
    let bare = id(&client.client.post("/api/v1/orders", &bare_order(&world)).await.data(201)["order"]);
    for seen in [&order, &bare] {
        let answer = client.client.get(&format!("/api/v1/orders/{seen}")).await;
        section.replay_bare("GET /api/v1/orders/{order_id}", &answer);
    }
    section.replay_bare("GET /api/v1/orders", &client.client.get("/api/v1/orders").await);
    section.close();
}

/// Nothing but what has to be said.
fn bare_order(world: &World) -> Value {
    json!({"title": "t", "subject": "s", "type": "t", "deadline": world.at(100), "budget": 10, "description": "d"})
}

#[tokio::test(flavor = "multi_thread")]
async fn section_3_bids() {
    let mut section = Section::of(3);
    let world = open().await;
    let writer = &world.writer;
    let order = world.post(json!({})).await;
    let mut bid = section.request("POST /api/v1/orders/{order_id}/bids");
    bid["proposed_deadline"] = json!(world.at(48));
    // The source calls an order that can be bid on `AO-001`.
    let path = format!("/api/v1/orders/{}/bids", order.replace("ORD-", "AO-"));
    let answer = writer.client.post(&path, &bid).await;
    section.replay("POST /api/v1/orders/{order_id}/bids", &answer);
    assert_eq!(answer.data(201)["bid"]["order_id"], json!(order), "what is sent is one name");
    section.replay("GET /api/v1/bids", &writer.client.get("/api/v1/bids").await);
    let nobody = world.app.register("writer", "new@example.com").await;
    section.replay_bare("GET /api/v1/bids", &nobody.client.get("/api/v1/bids").await);
    section.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn section_4_available_orders() {
    let mut section = Section::of(4);
    let world = open().await;
    world.post(json!({"title": "Business Plan for Tech Startup", "budget": 300.00, "pages": 15})).await;
    let path = "/api/v1/available-orders";
    section.replay("GET /api/v1/available-orders", &world.writer.client.get(path).await);
    let client = world.app.register("client", "new@example.com").await;
    client.client.post("/api/v1/orders", &bare_order(&world)).await.data(201);
    section.replay_bare("GET /api/v1/available-orders", &world.writer.client.get(path).await);
    section.close();
}

/// What somebody is told, once they have been told of both of these things.
async fn told(who: &Person, titles: [&str; 2]) -> Vec<Value> {
    let found = async || -> Vec<Value> {
        let data = who.client.get("/api/v1/notifications").await.data(200);
        let of = |title: &str| {
            data["notifications"].as_array().unwrap().iter().find(|one| one["title"] == title).cloned()
        };
        titles.into_iter().filter_map(of).collect()
    };
    eventually("they are told", async || found().await.len() == titles.len()).await;
    found().await
}

#[tokio::test(flavor = "multi_thread")]
async fn section_5_notifications() {
    let mut section = Section::of(5);
    let world = open().await;
    let writer = &world.writer;
    let found = told(writer, ["Bid Accepted", "Payment Received"]).await;
    section.replay("GET /api/v1/notifications", &writer.client.get("/api/v1/notifications").await);
    // Word for word.
    assert_eq!(found[0]["message"], json!(format!("Your bid for '{FIRST_TITLE}' has been accepted!")));
    assert_eq!(
        found[1]["message"],
        json!(format!("Payment of ${FIRST_PRICE} has been credited to your account"))
    );
    assert_eq!(found[1]["details"]["amount"], json!(115.0));

    let path = format!("/api/v1/notifications/{}/read", id(&found[0]));
    section.replay(
        "PATCH /api/v1/notifications/{notification_id}/read",
        &writer.client.patch(&path, &json!({})).await,
    );
    let answer = writer.client.post_nothing("/api/v1/notifications/mark-all-read").await;
    section.replay("POST /api/v1/notifications/mark-all-read", &answer);
    let nobody = world.app.register("writer", "new@example.com").await;
    section.replay_bare("GET /api/v1/notifications", &nobody.client.get("/api/v1/notifications").await);
    section.close();
}

/// With the amounts of the source: 12450.00 earned − 11204.50 withdrawn = 1245.50, and 380.00 in escrow.
#[tokio::test(flavor = "multi_thread")]
async fn section_6_balance_and_payments() {
    let mut section = Section::of(6);
    let world = open().await;
    let writer = &world.writer;
    let order = world.active(writer, json!({}), "12335.00").await;
    world.complete(writer, &order, 1).await;
    world.active(writer, json!({}), "380.00").await;
    let mut withdrawal = section.request("POST /api/v1/withdrawals");
    let answer = writer.client.post("/api/v1/withdrawals", &withdrawal).await;
    section.replay("POST /api/v1/withdrawals", &answer);
    withdrawal["amount"] = json!(10_704.50);
    writer.client.post("/api/v1/withdrawals", &withdrawal).await.data(201);

    let answer = writer.client.get("/api/v1/balance").await;
    section.replay("GET /api/v1/balance", &answer);
    let shown = &answer.data(200)["balance"];
    for (key, amount) in [
        ("available", 1_245.50),
        ("pending", 380.00),
        ("total_earned", 12_450.00),
        ("total_withdrawn", 11_204.50),
    ] {
        assert_eq!(shown[key], json!(amount), "{key}");
    }
    let answer = writer.client.get("/api/v1/transactions").await;
    section.replay("GET /api/v1/transactions", &answer);
    let rows = answer.data(200)["transactions"].as_array().unwrap().clone();
    assert_eq!(rows[0]["balance_after"], json!(1_245.50), "the newest one leaves what is there");
    for row in &rows {
        let expected = match row["type"].as_str() {
            Some("credit") => format!("Payment for Order #{}", row["reference"].as_str().unwrap()),
            _ => "Withdrawal to Bank Account".to_owned(),
        };
        assert_eq!(row["description"], json!(expected));
    }
    let nobody = world.app.register("writer", "new@example.com").await;
    for person in [&world.client, &nobody] {
        section.replay_bare("GET /api/v1/balance", &person.client.get("/api/v1/balance").await);
    }
    section.replay_bare("GET /api/v1/transactions", &nobody.client.get("/api/v1/transactions").await);
    section.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn section_7_chats_and_messages() {
    let mut section = Section::of(7);
    let world = open().await;
    let World { client, writer, .. } = &world;
    let chat = id(&writer.client.get("/api/v1/chats").await.data(200)["chats"][0]);
    let path = format!("/api/v1/chats/{chat}/messages");
    let question = json!({"content": "Can you send me the first draft by tomorrow?"});
    client.client.post(&path, &question).await.data(201);
    section.replay("GET /api/v1/chats", &writer.client.get("/api/v1/chats").await);
    let request = section.request("POST /api/v1/chats/{chat_id}/messages");
    section.replay("POST /api/v1/chats/{chat_id}/messages", &writer.client.post(&path, &request).await);
    for person in [client, writer] {
        let answer = person.client.get(&path).await;
        section.replay("GET /api/v1/chats/{chat_id}/messages", &answer);
        assert_eq!(answer.data(200)["pagination"]["limit"], 50);
    }
    let nobody = world.app.register("writer", "new@example.com").await;
    section.replay_bare("GET /api/v1/chats", &nobody.client.get("/api/v1/chats").await);
    section.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn section_8_leaderboard() {
    let mut section = Section::of(8);
    let world = open().await;
    let rival = world.app.register("writer", "sarah@example.com").await;
    world.introduce(&rival).await;
    let order = world.active(&rival, json!({}), "28450.00").await;
    world.complete(&rival, &order, 1).await;
    let review = json!({"rating": 5});
    world.client.client.post(&format!("/api/v1/orders/{order}/review"), &review).await.data(201);
    world.rank().await;
    let answer = world.app.log_in("writer@example.com").await.client.get("/api/v1/leaderboard").await;
    section.replay("GET /api/v1/leaderboard", &answer);
    let data = answer.data(200);
    let ids: Vec<_> =
        data["leaderboard"].as_array().unwrap().iter().map(|row| &row["writer"]["id"]).collect();
    assert_eq!(ids, [&json!(rival.id), &json!(world.writer.id)], "who earned more comes first");
    assert_eq!(data["current_user_position"]["rank"], 2);
    for period in ["all-time", "monthly", "weekly"] {
        let answer = world.client.client.get(&format!("/api/v1/leaderboard?period={period}&limit=1")).await;
        section.replay_bare("GET /api/v1/leaderboard", &answer);
        assert_eq!(answer.data(200)["period"], json!(period));
    }
    section.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn section_9_profile() {
    let mut section = Section::of(9);
    let world = open().await;
    let writer = &world.writer;
    section.replay("GET /api/v1/profile", &writer.client.get("/api/v1/profile").await);
    let request = section.request("PATCH /api/v1/profile");
    let answer = writer.client.patch("/api/v1/profile", &request).await;
    section.replay("PATCH /api/v1/profile", &answer);
    let changed = &answer.data(200)["profile"];
    for (key, value) in request.as_object().unwrap() {
        assert_eq!(changed[key], *value, "{key}");
    }
    let nobody = world.app.register("freelancer", "new@example.com").await;
    section.replay_bare("GET /api/v1/profile", &nobody.client.get("/api/v1/profile").await);
    section.close();
}

/// Every parameter that the source names, with every value, and what it is without one.
#[tokio::test(flavor = "multi_thread")]
async fn every_query_parameter_is_taken() {
    let world = open().await;
    let chat = id(&world.writer.client.get("/api/v1/chats").await.data(200)["chats"][0]);
    let (mut tried, document) = (0, document());
    for example in examples() {
        let name = our_name(&document, &example.operation);
        let all = operations();
        let described = all.iter().find(|one| one.name() == name).expect("it is described");
        let path = example.operation.trim_start_matches("GET ").replace("{chat_id}", &chat);
        for Parameter { name, values, default } in &example.query {
            let is_described = |known: &(String, String)| *known == (name.clone(), "query".to_owned());
            assert!(described.parameters.iter().any(is_described), "{path} ?{name}");
            let given = match name.as_str() {
                "page" | "limit" | "min_budget" => vec!["2".to_owned()],
                "max_budget" => vec!["200.50".to_owned()],
                "search" | "subject" => vec!["Marketing".to_owned()],
                _ => values.clone(),
            };
            assert!(!given.is_empty(), "{path} ?{name}");
            for value in given {
                world.writer.client.get(&format!("{path}?{name}={value}")).await.data(200);
                tried += 1;
            }
            let data = world.writer.client.get(&path).await.data(200);
            let place = if name == "period" { &data["period"] } else { &data["pagination"][name] };
            if let Some(default) = default.as_ref().filter(|_| !place.is_null()) {
                assert_eq!(place.to_string().trim_matches('"'), default, "{path} {name}");
            }
        }
    }
    assert!(tried > 40, "{tried}");
}

/// "All error responses should follow this structure": every code that the source lists, from the server.
#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_sources_form_and_codes() {
    let app = TestApp::start().await;
    let client = app.register("client", "client@example.com").await;
    let orders = "/api/v1/orders";
    let posted = json!({"title": "t", "subject": "s", "type": "t", "deadline": "2000-01-01T00:00:00Z", "budget": 10,
        "description": "d"});
    let mut good = posted.clone();
    good["deadline"] = json!("2040-01-01T00:00:00Z");
    let order = id(&client.client.post(orders, &good).await.data(201)["order"]);
    let cancel = format!("{orders}/{order}/cancel");
    client.client.post_nothing(&cancel).await.data(200);
    for (answer, status, code) in [
        (client.client.post(orders, &json!({})).await, 400, "VALIDATION_ERROR"),
        (app.client.get(orders).await, 401, "UNAUTHORIZED"),
        (client.client.get("/api/v1/available-orders").await, 403, "FORBIDDEN"),
        (client.client.get("/api/v1/orders/ORD-999").await, 404, "NOT_FOUND"),
        (client.client.post_nothing(&cancel).await, 409, "CONFLICT"),
        (client.client.post(orders, &posted).await, 422, "UNPROCESSABLE_ENTITY"),
    ] {
        let error = answer.error(status, code);
        assert!(error["message"].is_string() && error["details"].is_object(), "{}", answer.text);
        assert_eq!(answer.json().as_object().unwrap().len(), 2, "{}", answer.text);
    }
}
