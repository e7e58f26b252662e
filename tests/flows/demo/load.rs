//! Much data: a hundredth of a unit.

use chrono::{DateTime, Utc};
use domain::search::words;
use guildhall::demo::load::{self, PASSWORD};
use guildhall::wiring;
use ports::environment::Clock;
use serde_json::{Value, json};
use test_cluster::{TestDatabase, connect};
use tokio::runtime::Handle;

use super::{Backstage, test_settings};
use crate::harness::{Client, TestApp};

/// The rules that the books break, or why nothing was made.
pub(super) async fn fill(
    backstage: &Backstage,
    scale: &str,
    now: DateTime<Utc>,
) -> Result<Vec<String>, String> {
    let Backstage { settings, secrets, outside, home, .. } = backstage;
    let database = wiring::connect(settings, secrets, home, &Handle::current()).unwrap();
    let scale = scale.parse().unwrap();
    load::make(settings, secrets, outside, (home, &database), (scale, now))
        .await
        .map(|reports| {
            reports.iter().filter(|report| report.offending > 0).map(|report| format!("{report:?}")).collect()
        })
        .map_err(|error| error.to_string())
}

async fn filled() -> Backstage {
    let backstage = Backstage::new().await;
    let now = backstage.clock.now();
    assert_eq!(fill(&backstage, "0.01", now).await, Ok(vec![]), "the books agree");
    backstage
}

/// Exactly so many of each.
const COUNTS: &[&str] = &[
    "(SELECT count(*) = 10 FROM users WHERE role = 'writer' AND email ~ '^writer[1-9][0-9]?@bench.test$')",
    "(SELECT count(*) = 10 FROM users WHERE role = 'client' AND email ~ '^client[1-9][0-9]?@bench.test$')",
    "(SELECT count(DISTINCT password_hash) = 1 FROM users)",
    "(SELECT count(*) = 200 FROM orders)",
    "(SELECT count(*) = 50 FROM orders WHERE state = 'open')",
    "(SELECT count(DISTINCT state) = 4 FROM orders)",
    "(SELECT count(*) = 150 FROM contracts JOIN orders ON orders.contract_id = contracts.id)",
    "(SELECT count(DISTINCT contract_id) = 150 FROM milestones)",
    "(SELECT count(*) = 1000 FROM bids)",
    "(SELECT count(*) = 200 FROM chats)",
    "(SELECT count(*) = 2000 FROM messages)",
    "(SELECT count(*) = 1000 FROM notifications)",
    "(SELECT count(*) >= 1000 FROM postings)",
    "(SELECT sum(amount_minor) = 0 FROM postings)",
    "(SELECT count(*) = 3 FROM leaderboards) AND EXISTS (SELECT FROM leaderboard_places WHERE period = 'all-time' AND rank = 1)",
];

