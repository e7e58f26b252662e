//! The statements of releases, read from PostgreSQL's log and run again by `pgbench`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_cluster::{Role, TestDatabase, connect};

use super::{CALLERS, Release, per_caller, release_all, server};
use crate::proxy::Proxy;
use crate::scenes::Cast;

/// A statement with its values; `None` is NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    sql: String,
    values: Vec<Option<String>>,
}

/// Makes these releases while PostgreSQL writes down what is said, then has `pgbench` say the same to a copy
/// of the database from before. Transactions per second.
pub(crate) async fn pgbench(
    database: &TestDatabase,
    folder: &tempfile::TempDir,
    casts: &[Cast],
    releases: &[Vec<Release>],
) -> f64 {
    let superuser = database.url(Role::Superuser);
    let copy = format!("{}_copy", database.name());
    // The server is gone, and nobody else may be in a database that is copied.
    let elsewhere = connect(&superuser.replacen(&format!("/{}?", database.name()), "/postgres?", 1)).await;
    let alone = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        database.name()
    );
    elsewhere.batch_execute(&alone).await.unwrap();
    let owner = Role::Owner.name();
    let copying = format!("CREATE DATABASE {copy} OWNER {owner} TEMPLATE {}", database.name());
    elsewhere.batch_execute(&copying).await.unwrap();
    let app = Role::App.name();
    let record = format!("ALTER ROLE {app} IN DATABASE {} SET log_statement = 'all'", database.name());
    elsewhere.batch_execute(&record).await.unwrap();

    let log = log_file();
    let before = std::fs::metadata(&log).unwrap().len();
    // The log tells values without their types, and `unnest` wants to know.
    let app_url = database.url(Role::App);
    let proxy = Proxy::start(socket_folder(&app_url).join(".s.PGSQL.5432"));
    let running = server(database, behind(&app_url, proxy.folder()), folder);
    // One after the other: in this order they are told apart again.
    for (cast, own) in casts.iter().zip(releases) {
        release_all(cast, &running.base, own).await;
    }
    drop(running);
    let text = std::fs::read(&log).unwrap();
    let said = transactions(&String::from_utf8_lossy(&text[usize::try_from(before).unwrap()..]));
    assert_eq!(said.len(), CALLERS * per_caller(), "every release is in the log");

    let types = type_names(&elsewhere, proxy.control().prepared()).await;
    let script = folder.path().join("release.sql");
    let table = tabulate(&said, &types);
    std::fs::write(&script, &table.script).unwrap();
    let postgres =
        connect(&superuser.replacen(&format!("/{}?", database.name()), &format!("/{copy}?"), 1)).await;
    postgres.batch_execute("CREATE TABLE bench (n int PRIMARY KEY, p text[] NOT NULL)").await.unwrap();
    for (number, values) in (1_i32..).zip(&table.rows) {
        postgres.execute("INSERT INTO bench VALUES ($1, $2)", &[&number, values]).await.unwrap();
    }
    postgres.batch_execute(&format!("GRANT SELECT ON bench TO {app}; ANALYZE")).await.unwrap();
    let host = socket_folder(&superuser);
    let output = Command::new(program())
        .args(["-n", "-M", "prepared", "-D", "i=0", "-j", "2"])
        .args(["-c", &CALLERS.to_string(), "-t", &per_caller().to_string(), "-U", app])
        .args(["-D", &format!("each={}", per_caller())])
        .arg("-f")
        .arg(&script)
        .arg("-h")
        .arg(&host)
        .arg(&copy)
        .output()
        .expect("pgbench runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    drop(postgres);
    elsewhere.batch_execute(&format!("DROP DATABASE {copy} WITH (FORCE)")).await.unwrap();
    let tps = told.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench tells its speed");
    tps.split(' ').next().unwrap().parse().unwrap()
}

