//! `make bench`: how fast the API is, beside what PostgreSQL does with the same statements and no server at all.
//!
//! The program serves a database that it has filled itself (`BENCH_SCALE` units), `wrk` asks it with 32
//! connections as sixteen people, and in turn with it `pgbench` says to PostgreSQL what the program says to it: the
//! statements of one request of each of those people, read from PostgreSQL's log. Speeds mean something on one
//! machine and in one run only; the ratio is what can be compared.
//!
//! What writes is said once each, on a copy of the database that was made before; its values are looked up first,
//! which the program need not do. What the program keeps for all who ask (long totals, first places) is not among
//! the statements of a request, so it is in neither figure.
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

mod ask;
#[path = "../pgbench.rs"]
mod pgbench;
#[path = "../../soak/process.rs"]
mod process;
#[path = "../../soak/proxy.rs"]
mod proxy;
mod record;
mod wrk;

use std::time::Duration;

use ask::{Endpoint, READS};
use pgbench::{Run, beside, copy, each_once, forget};
use process::Server;
use test_cluster::{Role, TestDatabase, connect};
use wrk::{Measured, Script};

/// Connections of the generator.
const CONNECTIONS: usize = 32;
/// Clients of `pgbench`: more of them only wait for the cores.
const CLIENTS: usize = 8;
/// How many transactions of a kind are said again.
const RECORDED: usize = CLIENTS * 200;

/// What can be set.
struct Settings {
    /// How much data, in units.
    scale: String,
    /// How long each run takes.
    seconds: u64,
    /// How many runs the median is of.
    rounds: usize,
}

impl Settings {
    fn read() -> Self {
        let given = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
        let number = |name: &str, usual: &str| {
            given(name, usual).parse().unwrap_or_else(|_| panic!("{name} is a whole number"))
        };
        let rounds = usize::try_from(number("BENCH_ROUNDS", "3")).unwrap().max(1);
        Self { scale: given("BENCH_SCALE", "1"), seconds: number("BENCH_SECONDS", "3"), rounds }
    }
}

fn server(database: &TestDatabase, url: String, folder: &tempfile::TempDir) -> Server {
    let settings = [
        ("DATABASE_URL", url),
        ("MIGRATION_DATABASE_URL", database.url(Role::Owner)),
        ("LOG_LEVEL", "warn".to_owned()),
    ];
    Server::start(folder.path(), &["serve"], &settings)
}

