//! What `guildhall demo` makes: a small world, or much data.

mod load;
mod plans;
mod world;

use std::sync::Arc;

use adapter_memory::ManualClock;
use guildhall::home::Home;
use guildhall::outside::Outside;
use guildhall::settings::Settings;
use guildhall::settings::secrets::{self, Secrets};
use test_cluster::{TestDatabase, connect};

use crate::harness::{Database, TestSettings, outside};

/// A database with everything that a command needs, before any server has seen it.
struct Backstage {
    database: Arc<Database>,
    clock: Arc<ManualClock>,
    settings: Settings,
    secrets: Secrets,
    outside: Outside,
    home: Home,
    _data: tempfile::TempDir,
}

/// What fills it and what serves from it must have the same key.
fn test_settings() -> TestSettings {
    TestSettings::default()
        .with("FIELD_ENCRYPTION_KEY", "tests: 0f8a6c1b3d5e47928c41d09e7f5a2b36")
        .with("PROVIDER_FEE_BPS", "1000")
        .with("CLIENT_FEE_BPS", "333")
}

impl Backstage {
    async fn new() -> Self {
        let database = Arc::new(Database::from(TestDatabase::migrated().await));
        let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let settings = test_settings().load(&database, &data);
        let clock = Arc::new(ManualClock::default());
        Self {
            secrets: secrets::resolve(&settings).unwrap(),
            outside: outside(&clock),
            home: Home::attach(&settings).unwrap(),
            database,
            clock,
            settings,
            _data: data,
        }
    }

    /// Whether something is so in the database.
    async fn holds(&self, condition: &str) -> bool {
        let client = connect(&self.database.owner_url).await;
        client.query_one(&format!("SELECT {condition}"), &[]).await.expect("an answer").get(0)
    }

    async fn assert_all(&self, conditions: &[&str]) {
        for condition in conditions {
            assert!(self.holds(condition).await, "{condition}");
        }
    }
}
