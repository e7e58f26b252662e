//! Chats as PostgreSQL keeps them: what its constraints refuse whatever the program does, and what it
//! answers without looking at long histories.

use adapter_postgres::Database;
use adapter_postgres::migrations::MIGRATIONS;
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use domain::identity::Role as UserRole;
use domain::ids::{ChatId, OrderId, UserId};
use ports::list::Window;
use ports::messaging::ChatQueries;
use ports::store::{Store, StoreError};
use uuid::Uuid;

use crate::support::{Role, TestDb, database, eventually, fresh_uuid};

/// How many there are in the filled database.
const CHATS: i64 = 20_000;
const MESSAGES_EACH: i64 = 9;
const LONG_HISTORY: i64 = 20_000;

/// Fills a database: clients 1 … 100 with 200 chats each, all with the same 100 providers, nine
/// messages in each chat, and the first chat of client 1 with a long history. There, or in the last
/// chat of a small database, a file goes with each message.
async fn fill(test: &TestDb, chats: i64) -> (UserId, UserId, ChatId) {
    let postgres = test.superuser().await;
    let sql = format!(
        "CREATE FUNCTION pg_temp.id(kind text, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
             AS $$ SELECT md5(kind || number)::uuid $$;
         INSERT INTO users (id, email, full_name, role, password_hash, state, is_verified, created_at, updated_at,
                            version)
         SELECT pg_temp.id(role, n), role || n || '@example.com', 'Test Person', role, '$hash$', 'active', false,
                now(), now(), 0
         FROM generate_series(1, 100) n CROSS JOIN (VALUES ('client'), ('writer')) AS roles (role);
         INSERT INTO profiles (user_id, specializations, languages, updated_at)
         SELECT id, '{{}}', '{{}}', now() FROM users;
         INSERT INTO orders (id, client_id, deadline, budget_minor, bids_count, revision, created_at, updated_at,
                             version, progress, currency, state, title, subject, subject_key, order_type)
         SELECT n, pg_temp.id('client', 1 + n % 100), now() + interval '1 day', 1, 1, 1, now(), now(), 0, 0, 'USD',
                'open', 'Title', 'Subject', 'subject', 'Type'
         FROM generate_series(1, {chats}) n;
         INSERT INTO bids (id, order_id, provider_id, amount_minor, currency, message, state, revision,
                           submitted_at, asked_at, updated_at, version)
         SELECT n, n, pg_temp.id('writer', 1 + (n / 100) % 100), 1, 'USD', 'me', 'open', 1, now(), now(), now(), 0
         FROM generate_series(1, {chats}) n;
         INSERT INTO chats (id, order_id, client_id, provider_id, last_seq, last_message_id, from_provider,
                            created_at, updated_at)
         SELECT pg_temp.id('chat', n), n, pg_temp.id('client', 1 + n % 100),
                pg_temp.id('writer', 1 + (n / 100) % 100), said.number, pg_temp.id('message' || n || ':', said.number),
                said.number, now(), now()
         FROM generate_series(1, {chats}) n
         CROSS JOIN LATERAL (SELECT CASE n WHEN 100 THEN {LONG_HISTORY} ELSE {MESSAGES_EACH} END AS number) AS said;
         INSERT INTO messages (chat_id, seq, id, sender_id, from_provider, content, sent_at)
         SELECT chats.id, seq, pg_temp.id('message' || chats.order_id || ':', seq), chats.provider_id, seq,
                repeat('word ', 40), now()
         FROM chats CROSS JOIN LATERAL generate_series(1, chats.last_seq) seq;
         INSERT INTO files (id, owner_id, purpose, name, size_bytes, media_type, hash, storage_key, created_at)
         SELECT file.id, sender_id, 'attachment', seq || '.pdf', 1, 'application/pdf', decode(repeat('07', 32), 'hex'),
                'attachments/' || right(file.id::text, 2) || '/' || file.id, now()
         FROM messages JOIN chats ON chats.id = chat_id
         CROSS JOIN LATERAL (SELECT pg_temp.id('file', seq) AS id) AS file
         WHERE chats.order_id = least(100, {chats});
         INSERT INTO message_attachments (file_id, chat_id, seq, place)
         SELECT pg_temp.id('file', seq), chat_id, seq, 1
         FROM messages JOIN chats ON chats.id = chat_id WHERE chats.order_id = least(100, {chats});
         INSERT INTO chat_members (chat_id, user_id, activity, read_seq, unread)
         SELECT id, client_id, order_id, 0, last_seq FROM chats
         UNION ALL SELECT id, provider_id, order_id, 0, 0 FROM chats;
         SELECT setval('chat_activities', {chats} + 1);
         VACUUM ANALYZE"
    );
    for statement in sql.split(";\n") {
        postgres.batch_execute(statement).await.unwrap();
    }
    let id = async |kind: &str, number: i64| -> Uuid {
        let sql = "SELECT pg_temp.id($1, $2)::text";
        let text: String = postgres.query_one(sql, &[&kind, &number]).await.unwrap().get(0);
        text.parse().unwrap()
    };
    let (client, writer) = (id("client", 1).await, id("writer", 2).await);
    (UserId::new(client), UserId::new(writer), ChatId::new(id("chat", 100).await))
}