/// What the program keeps up to date, reckoned anew from what it follows from. (Figures, balances, totals, escrow and counts of
/// bids are reckoned by `ledger verify`.)
const RECKONED: &[&str] = &[
    // Chats.
    "NOT EXISTS (SELECT FROM chats c JOIN (
        SELECT chat_id, max(seq) AS last, count(*) AS all_of_them, max(from_provider) AS of_provider,
               (array_agg(id ORDER BY seq DESC))[1] AS last_id, max(sent_at) AS last_at
        FROM messages GROUP BY chat_id) m ON m.chat_id = c.id
        WHERE (c.last_seq, c.last_seq, c.last_message_id, c.from_provider, c.updated_at)
              IS DISTINCT FROM (m.last, m.all_of_them, m.last_id, m.of_provider, m.last_at))",
    "NOT EXISTS (SELECT FROM (
        SELECT m.from_provider, count(*) FILTER (WHERE m.sender_id = c.provider_id) OVER (PARTITION BY m.chat_id ORDER BY m.seq) AS counted,
               m.sent_at < lag(m.sent_at) OVER (PARTITION BY m.chat_id ORDER BY m.seq) AS is_back,
               m.sender_id IN (c.client_id, c.provider_id) AS is_member
        FROM messages m JOIN chats c ON c.id = m.chat_id) AS line
        WHERE from_provider <> counted OR is_back OR NOT is_member)",
    "NOT EXISTS (SELECT FROM chat_members m WHERE unread <> (
        SELECT count(*) FROM messages s WHERE s.chat_id = m.chat_id AND s.seq > m.read_seq AND s.sender_id <> m.user_id))",
    "NOT EXISTS (SELECT FROM chats c WHERE 2 <> (
        SELECT count(*) FROM chat_members m WHERE m.chat_id = c.id AND m.user_id IN (c.client_id, c.provider_id)))",
    "NOT EXISTS (SELECT FROM chats c WHERE NOT EXISTS (
        SELECT FROM bids b JOIN messages m ON m.content = b.message AND m.seq = 1
        WHERE b.order_id = c.order_id AND b.provider_id = c.provider_id AND m.chat_id = c.id))",
    "NOT EXISTS (SELECT FROM (
        SELECT m.activity < lag(m.activity) OVER (PARTITION BY m.user_id ORDER BY c.updated_at, c.id, m.activity) AS is_back
        FROM chat_members m JOIN chats c ON c.id = m.chat_id) AS line WHERE is_back)",
    // Notifications.
    "NOT EXISTS (SELECT FROM notification_counts FULL JOIN (
        SELECT user_id, kind, count(*) AS counted, count(*) FILTER (WHERE NOT is_read) AS fresh FROM notifications GROUP BY 1, 2
        ) AS n USING (user_id, kind) WHERE (total, unread) IS DISTINCT FROM (counted, fresh))",
    "NOT EXISTS (SELECT FROM notifications WHERE title = '' OR message ~ '[{}]' OR details = '{}')",
    // Orders and bids.
    "NOT EXISTS (SELECT FROM orders JOIN order_texts ON order_id = id
        WHERE is_open <> (state = 'open') OR subject_key <> lower(subject))",
    "NOT EXISTS (SELECT FROM orders o JOIN bids b ON b.id = o.accepted_bid_id
        WHERE o.provider_id <> b.provider_id OR o.accepted_minor <> b.amount_minor
           OR o.deadline <> coalesce(b.proposed_deadline, o.posted_deadline))",
    "NOT EXISTS (SELECT FROM bids b JOIN orders o ON o.id = b.order_id WHERE b.state = 'open' AND b.revision <> o.revision)",
    "NOT EXISTS (SELECT FROM bids b CROSS JOIN LATERAL (
        SELECT * FROM offers WHERE bid_id = b.id AND author = 'provider' ORDER BY position DESC LIMIT 1) AS said
        WHERE (b.amount_minor, b.message, b.proposed_deadline) IS DISTINCT FROM (said.amount_minor, said.message, said.proposed_deadline))",
    "NOT EXISTS (SELECT FROM bids WHERE NOT EXISTS (SELECT FROM offers WHERE bid_id = bids.id))",
    "NOT EXISTS (SELECT FROM milestones WHERE submissions <> (
        SELECT count(*) FROM submissions s WHERE s.contract_id = milestones.contract_id AND s.milestone = milestones.number))",
    // The steps are those that were planned, and the last one takes what is left.
    "NOT EXISTS (SELECT FROM contracts c JOIN order_texts t ON t.order_id = c.order_id
        CROSS JOIN jsonb_array_elements(t.milestone_plan) WITH ORDINALITY AS planned (step, number)
        LEFT JOIN milestones m ON m.contract_id = c.id AND m.number = planned.number
        WHERE m.title IS DISTINCT FROM step->>'title' OR m.due_date IS DISTINCT FROM (step->>'due_date')::timestamptz
           OR (planned.number < jsonb_array_length(t.milestone_plan)
               AND m.amount_minor <> c.price_minor / jsonb_array_length(t.milestone_plan)))",
    // Numbers go on behind the last one.
    "(SELECT last_value >= (SELECT max(id) FROM orders) FROM order_numbers)",
    "(SELECT last_value >= (SELECT max(id) FROM bids) FROM bid_numbers)",
    "(SELECT last_value >= (SELECT max(activity) FROM chat_members) FROM chat_activities)",
    // Nothing is later than now, nothing before it could be, and nothing that waits is overdue.
    "NOT EXISTS (SELECT FROM orders WHERE state = 'pending' AND awarded_at < (SELECT max(created_at) FROM orders) - interval '6 days')",
    "NOT EXISTS (SELECT FROM orders o JOIN bids b ON b.order_id = o.id WHERE b.submitted_at < o.created_at OR b.submitted_at > o.awarded_at)",
    "NOT EXISTS (SELECT FROM orders JOIN users ON users.id = client_id WHERE users.created_at > orders.created_at)",
    "(SELECT count(DISTINCT substr(id::text, 15, 1)) = 1 AND min(substr(id::text, 15, 1)) = '7' FROM messages)",
];

