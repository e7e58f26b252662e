//! What earlier versions left undone, and a migration makes up for: chats of awards and counter-offers from
//! before there were chats, the business of people who were shut out, names of account holders.

use adapter_postgres::Database;
use adapter_postgres::migrate;
use adapter_postgres::migrations::MIGRATIONS;
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use domain::actor::Issuer;
use domain::identity::Role as UserRole;
use domain::ids::{ChatId, MessageId, OrderId, UserId};
use domain::messaging::{MessageText, NewChat, NewMessage, Opening, OpeningReason};
use ports::list::Window;
use ports::messaging::{ChatClaim, ChatQueries};
use ports::store::Store;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::support::{Role, TestDb, empty_database, fresh_uuid};

const ALL: Window = Window::Page { offset: 0, limit: 100 };
const CLIENT: u128 = 1;
const WRITER: u128 = 2;

/// What was there before chats: order 1 with a counter-offer to the writer and a mere bid of another, order
/// 2 awarded to the writer, order 3 left by the writer, who then bid again and lost, order 4 with a mere
/// bid of the writer.
const BEFORE: &str = "
    INSERT INTO users (id, email, full_name, role, password_hash, state, is_verified, created_at, updated_at,
                       version)
    SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, n || '@example.com', 'Person ' || n, role, 'x',
           'active', false, '2026-01-01', '2026-01-01', 0
    FROM (VALUES (1, 'client'), (2, 'writer'), (3, 'writer')) AS people (n, role);
    INSERT INTO profiles (user_id, updated_at) SELECT id, '2026-01-01' FROM users;
    INSERT INTO user_figures (user_id) SELECT id FROM users;
    INSERT INTO orders (id, client_id, deadline, budget_minor, revision, created_at, updated_at, version, progress,
                        currency, state, title, subject, subject_key, order_type)
    SELECT n, '00000000-0000-0000-0000-000000000001', '2027-01-01', 100, 1, '2026-01-02', '2026-01-02', 0, 0,
           'USD', 'open', 'Title', 'Subject', 'subject', 'Type'
    FROM generate_series(1, 4) n;
    INSERT INTO bids (id, order_id, provider_id, amount_minor, currency, message, state, revision, counter_minor,
                      counter_at, submitted_at, asked_at, answered_at, updated_at, version)
    SELECT id, order_id, ('00000000-0000-0000-0000-00000000000' || provider)::uuid, 100, 'USD', 'bid ' || id, state,
           1, CASE state WHEN 'countered' THEN 90 END, CASE state WHEN 'countered' THEN timestamptz '2026-02-03' END,
           asked_at, asked_at, CASE WHEN state IN ('countered', 'accepted', 'declined') THEN asked_at END,
           asked_at, 0
    FROM (VALUES (1, 1, 2, 'countered', timestamptz '2026-02-01'), (2, 2, 2, 'accepted', '2026-02-10'),
                 (3, 3, 2, 'withdrawn', '2026-02-15'), (4, 3, 2, 'declined', '2026-02-20'),
                 (5, 4, 2, 'open', '2026-02-25'), (6, 1, 3, 'open', '2026-02-25'))
         AS bids (id, order_id, provider, state, asked_at);
    INSERT INTO offers (bid_id, author, author_id, amount_minor, currency, message, made_at)
    SELECT id, 'provider', provider_id, 100, 'USD', message, asked_at FROM bids;
    INSERT INTO offers (bid_id, author, author_id, amount_minor, currency, made_at)
    SELECT 1, 'client', client_id, 90, 'USD', made_at
    FROM orders, (VALUES (timestamptz '2026-02-03'), ('2026-02-02')) AS twice (made_at) WHERE id = 1;
    INSERT INTO contracts (id, order_id, bid_id, client_id, provider_id, price_minor, currency, provider_fee_bps,
                           client_fee_bps, is_funded, released_minor, refunded_minor, disputed_minor,
                           provider_outstanding_minor, held_minor, provider_net_minor, state, created_at, ended_at,
                           updated_at, version)
    SELECT gen_random_uuid(), order_id, id, '00000000-0000-0000-0000-000000000001', provider_id, 100, 'USD', 0, 0,
           false, 0, 0, 0, 0, 0, 0, CASE id WHEN 2 THEN 'pending_funding' ELSE 'cancelled' END,
           asked_at + interval '1 day', CASE id WHEN 3 THEN asked_at END, asked_at, 0
    FROM bids WHERE id IN (2, 3)";

