//! A server inside the test process, with time and the hasher in the test's hands.

use std::collections::BTreeMap;
use std::sync::Arc;

use adapter_memory::ManualClock;
use adapter_postgres::verify::verify_books;
use adapter_security::password::{BcryptHasher, MIN_COST};
use adapter_security::slow_work::SlowWork;
use adapter_security::system::TimeOrderedIds;
use guildhall::outside::{Outside, PictureThread};
use guildhall::server::{self, Demo, Running};
use guildhall::settings::{Loaded, Settings};
use serde_json::{Value, json};
use test_cluster::{Role, TestDatabase, connect, execute};

use super::client::Client;
use super::eventually;

/// What a test sets differently.
#[derive(Clone, Default)]
pub(crate) struct TestSettings {
    environment: Vec<(String, String)>,
    no_worker: bool,
}

/// Where a database is, and the database itself when it is to go with the test.
pub(crate) struct Database {
    pub(crate) owner_url: String,
    pub(crate) app_url: String,
    pub(crate) _own: Option<TestDatabase>,
}

impl From<TestDatabase> for Database {
    fn from(database: TestDatabase) -> Self {
        let (owner_url, app_url) = (database.url(Role::Owner), database.url(Role::App));
        Self { owner_url, app_url, _own: Some(database) }
    }
}

/// Tables that change without a request, when facts are dispatched and schedules tick.
const BY_THEMSELVES: [&str; 1] = ["schedules"];

/// A server with a database of its own.
pub(crate) struct TestApp {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: Client,
    running: Running,
    database: Arc<Database>,
    data: tempfile::TempDir,
}

/// Somebody with an account, logged in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) client: Client,
}

/// Everybody's password.
pub(crate) const PASSWORD: &str = "SecurePass123!";
/// The first administrator of every test's server.
pub(crate) const ADMIN_EMAIL: &str = "root@example.com";

impl TestSettings {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As `guildhall serve --no-worker`.
    pub(crate) fn without_worker(mut self) -> Self {
        self.no_worker = true;
        self
    }

