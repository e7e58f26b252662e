//! Chats: the source document's examples, who may use them, and what is wrong with a request. What is
//! done with a good one is tested with the use cases.

use std::sync::Arc;

use async_trait::async_trait;
use domain::files::{FileName, MediaType};
use domain::identity::Role;
use domain::ids::{ChatId, FileId, MessageId, OrderId, UserId};
use ports::list::{Slice, Window};
use ports::messaging::{
    ChatList, ChatQueries, ChatView, LastMessageView, MessageFileView, MessageView, SenderView,
};
use ports::store::StoreError;
use serde_json::json;
use usecases::messaging::{ListChats, ListMessages, OpenChat, ReadChat, SendMessage};
use uuid::Uuid;

use super::orders::{desk, moment, user};
use super::support::{Faults, World, covers, example, faults, get, post, start};
use crate::messaging::MessagingUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> MessagingUseCases {
    let chats: Arc<dyn ChatQueries> = world.clone();
    MessagingUseCases {
        list: Arc::new(ListChats { chats: chats.clone() }),
        list_messages: Arc::new(ListMessages { chats, passes: desk(world).passes }),
        open: Arc::new(OpenChat(desk(world))),
        send: Arc::new(SendMessage(desk(world))),
        read: Arc::new(ReadChat(desk(world))),
    }
}

fn john() -> SenderView {
    SenderView { id: user(2), name: "John Doe".into(), role: Role::Client }
}

const SAID: &str = "Can you send me the first draft by tomorrow?";

/// Chat 7 of client 2 and provider 1; every question is written down.
#[async_trait]
impl ChatQueries for World {
    async fn chats(&self, user_id: UserId, window: Window) -> Result<ChatList, StoreError> {
        let question = format!("chats of {} {window:?}", user_id.uuid().as_u128());
        self.questions.lock().unwrap().push(question);
        let chat = ChatView {
            id: ChatId::new(Uuid::from_u128(7)),
            order_id: OrderId::new(1).unwrap(),
            order_title: "Research Paper on Climate Change".into(),
            participant: john(),
            participant_avatar_url: Some("https://cdn.example.com/avatars/user.jpg".into()),
            last_message: LastMessageView {
                content: SAID.into(),
                sender_id: user(2),
                sent_at: moment("2024-01-14T18:30:00.9Z"),
            },
            unread_count: 2,
            updated_at: moment("2024-01-14T18:30:00.9Z"),
        };
        Ok(ChatList { chats: Slice { rows: vec![chat], total: 8, next: Some(41) }, unread_total: 12 })
    }

    async fn messages(
        &self,
        chat_id: ChatId,
        viewer_id: UserId,
        window: Window,
    ) -> Result<Option<Slice<MessageView>>, StoreError> {
        let (number, viewer) = (chat_id.uuid().as_u128(), viewer_id.uuid().as_u128());
        self.questions.lock().unwrap().push(format!("messages of {number} for {viewer} {window:?}"));
        let message = MessageView {
            id: MessageId::new(Uuid::from_u128(9)),
            chat_id,
            sender: john(),
            content: SAID.into(),
            files: vec![],
            is_read: true,
            sent_at: moment("2024-01-14T18:30:00.9Z"),
        };
        let file = MessageFileView {
            id: FileId::new(Uuid::from_u128(5)),
            name: FileName::for_content("research-outline.pdf", MediaType::Pdf).unwrap(),
            size: 159_744,
            media_type: MediaType::Pdf,
            download_url: None,
        };
        let sent = MessageView { content: String::new(), files: vec![file], ..message.clone() };
        let is_a_side = number == 7 && [1, 2].contains(&viewer);
        Ok(is_a_side.then(|| Slice { rows: vec![message, sent], total: 24, next: Some(23) }))
    }
}

fn messages_of(number: u128) -> String {
    format!("/api/v1/chats/{}/messages", Uuid::from_u128(number))
}

#[actix_web::test]
async fn chats_are_listed_as_in_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/chats", "writer:1")).await.json();
    let expected = json!({
        "chats": [{
            "id": Uuid::from_u128(7), "order_id": "ORD-001", "order_title": "Research Paper on Climate Change",
            "participant": {"id": user(2).uuid(), "name": "John Doe",
                "avatar_url": "https://cdn.example.com/avatars/user.jpg", "role": "client"},
            "last_message": {"content": SAID, "sent_at": "2024-01-14T18:30:00Z", "sender_id": user(2).uuid()},
            "unread_count": 2, "updated_at": "2024-01-14T18:30:00Z"
        }],
        "unread_total": 12,
        "pagination": {"page": 1, "limit": 20, "total": 8, "pages": 1, "has_next": true, "has_prev": false,
            "next_cursor": answer["data"]["pagination"]["next_cursor"]}
    });
    assert_eq!(answer["data"], expected);
}