/// How many rows of each of these tables were looked at since the last reset.
pub(crate) async fn looked_at(test: &TestDb, database: Database, table: &str) -> i64 {
    drop(database);
    let postgres = test.superuser().await;
    eventually("all are closed", async || test.backends(&postgres, "true").await == 0).await;
    let sql = "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
               FROM pg_stat_user_tables WHERE relname = $1";
    postgres.query_one(sql, &[&table]).await.unwrap().get(0)
}

/// Not how long it takes, but how many rows are looked at: as many as are shown, and one more.
#[tokio::test]
async fn lists_look_at_what_they_show() {
    let test = database().await;
    let (client_id, writer_id, chat_id) = fill(&test, CHATS).await;
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let name = test.name();
        let settings = format!("ALTER DATABASE {name} SET plan_cache_mode = {mode}; SELECT pg_stat_reset()");
        let admin = test.superuser().await;
        admin.batch_execute(&settings).await.unwrap();
        drop(admin);
        let ask = async |window: Window| {
            let database = test.open();
            let list = database.chats(client_id, window).await.unwrap();
            (list, database)
        };
        let rows = |table: &'static str, database: Database| looked_at(&test, database, table);
        let reset = async || {
            test.superuser().await.batch_execute("SELECT pg_stat_reset()").await.unwrap();
        };

        let (list, database) = ask(Window::Page { offset: 0, limit: 20 }).await;
        let unread = 199 * MESSAGES_EACH + LONG_HISTORY;
        assert_eq!((list.chats.rows.len(), list.chats.total, list.unread_total), (20, 200, unread));
        assert_eq!(rows("messages", database).await, 21, "{mode}: the last one of each");
        reset().await;
        let (list, database) = ask(Window::Before { position: 5_000, limit: 20 }).await;
        assert_eq!(list.chats.rows.len(), 20);
        assert_eq!(rows("chats", database).await, 21, "{mode}: at any depth");
        reset().await;

        let page = async |window: Window| {
            let database = test.open();
            let found = database.messages(chat_id, client_id, window).await.unwrap().unwrap();
            assert_eq!((found.rows.len(), found.total), (50, LONG_HISTORY));
            assert!(found.rows.iter().all(|message| message.files.len() == 1));
            database
        };
        for window in [
            Window::Page { offset: 0, limit: 50 },
            Window::Page { offset: 15_000, limit: 50 },
            Window::Before { position: 5_000, limit: 50 },
        ] {
            for table in ["messages", "message_attachments", "files"] {
                assert_eq!(rows(table, page(window).await).await, 51, "{mode}: {window:?} {table}");
                reset().await;
            }
        }

        // What an award adds: the newest bid of one provider on one order, and no other row.
        let database = test.open();
        let mut unit = database.begin().await.unwrap();
        let order_id = OrderId::new(100).unwrap();
        let grounds = unit.chats().grounds(order_id, writer_id).await.unwrap().unwrap();
        assert_eq!(grounds.chat_id, Some(chat_id), "{mode}");
        assert!(grounds.bid.is_some());
        unit.rollback().await.unwrap();
        assert_eq!(rows("bids", database).await, 1, "{mode}");
        reset().await;

        // And writing and reading look at nothing that was said before.
        let database = test.open();
        let mut unit = database.begin().await.unwrap();
        let mut chat = unit.chats().lock(chat_id).await.unwrap().unwrap().chat;
        let content = domain::messaging::MessageText::parse("one more").unwrap().into();
        let new = domain::messaging::NewMessage { id: domain::ids::MessageId::new(fresh_uuid()), content };
        let by = |user_id, role| domain::actor::Issuer::Person { user_id, role };
        let now = crate::support::now();
        let (message, _) = chat.send(new, by(writer_id, UserRole::Writer), true, now).unwrap();
        unit.chats().add_message(&chat, &message).await.unwrap();
        let read = chat.read(Some(message.mark), by(client_id, UserRole::Client)).unwrap();
        assert!(read.is_some());
        unit.chats().save_reading(&chat, client_id).await.unwrap();
        assert_eq!(unit.chats().view(chat_id, client_id).await.unwrap().unwrap().unread_count, 0);
        unit.rollback().await.unwrap();
        assert!(rows("messages", database).await <= 1, "{mode}: the last one, to be shown");
        reset().await;
    }
}