    pub(crate) fn load(&self, database: &Database, data: &tempfile::TempDir) -> Settings {
        let mut environment = vec![
            ("DATABASE_URL".to_owned(), database.app_url.clone()),
            ("MIGRATION_DATABASE_URL".to_owned(), database.owner_url.clone()),
            ("DATA_DIR".to_owned(), data.path().display().to_string()),
            ("BIND_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
            ("JWT_SECRET_KEY".to_owned(), "tests: 6b1f0d5c9e3a47b28c41d09e7f5a2b36".to_owned()),
            ("ADMIN_EMAIL".to_owned(), ADMIN_EMAIL.to_owned()),
            ("ADMIN_PASSWORD".to_owned(), PASSWORD.to_owned()),
            ("RATE_LIMIT".to_owned(), "off".to_owned()),
            ("WORKERS".to_owned(), "1".to_owned()),
            ("DATABASE_POOL_SIZE".to_owned(), "6".to_owned()),
        ];
        for (name, value) in &self.environment {
            environment.retain(|(known, _)| known != name);
            environment.push((name.clone(), value.clone()));
        }
        let Loaded { mut settings, .. } =
            Settings::from_sources(environment, []).expect("the test's settings");
        settings.work.in_server = !self.no_worker;
        settings
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(TestSettings::default()).await
    }

    pub(crate) async fn start_with(settings: TestSettings) -> Self {
        let database = Database::from(TestDatabase::migrated().await);
        Self::start_on(Arc::new(database), settings, Arc::new(ManualClock::default())).await
    }

    /// A second server on the same database: another replica.
    pub(crate) async fn replica(&self) -> Self {
        Self::start_on(Arc::clone(&self.database), TestSettings::default(), Arc::clone(&self.clock)).await
    }

    async fn start_on(database: Arc<Database>, settings: TestSettings, clock: Arc<ManualClock>) -> Self {
        let mut app = Self::start_unready(database, settings, clock).await;
        app.ready().await;
        app
    }

    /// A server whose database may not be there.
    pub(crate) async fn start_unready(
        database: Arc<Database>,
        settings: TestSettings,
        clock: Arc<ManualClock>,
    ) -> Self {
        let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let settings = settings.load(&database, &data);
        let running = server::start(settings, outside(&clock), Demo::Off).await.expect("the server starts");
        let client = Client::new(format!("http://{}", running.address()));
        Self { clock, client, running, database, data }
    }

    /// Waits until the database has been brought up.
    pub(crate) async fn ready(&mut self) {
        self.running.ready().await.expect("the server gets ready");
    }

    /// Opens an account and logs in with it.
    pub(crate) async fn register(&self, role: &str, email: &str) -> Person {
        let body = json!({"email": email, "password": PASSWORD, "full_name": "Test Person", "role": role});
        let data = self.client.post("/api/v1/auth/register", &body).await.data(201);
        self.person(&data)
    }

    pub(crate) async fn log_in(&self, email: &str) -> Person {
        let body = json!({"email": email, "password": PASSWORD});
        let data = self.client.post("/api/v1/auth/login", &body).await.data(200);
        self.person(&data)
    }

    pub(crate) async fn admin(&self) -> Person {
        self.log_in(ADMIN_EMAIL).await
    }

    fn person(&self, data: &Value) -> Person {
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let access_token = text(&data["access_token"]);
        Person {
            id: text(&data["user"]["id"]),
            email: text(&data["user"]["email"]),
            client: self.client.with_token(&access_token),
            access_token,
            refresh_token: text(&data["refresh_token"]),
        }
    }

    /// Runs a statement as the database's owner, for what no request can bring about.
    pub(crate) async fn sql(&self, statement: &str) {
        execute(&self.database.owner_url, statement).await;
    }

    /// Looks at every row of every table, as often as it is asked.
    pub(crate) async fn census(&self) -> Census {
        let database = connect(&self.database.owner_url).await;
        let tables = database
            .query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1", &[])
            .await
            .expect("the tables are listed");
        let tables = tables.iter().map(|table| table.get::<_, &str>(0));
        let each = tables.filter(|table| !BY_THEMSELVES.contains(table)).map(|table| {
            // Facts are marked when they have been dispatched; how many there are is the request's.
            let content = if table == "outbox" { "''" } else { "string_agg(t::text, ',' ORDER BY t::text)" };
            format!(
                "SELECT '{table}', count(*) || ' rows ' || md5(coalesce({content}, '')) FROM \"{table}\" t"
            )
        });
        let all = each.collect::<Vec<_>>().join(" UNION ALL ");
        let statement = database.prepare(&all).await.expect("every table can be read");
        Census { database, statement }
    }

    /// Everything that `guildhall ledger verify` looks at, over the whole database.
    pub(crate) async fn assert_books_balance(&self) {
        let reports =
            verify_books(&self.database.owner_url.clone().into()).await.expect("the books can be read");
        let broken: Vec<_> = reports.iter().filter(|report| report.offending > 0).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }

    /// Whether something is so in the database, for what no request can tell.
    pub(crate) async fn holds(&self, condition: &str) -> bool {
        let client = connect(&self.database.owner_url).await;
        client.query_one(&format!("SELECT {condition}"), &[]).await.expect("an answer").get(0)
    }

    /// The address of the database's owner.
    pub(crate) fn owner_url(&self) -> String {
        self.database.owner_url.clone()
    }

    /// What it was started with, if that was this.
    pub(crate) fn settings(&self, settings: &TestSettings) -> Settings {
        settings.load(&self.database, &self.data)
    }

    /// The data folder.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.data.path()
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> String {
        self.running.address().to_string()
    }

    /// Stops the server as SIGTERM would.
    pub(crate) async fn stop(self) {
        self.running.stop().await.expect("the server stops");
    }
}

/// Time in the test's hands, and a hasher that is not slow.
pub(crate) fn outside(clock: &Arc<ManualClock>) -> Outside {
    Outside {
        clock: clock.clone(),
        shared_clock: Some(clock.clone()),
        ids: Arc::new(TimeOrderedIds),
        hasher: Arc::new(BcryptHasher::new(SlowWork::start().unwrap(), MIN_COST)),
        pictures: Arc::new(PictureThread::start().unwrap()),
    }
}

/// See [`TestApp::census`].
pub(crate) struct Census {
    database: tokio_postgres::Client,
    statement: tokio_postgres::Statement,
}

impl Census {
    /// A fingerprint of what each table holds, once the facts of earlier commands have been dispatched.
    pub(crate) async fn take(&self) -> BTreeMap<String, String> {
        const SETTLED: &str = "SELECT NOT EXISTS (SELECT FROM outbox WHERE dispatched_at IS NULL)";
        eventually("all facts are dispatched", async || {
            self.database.query_one(SETTLED, &[]).await.expect("an answer").get(0)
        })
        .await;
        let rows = self.database.query(&self.statement, &[]).await.expect("every table can be read");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}
