//! What requests say to PostgreSQL.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use test_cluster::{Role, TestDatabase, connect};

use super::ask::{Endpoint, READS, Request, World};
use super::{CLIENTS, RECORDED, server};
use crate::pgbench::{Log, Said, behind, heard, quoted, socket_folder, type_names, write_down};
use crate::process::Server;
use crate::proxy::Proxy;

/// A server whose statements are written down, with the types of their values.
struct Recorded {
    server: Server,
    proxy: Proxy,
}

impl Recorded {
    async fn start(database: &TestDatabase, folder: &tempfile::TempDir) -> Self {
        write_down(database, true).await;
        let url = database.url(Role::App);
        let proxy = Proxy::start(socket_folder(&url).join(".s.PGSQL.5432"));
        let server = server(database, behind(&url, proxy.folder()), folder);
        Self { server, proxy }
    }

    async fn types(&self, database: &TestDatabase) -> BTreeMap<String, Vec<String>> {
        let postgres = connect(&database.url(Role::Superuser)).await;
        type_names(&postgres, self.proxy.control().prepared()).await
    }

    async fn end(self, database: &TestDatabase) {
        drop(self.server);
        write_down(database, false).await;
    }
}

/// Has each person ask each question once, and writes scripts of what that says.
pub(crate) async fn questions(database: &TestDatabase, folder: &tempfile::TempDir) -> World {
    let recorded = Recorded::start(database, folder).await;
    let base = recorded.server.base.clone();
    let mut world = World::enter(&base).await;
    for (name, path) in READS {
        let firsts: Vec<Request> = world.requests(path).into_iter().map(|mut of| of.swap_remove(0)).collect();
        for request in &firsts {
            world.ask(&base, request).await;
        }
        let log = Log::from_here();
        for request in &firsts {
            world.ask(&base, request).await;
        }
        let said = by_request(heard(&log.text()).alone, firsts.len());
        assert!(!said.is_empty(), "{name}: nothing was said");
        let types = recorded.types(database).await;
        world.scripts.push((name, scripts(folder.path(), name, &said, &types)));
    }
    recorded.end(database).await;
    world
}

/// What was said as often as there were requests was said for each of them; what the process says for itself
/// comes less often.
fn by_request(alone: Vec<Said>, requests: usize) -> Vec<Vec<Said>> {
    let mut by_text: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for said in alone {
        by_text.entry(said.sql.clone()).or_default().push(said);
    }
    by_text.retain(|_, said| said.len() == requests);
    if by_text.is_empty() {
        return Vec::new();
    }
    (0..requests).map(|at| by_text.values().map(|said| said[at].clone()).collect()).collect()
}

fn scripts(
    folder: &Path,
    name: &str,
    said: &[Vec<Said>],
    types: &BTreeMap<String, Vec<String>>,
) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for (number, statements) in said.iter().enumerate() {
        let mut script = String::new();
        for Said { sql: text, values } in statements {
            let mut sql = text.replace('\n', " ");
            // From the last one, so that $1 is not taken for the beginning of $10.
            for place in (0..values.len()).rev() {
                let value = values[place].as_deref().map_or_else(|| "NULL".to_owned(), quoted);
                let kind = &types[text][place];
                sql = sql.replace(&format!("${}", place + 1), &format!("{value}::{kind}"));
            }
            writeln!(script, "{sql};").unwrap();
        }
        let path = folder.join(format!("{name}.{number}.sql"));
        std::fs::write(&path, script).unwrap();
        paths.push(path);
    }
    paths
}

/// Transactions that can be said again, on a copy from before.
pub(crate) struct Writes {
    pub(crate) messages: Vec<Vec<Said>>,
    pub(crate) bids: Vec<Vec<Said>>,
    pub(crate) types: BTreeMap<String, Vec<String>>,
}

/// Sends messages and places bids, one after the other.
pub(crate) async fn writes(
    database: &TestDatabase,
    folder: &tempfile::TempDir,
    world: &mut World,
    bids: &mut Endpoint,
) -> Writes {
    let recorded = Recorded::start(database, folder).await;
    let base = recorded.server.base.clone();
    world.log_in(&base).await;
    let log = Log::from_here();
    // Each client of `pgbench` says a part of them, one after the other: all that is said in a chat has to be in
    // the same part, as a message follows the one before.
    let messages = world.messages().requests;
    for chats in messages.chunks(messages.len().div_ceil(CLIENTS)) {
        for request in chats.iter().cycle().take(RECORDED / CLIENTS) {
            world.ask(&base, request).await;
        }
    }
    world.give_tokens(bids);
    for request in bids.requests.drain(..RECORDED) {
        world.ask(&base, &request).await;
    }
    let said = heard(&log.text()).transactions;
    let those_with = |words: &str| -> Vec<Vec<Said>> {
        let has = |transaction: &&Vec<Said>| transaction.iter().any(|said| said.sql.contains(words));
        said.iter().filter(has).cloned().collect()
    };
    let writes = Writes {
        messages: those_with("INSERT INTO messages"),
        bids: those_with("INSERT INTO bids"),
        types: recorded.types(database).await,
    };
    assert_eq!(
        (writes.messages.len(), writes.bids.len()),
        (RECORDED, RECORDED),
        "all of them are in the log"
    );
    recorded.end(database).await;
    writes
}
