//! PostgreSQL for tests: one cluster per process, a database per test. Everybody's dev-dependency.
//!
//! Databases rather than schemas, because advisory locks, NOTIFY channels and transaction ids are
//! per database or wider. The cluster gives up safety in a power cut for speed and ends with the
//! process. Its folder, in the build folder, stays and is used again by the next process: runs side
//! by side take one folder each, and only the first has to make a cluster. That also serves test
//! runners that start a process for each test.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "only tests link this crate; a broken premise of a test should stop it at once"
)]

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub use private_postgres::Role;
use private_postgres::{Error, Options, PrivatePostgres};
use secrecy::SecretString;
use tokio::sync::OnceCell;

/// Folders for processes side by side.
const FOLDERS: u32 = 64;
/// How long another process may take to migrate the template.
const MIGRATION_WAIT: Duration = Duration::from_secs(60);

static SERVER: LazyLock<PrivatePostgres> = LazyLock::new(start);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of one test's own; dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// A database with the program's schema, in which the serving role has its rights.
    pub async fn migrated() -> Self {
        let template = TEMPLATE.get_or_init(make_template).await;
        Self::create(&format!("TEMPLATE {template} STRATEGY file_copy")).await
    }

    /// A database without a schema.
    pub async fn empty() -> Self {
        TEMPLATE.get_or_init(make_template).await;
        Self::create("").await
    }

    async fn create(from: &str) -> Self {
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let sql = format!("CREATE DATABASE {name} OWNER {} {from}", Role::Owner.name());
        execute(&SERVER.superuser_url(), &sql).await;
        Self { name }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address for a role.
    #[must_use]
    pub fn url(&self, role: Role) -> String {
        SERVER.url(role, &self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A test's runtime may be gone, or busy with this very drop.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&SERVER.superuser_url(), &sql));
        });
        // What is left behind goes at the next run.
        dropping.join().ok();
    }
}

/// Opens a bare connection.
pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Runs statements on a connection of their own.
pub async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap();
}

fn start() -> PrivatePostgres {
    for number in 0..FOLDERS {
        let mut options = Options::new(build_folder().join(format!("test-cluster-{number}")));
        options.durable = false;
        options.max_connections = 500;
        match PrivatePostgres::start(options) {
            Ok(server) => return server,
            Err(Error::AlreadyRunning { .. }) => {}
            Err(error) => panic!("the server of the tests does not start: {error}"),
        }
    }
    panic!("all folders for the tests' servers are in use");
}

/// The folder `target/tmp`, wherever the build folder is: a test's program lies in it.
fn build_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    folder.unwrap_or_else(|| panic!("{} is not in a build folder", program.display())).join("tmp")
}

/// Databases that a killed run left behind go; a template of the same migrations is used again.
async fn make_template() -> String {
    let postgres = connect(&SERVER.superuser_url()).await;
    let template = format!("template_{:016x}", fingerprint_of_migrations());
    let names = postgres
        .query("SELECT datname FROM pg_database WHERE datname ~ '^(test|template|making)_'", &[])
        .await
        .unwrap();
    let names: Vec<String> = names.iter().map(|row| row.get(0)).collect();
    for name in names.iter().filter(|name| **name != template) {
        postgres.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
    if !names.contains(&template) {
        // Under another name until it is whole.
        let owner = Role::Owner.name();
        postgres.batch_execute(&format!("CREATE DATABASE making_template OWNER {owner}")).await.unwrap();
        let url = SecretString::from(SERVER.url(Role::Owner, "making_template"));
        adapter_postgres::migrate(&url, Some(Role::App.name()), MIGRATION_WAIT).await.unwrap();
        let (config, tls) = adapter_postgres::driver_settings(&url, "test-cluster").unwrap();
        adapter_jobs::migrate(&adapter_jobs::Access { config, tls }, Some(Role::App.name())).await.unwrap();
        postgres
            .batch_execute(&format!("ALTER DATABASE making_template RENAME TO {template}"))
            .await
            .unwrap();
    }
    template
}

/// Changes with every change of a migration, also of one that keeps its name while it is written,
/// and of the serving role's rights.
fn fingerprint_of_migrations() -> u64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<_> = std::fs::read_dir(root.join("migrations"))
        .unwrap()
        .map(|folder| folder.unwrap().path().join("up.sql"))
        .filter(|file| file.exists())
        .collect();
    files.sort();
    files.push(root.join("crates/adapters/postgres/src/grants.rs"));
    files.push(root.join("crates/adapters/jobs/src/migrate.rs"));
    // The migrations of the queue come with its library.
    files.push(root.join("Cargo.lock"));
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        std::fs::read(&file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}
