//! What the serving role may do, and that `doctor` sees it.

use std::collections::BTreeSet;
use std::time::Duration;

use adapter_postgres::grants::RIGHTS;
use adapter_postgres::{MigrateError, migrate, role_report};
use private_postgres::Role;

use crate::support::{TestDb, database};

const WAIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn every_table_is_listed() {
    let test = database().await;
    let rows = test
        .superuser()
        .await
        .query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &[])
        .await
        .unwrap();
    let stored: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let listed: BTreeSet<String> = RIGHTS.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(stored, listed);
}

#[tokio::test]
async fn the_serving_role_has_what_it_needs_and_no_more() {
    let test = database().await;
    let report = role_report(&test.url(Role::App)).await.unwrap();
    assert_eq!(report.role, Role::App.name());
    assert!(!report.is_superuser && !report.may_create && report.has_english_messages);
    assert!(report.server_version >= 150_000);
    let none = Vec::<String>::new();
    assert_eq!(
        (report.owned_tables, report.missing_rights, report.excess_rights),
        (none.clone(), none.clone(), none)
    );
    let app = crate::support::connect(secrecy::ExposeSecret::expose_secret(&test.url(Role::App))).await;
    for forbidden in [
        "DELETE FROM users",
        "UPDATE sessions SET user_id = user_id",
        "UPDATE refresh_tokens SET generation = 1",
        "UPDATE outbox SET payload = '{}'",
        "TRUNCATE ended_sessions",
        "CREATE TABLE mine ()",
        "DROP TABLE users",
        "INSERT INTO __diesel_schema_migrations VALUES ('1')",
        "UPDATE postings SET amount_minor = amount_minor",
        "DELETE FROM postings",
        "TRUNCATE postings",
        "UPDATE ledger_transactions SET source = source",
        "DELETE FROM ledger_transactions",
        "UPDATE ledger_accounts SET key = key",
        "DELETE FROM ledger_accounts",
        "UPDATE withdrawals SET amount_minor = 1",
        "UPDATE withdrawals SET account_sealed = ''",
        "UPDATE deposits SET user_id = user_id",
        "UPDATE schedules SET name = name",
        "UPDATE leaderboard_places SET user_id = user_id",
        "DELETE FROM leaderboards",
        "DELETE FROM schedules",
        "ALTER TABLE postings DISABLE TRIGGER ALL",
        "SELECT setval('withdrawal_numbers', 1)",
        "DELETE FROM orders",
        "UPDATE orders SET client_id = client_id",
        "UPDATE orders SET created_at = now()",
        "UPDATE invitations SET provider_id = provider_id",
        "UPDATE bids SET provider_id = provider_id",
        "DELETE FROM bids",
        "UPDATE offers SET amount_minor = 1",
        "DELETE FROM offers",
        "UPDATE contracts SET price_minor = 1",
        "UPDATE contracts SET provider_fee_bps = 0",
        "DELETE FROM contracts",
        "UPDATE milestones SET amount_minor = 1",
        "UPDATE submissions SET message = ''",
        "UPDATE bonuses SET amount_minor = 1",
        "DELETE FROM bonuses",
        "UPDATE reviews SET rating = 5",
        "DELETE FROM reviews",
        "SELECT setval('order_numbers', 1)",
        "SELECT setval('bid_numbers', 1)",
    ] {
        let error = app.batch_execute(forbidden).await.expect_err(forbidden);
        assert_eq!(error.code().unwrap().code(), "42501", "{forbidden}: {error}");
    }
}

#[tokio::test]
async fn rights_are_set_right_at_every_start() {
    let test = database().await;
    let app = Role::App.name();
    let owner = test.owner().await;
    owner
        .batch_execute(&format!(
            "GRANT DELETE ON users TO {app}; GRANT UPDATE (payload) ON outbox TO {app};
             REVOKE INSERT ON outbox FROM {app}; REVOKE UPDATE (ended_at) ON sessions FROM {app};
             REVOKE USAGE ON SEQUENCE withdrawal_numbers FROM {app};
             GRANT UPDATE ON SEQUENCE withdrawal_numbers TO {app}"
        ))
        .await
        .unwrap();
    let report = role_report(&test.url(Role::App)).await.unwrap();
    assert_eq!(
        report.excess_rights,
        ["UPDATE on withdrawal_numbers", "UPDATE (payload) on outbox", "DELETE on users",]
    );
    assert_eq!(
        report.missing_rights,
        ["USAGE on withdrawal_numbers", "INSERT on outbox", "UPDATE (ended_at) on sessions",]
    );
    migrate(&test.url(Role::Owner), Some(app), WAIT).await.unwrap();
    assert_clean(&test).await;
}

async fn assert_clean(test: &TestDb) {
    let report = role_report(&test.url(Role::App)).await.unwrap();
    assert_eq!(report.missing_rights, Vec::<String>::new());
    assert_eq!(report.excess_rights, Vec::<String>::new());
}

#[tokio::test]
async fn an_installation_with_one_role_is_reported() {
    let test = database().await;
    let owner = Role::Owner.name();
    migrate(&test.url(Role::Owner), Some(owner), WAIT).await.unwrap();
    let report = role_report(&test.url(Role::Owner)).await.unwrap();
    assert!(!report.is_superuser && report.may_create);
    assert_eq!(report.owned_tables.len(), RIGHTS.len());
    assert_eq!(report.missing_rights, Vec::<String>::new());
    assert_clean(&test).await;
}

#[tokio::test]
async fn a_role_that_is_not_there_is_said_so() {
    let test = database().await;
    let result = migrate(&test.url(Role::Owner), Some("no such role"), WAIT).await;
    assert!(matches!(result, Err(MigrateError::NoSuchRole(_))), "{result:?}");
}

#[tokio::test]
async fn a_role_may_be_called_anything() {
    let test = database().await;
    let postgres = test.superuser().await;
    let name = format!("we\"ird; role {}", test.name());
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    postgres.batch_execute(&format!("DROP ROLE IF EXISTS {quoted}; CREATE ROLE {quoted}")).await.unwrap();
    migrate(&test.url(Role::Owner), Some(&name), WAIT).await.unwrap();
    let may: bool = postgres
        .query_one("SELECT has_table_privilege($1, 'users', 'INSERT')", &[&name])
        .await
        .unwrap()
        .get(0);
    assert!(may);
    postgres.batch_execute(&format!("DROP OWNED BY {quoted}; DROP ROLE {quoted}")).await.unwrap();
}
