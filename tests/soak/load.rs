//! Mixed load while the server, or its database, is killed at random moments. The database is the server's
//! own, and durable.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapter_postgres::verify::verify_books;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::{Value, json};
use test_cluster::connect;
use tokio_util::sync::CancellationToken;

use super::process::{Heard, PATIENCE, Person, Server, data};
use super::scenes::{Cast, draft, payout};
use super::{Dice, Line};

/// People who work beside each other, in pairs.
const PAIRS: usize = 4;

/// Where the server is at the moment.
type Base = Arc<Mutex<String>>;

/// What one pair was told has been done.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    deposits: i64,
    orders: i64,
    bids: i64,
    awards: i64,
    releases: i64,
    withdrawals: i64,
    commands: u32,
    /// Of those, how many were not answered at first.
    unknown: u32,
}

/// Two people who deal with each other, again and again.
struct Pair {
    cast: Cast,
    base: Base,
    name: usize,
    told: Told,
}

impl Pair {
    /// Does one thing for sure: asks under one key until it is definite.
    async fn command(&mut self, who: &Person, method: Method, path: &str, body: &Value) -> Value {
        self.told.commands += 1;
        let key = format!("pair-{}-{}", self.name, self.told.commands);
        let deadline = tokio::time::Instant::now() + 4 * PATIENCE;
        let mut was_unknown = false;
        loop {
            let base = self.base.lock().unwrap().clone();
            match who.send(&base, method.clone(), path, body, Some(&key)).await {
                Heard::Done(text) => {
                    self.told.unknown += u32::from(was_unknown);
                    return data(&text);
                }
                Heard::Refused(status, text) => panic!("{path}: {status}: {text}"),
                Heard::Unknown(text) => {
                    was_unknown = true;
                    assert!(tokio::time::Instant::now() < deadline, "{path}: never definite: {text}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// From a deposit to a withdrawal.
    async fn deal(&mut self) {
        let (client, writer) = (self.cast.client.clone(), self.cast.writer.clone());
        self.command(&client, Method::POST, "/api/v1/payments/deposits", &json!({"amount": 10})).await;
        self.told.deposits += 1;
        let order = self.command(&client, Method::POST, "/api/v1/orders", &draft()).await;
        let order = order["order"]["id"].as_str().unwrap().to_owned();
        self.told.orders += 1;
        let offer = json!({"bid_amount": 10, "message": "m"});
        let bid = self.command(&writer, Method::POST, &format!("/api/v1/orders/{order}/bids"), &offer).await;
        let bid = bid["bid"]["id"].as_str().unwrap().to_owned();
        self.told.bids += 1;
        self.command(&client, Method::POST, &format!("/api/v1/bids/{bid}/accept"), &json!({})).await;
        self.told.awards += 1;
        let milestone = format!("/api/v1/orders/{order}/milestones/1");
        let handed_in = json!({"message": "done"});
        self.command(&writer, Method::POST, &format!("{milestone}/submissions"), &handed_in).await;
        self.command(&client, Method::POST, &format!("{milestone}/approve"), &json!({})).await;
        self.told.releases += 1;
        self.command(&writer, Method::POST, "/api/v1/withdrawals", &payout(1)).await;
        self.told.withdrawals += 1;
    }

    /// That everything that they were told is there, and nothing else.
    async fn check(&self, postgres: &tokio_postgres::Client) {
        let (client, writer) = (&self.cast.client.id, &self.cast.writer.id);
        let Told { deposits, orders, bids, awards, releases, withdrawals, .. } = self.told;
        let of_contracts = |kind: &str| {
            format!(
                "ledger_transactions t JOIN contracts c ON split_part(t.source, ':', 2) = c.id::text
                 WHERE t.kind = '{kind}' AND c.client_id = '{client}'"
            )
        };
        for (what, told, rows) in [
            ("deposits", deposits, format!("deposits WHERE user_id = '{client}' AND state = 'completed'")),
            ("orders", orders, format!("orders WHERE client_id = '{client}'")),
            ("bids", bids, format!("bids WHERE provider_id = '{writer}'")),
            ("contracts", awards, format!("contracts WHERE client_id = '{client}'")),
            ("fundings", awards, of_contracts("funding")),
            ("releases", releases, of_contracts("release")),
            ("withdrawals", withdrawals, format!("withdrawals WHERE user_id = '{writer}'")),
        ] {
            let sql = format!("SELECT count(*) FROM {rows}");
            let there: i64 = postgres.query_one(&sql, &[]).await.unwrap().get(0);
            assert_eq!(there, told, "{what} of pair {}", self.name);
        }
    }
}

/// A server on a database of its own, and people at work.
struct Scene {
    folder: tempfile::TempDir,
    server: Server,
    base: Base,
    stop: CancellationToken,
    pairs: Vec<tokio::task::JoinHandle<Pair>>,
}

async fn start(folder: &Path) -> Server {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || Server::start(&folder, &["serve"], &[])).await.unwrap()
}

impl Scene {
    async fn open() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let server = start(folder.path()).await;
        let base: Base = Arc::new(Mutex::new(server.base.clone()));
        let stop = CancellationToken::new();
        let mut pairs = Vec::new();
        for name in 0..PAIRS {
            let cast = Cast::register(&server.base, &format!("pair{name}")).await;
            let mut pair = Pair { cast, base: Arc::clone(&base), name, told: Told::default() };
            let stop = stop.clone();
            pairs.push(tokio::spawn(async move {
                while !stop.is_cancelled() {
                    pair.deal().await;
                }
                pair
            }));
        }
        Self { folder, server, base, stop, pairs }
    }

    /// Lets everybody finish what they are at, and checks all of it.
    async fn close(mut self, what: &str, kills: u64) -> Line {
        self.stop.cancel();
        let mut pairs = Vec::new();
        for pair in self.pairs.drain(..) {
            pairs.push(pair.await.expect("nobody was told anything wrong"));
        }
        let data = self.folder.path().join("data");
        let url = tokio::task::spawn_blocking(move || owner_url(&data)).await.unwrap();
        let postgres = connect(&url).await;
        for pair in &pairs {
            pair.check(&postgres).await;
        }
        let reports = verify_books(&url.into()).await.unwrap();
        let broken: Vec<_> = reports.iter().filter(|report| report.offending > 0).collect();
        assert!(broken.is_empty(), "{broken:#?}");
        let sum = |of: fn(&Told) -> u32| pairs.iter().map(|pair| of(&pair.told)).sum::<u32>();
        let (commands, unknown) = (sum(|told| told.commands), sum(|told| told.unknown));
        println!("{what}: {kills} kills, {commands} commands, {unknown} of them unheard at first");
        Line { what: what.to_owned(), count: u32::try_from(kills).unwrap(), unit: "kills under load" }
    }
}

/// The private database's address, for its owner.
fn owner_url(data: &Path) -> String {
    let options = private_postgres::Options::new(data);
    private_postgres::attach(options).expect("the database runs").running().owner_url()
}

async fn some_time(dice: &mut Dice) {
    tokio::time::sleep(Duration::from_millis(200 + dice.below(1_300))).await;
}

/// `kill -9` at random moments; it is started again at once.
pub(crate) async fn server_killed(dice: &mut Dice, kills: u64) -> Line {
    let mut scene = Scene::open().await;
    for _ in 0..kills {
        some_time(dice).await;
        scene.server.kill();
        scene.server = start(scene.folder.path()).await;
        *scene.base.lock().unwrap() = scene.server.base.clone();
    }
    scene.close("the server killed at random", kills).await
}

/// The database is killed under load: the whole of it, or one process that serves somebody.
pub(crate) async fn database_killed(dice: &mut Dice, kills: u64) -> Line {
    let scene = Scene::open().await;
    let data = scene.folder.path().join("data");
    for round in 0..kills {
        some_time(dice).await;
        let postmaster = postmaster(&data).await;
        let victim = if round % 2 == 0 { postmaster } else { child_of(postmaster).unwrap_or(postmaster) };
        kill(Pid::from_raw(victim), Signal::SIGKILL).expect("it is there to be killed");
    }
    scene.close("the database killed at random", kills).await
}

/// The number of the database's first process, as soon as it runs.
async fn postmaster(data: &Path) -> i32 {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(data.join("pgdata/postmaster.pid")).unwrap_or_default();
        let is_ready = text.lines().nth(7).is_some_and(|line| line.trim() == "ready");
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        if let (true, Some(pid)) = (is_ready, pid)
            && kill(Pid::from_raw(pid), None).is_ok()
        {
            return pid;
        }
        assert!(tokio::time::Instant::now() < deadline, "the database does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The last process that it forked, which serves somebody.
fn child_of(postmaster: i32) -> Option<i32> {
    let text = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).ok()?;
    text.split_whitespace().next_back()?.parse().ok()
}
