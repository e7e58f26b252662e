//! `make bench-escrow`: how fast escrow is released, and whether anybody queues for the platform.
//!
//! Three figures, each a ratio of two runs on this machine, one after the other, as speeds themselves say
//! nothing about another one:
//!
//! | figure | goal |
//! |---|---|
//! | 8 callers on 8 contracts, to 8 callers on 800 | 0.9 at least: nobody queues for what all share |
//! | samples in which somebody waited for a row of the platform's or the world's | 0 |
//! | 8 callers on 8 contracts, to `pgbench` with 8 clients and the same statements | 0.6 at least |
//!
//! The callers speak HTTP to the real program. For `pgbench` the statements of as many releases are read
//! from PostgreSQL's log, with their values, and run again on a copy of the database that was made before:
//! prepared, in the same transactions, on the socket. What it does beyond them is one look-up of the values.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    dead_code,
    reason = "a measurement: a broken premise should stop it at once; what it shares with the soak is not all used"
)]

#[path = "../pgbench.rs"]
mod pgbench;
#[path = "../../soak/process.rs"]
mod process;
#[path = "../../soak/proxy.rs"]
mod proxy;
mod replay;
#[path = "../../soak/scenes.rs"]
mod scenes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use process::Server;
use scenes::{Cast, draft};
use serde_json::{Value, json};
use test_cluster::{Role, TestDatabase, connect};

const CALLERS: usize = 8;
/// Milestones of a contract; the last is never released, as an order's end is another command.
const MILESTONES: usize = 21;

/// A release that is to be made.
type Release = (String, usize);

/// How many releases a caller makes in each run.
fn per_caller() -> usize {
    let wanted = std::env::var("BENCH_RELEASES").ok();
    wanted.map_or(400, |text| text.parse().expect("BENCH_RELEASES is a number"))
}

fn server(database: &TestDatabase, url: String, folder: &tempfile::TempDir) -> Server {
    let settings = [
        ("DATABASE_URL", url),
        ("MIGRATION_DATABASE_URL", database.url(Role::Owner)),
        ("LOG_LEVEL", "warn".to_owned()),
    ];
    Server::start(folder.path(), &["serve", "--no-worker"], &settings)
}

/// An order whose work is on, with its first milestones handed in.
async fn contract(cast: &Cast, base: &str, submitted: usize) -> String {
    let mut order = draft();
    let steps: Vec<Value> = (0..MILESTONES)
        .map(|_| json!({"title": "Step", "due_date": order["deadline"], "amount": 1}))
        .collect();
    order["milestones"] = steps.into();
    order["budget"] = json!(MILESTONES);
    let posted = cast.client.done(base, "/api/v1/orders", &order, None).await;
    let id = posted["order"]["id"].as_str().unwrap().to_owned();
    let offer = json!({"bid_amount": MILESTONES, "message": "m"});
    let bid = cast.writer.done(base, &format!("/api/v1/orders/{id}/bids"), &offer, None).await;
    let bid = bid["bid"]["id"].as_str().unwrap();
    cast.client.done(base, "/api/v1/payments/deposits", &json!({"amount": MILESTONES}), None).await;
    cast.client.done(base, &format!("/api/v1/bids/{bid}/accept"), &json!({}), None).await;
    for number in 1..=submitted {
        let path = format!("/api/v1/orders/{id}/milestones/{number}/submissions");
        cast.writer.done(base, &path, &json!({"message": "done"}), None).await;
    }
    id
}

/// One contract after the other, each to its last milestone but one.
async fn on_few(cast: &Cast, base: &str) -> Vec<Release> {
    let mut releases = Vec::new();
    while releases.len() < per_caller() {
        let order = contract(cast, base, MILESTONES - 1).await;
        releases.extend((1..MILESTONES).map(|number| (order.clone(), number)));
    }
    releases.truncate(per_caller());
    releases
}

/// A hundred contracts in turn.
async fn on_many(cast: &Cast, base: &str) -> Vec<Release> {
    const CONTRACTS: usize = 100;
    let each = per_caller().div_ceil(CONTRACTS);
    assert!(each < MILESTONES, "BENCH_RELEASES is too large");
    let mut orders = Vec::new();
    for _ in 0..CONTRACTS {
        orders.push(contract(cast, base, each).await);
    }
    let turns = (1..=each).flat_map(|number| orders.iter().map(move |order| (order.clone(), number)));
    turns.take(per_caller()).collect()
}

