//! What one run said to PostgreSQL, read from its log, and said again by `pgbench`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_cluster::{Role, TestDatabase, connect};
use tokio_postgres::Client;

/// A statement with its values; `None` is NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) sql: String,
    pub(crate) values: Vec<Option<String>>,
}

/// The address of another database of the same cluster.
pub(crate) fn beside(database: &TestDatabase, url: &str, name: &str) -> String {
    url.replacen(&format!("/{}?", database.name()), &format!("/{name}?"), 1)
}

/// Nobody may be in a database that is copied.
pub(crate) async fn copy(database: &TestDatabase, name: &str) {
    let elsewhere = connect(&beside(database, &database.url(Role::Superuser), "postgres")).await;
    let alone = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        database.name()
    );
    elsewhere.batch_execute(&alone).await.unwrap();
    let owner = Role::Owner.name();
    let copying = format!("CREATE DATABASE {name} OWNER {owner} TEMPLATE {}", database.name());
    elsewhere.batch_execute(&copying).await.unwrap();
}

/// The end of a copy.
pub(crate) async fn forget(database: &TestDatabase, name: &str) {
    let elsewhere = connect(&beside(database, &database.url(Role::Superuser), "postgres")).await;
    elsewhere.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
}

/// Whether whoever serves has all that they say written down, from their next connection on.
pub(crate) async fn write_down(database: &TestDatabase, all: bool) {
    let postgres = connect(&database.url(Role::Superuser)).await;
    let wanted = if all { "SET log_statement = 'all'" } else { "RESET log_statement" };
    let record = format!("ALTER ROLE {} IN DATABASE {} {wanted}", Role::App.name(), database.name());
    postgres.batch_execute(&record).await.unwrap();
}

/// PostgreSQL's log from here on.
pub(crate) struct Log {
    path: PathBuf,
    from: usize,
}

impl Log {
    pub(crate) fn from_here() -> Self {
        let path = log_file();
        let from = std::fs::metadata(&path).unwrap().len();
        Self { path, from: usize::try_from(from).unwrap() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.path).unwrap()[self.from..]).into_owned()
    }
}

pub(crate) fn program() -> PathBuf {
    let known = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> =
        known.map(|entry| entry.path().join("bin/pgbench")).filter(|p| p.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pgbench".into())
}

pub(crate) fn socket_folder(url: &str) -> PathBuf {
    let (_, query) = url.split_once('?').unwrap();
    let host = query.split('&').find_map(|pair| pair.strip_prefix("host=")).unwrap();
    host.replace("%2F", "/").replace("%20", " ").into()
}

/// PostgreSQL's own, of the cluster of this process: the one that was written to last.
pub(crate) fn log_file() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let build = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists()).unwrap().join("tmp");
    let folders = std::fs::read_dir(build).unwrap().flatten().map(|entry| entry.path().join("postgres.log"));
    let written = |path: &PathBuf| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    folders.filter(|path| path.exists()).max_by_key(written).expect("the cluster has a log")
}

/// What was said in a log: the transactions in the order of their ends, and the statements outside of any.
pub(crate) struct Heard {
    pub(crate) transactions: Vec<Vec<Said>>,
    pub(crate) alone: Vec<Said>,
}

pub(crate) fn heard(log: &str) -> Heard {
    let mut open: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    let mut last_alone: BTreeMap<String, usize> = BTreeMap::new();
    let mut heard = Heard { transactions: Vec::new(), alone: Vec::new() };
    for entry in entries(log) {
        let Some((pid, kind, text)) = parts(&entry) else { continue };
        if let Some(sql) = text.strip_prefix("statement: ").filter(|_| kind == "LOG") {
            match sql {
                "BEGIN" => drop(open.insert(pid.to_owned(), Vec::new())),
                "COMMIT" => heard.transactions.extend(open.remove(pid)),
                "ROLLBACK" => drop(open.remove(pid)),
                _ => {}
            }
        } else if let Some(rest) = text.strip_prefix("execute ").filter(|_| kind == "LOG") {
            let Some((_, sql)) = rest.split_once(": ") else { continue };
            let said = Said { sql: sql.to_owned(), values: Vec::new() };
            match open.get_mut(pid) {
                Some(transaction) => transaction.push(said),
                None => {
                    last_alone.insert(pid.to_owned(), heard.alone.len());
                    heard.alone.push(said);
                }
            }
        } else if let Some(list) = text.strip_prefix("parameters: ").filter(|_| kind == "DETAIL") {
            let last = match open.get_mut(pid) {
                Some(transaction) => transaction.last_mut(),
                None => last_alone.get(pid).and_then(|at| heard.alone.get_mut(*at)),
            };
            if let Some(last) = last {
                last.values = values(list);
            }
        }
    }
    heard
}

/// How `pgbench` is to go about it.
pub(crate) struct Run<'a> {
    /// The address of the database.
    pub(crate) url: &'a str,
    pub(crate) name: &'a str,
    pub(crate) clients: usize,
    /// What else it is told.
    pub(crate) arguments: Vec<String>,
}

/// Transactions per second.
pub(crate) fn pgbench(run: Run<'_>) -> f64 {
    let Run { url, name, clients, arguments } = run;
    let output = Command::new(program())
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string(), "-U", Role::App.name()])
        .args(arguments)
        .arg("-h")
        .arg(socket_folder(url))
        .arg(name)
        .output()
        .expect("pgbench runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}\n{complaints}");
    let tps = told.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench tells its speed");
    tps.split(' ').next().unwrap().parse().unwrap()
}

