//! Chats: how they come about, what is read, what goes with messages, and races. The source's examples
//! of section 7 are replayed in `conformance`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::files::{fetch, upload};
use super::{Market, command, conflict, deposit, id, named};
use crate::harness::{Person, eventually};

async fn chats(who: &Person) -> Value {
    who.client.get("/api/v1/chats").await.data(200)
}

/// The only chat of somebody who has one.
async fn the_chat(who: &Person) -> Value {
    let list = chats(who).await;
    assert_eq!(list["pagination"]["total"], 1, "{list}");
    assert_eq!(list["unread_total"], list["chats"][0]["unread_count"], "of one chat");
    list["chats"][0].clone()
}

async fn say(who: &Person, chat: &str, text: &str) -> Value {
    let path = format!("/api/v1/chats/{chat}/messages");
    who.client.post(&path, &json!({"content": text})).await.data(201)["message"].clone()
}

/// What was said, newest first, with whether it is read.
async fn messages(who: &Person, chat: &str) -> Vec<(String, bool)> {
    let data = who.client.get(&format!("/api/v1/chats/{chat}/messages?limit=100")).await.data(200);
    let line = |message: &Value| {
        (message["content"].as_str().unwrap().to_owned(), message["is_read"].as_bool().unwrap())
    };
    data["messages"].as_array().unwrap().iter().map(line).collect()
}

