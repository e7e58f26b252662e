//! One PostgreSQL cluster for all tests of this process; a database each, copied from a template
//! that has been migrated once.
//!
//! Databases rather than schemas, because advisory locks, NOTIFY channels and sessions are per
//! database. The cluster gives up safety in a power cut for speed, and goes away with the process.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use private_postgres::{Options, PrivatePostgres, Role};
use secrecy::SecretString;
use tokio::sync::OnceCell;

const TEMPLATE: &str = "guildhall_template";

pub(crate) struct Cluster {
    server: PrivatePostgres,
    _folder: tempfile::TempDir,
    databases: AtomicU32,
}

/// The two addresses of one test's database.
pub(crate) struct Database {
    pub(crate) owner_url: String,
    pub(crate) app_url: String,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

impl Cluster {
    pub(crate) async fn shared() -> &'static Self {
        CLUSTER.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        // In the build folder rather than in the system's: a killed run leaves nothing elsewhere.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut options = Options::new(folder.path().join("cluster"));
        options.durable = false;
        options.max_connections = 500;
        let server = tokio::task::spawn_blocking(|| PrivatePostgres::start(options)).await.unwrap().unwrap();
        let cluster = Self { server, _folder: folder, databases: AtomicU32::new(0) };
        cluster.create(TEMPLATE, "template0").await;
        let owner = SecretString::from(cluster.server.url(Role::Owner, TEMPLATE));
        adapter_postgres::migrate(&owner, Some(Role::App.name()), Duration::from_secs(60)).await.unwrap();
        cluster
    }

    /// A migrated database that nobody else uses.
    pub(crate) async fn database(&self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.create(&name, TEMPLATE).await;
        self.addresses(&name)
    }

    fn addresses(&self, name: &str) -> Database {
        Database { owner_url: self.server.url(Role::Owner, name), app_url: self.server.url(Role::App, name) }
    }

    async fn create(&self, name: &str, template: &str) {
        let statement = format!(
            "CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy OWNER {}",
            Role::Owner.name()
        );
        execute(&self.server.superuser_url(), &statement).await;
    }
}

/// Runs one statement on a connection of its own.
pub(crate) async fn execute(url: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}