#[actix_web::test]
async fn messages_are_listed_as_in_the_source_to_the_two_sides() {
    let app = start().await;
    for token in ["writer:1", "client:2"] {
        let answer = app.send(get(&messages_of(7), token)).await.json();
        let message = |content: &str, attachments| {
            json!({
                "id": Uuid::from_u128(9), "chat_id": Uuid::from_u128(7),
                "sender": {"id": user(2).uuid(), "name": "John Doe", "role": "client"},
                "content": content, "attachments": attachments, "is_read": true, "sent_at": "2024-01-14T18:30:00Z"
            })
        };
        let link = answer["data"]["messages"][1]["attachments"][0]["download_url"].clone();
        let path = format!("/api/v1/files/{}/content?expires=", Uuid::from_u128(5));
        assert!(link.as_str().unwrap().starts_with(&path), "{link}");
        let file = json!({"id": Uuid::from_u128(5), "name": "research-outline.pdf", "size": 159_744,
            "size_formatted": "156 KB", "mime_type": "application/pdf", "download_url": link});
        let expected = json!({
            "messages": [message(SAID, json!([])), message("", json!([file]))],
            "pagination": {"page": 1, "limit": 50, "total": 24, "pages": 1, "has_next": true,
                "has_prev": false, "next_cursor": answer["data"]["pagination"]["next_cursor"]}
        });
        assert_eq!(answer["data"], expected, "{token}");
    }
    let unknown = app.send(get(&messages_of(8), "writer:1")).await;
    unknown.expect_error(404, "NOT_FOUND");
    for (path, token) in [
        (messages_of(7), "writer:3"),
        (messages_of(7), "client:3"),
        ("/api/v1/chats/7/messages".to_owned(), "writer:1"),
        (messages_of(7).replace('-', ""), "writer:1"),
    ] {
        assert_eq!(app.send(get(&path, token)).await.body, unknown.body, "{path} {token}");
    }
}

