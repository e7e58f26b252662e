//! What is due is found without looking at what is not, however many orders there are.

use adapter_postgres::Database;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{BidId, OrderId, UserId};
use ports::contracts::UnfinishedBusiness;
use ports::orders::{DueOrders, PassedDeadline};
use uuid::Uuid;

use crate::messaging::looked_at;
use crate::support::{TestDb, database};

/// How many orders there are in the filled database.
const ORDERS: i64 = 20_000;
/// Of these, the last ones are due.
const DUE: i64 = 7;

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// Client 1 and provider 2 with orders that are open: two thirds with a deadline to come, a third whose
/// deadline has passed, which was told of all but a few. Order 1 alone is pending. Of the bids only those
/// on the last few orders are live.
async fn fill(test: &TestDb) {
    let postgres = test.superuser().await;
    let sql = format!(
        "INSERT INTO users (id, email, full_name, role, password_hash, state, is_verified, created_at, updated_at,
                            version)
         SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, n || '@example.com', 'Person', role, 'x',
                'active', false, now(), now(), 0
         FROM (VALUES (1, 'client'), (2, 'writer'), (3, 'client')) AS people (n, role);
         INSERT INTO orders (id, client_id, deadline, budget_minor, revision, created_at, updated_at, version, progress,
                             currency, state, title, subject, subject_key, order_type)
         SELECT n, '00000000-0000-0000-0000-000000000001',
                CASE n % 3 WHEN 0 THEN timestamptz '2026-01-01' ELSE '2027-01-01' END + n * interval '1 second', 1, 1,
                now(), now(), 0, 0, 'USD', 'open', 'Title', 'Subject', 'subject', 'Type'
         FROM generate_series(1, {ORDERS}) n;
         UPDATE orders SET expired_deadline = deadline WHERE deadline < '2026-11-21';
         UPDATE orders SET deadline = '2026-11-01' WHERE id > {ORDERS} - {DUE};
         INSERT INTO bids (id, order_id, provider_id, amount_minor, currency, message, state, revision, submitted_at,
                           asked_at, answered_at, updated_at, version)
         SELECT n, n, '00000000-0000-0000-0000-000000000002', 1, 'USD', 'me',
                CASE WHEN n > {ORDERS} - {DUE} THEN 'open' WHEN n <= 1000 THEN 'accepted' ELSE 'declined' END, 1,
                now(), now(), CASE WHEN n <= {ORDERS} - {DUE} THEN now() END, now(), 0
         FROM generate_series(1, {ORDERS}) n;
         UPDATE orders SET state = 'pending', provider_id = '00000000-0000-0000-0000-000000000002',
                           accepted_bid_id = id, contract_id = gen_random_uuid(), accepted_minor = 1,
                           awarded_at = now(), posted_deadline = deadline
         WHERE id = 1;
         UPDATE orders SET client_id = '00000000-0000-0000-0000-000000000003' WHERE id = 5;
         VACUUM ANALYZE"
    );
    for statement in sql.split(";\n") {
        postgres.batch_execute(statement).await.unwrap();
    }
}

async fn forget(test: &TestDb) {
    test.superuser().await.batch_execute("SELECT pg_stat_reset()").await.unwrap();
}

#[tokio::test]
async fn what_is_due_is_all_that_is_looked_at() {
    let test = database().await;
    fill(&test).await;
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let settings = format!("ALTER DATABASE {} SET plan_cache_mode = {mode}", test.name());
        test.superuser().await.batch_execute(&settings).await.unwrap();
        forget(&test).await;

        let database = test.open();
        let due = database.expired_orders(now(), None, 100).await.unwrap();
        let numbers: Vec<_> = due.iter().map(|passed| passed.order_id.number()).collect();
        assert_eq!(numbers, (ORDERS - DUE + 1..=ORDERS).collect::<Vec<_>>(), "{mode}");
        let last = due.last().copied();
        let database = must_look_at(&test, database, "orders", DUE, mode).await;
        assert_eq!(database.expired_orders(now(), last, 100).await.unwrap(), []);
        let database = must_look_at(&test, database, "orders", 0, mode).await;
        let early = now() - TimeDelta::days(200);
        let first = PassedDeadline { deadline: early, order_id: OrderId::new(1).unwrap() };
        assert_eq!(database.expired_orders(early, Some(first), 100).await.unwrap(), []);
        let database = must_look_at(&test, database, "orders", 0, mode).await;

        let person = |number| UserId::new(Uuid::from_u128(number));
        let bids = database.unfinished_bids(person(2), None, 100).await.unwrap();
        let numbers: Vec<_> = bids.into_iter().map(BidId::number).collect();
        assert_eq!(numbers, [1].into_iter().chain(ORDERS - DUE + 1..=ORDERS).collect::<Vec<_>>(), "{mode}");
        let database = must_look_at(&test, database, "bids", DUE, mode).await;
        assert_eq!(
            database.unfinished_orders(person(3), None, 100).await.unwrap(),
            [OrderId::new(5).unwrap()]
        );
        must_look_at(&test, database, "orders", 1, mode).await;
    }
}

/// Rows that an index tells of without the table are none.
async fn must_look_at(test: &TestDb, database: Database, table: &str, most: i64, mode: &str) -> Database {
    let rows = looked_at(test, database, table).await;
    assert!(rows <= most, "{mode}: {rows} rows of {table} for {most}");
    forget(test).await;
    test.open()
}