fn program() -> PathBuf {
    let known = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> =
        known.map(|entry| entry.path().join("bin/pgbench")).filter(|p| p.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pgbench".into())
}

fn socket_folder(url: &str) -> PathBuf {
    let (_, query) = url.split_once('?').unwrap();
    let host = query.split('&').find_map(|pair| pair.strip_prefix("host=")).unwrap();
    host.replace("%2F", "/").replace("%20", " ").into()
}

/// PostgreSQL's own, of the cluster of this process: the one that was written to last.
fn log_file() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let build = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists()).unwrap().join("tmp");
    let folders = std::fs::read_dir(build).unwrap().flatten().map(|entry| entry.path().join("postgres.log"));
    let written = |path: &PathBuf| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    folders.filter(|path| path.exists()).max_by_key(written).expect("the cluster has a log")
}

/// The transactions that release something, in the order of their ends.
fn transactions(log: &str) -> Vec<Vec<Said>> {
    let mut open: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    let mut done = Vec::new();
    for entry in entries(log) {
        let Some((pid, kind, text)) = parts(&entry) else { continue };
        if let Some(sql) = text.strip_prefix("statement: ").filter(|_| kind == "LOG") {
            match sql {
                "BEGIN" => drop(open.insert(pid.to_owned(), Vec::new())),
                "COMMIT" => {
                    let said = open.remove(pid).unwrap_or_default();
                    let mut values = said.iter().flat_map(|one| one.values.iter().flatten());
                    if values.any(|value| value.trim_start_matches(['{', '"']).starts_with("release:")) {
                        done.push(said);
                    }
                }
                _ => {}
            }
        } else if let Some(rest) = text.strip_prefix("execute ").filter(|_| kind == "LOG") {
            let Some((_, sql)) = rest.split_once(": ") else { continue };
            if let Some(said) = open.get_mut(pid) {
                said.push(Said { sql: sql.to_owned(), values: Vec::new() });
            }
        } else if let Some(list) = text.strip_prefix("parameters: ").filter(|_| kind == "DETAIL")
            && let Some(last) = open.get_mut(pid).and_then(|said| said.last_mut())
        {
            last.values = values(list);
        }
    }
    done
}

/// Lines that begin with a tab go on with the entry before.
fn entries(log: &str) -> Vec<String> {
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
fn parts(entry: &str) -> Option<(&str, &str, &str)> {
    let (_, rest) = entry.split_once(" [")?;
    let (pid, rest) = rest.split_once("] ")?;
    let (kind, text) = rest.split_once(":  ")?;
    Some((pid, kind, text))
}

/// `$1 = 'a', $2 = NULL`.
fn values(mut list: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    while let Some((_, rest)) = list.split_once(" = ") {
        if let Some(rest) = rest.strip_prefix("NULL") {
            values.push(None);
            list = rest;
            continue;
        }
        let mut value = String::new();
        let mut letters = rest.char_indices().skip(1).peekable();
        let mut end = rest.len();
        while let Some((at, letter)) = letters.next() {
            if letter != '\'' {
                value.push(letter);
            } else if letters.peek().is_some_and(|(_, next)| *next == '\'') {
                value.push('\'');
                letters.next();
            } else {
                end = at + 1;
                break;
            }
        }
        values.push(Some(value));
        list = &rest[end..];
    }
    values
}

/// The same address, with the socket in this folder.
fn behind(url: &str, folder: &Path) -> String {
    let (before, rest) = url.split_once("host=").unwrap();
    let rest = rest.split_once('&').map_or(String::new(), |(_, rest)| format!("&{rest}"));
    format!("{before}host={}{rest}", folder.display().to_string().replace('/', "%2F"))
}

/// The names of the types of each statement's values.
async fn type_names(
    postgres: &tokio_postgres::Client,
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
    /// The values of each release that are not the same for all.
    rows: Vec<Vec<String>>,
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// One script for all releases, and what is different in each.
fn tabulate(said: &[Vec<Said>], types: &BTreeMap<String, Vec<String>>) -> Table {
    let first = &said[0];
    let shape =
        |one: &[Said]| one.iter().map(|said| (said.sql.clone(), said.values.len())).collect::<Vec<_>>();
    for other in said {
        assert_eq!(shape(other), shape(first), "every release says the same");
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
                    row.push(value.clone().expect("a value that is NULL in some releases only"));
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