#[actix_web::test]
async fn pages_and_cursors_reach_the_question() {
    let app = start().await;
    let first = app.send(get("/api/v1/chats", "writer:1")).await.json();
    let chats = first["data"]["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let first = app.send(get(&messages_of(7), "writer:1")).await.json();
    let messages = first["data"]["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let cases = [
        ("/api/v1/chats".to_owned(), "chats of 1 Page { offset: 0, limit: 20 }"),
        ("/api/v1/chats?page=3&limit=5".to_owned(), "chats of 1 Page { offset: 10, limit: 5 }"),
        (format!("/api/v1/chats?cursor={chats}"), "chats of 1 Before { position: 41, limit: 20 }"),
        ("/chats/".to_owned(), "chats of 1 Page { offset: 0, limit: 20 }"),
        (messages_of(7), "messages of 7 for 1 Page { offset: 0, limit: 50 }"),
        (
            format!("{}?cursor={messages}&limit=100", messages_of(7)),
            "messages of 7 for 1 Before { position: 23, limit: 100 }",
        ),
    ];
    for (path, question) in cases {
        assert_eq!(app.send(get(&path, "writer:1")).await.status, 200, "{path}");
        assert_eq!(app.world.questions.lock().unwrap().pop().as_deref(), Some(question), "{path}");
    }
    // A cursor is of one list of one person.
    for (path, token) in [
        (format!("/api/v1/chats?cursor={chats}"), "client:2"),
        (format!("/api/v1/chats?cursor={messages}"), "writer:1"),
        (format!("{}?cursor={messages}", messages_of(8)), "writer:1"),
        (format!("{}?cursor={chats}", messages_of(7)), "writer:1"),
    ] {
        let details = app.send(get(&path, token)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "cursor", "{path}");
    }
}

#[actix_web::test]
async fn bodies_are_checked() {
    const REQUIRED: &str = "is required";
    const TEXT: &str = "must be a string";
    const UNKNOWN: &str = "is not a known field";
    const ORDER: &str = "must be the id of an order, such as ORD-001";
    const NOTHING: &str = "must not be empty unless files are attached";
    const TWICE: &str = "must name each file once";
    const TOO_MANY: &str = "must have at most 10 entries";
    let file = Uuid::from_u128(1);
    let (messages, read) = (messages_of(7), messages_of(7).replace("messages", "read"));
    let long = format!("{{\"content\":\"{}\"}}", "x".repeat(10_001));
    let files = |numbers: std::ops::Range<u128>| -> Vec<Uuid> { numbers.map(Uuid::from_u128).collect() };
    let eleven = json!({"content": "x", "attachments": files(0..11)}).to_string();
    let both = format!("{{\"attachments\":[\"{file}\",\"{file}\"],\"content\":\"a\\u0000b\"}}");
    let twice = format!("{{\"attachments\":[\"{file}\",\"{file}\"]}}");
    let malformed = format!("{{\"order_id\":\"1\",\"participant_id\":\"{file}\"}}");
    let cases: [(&str, &str, Faults<'_>); 15] = [
        (&messages, "{}", &[("content", NOTHING)]),
        (&messages, "{\"attachments\":[]}", &[("content", NOTHING)]),
        (&messages, "{\"content\":null}", &[("content", TEXT)]),
        (&messages, "{\"content\":\"\"}", &[("content", NOTHING)]),
        (&messages, "{\"content\":\"a\\u0000b\"}", &[("content", "must not contain control characters")]),
        (&messages, &long, &[("content", "must have at most 10000 characters")]),
        (&messages, &eleven, &[("attachments", TOO_MANY)]),
        (&messages, &twice, &[("attachments", TWICE)]),
        (&messages, &both, &[("attachments", TWICE), ("content", "must not contain control characters")]),
        (&messages, "{\"content\":\"x\",\"is_read\":true}", &[("is_read", UNKNOWN)]),
        ("/api/v1/chats", "{}", &[("order_id", REQUIRED)]),
        ("/api/v1/chats", "{\"order_id\":\"ORD-001\"}", &[("participant_id", REQUIRED)]),
        ("/api/v1/chats", &malformed, &[("order_id", ORDER)]),
        (&read, "{\"all\":true}", &[("all", UNKNOWN)]),
        (&read, "{\"up_to\":1}", &[("up_to", "must be a UUID")]),
    ];
    let app = start().await;
    for (path, body, expected) in cases {
        let answer = app.send(post(path, "writer:1", body)).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(expected), "{path} {body}");
    }
    for body in ["{\"content\":\"x\",\"attachments\":null}", "{\"content\":\"x\",\"attachments\":\"a\"}"] {
        let details = app.send(post(&messages, "writer:1", body)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "attachments", "{body}");
    }
    // Good ones get as far as the database, which is not there.
    let ten = json!({"attachments": files(0..10)}).to_string();
    let only_a_file = json!({"content": " ", "attachments": [file]}).to_string();
    for (path, body) in [
        (messages.as_str(), ten.as_str()),
        (&messages, &only_a_file),
        (&messages, "{\"content\":\"x\"}"),
        (&messages, "{\"content\":\"x\",\"attachments\":[]}"),
        (&read, ""),
        (&read, "{}"),
    ] {
        app.send(post(path, "writer:1", body)).await.expect_error(503, "SERVICE_UNAVAILABLE");
    }
}

#[actix_web::test]
async fn administrators_take_no_part() {
    let app = start().await;
    let read = messages_of(7).replace("messages", "read");
    for path in ["/api/v1/chats", &messages_of(7)] {
        app.send(get(path, "admin:9")).await.expect_error(403, "FORBIDDEN");
    }
    for path in ["/api/v1/chats", &messages_of(7), &read] {
        app.send(post(path, "admin:9", "{\"nonsense\":1}")).await.expect_error(403, "FORBIDDEN");
    }
}

/// The source document's answers, as the description shows them.
#[actix_web::test]
async fn the_examples_have_what_the_sources_have() {
    let description = serde_json::to_value(crate::openapi()).unwrap();
    let participant = json!({"id": "a", "name": "John Doe", "avatar_url": "b", "role": "client"});
    let chat = json!({"id": "a", "order_id": "ORD-001", "order_title": "t", "participant": participant,
        "last_message": {"content": "c", "sent_at": "d", "sender_id": "e"}, "unread_count": 2, "updated_at": "f"});
    let page = |limit| json!({"page": 1, "limit": limit, "total": 8, "pages": 1, "has_next": false, "has_prev": false});
    let message = json!({"id": "a", "chat_id": "b", "sender": {"id": "c", "name": "d", "role": "client"},
        "content": "e", "is_read": true, "sent_at": "f"});
    const MESSAGES: &str = "/api/v1/chats/{chat_id}/messages";
    for (method, path, status, data) in [
        ("get", "/api/v1/chats", "200", json!({"chats": [chat], "unread_total": 12, "pagination": page(20)})),
        ("get", MESSAGES, "200", json!({"messages": [message], "pagination": page(50)})),
        ("post", MESSAGES, "201", json!({"message": message})),
        ("post", "/api/v1/chats/{chat_id}/read", "200", json!({"chat": chat})),
        ("post", "/api/v1/chats", "200", json!({"chat": chat})),
    ] {
        let shown = example(&description, method, path, status);
        covers(&shown["data"], &data, path);
    }
}