async fn release_all(cast: &Cast, base: &str, releases: &[Release]) {
    for (order, number) in releases {
        let path = format!("/api/v1/orders/{order}/milestones/{number}/approve");
        cast.client.done(base, &path, &Value::Null, None).await;
    }
}

/// What was seen of locks while something ran.
#[derive(Default)]
struct Waits {
    samples: u32,
    anybody: u32,
    for_the_platform: u32,
}

/// Whoever waits for a row holds, or waits for, a lock on the place where it lies.
const WAITING: &str = "\
    SELECT count(DISTINCT waiting.pid),
           count(DISTINCT waiting.pid) FILTER (WHERE account.key IS NOT NULL)
    FROM pg_locks waiting
    LEFT JOIN pg_locks place ON place.pid = waiting.pid AND place.locktype = 'tuple'
        AND place.relation = 'ledger_accounts'::regclass
    LEFT JOIN ledger_accounts account ON account.balance_minor IS NULL
        AND account.ctid = ('(' || place.page || ',' || place.tuple || ')')::tid
    WHERE NOT waiting.granted AND waiting.locktype IN ('tuple', 'transactionid')";

async fn watch(url: &str, is_over: &AtomicBool) -> Waits {
    let postgres = connect(url).await;
    let waiting = postgres.prepare(WAITING).await.unwrap();
    let mut waits = Waits::default();
    while !is_over.load(Ordering::Relaxed) {
        let row = postgres.query_one(&waiting, &[]).await.unwrap();
        waits.samples += 1;
        waits.anybody += u32::from(row.get::<_, i64>(0) > 0);
        waits.for_the_platform += u32::from(row.get::<_, i64>(1) > 0);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    waits
}

/// Releases per second of all callers together, and what was seen of locks.
async fn run(casts: &[Cast], base: &str, releases: &[Vec<Release>], url: &str) -> (f64, Waits) {
    let is_over = Arc::new(AtomicBool::new(false));
    let (flag, url) = (Arc::clone(&is_over), url.to_owned());
    let watching = tokio::spawn(async move { watch(&url, &flag).await });
    let began = Instant::now();
    join_all(casts.iter().zip(releases).map(|(cast, own)| release_all(cast, base, own))).await;
    let took = began.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    let count: usize = releases.iter().map(Vec::len).sum();
    (count as f64 / took, watching.await.unwrap())
}

#[tokio::main]
async fn main() {
    let database = TestDatabase::migrated().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let running = server(&database, database.url(Role::App), &folder);
    let base = running.base.clone();
    println!("setting up: {CALLERS} callers with {} releases in each run", per_caller());
    let casts: Vec<Cast> = join_all((0..CALLERS).map(|number| {
        let base = base.clone();
        async move { Cast::register(&base, &format!("bench{number}")).await }
    }))
    .await;
    let warm = join_all(casts.iter().map(|cast| on_few(cast, &base))).await;
    let few = join_all(casts.iter().map(|cast| on_few(cast, &base))).await;
    let many = join_all(casts.iter().map(|cast| on_many(cast, &base))).await;
    let again = join_all(casts.iter().map(|cast| on_few(cast, &base))).await;
    let recorded = join_all(casts.iter().map(|cast| on_few(cast, &base))).await;

    let superuser = database.url(Role::Superuser);
    // The copy for `pgbench` is analysed too; and nobody is to sweep up after the setting up while time is taken.
    connect(&superuser).await.batch_execute("VACUUM (ANALYZE)").await.unwrap();
    println!("releasing");
    run(&casts, &base, &warm, &superuser).await;
    let (on_few, waits) = run(&casts, &base, &few, &superuser).await;
    let (on_many, _) = run(&casts, &base, &many, &superuser).await;
    // Once more, as the first run may have had the colder machine.
    let (on_few_again, more) = run(&casts, &base, &again, &superuser).await;
    let on_few = f64::midpoint(on_few, on_few_again);
    drop(running);

    let samples = waits.samples + more.samples;
    let (anybody, platform) = (waits.anybody + more.anybody, waits.for_the_platform + more.for_the_platform);
    println!("\n8 callers, 8 contracts      {on_few:>8.0} releases/s");
    println!(
        "8 callers, 800 contracts    {on_many:>8.0} releases/s   ratio {:.2} (goal 0.90)",
        on_few / on_many
    );
    println!(
        "waits for a platform account: {platform} of {samples} samples (goal 0); for any row: {anybody}"
    );
    let replayed = replay::pgbench(&database, &folder, &casts, &recorded).await;
    println!(
        "pgbench, same statements    {replayed:>8.0} releases/s   ratio {:.2} (goal 0.60)",
        on_few / replayed
    );
}