/// Has as many clients say each of these transactions once. Transactions per second.
pub(crate) async fn each_once(
    database: &TestDatabase,
    name: &str,
    folder: &Path,
    clients: usize,
    (said, types): (&[Vec<Said>], &BTreeMap<String, Vec<String>>),
) -> f64 {
    let per_client = said.len() / clients;
    let table = tabulate(&said[..per_client * clients], types);
    let script = folder.join("each_once.sql");
    std::fs::write(&script, &table.script).unwrap();
    let superuser = database.url(Role::Superuser);
    let postgres = connect(&beside(database, &superuser, name)).await;
    let emptied = "DROP TABLE IF EXISTS bench; CREATE TABLE bench (n int PRIMARY KEY, p text[] NOT NULL)";
    postgres.batch_execute(emptied).await.unwrap();
    for (number, values) in (1_i32..).zip(&table.rows) {
        postgres.execute("INSERT INTO bench VALUES ($1, $2)", &[&number, values]).await.unwrap();
    }
    let app = Role::App.name();
    postgres.batch_execute(&format!("GRANT SELECT ON bench TO {app}; ANALYZE bench")).await.unwrap();
    let arguments = ["-D", "i=0", "-D", &format!("each={per_client}"), "-t", &per_client.to_string(), "-f"];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
    arguments.push(script.display().to_string());
    pgbench(Run { url: &superuser, name, clients, arguments })
}

/// Lines that begin with a tab go on with the entry before.
pub(crate) fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(more), Some(last)) => {
                last.push('\n');
                last.push_str(more);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// Process, kind and text of `2026-11-21 09:00:00.000 UTC [42] LOG:  text`.
pub(crate) fn parts(entry: &str) -> Option<(&str, &str, &str)> {
    let (_, rest) = entry.split_once(" [")?;
    let (pid, rest) = rest.split_once("] ")?;
    let (kind, text) = rest.split_once(":  ")?;
    Some((pid, kind, text))
}

/// `$1 = 'a', $2 = NULL`.
pub(crate) fn values(mut list: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    while let Some((_, rest)) = list.split_once(" = ") {
        if let Some(rest) = rest.strip_prefix("NULL") {
            values.push(None);
            list = rest;
            continue;
        }
        // An apostrophe within a value is written twice.
        let mut value = String::new();
        let mut after = rest.strip_prefix('\'').unwrap_or(rest);
        while let Some((piece, more)) = after.split_once('\'') {
            value.push_str(piece);
            after = more;
            let Some(more) = after.strip_prefix('\'') else { break };
            value.push('\'');
            after = more;
        }
        values.push(Some(value));
        list = after;
    }
    values
}

/// The same address, with the socket in this folder.
pub(crate) fn behind(url: &str, folder: &Path) -> String {
    let (before, rest) = url.split_once("host=").unwrap();
    let rest = rest.split_once('&').map_or(String::new(), |(_, rest)| format!("&{rest}"));
    format!("{before}host={}{rest}", folder.display().to_string().replace('/', "%2F"))
}

/// The names of the types of each statement's values.
pub(crate) async fn type_names(
    postgres: &Client,
    prepared: BTreeMap<String, Vec<u32>>,
) -> BTreeMap<String, Vec<String>> {
    let rows = postgres.query("SELECT oid, format_type(oid, NULL) FROM pg_type", &[]).await.unwrap();
    let names: BTreeMap<u32, String> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let named =
        |(sql, types): (String, Vec<u32>)| (sql, types.iter().map(|oid| names[oid].clone()).collect());
    prepared.into_iter().map(named).collect()
}

struct Table {
    script: String,
    /// The values of each transaction that are not the same for all.
    rows: Vec<Vec<String>>,
}

pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// One script for all transactions, and what is different in each.
fn tabulate(said: &[Vec<Said>], types: &BTreeMap<String, Vec<String>>) -> Table {
    let first = &said[0];
    let shape =
        |one: &[Said]| one.iter().map(|said| (said.sql.clone(), said.values.len())).collect::<Vec<_>>();
    for other in said {
        assert_eq!(shape(other), shape(first), "all of them say the same");
    }
    let mut rows = vec![Vec::new(); said.len()];
    let (mut body, mut columns) = (String::new(), Vec::new());
    for (at, statement) in first.iter().enumerate() {
        let mut sql = statement.sql.clone();
        // From the last one, so that $1 is not taken for the beginning of $10.
        for place in (0..statement.values.len()).rev() {
            let all: Vec<_> = said.iter().map(|one| &one[at].values[place]).collect();
            let written = if all.iter().all(|value| *value == all[0]) {
                all[0].as_deref().map_or_else(|| "NULL".to_owned(), quoted)
            } else {
                for (row, value) in rows.iter_mut().zip(all) {
                    row.push(value.clone().expect("a value that is NULL in some of them only"));
                }
                columns.push(format!("v{}", columns.len() + 1));
                format!(":v{}", columns.len())
            };
            let kind = &types[&statement.sql][place];
            sql = sql.replace(&format!("${}", place + 1), &format!("{written}::{kind}"));
        }
        writeln!(body, "{};", sql.replace('\n', " ")).unwrap();
    }
    let picked: Vec<_> =
        columns.iter().enumerate().map(|(at, name)| format!("p[{}] AS {name}", at + 1)).collect();
    let script = format!(
        "\\set i :i + 1\n\\set row :client_id * :each + :i\nSELECT {} FROM bench WHERE n = :row \\gset\nBEGIN;\n{body}COMMIT;\n",
        picked.join(", ")
    );
    Table { script, rows }
}