/// Statements that a faulty program might send, and what stands against each.
const REFUSED: &[(&str, &str)] = &[
    ("UPDATE chats SET provider_id = client_id", "chats_two_sides"),
    ("UPDATE chats SET last_seq = 0", "chats_from_provider_range"),
    ("UPDATE chats SET from_provider = last_seq + 1", "chats_from_provider_range"),
    ("UPDATE chats SET from_provider = -1", "chats_from_provider_range"),
    (
        "INSERT INTO chats SELECT gen_random_uuid(), order_id, client_id, provider_id, 1, gen_random_uuid(), 1, now(),
             now() FROM chats",
        "chats_once",
    ),
    ("UPDATE chat_members SET activity = 0", "chat_members_activity_counts"),
    ("UPDATE chat_members SET read_seq = -1", "chat_members_read_seq_counts"),
    ("UPDATE chat_members SET unread = -1", "chat_members_unread_counts"),
    (
        "INSERT INTO chat_members SELECT chat_id, user_id, activity, 0, 0 FROM chat_members",
        "chat_members_pkey",
    ),
    ("UPDATE messages SET content = repeat('x', 10001)", "messages_content_length"),
    ("UPDATE message_attachments SET place = 0", "message_attachments_place_range"),
    ("UPDATE message_attachments SET place = 11", "message_attachments_place_range"),
    ("UPDATE message_attachments SET seq = 1", "message_attachments_place_once"),
    ("UPDATE message_attachments SET seq = seq + 100", "message_attachments_message_fkey"),
    ("UPDATE message_attachments SET file_id = (SELECT file_id FROM message_attachments LIMIT 1)",
        "message_attachments_pkey"),
    ("DELETE FROM files", "message_attachments_file_id_fkey"),
    ("UPDATE messages SET from_provider = seq + 1", "messages_from_provider_range"),
    ("UPDATE messages SET seq = 1, from_provider = 1 WHERE seq = 2", "messages_pkey"),
    (
        "INSERT INTO messages SELECT chat_id, seq + 100, id, sender_id, 1, 'x', now() FROM messages",
        "messages_id_once",
    ),
    (
        "INSERT INTO messages SELECT gen_random_uuid(), 1, gen_random_uuid(), sender_id, 1, 'x', now()
         FROM messages LIMIT 1",
        "messages_chat_id_fkey",
    ),
];