async fn read(who: &Person, chat: &str, up_to: Option<&Value>) -> Value {
    let path = format!("/api/v1/chats/{chat}/read");
    let answer = match up_to {
        Some(id) => who.client.post(&path, &json!({"up_to": id})).await,
        None => who.client.post_nothing(&path).await,
    };
    answer.data(200)["chat"]["unread_count"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_award_opens_a_chat_at_once() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = id(&market.post(json!({})).await);
    let bid = id(&market.bid(writer, &order, json!(100)).await);
    assert_eq!(chats(client).await["chats"], json!([]));
    command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);

    // With the bid's message, which the client has not marked as read.
    let (mine, theirs) = (the_chat(client).await, the_chat(writer).await);
    assert_eq!((&mine["id"], &mine["order_id"]), (&theirs["id"], &json!(order)));
    assert_eq!((&mine["unread_count"], &theirs["unread_count"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&mine["participant"]["id"], &mine["participant"]["role"]),
        (&json!(writer.id), &json!("writer"))
    );
    assert_eq!(
        (&theirs["participant"]["id"], &theirs["participant"]["role"]),
        (&json!(client.id), &json!("client"))
    );
    let last = json!({"content": "I have done this before", "sender_id": writer.id,
        "sent_at": mine["last_message"]["sent_at"]});
    assert_eq!(mine["last_message"], last);
    let chat = id(&mine);

    // They write to each other; looking marks nothing as read.
    let first = say(client, &chat, "When will it be ready?").await;
    assert_eq!((&first["is_read"], &first["attachments"]), (&json!(false), &json!([])));
    assert_eq!(first["sender"]["id"], json!(client.id));
    say(writer, &chat, "Tomorrow.\nBy 5 PM.").await;
    let last = say(writer, &chat, "Or later").await;
    let text = |text: &str, is_read| (text.to_owned(), is_read);
    let said = |read: [bool; 4]| {
        vec![
            text("Or later", read[3]),
            text("Tomorrow.\nBy 5 PM.", read[2]),
            text("When will it be ready?", read[1]),
            text("I have done this before", read[0]),
        ]
    };
    for who in [client, writer] {
        assert_eq!(messages(who, &chat).await, said([false; 4]));
    }
    assert_eq!(the_chat(client).await["unread_count"], 3);
    assert_eq!(the_chat(writer).await["unread_count"], 1);

    // One side reads: its own watermark alone moves, and never back.
    assert_eq!(read(client, &chat, Some(&first["id"])).await, 2);
    for who in [client, writer] {
        assert_eq!(messages(who, &chat).await, said([true, false, false, false]));
    }
    assert_eq!(read(client, &chat, None).await, 0);
    assert_eq!(read(client, &chat, Some(&first["id"])).await, 0, "not back");
    assert_eq!(messages(writer, &chat).await, said([true, false, true, true]));
    assert_eq!(the_chat(writer).await["unread_count"], 1, "the other's is untouched");
    assert_eq!(read(writer, &chat, Some(&last["id"])).await, 0);
    assert_eq!(messages(client, &chat).await, said([true; 4]));
    for unknown in [json!(chat), json!("0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11")] {
        let path = format!("/api/v1/chats/{chat}/read");
        client.client.post(&path, &json!({"up_to": unknown})).await.error(404, "NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_offer_or_the_client_opens_a_chat_and_there_is_one() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = id(&market.post(json!({"title": "One"})).await);
    let bid = id(&market.bid(writer, &order, json!(100)).await);
    let counter = format!("/api/v1/bids/{bid}/counter");
    client.client.post(&counter, &json!({"bid_amount": 90})).await.data(200);
    let chat = id(&the_chat(writer).await);
    client.client.post(&counter, &json!({"bid_amount": 80})).await.data(200);
    command(writer, &format!("/api/v1/bids/{bid}/accept-counter")).await.data(200);
    command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    assert_eq!(id(&the_chat(writer).await), chat, "one chat, whatever else opens it");
    assert_eq!(messages(writer, &chat).await.len(), 1, "and one beginning");

    // Another order, another chat; the newest activity comes first.
    let other = id(&market.post(json!({"title": "Two"})).await);
    market.bid(writer, &other, json!(100)).await;
    let body = json!({"order_id": other, "participant_id": writer.id});
    let opened = named(client, "/api/v1/chats", &body, "open").await;
    let replayed = named(client, "/api/v1/chats", &body, "open").await;
    assert_eq!((opened.status, &opened.text), (201, &replayed.text));
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    let second = id(&opened.data(201)["chat"]);
    assert_eq!(id(&client.client.post("/api/v1/chats", &body).await.data(200)["chat"]), second);
    let titles = async |who: &Person| -> Vec<String> {
        let list = chats(who).await;
        let rows = list["chats"].as_array().unwrap().iter();
        rows.map(|chat| chat["order_title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(client).await, ["Two", "One"]);
    say(writer, &chat, "hello").await;
    assert_eq!(titles(client).await, ["One", "Two"]);
    assert_eq!(titles(writer).await, ["One", "Two"]);
    let list = chats(client).await;
    assert_eq!(list["unread_total"], 3, "two beginnings and a hello");

    // By cursor: nothing twice, nothing left out.
    let first = client.client.get("/api/v1/chats?limit=1").await.data(200);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let rest = client.client.get(&format!("/api/v1/chats?limit=1&cursor={cursor}")).await.data(200);
    assert_eq!((id(&first["chats"][0]), id(&rest["chats"][0])), (chat.clone(), second));
    assert_eq!((&rest["unread_total"], &rest["pagination"]["next_cursor"]), (&json!(3), &Value::Null));

    // A name for a message: said once.
    let path = format!("/api/v1/chats/{chat}/messages");
    let once = named(writer, &path, &json!({"content": "once"}), "say").await;
    assert_eq!(named(writer, &path, &json!({"content": "once"}), "say").await.text, once.text);
    named(writer, &path, &json!({"content": "twice"}), "say").await.error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(messages(client, &chat).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_to_an_account_that_is_closed_or_blocked() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    let admin = app.admin().await;
    let order = id(&market.post(json!({})).await);
    market.bid(writer, &order, json!(100)).await;
    let other = app.register("writer", "other@example.com").await;
    market.bid(&other, &order, json!(100)).await;
    let open = async |with: &Person| {
        client.client.post("/api/v1/chats", &json!({"order_id": order, "participant_id": with.id})).await
    };
    let chat = id(&open(writer).await.data(201)["chat"]);
    let path = format!("/api/v1/chats/{chat}/messages");
    let block = format!("/api/v1/admin/users/{}/block", writer.id);
    admin.client.post(&block, &json!({"reason": "spam"})).await.data(200);
    let refused = client.client.post(&path, &json!({"content": "there?"})).await;
    assert_eq!(conflict(&refused), ("participant_unavailable".into(), "unavailable".into()));
    writer.client.post(&path, &json!({"content": "here!"})).await.error(401, "UNAUTHORIZED");
    // What was said can be read all the same, and the chat is still found.
    assert_eq!(messages(client, &chat).await.len(), 1);
    assert_eq!(read(client, &chat, None).await, 0);
    assert_eq!(id(&open(writer).await.data(200)["chat"]), chat);
    command(&other, "/api/v1/users/deactivate").await.data(200);
    assert_eq!(conflict(&open(&other).await).0, "participant_unavailable");
    command(&admin, &block.replace("block", "unblock")).await.data(200);
    say(client, &chat, "there again?").await;
}

/// Twenty at once, ten of each side, while both read: no gap, nothing lost, nothing counted wrongly.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_write_at_once() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = id(&market.post(json!({})).await);
    let bid = id(&market.bid(writer, &order, json!(100)).await);
    command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    let chat = id(&the_chat(client).await);
    for round in 1..=4 {
        let send = async |index: usize| {
            let who = if index.is_multiple_of(2) { client } else { writer };
            say(who, &chat, &format!("{round}.{index}")).await
        };
        let reading = async { tokio::join!(read(client, &chat, None), read(writer, &chat, None)) };
        let (sent, _) = tokio::join!(join_all((0..20).map(send)), reading);
        let ids: BTreeSet<_> = sent.iter().map(id).collect();
        assert_eq!(ids.len(), 20);
        let data = client.client.get(&format!("/api/v1/chats/{chat}/messages?limit=20")).await.data(200);
        assert_eq!(data["pagination"]["total"], 1 + 20 * round);
        let newest: BTreeSet<_> = data["messages"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(newest, ids, "each is there once, before all earlier ones");
        // The unread counters are what counting would give.
        for who in [client, writer] {
            let all = who.client.get(&format!("/api/v1/chats/{chat}/messages?limit=100")).await.data(200);
            let unread = all["messages"].as_array().unwrap().iter().filter(|message| {
                message["sender"]["id"] != json!(who.id) && message["is_read"] == json!(false)
            });
            assert_eq!(the_chat(who).await["unread_count"], json!(unread.count()));
        }
        // Numbered without gaps, in the order of their times.
        let gaps = "DO $$ BEGIN
            IF EXISTS (SELECT 1 FROM chats JOIN LATERAL (
                    SELECT count(*) AS said, min(seq) AS first, max(seq) AS last,
                           count(*) FILTER (WHERE sender_id = chats.provider_id) AS theirs
                    FROM messages WHERE chat_id = chats.id) m ON true
                WHERE (m.said, m.first, m.last, m.theirs) <> (last_seq, 1, last_seq, from_provider))
            OR EXISTS (SELECT 1 FROM (SELECT sent_at < lag(sent_at) OVER (PARTITION BY chat_id ORDER BY seq) AS back
                                      FROM messages) s WHERE back)
            THEN RAISE EXCEPTION 'a gap'; END IF; END $$";
        market.app.sql(gaps).await;
        assert_eq!((read(client, &chat, None).await, read(writer, &chat, None).await), (json!(0), json!(0)));
    }
}

/// Everything that opens a chat at once, also from another server: there is one, with one beginning.
#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_opened_from_everywhere_at_once() {
    let market = Market::open().await;
    let Market { client, writer, app } = &market;
    deposit(client, &json!(1_000)).await;
    for round in 1..=4 {
        let order = id(&market.post(json!({})).await);
        let bid = id(&market.bid(writer, &order, json!(10)).await);
        let accept = format!("/api/v1/bids/{bid}/accept");
        let body = json!({"order_id": order, "participant_id": writer.id});
        let opening = join_all((0..10).map(|_| client.client.post("/api/v1/chats", &body)));
        let (accepted, opened) = tokio::join!(command(client, &accept), opening);
        accepted.data(200);
        let mut ids = BTreeSet::new();
        for answer in &opened {
            assert!([200, 201].contains(&answer.status), "{}", answer.text);
            ids.insert(id(&answer.json()["data"]["chat"]));
        }
        assert_eq!(ids.len(), 1, "everybody gets the same one");
        assert!(opened.iter().filter(|answer| answer.status == 201).count() <= 1, "made once");
        let list = chats(writer).await;
        assert_eq!((&list["pagination"]["total"], &list["unread_total"]), (&json!(round), &json!(0)));
        assert_eq!(messages(client, ids.first().unwrap()).await.len(), 1);
        app.assert_books_balance().await;
    }
}

/// Uploading, sending, and the other side's downloading; nobody else has any of it.
#[tokio::test(flavor = "multi_thread")]
async fn files_go_with_messages() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    let order = market.active(json!({}), "100").await;
    let chat = id(&the_chat(client).await);
    let path = format!("/api/v1/chats/{chat}/messages");
    let (outline, sources) =
        (upload(writer, "outline.txt", "Outline").await, upload(writer, "sources.txt", "Sources").await);
    let file_path = format!("/api/v1/files/{}", id(&outline));
    client.client.get(&file_path).await.error(404, "NOT_FOUND");

    let body = json!({"content": "Two files", "attachments": [sources["id"], outline["id"]]});
    let sent = named(writer, &path, &body, "send").await;
    let replayed = named(writer, &path, &body, "send").await;
    assert_eq!((replayed.header("idempotent-replayed"), &replayed.text), (Some("true"), &sent.text));
    let message = sent.data(201)["message"].clone();
    let seen = client.client.get(&path).await.data(200)["messages"][0].clone();
    for shown in [&message, &seen] {
        let files = shown["attachments"].as_array().unwrap();
        assert_eq!(files.iter().map(id).collect::<Vec<_>>(), [id(&sources), id(&outline)]);
        for (file, uploaded) in files.iter().zip([&sources, &outline]) {
            for key in ["name", "size", "size_formatted", "mime_type"] {
                assert_eq!(file[key], uploaded[key], "{key}");
            }
        }
        assert_eq!(fetch(&market, &files[0]).await, (200, "Sources".to_owned()));
    }

    // The two of them, and not even an administrator.
    let outsiders =
        [app.register("client", "c2@example.com").await, app.register("writer", "w2@example.com").await];
    for who in [client, writer] {
        who.client.get(&file_path).await.data(200);
    }
    for who in outsiders.iter().chain([&app.admin().await]) {
        who.client.get(&file_path).await.error(404, "NOT_FOUND");
    }
    for who in &outsiders {
        who.client.get(&path).await.error(404, "NOT_FOUND");
    }
    // A link ends; then there is a new one with the message.
    app.clock.advance(TimeDelta::seconds(601));
    assert_eq!(fetch(&market, &seen["attachments"][0]).await.0, 404);
    let again = client.client.get(&path).await.data(200)["messages"][0].clone();
    assert_eq!(fetch(&market, &again["attachments"][0]).await.0, 200);

    // A picture says it all; the list of chats names it.
    let picture = upload(client, "layout.txt", "x").await;
    let body = json!({"attachments": [picture["id"]]});
    let sent = client.client.post(&path, &body).await.data(201)["message"].clone();
    assert_eq!(sent["content"], "");
    assert_eq!(the_chat(writer).await["last_message"]["content"], "layout.txt");

    // What is attached is attached, to one thing.
    let twice = client.client.post(&path, &body).await;
    assert_eq!(conflict(&twice).0, "file_attached");
    let to_order = client
        .client
        .post(&format!("/api/v1/orders/{order}/files"), &json!({"file_ids": [picture["id"]]}))
        .await;
    assert_eq!(conflict(&to_order).0, "file_attached");
    let mine = upload(client, "mine.txt", "x").await;
    let foreign = writer.client.post(&path, &json!({"content": "x", "attachments": [mine["id"]]})).await;
    let details = foreign.error(422, "UNPROCESSABLE_ENTITY")["details"].clone();
    assert_eq!((&details["reason"], &details["field"]), (&json!("unknown_file"), &json!("attachments[0]")));
    assert_eq!(messages(client, &chat).await.len(), 3, "nothing was said in vain");

    // A week later what was sent is there, and what was not is gone.
    app.clock.advance(TimeDelta::days(8));
    let admin = app.admin().await;
    let is_swept = async || admin.client.get(&format!("/api/v1/files/{}", id(&mine))).await.status == 404;
    eventually("files that nobody attached are swept", is_swept).await;
    let writer = app.log_in("writer@example.com").await;
    let again = writer.client.get(&path).await.data(200)["messages"].clone();
    assert_eq!(fetch(&market, &again[0]["attachments"][0]).await, (200, "x".to_owned()));
}

/// To an order and to a message at once: one of the two has it.
#[tokio::test(flavor = "multi_thread")]
async fn of_an_order_and_a_message_one_gets_the_file() {
    let market = Market::open().await;
    let client = &market.client;
    let order = market.active(json!({}), "100").await;
    let chat = id(&the_chat(client).await);
    for round in 0..10 {
        let file = upload(client, &format!("{round}.txt"), "x").await;
        let (of_order, of_message) =
            (json!({"file_ids": [file["id"]]}), json!({"attachments": [file["id"]]}));
        let (order_path, chat_path) =
            (format!("/api/v1/orders/{order}/files"), format!("/api/v1/chats/{chat}/messages"));
        let (one, two) = tokio::join!(
            client.client.post(&order_path, &of_order),
            client.client.post(&chat_path, &of_message)
        );
        let expected = [(200, 409), (409, 201)];
        assert!(expected.contains(&(one.status, two.status)), "{} {}", one.text, two.text);
    }
    let attached = market.order(client, &order).await["files"].as_array().unwrap().len();
    assert_eq!(attached + messages(client, &chat).await.len(), 11, "ten files and the first message");
}