fn fill(database: &TestDatabase, folder: &tempfile::TempDir, scale: &str) {
    let filled = process::guildhall(folder.path())
        .args(["demo", "--scale", scale])
        .env("DATABASE_URL", database.url(Role::App))
        .env("MIGRATION_DATABASE_URL", database.url(Role::Owner))
        .env("LOG_LEVEL", "warn")
        .output()
        .expect("the program starts");
    let complaints = String::from_utf8_lossy(&filled.stderr);
    assert!(filled.status.success(), "the database was not filled: {complaints}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What is told of an endpoint.
fn tell(name: &str, runs: &[Measured], replayed: Option<f64>) {
    let of = |figure: fn(&Measured) -> f64| median(runs.iter().map(figure).collect());
    let (speed, failures) = (of(|run| run.per_second), runs.iter().map(|run| run.failures).sum::<u64>());
    let cpu = of(|run| run.server_seconds);
    print!("{name:<18} {speed:>9.0} {:>8.2} {:>8.2} {cpu:>8.3}", of(|run| run.p50), of(|run| run.p99));
    match replayed {
        Some(replayed) => print!(" {replayed:>9.0} {:>6.2}", speed / replayed),
        None => print!(" {:>9} {:>6}", "", ""),
    }
    if failures > 0 {
        print!("   {failures} failed");
    }
    println!();
}

/// Reads: the generator and `pgbench` in turn.
fn read(endpoint: &Endpoint, at: &Measuring<'_>) {
    let arguments = |seconds: u64| {
        let mut arguments = vec!["-T".to_owned(), seconds.to_string()];
        for script in &endpoint.scripts {
            arguments.extend(["-f".to_owned(), script.display().to_string()]);
        }
        arguments
    };
    let replay = |seconds| {
        let (url, name) = (at.url.as_str(), at.database);
        pgbench::pgbench(Run { url, name, clients: CLIENTS, arguments: arguments(seconds) })
    };
    let ask = |seconds| at.script.run(at.server, &endpoint.requests, seconds);
    ask(1);
    replay(1);
    let (mut runs, mut replayed) = (Vec::new(), Vec::new());
    for _ in 0..at.settings.rounds {
        runs.push(ask(at.settings.seconds));
        replayed.push(replay(at.settings.seconds));
    }
    tell(endpoint.name, &runs, Some(median(replayed)));
}

/// What measuring takes.
struct Measuring<'a> {
    server: &'a Server,
    script: &'a Script,
    settings: &'a Settings,
    url: String,
    database: &'a str,
}

/// Writes and the mixture: each request once, so the next run goes on where the last one stopped.
fn write(endpoint: &mut Endpoint, at: &Measuring<'_>) -> Vec<Measured> {
    let mut runs = Vec::new();
    for round in 0..=at.settings.rounds {
        let seconds = if round == 0 { 1 } else { at.settings.seconds };
        let run = at.script.run_once_each(at.server, &endpoint.requests, seconds);
        let done = usize::try_from(run.requests).unwrap() + CONNECTIONS;
        endpoint.requests.drain(..done.min(endpoint.requests.len() / 2));
        if round > 0 {
            runs.push(run);
        }
    }
    runs
}

/// How many there are.
async fn rows(database: &TestDatabase, name: &str, kind: &str) -> i64 {
    let table = if kind == "post_bid" { "bids" } else { "messages" };
    let postgres = connect(&beside(database, &database.url(Role::Superuser), name)).await;
    postgres.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

#[tokio::main]
async fn main() {
    let settings = Settings::read();
    let database = TestDatabase::migrated().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!("filling a database with {} unit(s) of data", settings.scale);
    fill(&database, &folder, &settings.scale);
    let superuser = database.url(Role::Superuser);
    connect(&superuser).await.batch_execute("VACUUM (ANALYZE)").await.unwrap();

    println!("reading what each request says to PostgreSQL");
    let mut world = record::questions(&database, &folder).await;

    let running = server(&database, database.url(Role::App), &folder);
    world.log_in(&running.base).await;
    let script = Script::new(folder.path());
    let url = superuser.clone();
    let at =
        Measuring { server: &running, script: &script, settings: &settings, url, database: database.name() };
    println!(
        "\n{:<18} {:>9} {:>8} {:>8} {:>8} {:>9} {:>6}",
        "endpoint", "requests", "p50", "p99", "CPU s", "pgbench", "ratio"
    );
    println!("{:<18} {:>9} {:>8} {:>8} {:>8} {:>9}", "", "/s", "ms", "ms", "/1,000", "/s");
    for (name, path) in READS {
        world.stay_logged_in(&running.base).await;
        read(&world.read(name, path), &at);
    }
    world.stay_logged_in(&running.base).await;
    let mut messages = world.messages();
    let said_messages = write(&mut messages, &at);
    let mut bids = world.bids();
    let said_bids = write(&mut bids, &at);
    // The mixture takes those at the beginning.
    let enough = bids.requests.len().checked_sub(RECORDED).expect("enough orders are left to bid on");
    let mut kept = Endpoint { requests: bids.requests.split_off(enough), ..world.bids() };
    tell("mixed 70/30", &write(&mut world.mixture(&bids), &at), None);
    drop(running);

    // Copied now, so that what is said again meets as much data as what was said.
    let name = format!("{}_copy", database.name());
    copy(&database, &name).await;
    let recorded = record::writes(&database, &folder, &mut world, &mut kept).await;
    for (kind, runs, transactions) in
        [("post_message", said_messages, &recorded.messages), ("post_bid", said_bids, &recorded.bids)]
    {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = rows(&database, &name, kind).await;
        let said = (transactions.as_slice(), &recorded.types);
        let replayed = each_once(&database, &name, folder.path(), CLIENTS, said).await;
        let written = rows(&database, &name, kind).await - before;
        assert_eq!(usize::try_from(written).unwrap(), transactions.len(), "{kind}: all of it was done again");
        tell(kind, &runs, Some(replayed));
    }
    forget(&database, &name).await;
}
