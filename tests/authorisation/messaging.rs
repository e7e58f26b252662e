//! Chats: role × own, other's, unknown id, malformed id → status.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Person, TestApp};

pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// For each side of the chat.
    sides: u16,
    /// For people who are no side of it: the client of another order, a provider who has not bid.
    strangers: [u16; 2],
}

/// Administrators get 403 everywhere.
pub(super) const TABLE: [Row; 5] = [
    Row { method: "get", path: "/api/v1/chats", sides: 200, strangers: [200, 200] },
    // Who may be the first to write is below.
    Row { method: "post", path: "/api/v1/chats", sides: 200, strangers: [404, 409] },
    Row { method: "get", path: "/api/v1/chats/{chat_id}/messages", sides: 200, strangers: [404, 404] },
    Row { method: "post", path: "/api/v1/chats/{chat_id}/messages", sides: 201, strangers: [404, 404] },
    Row { method: "post", path: "/api/v1/chats/{chat_id}/read", sides: 200, strangers: [404, 404] },
];

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

async fn call(client: &Client, row: &Row, chat: &str, body: Option<&Value>) -> Answer {
    let method = Method::from_bytes(row.method.to_uppercase().as_bytes()).unwrap();
    let request = client.request(method, &row.path.replace("{chat_id}", chat));
    client
        .send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
}

/// An order of the client's with a bid of the writer's.
async fn bid_on(client: &Person, writer: &Person) -> (String, String) {
    let order = json!({"title": "t", "subject": "s", "type": "t", "deadline": "2030-01-01T00:00:00Z",
        "budget": 10, "description": "d"});
    let order = text(&client.client.post("/api/v1/orders", &order).await.data(201)["order"]["id"]);
    let body = json!({"bid_amount": 9, "message": "m"});
    let bid = writer.client.post(&format!("/api/v1/orders/{order}/bids"), &body).await.data(201);
    (order, text(&bid["bid"]["id"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_the_answer_of_the_table_in_chats() {
    let app = TestApp::start().await;
    let [client, other_client] =
        [app.register("client", "c1@example.com").await, app.register("client", "c2@example.com").await];
    let [writer, other_writer] = [
        app.register("freelancer", "w1@example.com").await,
        app.register("professional", "w2@example.com").await,
    ];
    let admin = app.admin().await;
    let (order, bid) = bid_on(&client, &writer).await;
    client.client.post(&format!("/api/v1/bids/{bid}/counter"), &json!({"bid_amount": 8})).await.data(200);
    let chat = text(&client.client.get("/api/v1/chats").await.data(200)["chats"][0]["id"]);

    for row in &TABLE {
        let name = format!("{} {}", row.method, row.path);
        let body = |participant: &Person| match (row.method, row.path) {
            ("post", "/api/v1/chats") => Some(json!({"order_id": order, "participant_id": participant.id})),
            ("post", "/api/v1/chats/{chat_id}/messages") => Some(json!({"content": "hello"})),
            _ => None,
        };
        let nobody = call(&app.client, row, &chat, body(&client).as_ref()).await;
        nobody.error(401, "UNAUTHORIZED");
        call(&admin.client, row, &chat, body(&client).as_ref()).await.error(403, "FORBIDDEN");
        let [as_client, as_writer] = row.strangers;
        for (who, person, with, status) in [
            ("the client", &client, &writer, row.sides),
            ("the writer", &writer, &client, row.sides),
            ("another client", &other_client, &writer, as_client),
            ("another writer", &other_writer, &client, as_writer),
        ] {
            let answer = call(&person.client, row, &chat, body(with).as_ref()).await;
            assert_eq!(answer.status, status, "{who}: {name}: {}", answer.text);
            if !row.path.contains('{') {
                continue;
            }
            let unknown =
                call(&person.client, row, "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", body(with).as_ref()).await;
            unknown.error(404, "NOT_FOUND");
            for malformed in ["malformed", "1", "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e1", "%00", "'"] {
                let other = call(&person.client, row, malformed, body(with).as_ref()).await;
                assert_eq!(other.text, unknown.text, "{who}: {name}: {malformed}");
            }
            if status == 404 {
                assert_eq!(answer.text, unknown.text, "{who}: {name}: 404s are the same byte for byte");
            }
        }
    }
}

/// `POST /chats` before there is one: who, with whom, how far the order and the bid have come.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_write_first() {
    let app = TestApp::start().await;
    let client = app.register("client", "c1@example.com").await;
    let writer = app.register("writer", "w1@example.com").await;
    let loser = app.register("writer", "w2@example.com").await;
    let stranger = app.register("writer", "w3@example.com").await;
    let open = async |who: &Person, order: &str, with: &str| {
        who.client.post("/api/v1/chats", &json!({"order_id": order, "participant_id": with})).await
    };
    let reason =
        |answer: &Answer, status: u16, code: &str| text(&answer.error(status, code)["details"]["reason"]);
    let nobody = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11";

    let (order, bid) = bid_on(&client, &writer).await;
    let answer = open(&writer, &order, &client.id).await;
    assert_eq!(reason(&answer, 409, "CONFLICT"), "chat_not_opened");
    for with in [stranger.id.as_str(), nobody, client.id.as_str()] {
        let answer = open(&client, &order, with).await;
        assert_eq!(reason(&answer, 422, "UNPROCESSABLE_ENTITY"), "not_a_bidder");
    }
    let answer = open(&writer, &order, &stranger.id).await;
    assert_eq!(reason(&answer, 409, "CONFLICT"), "chat_not_opened", "409 comes before 422");
    let unknown = open(&client, "ORD-999999", &writer.id).await;
    unknown.error(404, "NOT_FOUND");
    assert_eq!(unknown.text, open(&writer, "ORD-999999", &client.id).await.text);

    // A bid that was taken back is nobody's any more; another one begins anew.
    writer.client.post_nothing(&format!("/api/v1/bids/{bid}/withdraw")).await.data(200);
    let answer = open(&client, &order, &writer.id).await;
    assert_eq!(reason(&answer, 409, "CONFLICT"), "bid_withdrawn");
    let body = json!({"bid_amount": 9, "message": "the second one"});
    let path = format!("/api/v1/orders/{order}/bids");
    let again = text(&writer.client.post(&path, &body).await.data(201)["bid"]["id"]);
    loser.client.post(&path, &body).await.data(201);
    let opened = open(&client, &order.replace("ORD", "AO"), &writer.id).await.data(201);
    assert_eq!(opened["chat"]["last_message"]["content"], "the second one");
    assert_eq!(opened["chat"]["order_id"], json!(order));
    let answer = open(&writer, &order, &stranger.id).await;
    assert_eq!(reason(&answer, 422, "UNPROCESSABLE_ENTITY"), "not_the_client");

    // Who lost without a chat cannot see the order any more; the client can still write to them.
    client.client.post_nothing(&format!("/api/v1/bids/{again}/accept")).await.data(200);
    assert_eq!(open(&loser, &order, &client.id).await.text, unknown.text);
    assert_eq!(open(&stranger, &order, &client.id).await.text, unknown.text);
    let theirs = open(&client, &order, &loser.id).await.data(201);
    let found = open(&loser, &order, &client.id).await.data(200);
    assert_eq!(found["chat"]["id"], theirs["chat"]["id"], "whoever has a chat gets it");
}
