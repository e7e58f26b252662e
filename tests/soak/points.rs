//! Killed, or cut off, at every single write of a command.

use std::path::Path;

use adapter_postgres::verify::verify_books;
use test_cluster::{Role, TestDatabase, connect};

use super::Line;
use super::process::{Heard, PATIENCE, Server};
use super::proxy::{Plan, Proxy};
use super::scenes::{Cast, Operation, Scene};

/// A server behind a proxy, on a database of its own.
struct Stage {
    database: TestDatabase,
    postgres: tokio_postgres::Client,
    proxy: Proxy,
    folder: tempfile::TempDir,
    server: Server,
    cast: Cast,
    /// Tells keys apart.
    scenes: u32,
}

/// The value of a parameter in an address.
fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
    value.replace("%2F", "/").replace("%20", " ")
}

impl Stage {
    async fn open(name: &str) -> Self {
        let database = TestDatabase::migrated().await;
        let app_url = database.url(Role::App);
        let socket = Path::new(&parameter(&app_url, "host")).join(".s.PGSQL.5432");
        let proxy = Proxy::start(socket);
        let postgres = connect(&database.url(Role::Owner)).await;
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let server = start(&database, &proxy, folder.path()).await;
        let cast = Cast::register(&server.base, name).await;
        Self { database, postgres, proxy, folder, server, cast, scenes: 0 }
    }

    async fn scene(&mut self, operation: Operation) -> (Scene<'_>, String, i64) {
        self.scenes += 1;
        let scene = operation.scene(&self.cast, &self.server.base).await;
        self.settled().await;
        let before = effects(&self.postgres, &scene).await;
        (scene, format!("{}-{}", operation.name(), self.scenes), before)
    }

    /// Until no fact waits: from then on only the command has anything to write in a transaction.
    async fn settled(&self) {
        const SETTLED: &str = "SELECT NOT EXISTS (SELECT FROM outbox WHERE dispatched_at IS NULL)";
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.postgres.query_one(SETTLED, &[]).await.unwrap().get::<_, bool>(0) {
            assert!(tokio::time::Instant::now() < deadline, "facts wait for ever");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    async fn verify(&self) {
        let reports = verify_books(&self.database.url(Role::Owner).into()).await.unwrap();
        let broken: Vec<_> = reports.iter().filter(|report| report.offending > 0).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }

    async fn restart(&mut self) {
        self.server = start(&self.database, &self.proxy, self.folder.path()).await;
    }
}

async fn start(database: &TestDatabase, proxy: &Proxy, folder: &Path) -> Server {
    let url = database.url(Role::App);
    let behind = proxy.folder().display().to_string().replace('/', "%2F");
    let host = parameter(&url, "host").replace('/', "%2F").replace(' ', "%20");
    let settings = vec![
        ("DATABASE_URL", url.replace(&host, &behind)),
        ("MIGRATION_DATABASE_URL", database.url(Role::Owner)),
        ("DATABASE_POOL_SIZE", "4".to_owned()),
        ("WORKERS", "1".to_owned()),
    ];
    let folder = folder.to_owned();
    let starting = move || Server::start(&folder, &["serve", "--no-worker"], &settings);
    tokio::task::spawn_blocking(starting).await.unwrap()
}

async fn effects(postgres: &tokio_postgres::Client, scene: &Scene<'_>) -> i64 {
    postgres.query_one(&scene.effects, &[]).await.unwrap().get(0)
}

/// Asks again until it is definite.
async fn insist(scene: &Scene<'_>, base: &str, key: &str) -> String {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match scene.caller.post(base, &scene.path, &scene.body, Some(key)).await {
            Heard::Done(text) => return text,
            Heard::Refused(status, text) => panic!("{key}: refused on retry: {status} {text}"),
            Heard::Unknown(text) => {
                assert!(tokio::time::Instant::now() < deadline, "{key}: it never becomes definite: {text}");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

/// One point: what was planned happens, the server is there again, and the same request leads to one
/// effect. Whether it has happened: a transaction has no more than so many writes.
async fn one(stage: &mut Stage, operation: Operation, plan: Plan, is_done: bool) -> bool {
    let (proxy, pid, base) = (stage.proxy.control(), stage.server.id(), stage.server.base.clone());
    let (scene, key, before) = stage.scene(operation).await;
    let what = format!("{} {plan:?}", operation.name());
    proxy.plan(plan, pid);
    let heard = scene.caller.post(&base, &scene.path, &scene.body, Some(&key)).await;
    let has_happened = proxy.outcome();
    let Scene { caller, path, body, effects: counting } = scene;
    let caller = caller.clone();
    if has_happened && matches!(plan, Plan::Kill(_) | Plan::KillAfterCommit) {
        assert!(matches!(heard, Heard::Unknown(_)), "{what}: a killed server has answered: {heard:?}");
        stage.server.ends();
        stage.restart().await;
    }
    // What was promised holds before anybody asks again.
    let after: i64 = stage.postgres.query_one(&counting, &[]).await.unwrap().get(0);
    match heard {
        Heard::Done(_) => assert_eq!(after, before + 1, "{what}: acknowledged"),
        Heard::Refused(..) => panic!("{what}: {heard:?}"),
        Heard::Unknown(_) => assert_eq!(after, before + i64::from(is_done), "{what}: not acknowledged"),
    }
    let scene = Scene { caller: &caller, path, body, effects: counting };
    let text = insist(&scene, &stage.server.base, &key).await;
    assert_eq!(effects(&stage.postgres, &scene).await, before + 1, "{what}: exactly once");
    assert_eq!(insist(&scene, &stage.server.base, &key).await, text, "{what}: the same answer for good");
    assert_eq!(effects(&stage.postgres, &scene).await, before + 1, "{what}: exactly once");
    stage.verify().await;
    has_happened
}

async fn at_every_write(what: &str, at: fn(u32) -> Plan, after_commit: Plan) -> Vec<Line> {
    let mut report = Vec::new();
    for operation in Operation::ALL {
        let mut stage = Stage::open(operation.name()).await;
        let mut writes = 0;
        while one(&mut stage, operation, at(writes + 1), false).await {
            writes += 1;
        }
        assert!(writes > 5, "a transaction was seen");
        let is_unheard = one(&mut stage, operation, after_commit, true).await;
        assert!(is_unheard, "{}: COMMIT was seen", operation.name());
        println!("{what}: {}: {} points", operation.name(), writes + 1);
        report.push(Line {
            what: format!("{} {what}", operation.name()),
            count: writes + 1,
            unit: "points (each write, and COMMIT unheard)",
        });
    }
    report
}

/// The server is killed before each write, and after COMMIT before it hears of it.
pub(crate) async fn killed_at_every_write() -> Vec<Line> {
    at_every_write("with the server killed", Plan::Kill, Plan::KillAfterCommit).await
}

/// The connection is cut before each write, and after COMMIT before its answer is delivered.
pub(crate) async fn cut_at_every_write() -> Vec<Line> {
    at_every_write("with the connection cut", Plan::Cut, Plan::CutAfterCommit).await
}
