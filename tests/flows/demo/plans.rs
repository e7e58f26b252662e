//! How what is asked often is answered when there is much: no statement reads a large table from end to end.
//!
//! PostgreSQL counts how often it does so, and tells of a connection when that has ended. So a server is started,
//! asked and stopped, and what it does at its start is taken away.
//!
//! Deliberately absent: reports of everything (trial balance, reconciliation), which are not asked for often and have
//! a connection of their own, and what the load data has none of (disputes, chargebacks, proposals, jobs).

use std::collections::BTreeMap;
use std::sync::Arc;

use ports::environment::Clock;
use serde_json::json;
use test_cluster::{Role, connect};

use super::load::{fill, list, log_in};
use super::{Backstage, test_settings};
use crate::harness::{Client, TestApp, eventually};

/// Often enough that a plan for whatever values is tried, where plans are made for values (after five).
const TIMES: usize = 7;

/// How often each large table was read from end to end so far.
const SCANS: &str = "\
    SELECT stat.relname::text, stat.seq_scan
    FROM pg_stat_user_tables stat JOIN pg_class ON pg_class.oid = stat.relid
    WHERE stat.schemaname = 'public' AND pg_class.reltuples >= 10000";

const READER: &[&str] = &[
    "/auth/me",
    "/users/profile",
    "/profile",
    "/profiles/{user}",
    "/orders",
    "/orders?status=completed&page=2",
    "/orders?search=research",
    "/orders/{order}",
    "/bids",
    "/bids?status=declined",
    "/bids/{bid}",
    "/bids/{bid}/offers",
    "/balance",
    "/transactions",
    "/transactions?type=debit",
    "/withdrawals",
    "/notifications",
    "/notifications?is_read=false",
    "/notifications?type=bid",
    "/leaderboard",
    "/leaderboard?period=weekly",
    "/chats",
    "/chats/{chat}/messages",
];
const AVAILABLE: &[&str] = &[
    "/available-orders",
    "/available-orders?page=20",
    "/available-orders?type=invited",
    "/available-orders?subject=Business&min_budget=100&max_budget=400",
    "/available-orders?min_budget=495",
    "/available-orders?search=ocean",
    "/available-orders?search=ocean%20policy%20supply&subject=Law",
];
const CLIENT: &[&str] = &[
    "/orders",
    "/orders?search=research",
    "/orders/{order}",
    "/orders/{order}/bids",
    "/bids/{bid}",
    "/balance",
    "/transactions",
    "/notifications",
    "/chats",
    "/chats/{chat}/messages",
];
const ADMIN: &[&str] = &["/admin/withdrawals", "/admin/withdrawals?status=pending", "/orders?search=ocean"];

/// What is asked for, by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Writer,
    Client,
    Admin,
    /// A writer who says and offers something.
    Busy,
}

type Scans = BTreeMap<String, i64>;

/// When all connections of servers have ended.
async fn scans(backstage: &Backstage) -> Scans {
    const GONE: &str =
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND usename = $1";
    let postgres = connect(&backstage.database.owner_url).await;
    let app = Role::App.name();
    eventually("servers leave", async || postgres.query_one(GONE, &[&app]).await.unwrap().get(0)).await;
    let rows = postgres.query(SCANS, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// How often each large table is read from end to end when a server is started, asked for these, and stopped.
async fn asked(backstage: &Backstage, who: Who, paths: &[&str]) -> Scans {
    let before = scans(backstage).await;
    // One connection for all commands, so that each of their statements comes to its sixth time.
    let settings = test_settings().without_worker().with("DATABASE_POOL_SIZE", "1");
    let database = Arc::clone(&backstage.database);
    let mut app = TestApp::start_unready(database, settings, Arc::clone(&backstage.clock)).await;
    app.ready().await;
    match who {
        Who::Nobody => {}
        Who::Writer => read(&log_in(&app, "writer1@bench.test").await, paths).await,
        Who::Client => read(&log_in(&app, "client1@bench.test").await, paths).await,
        Who::Admin => read(&app.admin().await.client, paths).await,
        Who::Busy => write(&log_in(&app, "writer1@bench.test").await).await,
    }
    app.stop().await;
    let more = |(table, count): (String, i64)| {
        let count = count - before.get(&table).unwrap_or(&0);
        (count > 0).then_some((table, count))
    };
    scans(backstage).await.into_iter().filter_map(more).collect()
}

async fn read(person: &Client, paths: &[&str]) {
    let first = async |path: &str, key: &str, field: &str| {
        list(person, path, key).await.first().map(|row| row[field].as_str().unwrap().to_owned())
    };
    for path in paths {
        let found = match path.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
            None => None,
            Some(("order", _)) => first("/orders", "orders", "id").await,
            Some(("chat", _)) => first("/chats", "chats", "id").await,
            Some(("bid", _)) => match first("/orders?status=open", "orders", "id").await {
                Some(own) => first(&format!("/orders/{own}/bids"), "bids", "id").await,
                None => first("/bids", "bids", "id").await,
            },
            Some(("user", _)) => {
                let me = person.get("/api/v1/auth/me").await.data(200);
                me["user"]["id"].as_str().map(ToOwned::to_owned)
            }
            Some((what, _)) => panic!("what is {what}?"),
        };
        let path = match (found, path.split_once('{')) {
            (Some(id), Some((before, rest))) => format!("{before}{id}{}", rest.split_once('}').unwrap().1),
            _ => (*path).to_owned(),
        };
        for _ in 0..TIMES {
            person.get(&format!("/api/v1{path}")).await.data(200);
        }
    }
}

async fn write(writer: &Client) {
    let chat = list(writer, "/chats", "chats").await.swap_remove(0);
    let path = format!("/api/v1/chats/{}/messages", chat["id"].as_str().unwrap());
    for order in list(writer, "/available-orders", "orders").await.iter().take(TIMES) {
        writer.post(&path, &json!({"content": "Good morning"})).await.data(201);
        let path = format!("/api/v1/orders/{}/bids", order["id"].as_str().unwrap());
        writer.post(&path, &json!({"bid_amount": 150.0, "message": "At once"})).await.data(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_large_table_is_read_from_end_to_end() {
    let backstage = Backstage::new().await;
    assert_eq!(fill(&backstage, "1", backstage.clock.now()).await, Ok(vec![]), "the books agree");
    let tables = scans(&backstage).await;
    for table in ["orders", "order_texts", "bids", "messages", "notifications", "postings", "milestones"] {
        assert!(tables.contains_key(table), "{table} is large: {tables:?}");
    }
    let start = asked(&backstage, Who::Nobody, &[]).await;
    let mut guilty = Vec::new();
    for (who, paths) in [
        (Who::Writer, READER),
        (Who::Writer, AVAILABLE),
        (Who::Client, CLIENT),
        (Who::Admin, ADMIN),
        (Who::Busy, &[]),
    ] {
        if asked(&backstage, who, paths).await == start {
            continue;
        }
        // Which one is it?
        for path in paths.iter().copied().map(Some).chain(paths.is_empty().then_some(None)) {
            let found = asked(&backstage, who, path.as_slice()).await;
            if found != start {
                guilty.push(format!("{who:?} {}: {found:?}", path.unwrap_or("writes")));
            }
        }
    }
    assert!(guilty.is_empty(), "beyond {start:?}: {guilty:#?}");
}