#[tokio::test(flavor = "multi_thread")]
async fn there_is_exactly_so_much_and_it_is_what_the_program_would_have_made() {
    let backstage = filled().await;
    backstage.assert_all(COUNTS).await;
    backstage.assert_all(RECKONED).await;
    let now = backstage.clock.now().to_rfc3339();
    for (table, times) in [
        ("orders", "greatest(created_at, updated_at, awarded_at, started_at, completed_at)"),
        ("bids", "greatest(submitted_at, asked_at, answered_at, updated_at)"),
        ("messages", "sent_at"),
        ("notifications", "greatest(created_at, read_at)"),
        ("postings", "created_at"),
        ("milestones", "greatest(submitted_at, completed_at)"),
        ("reviews", "created_at"),
        ("withdrawals", "greatest(requested_at, updated_at, completed_at)"),
    ] {
        assert!(backstage.holds(&format!("(SELECT max({times}) <= '{now}' FROM {table})")).await, "{table}");
    }
}

/// Searched by the words that the program would have cut.
#[tokio::test(flavor = "multi_thread")]
async fn words_to_search_by_are_those_of_the_domain() {
    let backstage = filled().await;
    let client = connect(&backstage.database.owner_url).await;
    let rows = client
        .query(
            "SELECT id, title, subject, description, tsvector_to_array(search_words) FROM orders JOIN order_texts ON order_id = id",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(rows.len(), 200);
    for row in rows {
        let (id, stored): (i64, Vec<String>) = (row.get(0), row.get(4));
        let number = domain::ids::OrderId::new(id).unwrap().to_string();
        let cut = words([row.get::<_, &str>(1), row.get(2), row.get(3), &number]);
        assert_eq!(stored.into_iter().collect::<std::collections::BTreeSet<_>>(), cut, "{number}");
    }
}

/// Indexes, keys, foreign keys and triggers.
const STRUCTURE: &str = "\
    SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated AS line
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text || ' ' || pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT relname || ' ' || relpersistence::text || ' ' || coalesce(relacl::text, '') FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
    ) AS all_of_it (line)";

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_as_it_was() {
    let backstage = filled().await;
    let untouched = TestDatabase::migrated().await;
    let structure =
        async |url: &str| -> String { connect(url).await.query_one(STRUCTURE, &[]).await.unwrap().get(0) };
    assert_eq!(
        structure(&backstage.database.owner_url).await,
        structure(&untouched.url(test_cluster::Role::Owner)).await
    );
}