#[tokio::test]
async fn constraints_are_the_second_line() {
    let test = database().await;
    fill(&test, 1).await;
    let postgres = test.superuser().await;
    for (statement, constraint) in REFUSED {
        let error = postgres.batch_execute(statement).await.expect_err(statement);
        let broken = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(broken, Some(*constraint), "{statement}: {error:?}");
    }
}

/// What was said stays said: the serving role can neither change nor remove a message.
#[tokio::test]
async fn messages_never_change() {
    let test = database().await;
    fill(&test, 1).await;
    let serving = crate::support::connect(secrecy::ExposeSecret::expose_secret(&test.url(Role::App))).await;
    for statement in [
        "UPDATE messages SET content = 'x'",
        "DELETE FROM messages",
        "UPDATE chats SET client_id = provider_id",
        "DELETE FROM chats",
        "UPDATE chat_members SET user_id = user_id",
        "DELETE FROM chat_members",
        "UPDATE message_attachments SET place = 2",
        "DELETE FROM message_attachments",
    ] {
        let error = serving.batch_execute(statement).await.expect_err(statement);
        let code = error.code().map(|code| code.code().to_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error:?}");
    }
}

/// Also past the program: the trigger leaves out what is attached to something of the other kind.
#[tokio::test]
async fn no_file_is_of_an_order_and_of_a_message() {
    let test = database().await;
    fill(&test, 1).await;
    let postgres = test.superuser().await;
    let attach = "INSERT INTO order_files (file_id, order_id, attached_at)
                  SELECT file_id, 1, now() FROM message_attachments";
    assert_eq!(postgres.execute(attach, &[]).await.unwrap(), 0);
    postgres.batch_execute("CREATE TABLE before AS TABLE message_attachments").await.unwrap();
    postgres.batch_execute("DELETE FROM message_attachments").await.unwrap();
    let attach = attach.replace("message_attachments", "before");
    assert_eq!(postgres.execute(attach.as_str(), &[]).await.unwrap(), u64::try_from(MESSAGES_EACH).unwrap());
    let again = "INSERT INTO message_attachments SELECT * FROM before";
    assert_eq!(postgres.execute(again, &[]).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_leaves_names_where_there_were_only_files() {
    let test = database().await;
    fill(&test, 1).await;
    let postgres = test.superuser().await;
    postgres.batch_execute("UPDATE messages SET content = '' WHERE seq = 2").await.unwrap();
    let url = test.url(Role::Owner);
    let connection = AsyncPgConnection::establish(secrecy::ExposeSecret::expose_secret(&url)).await.unwrap();
    let mut harness = AsyncMigrationHarness::new(connection);
    let there = "SELECT to_regclass('message_attachments') IS NOT NULL";
    while postgres.query_one(there, &[]).await.unwrap().get(0) {
        harness.revert_last_migration(MIGRATIONS).unwrap();
    }
    let said = "SELECT content FROM messages WHERE seq IN (2, 3) ORDER BY seq";
    let said = postgres.query(said, &[]).await.unwrap();
    let said: Vec<String> = said.iter().map(|row| row.get(0)).collect();
    assert_eq!(said, ["2.pdf".to_owned(), "word ".repeat(40)]);
}

#[tokio::test]
async fn an_impossible_stored_value_is_named() {
    let test = database().await;
    let (client_id, _, _) = fill(&test, 100).await;
    let postgres = test.superuser().await;
    let database = test.open();
    let page = Window::Page { offset: 0, limit: 20 };
    assert_eq!(database.chats(client_id, page).await.unwrap().chats.total, 1);
    postgres
        .batch_execute("ALTER TABLE users DROP CONSTRAINT users_role_word; UPDATE users SET role = 'lost'")
        .await
        .unwrap();
    let shown = database.chats(client_id, page).await;
    assert!(matches!(shown, Err(StoreError::Corrupt { table: "users", column: "role", .. })), "{shown:?}");
}