fn person(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

/// Applies migrations up to and with this one.
async fn migrate_up_to(test: &TestDb, last: &str) {
    let url = test.url(Role::Owner);
    let last = last.to_owned();
    let connection = AsyncPgConnection::establish(url.expose_secret()).await.unwrap();
    let mut harness = AsyncMigrationHarness::new(connection);
    loop {
        let applied = harness.run_next_migration(MIGRATIONS).unwrap();
        if applied.to_string() == last {
            return;
        }
    }
}

async fn migrate_the_rest(test: &TestDb) -> Vec<String> {
    let wait = std::time::Duration::from_secs(10);
    migrate(&test.url(Role::Owner), Some(Role::App.name()), wait).await.unwrap().versions
}

/// The chat that the program opens about an order that has none.
async fn open(database: &Database, order: i64, now: DateTime<Utc>) -> ChatId {
    let (order_id, provider_id) = (OrderId::new(order).unwrap(), person(WRITER));
    let opening =
        Opening { order_id, provider_id, opened_by: person(CLIENT), reason: OpeningReason::Written };
    let new = NewChat { id: ChatId::new(fresh_uuid()), first_message_id: MessageId::new(fresh_uuid()) };
    let mut work = database.begin().await.unwrap();
    let grounds = work.chats().grounds(order_id, provider_id).await.unwrap().unwrap();
    let opened = grounds.follow(&opening, new, now).unwrap();
    assert_eq!(work.chats().insert(&opened.chat, &opened.first).await.unwrap(), ChatClaim::Granted);
    work.commit().await.unwrap();
    new.id
}

fn at(day: &str) -> DateTime<Utc> {
    format!("2026-{day}T00:00:00Z").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_came_together_before_there_were_chats_has_one() {
    let test = empty_database().await;
    migrate_up_to(&test, "00000000000006").await;
    test.superuser().await.batch_execute(&format!("SET timezone = 'UTC'; {BEFORE}")).await.unwrap();
    migrate_up_to(&test, "00000000000010").await;
    let database = test.open_with(|config| config.url = test.url(Role::Owner));
    let said_since = open(&database, 4, at("03-01")).await;
    drop(database);
    let applied = migrate_the_rest(&test).await;
    assert_eq!(applied.first().map(String::as_str), Some("00000000000011"));

    let database = test.open();
    let list = database.chats(person(CLIENT), ALL).await.unwrap();
    // The order's number, when the chat was opened, what was said last and when.
    let shown = |order, opened: &str, said: &str, when: &str| (order, at(opened), said.to_owned(), at(when));
    let rows = list.chats.rows.iter();
    let found: Vec<_> = rows
        .map(|chat| {
            let last = &chat.last_message;
            assert_eq!((chat.participant.id, last.sender_id), (person(WRITER), person(WRITER)));
            (chat.order_id.number(), chat.updated_at, last.content.clone(), last.sent_at)
        })
        .collect();
    let expected = [
        shown(4, "03-01", "bid 5", "02-25"),
        shown(3, "02-16", "bid 4", "02-16"),
        shown(2, "02-11", "bid 2", "02-10"),
        shown(1, "02-02", "bid 1", "02-01"),
    ];
    assert_eq!(found, expected, "newest first, whichever of them the program has opened");
    let unread: Vec<_> = list.chats.rows.iter().map(|chat| chat.unread_count).collect();
    assert_eq!((list.unread_total, unread), (1, vec![1, 0, 0, 0]), "what the client has answered is read");
    assert_eq!(list.chats.rows[0].id, said_since);
    let writers = database.chats(person(WRITER), ALL).await.unwrap();
    let ids = |list: &ports::messaging::ChatList| list.chats.rows.iter().map(|c| c.id).collect::<Vec<_>>();
    assert_eq!((ids(&writers), writers.unread_total), (ids(&list), 0));
    assert_eq!(database.chats(person(3), ALL).await.unwrap().chats.rows, [], "a mere bid opens none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_like_those_that_the_program_opens() {
    let test = empty_database().await;
    migrate_up_to(&test, "00000000000006").await;
    test.superuser().await.batch_execute(&format!("SET timezone = 'UTC'; {BEFORE}")).await.unwrap();
    migrate_the_rest(&test).await;
    let database = test.open();
    let by_program = open(&database, 4, at("03-01")).await;
    let owner = test.superuser().await;
    // Everything but what they are about, and how far the client has read.
    let shapes = "
        SELECT count(DISTINCT shape), count(*) FROM (
            SELECT (last_seq, chats.from_provider, last_message_id = messages.id, created_at = chats.updated_at,
                    messages.seq, messages.from_provider, sender_id = provider_id, sent_at <= created_at,
                    client.activity = writer.activity, writer.read_seq, writer.unread,
                    client.read_seq + client.unread) AS shape
            FROM chats JOIN messages ON chat_id = chats.id
            JOIN chat_members client ON client.chat_id = chats.id AND client.user_id = client_id
            JOIN chat_members writer ON writer.chat_id = chats.id AND writer.user_id = provider_id
        ) AS shapes";
    let row = owner.query_one(shapes, &[]).await.unwrap();
    let counts: (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(counts, (1, 4));
    let identifiers = "
        SELECT bool_and(left(replace(id, '-', ''), 12) = lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
                        AND substr(id, 15, 1) = '7' AND substr(id, 20, 1) IN ('8', '9', 'a', 'b'))
               AND count(DISTINCT id) = 6
        FROM (
            SELECT id::text, created_at FROM chats WHERE order_id < 4
            UNION ALL
            SELECT last_message_id::text, created_at FROM chats WHERE order_id < 4
        ) AS minted (id, moment)";
    assert!(
        owner.query_one(identifiers, &[]).await.unwrap().get::<_, bool>(0),
        "of version 7, of their time"
    );

    // And people go on where they were.
    let mut work = database.begin().await.unwrap();
    let list = database.chats(person(CLIENT), ALL).await.unwrap();
    let id = list.chats.rows.last().unwrap().id;
    assert_ne!(id, by_program);
    let mut chat = work.chats().lock(id).await.unwrap().unwrap().chat;
    let new = NewMessage {
        id: MessageId::new(fresh_uuid()),
        content: MessageText::parse("still there?").unwrap().into(),
    };
    let by = Issuer::Person { user_id: person(CLIENT), role: UserRole::Client };
    let (message, _) = chat.send(new, by, true, at("03-02")).unwrap();
    assert_eq!(message.mark.seq, 2);
    work.chats().add_message(&chat, &message).await.unwrap();
    work.commit().await.unwrap();
    let list = database.chats(person(WRITER), ALL).await.unwrap();
    assert_eq!((list.chats.rows[0].id, list.unread_total), (id, 1), "it comes to the front");
    let messages = database.messages(id, person(WRITER), ALL).await.unwrap().unwrap();
    let read: Vec<_> = messages.rows.iter().map(|message| message.is_read).collect();
    assert_eq!(read, [false, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_shut_out_before_is_noticed_and_holders_are_masked() {
    let test = empty_database().await;
    migrate_up_to(&test, "00000000000010").await;
    let postgres = test.superuser().await;
    let before = r#"
        INSERT INTO users (id, email, full_name, role, password_hash, state, is_verified, created_at, updated_at,
                           version)
        VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.com', 'A', 'writer', 'x', 'active', false, now(),
                now(), 0);
        INSERT INTO outbox (id, name, payload, occurred_at, dispatched_at)
        SELECT gen_random_uuid(), name, '{}', now(), now()
        FROM unnest(ARRAY['user.blocked', 'user.deactivated', 'user.unblocked', 'order.posted']) AS name;
        INSERT INTO withdrawals (id, user_id, amount_minor, currency, method, account_sealed, account_masked, state,
                                 requested_at, estimated_completion, updated_at, version)
        SELECT number, '00000000-0000-0000-0000-000000000001', 100, 'USD', method, 'x', masked::jsonb, 'pending',
               now(), now(), now(), 0
        FROM (VALUES
            (1, 'bank_transfer', '{"account_number": "****7890", "bank_name": "Example Bank",
                                  "account_holder": "Zoë de la Cruz"}'),
            (2, 'paypal', '{"email": "j***@example.com"}')) AS given (number, method, masked)"#;
    postgres.batch_execute(before).await.unwrap();
    migrate_the_rest(&test).await;
    let waiting = "SELECT string_agg(name, ' ' ORDER BY name) FROM outbox WHERE dispatched_at IS NULL";
    let waiting: String = postgres.query_one(waiting, &[]).await.unwrap().get(0);
    assert_eq!(waiting, "user.blocked user.deactivated");
    let masked = "SELECT account_masked::text FROM withdrawals ORDER BY id";
    let rows = postgres.query(masked, &[]).await.unwrap();
    let masked: Vec<serde_json::Value> =
        rows.iter().map(|row| serde_json::from_str(row.get(0)).unwrap()).collect();
    assert_eq!(
        masked,
        [
            serde_json::json!({"account_number": "****7890", "bank_name": "Example Bank",
                               "account_holder": "Z*** d*** l*** C***"}),
            serde_json::json!({"email": "j***@example.com"}),
        ]
    );
}