/// Every table's content but for what is salted.
async fn digest(backstage: &Backstage) -> Vec<(String, String)> {
    let client = connect(&backstage.database.owner_url).await;
    let tables = client
        .query(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%' ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    let mut digests = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let statement = format!(
            "SELECT coalesce(md5(string_agg(line, ',' ORDER BY line)), '')
             FROM (SELECT (to_jsonb(t) - 'password_hash' - 'account_sealed')::text AS line FROM \"{table}\" t) AS row"
        );
        let digest = client.query_one(&statement, &[]).await.unwrap().get(0);
        digests.push((table, digest));
    }
    digests
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_time_makes_the_same_data() {
    let (first, second) = (filled().await, filled().await);
    assert_eq!(digest(&first).await, digest(&second).await);
    let later = Backstage::new().await;
    let now = later.clock.now() + chrono::TimeDelta::days(1);
    assert_eq!(fill(&later, "0.01", now).await, Ok(vec![]));
    assert_ne!(digest(&first).await, digest(&later).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_an_account_is_refused_and_left_alone() {
    let backstage = filled().await;
    let before = digest(&backstage).await;
    let refused = fill(&backstage, "0.01", backstage.clock.now()).await;
    assert_eq!(refused, Err("the database is not empty: it has accounts".to_owned()));
    assert_eq!(digest(&backstage).await, before);
}

pub(super) async fn log_in(app: &TestApp, email: &str) -> Client {
    let data =
        app.client.post("/api/v1/auth/login", &json!({"email": email, "password": PASSWORD})).await.data(200);
    app.client.with_token(data["access_token"].as_str().unwrap())
}

pub(super) async fn list(client: &Client, path: &str, key: &str) -> Vec<Value> {
    let data = client.get(&format!("/api/v1{path}")).await.data(200);
    data[key].as_array().unwrap_or_else(|| panic!("{path}: {data}")).clone()
}

/// Every list answers and has rows, and life goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_served_from_and_worked_with() {
    let backstage = filled().await;
    let Backstage { database, clock, _data, .. } = backstage;
    let mut app = TestApp::start_unready(database, test_settings(), clock).await;
    app.ready().await;
    let (writer, client) =
        (log_in(&app, "writer1@bench.test").await, log_in(&app, "client1@bench.test").await);
    for (person, path, key) in [
        (&writer, "/orders", "orders"),
        (&writer, "/orders?search=research", "orders"),
        (&writer, "/available-orders", "orders"),
        (&writer, "/available-orders?subject=Business", "orders"),
        (&writer, "/bids", "bids"),
        (&writer, "/chats", "chats"),
        (&writer, "/notifications", "notifications"),
        (&writer, "/transactions", "transactions"),
        (&writer, "/withdrawals", "withdrawals"),
        (&writer, "/leaderboard", "leaderboard"),
        (&client, "/orders", "orders"),
        (&client, "/chats", "chats"),
        (&client, "/notifications", "notifications"),
        (&client, "/transactions", "transactions"),
    ] {
        assert!(!list(person, path, key).await.is_empty(), "{path}");
    }
    let me = writer.get("/api/v1/auth/me").await.data(200)["user"].clone();
    assert!(me["bio"].is_string() && me["avatar_url"].is_string() && me["rating"].is_number(), "{me}");
    for order in list(&writer, "/orders?limit=100", "orders").await {
        let detail = writer.get(&format!("/api/v1/orders/{}", order["id"].as_str().unwrap())).await.data(200);
        assert!(detail["order"]["milestones"].as_array().unwrap().len() >= 2, "{detail}");
    }
    for chat in list(&client, "/chats?limit=100", "chats").await {
        let path = format!("/chats/{}/messages", chat["id"].as_str().unwrap());
        assert!(list(&client, &path, "messages").await.len() >= 2);
    }

    // What is new is numbered behind what was there.
    let chat = list(&writer, "/chats", "chats").await.swap_remove(0);
    let path = format!("/api/v1/chats/{}/messages", chat["id"].as_str().unwrap());
    writer.post(&path, &json!({"content": "Good morning"})).await.data(201);
    assert_eq!(list(&writer, "/chats", "chats").await[0]["id"], chat["id"]);
    let offered = list(&writer, "/available-orders?limit=100", "orders").await;
    let mine: Vec<Value> = list(&writer, "/bids?limit=100", "bids").await;
    let fresh = offered.iter().find(|order| mine.iter().all(|bid| bid["order_id"] != order["id"])).unwrap();
    let path = format!("/api/v1/orders/{}/bids", fresh["id"].as_str().unwrap());
    let placed = writer.post(&path, &json!({"bid_amount": 150.0, "message": "At once"})).await.data(201);
    assert_eq!(placed["bid"]["id"], "BID-1001");
    // Money moves on from the balances that are there.
    client.post("/api/v1/payments/deposits", &json!({"amount": 200.0})).await.data(201);
    let admin = app.admin().await;
    let waiting = list(&admin.client, "/admin/withdrawals?status=pending", "withdrawals").await;
    let withdrawal = waiting.first().expect("one waits");
    let step = if withdrawal["state"] == "approved" { "mark-paid" } else { "approve" };
    let path = format!("/api/v1/admin/withdrawals/{}/{step}", withdrawal["id"].as_str().unwrap());
    admin.client.post_nothing(&path).await.data(200);
    app.assert_books_balance().await;
}
