//! The migrations, and what the schema must look like after them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use adapter_postgres::migrations::{MIGRATION_LOCK, MIGRATIONS};
use adapter_postgres::{MigrateError, migrate, pending_migrations};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use private_postgres::Role;
use secrecy::ExposeSecret;

use crate::support::{TestDb, database, empty_database};

const WAIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let test = empty_database().await;
    let owner = test.url(Role::Owner);
    let before = pending_migrations(&owner).await.unwrap();
    assert!(!before.is_current() && before.unknown.is_empty());
    let applied = migrate(&owner, Some(Role::App.name()), WAIT).await.unwrap();
    assert_eq!(applied.versions, before.pending);
    let schema = catalogue(&test).await;
    let again = migrate(&owner, Some(Role::App.name()), WAIT).await.unwrap();
    assert_eq!(again.versions, Vec::<String>::new());
    assert_eq!(catalogue(&test).await, schema);
    assert!(pending_migrations(&test.url(Role::App)).await.unwrap().is_current());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_together_migrate_once() {
    let test = empty_database().await;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let owner = test.url(Role::Owner);
            tokio::spawn(async move { migrate(&owner, Some(Role::App.name()), WAIT).await.unwrap() })
        })
        .collect();
    let mut applied = Vec::new();
    for task in tasks {
        applied.extend(task.await.unwrap().versions);
    }
    let distinct: BTreeSet<_> = applied.iter().collect();
    assert_eq!(applied.len(), distinct.len());
    assert!(!applied.is_empty());
}

#[tokio::test]
async fn waiting_for_another_who_migrates_has_an_end() {
    let test = empty_database().await;
    let other = test.superuser().await;
    other.query("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.unwrap();
    let result = migrate(&test.url(Role::Owner), None, Duration::from_millis(50)).await;
    assert!(matches!(result, Err(MigrateError::Busy(_))), "{result:?}");
    drop(other);
    migrate(&test.url(Role::Owner), None, WAIT).await.unwrap();
}

#[tokio::test]
async fn a_database_that_was_half_filled_is_refused() {
    let test = empty_database().await;
    migrate(&test.url(Role::Owner), Some(Role::App.name()), WAIT).await.unwrap();
    test.owner().await.batch_execute("CREATE SCHEMA filling").await.unwrap();
    let result = migrate(&test.url(Role::Owner), Some(Role::App.name()), WAIT).await;
    assert!(matches!(result, Err(MigrateError::HalfFilled)), "{result:?}");
}

#[tokio::test]
async fn the_serving_role_knows_whether_the_schema_is_its_own() {
    let test = empty_database().await;
    let database = test.open();
    assert!(!database.has_current_schema().await.unwrap(), "nothing is there yet");
    migrate(&test.url(Role::Owner), Some(Role::App.name()), WAIT).await.unwrap();
    assert!(database.has_current_schema().await.unwrap());
    let owner = test.owner().await;
    owner.batch_execute("INSERT INTO __diesel_schema_migrations VALUES ('99999999999999')").await.unwrap();
    let newer = database.schema_state().await.unwrap();
    assert_eq!(newer.unknown, ["99999999999999"]);
    assert!(newer.is_current(), "an older program still serves");
    owner.batch_execute("DELETE FROM __diesel_schema_migrations WHERE version < '9'").await.unwrap();
    assert!(!database.has_current_schema().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_down_leads_up_again() {
    let test = empty_database().await;
    let before = catalogue(&test).await;
    let connection = AsyncPgConnection::establish(test.url(Role::Owner).expose_secret()).await.unwrap();
    let mut harness = AsyncMigrationHarness::new(connection);
    let mut steps = Vec::new();
    while harness.has_pending_migration(MIGRATIONS).unwrap() {
        steps.push(catalogue(&test).await);
        harness.run_next_migration(MIGRATIONS).unwrap();
    }
    let top = catalogue(&test).await;
    // Down one, and every single step leaves what was there before it.
    for expected in steps.iter().skip(1).rev() {
        harness.revert_last_migration(MIGRATIONS).unwrap();
        assert_eq!(&catalogue(&test).await, expected);
    }
    harness.revert_last_migration(MIGRATIONS).unwrap();
    let bottom: BTreeSet<_> = catalogue(&test)
        .await
        .into_iter()
        .filter(|line| !line.contains("__diesel_schema_migrations"))
        .collect();
    assert_eq!(bottom, before, "nothing is left at the bottom");
    harness.run_pending_migrations(MIGRATIONS).unwrap();
    assert_eq!(catalogue(&test).await, top);
}

/// All that makes up the schema `public`, a line each.
async fn catalogue(test: &TestDb) -> BTreeSet<String> {
    let rows = test
        .superuser()
        .await
        .query(
            "SELECT format('column %s.%s %s null=%s default=%s identity=%s comment=%s', attrelid::regclass,
                           attname, format_type(atttypid, atttypmod), NOT attnotnull,
                           pg_get_expr(adbin, adrelid), attidentity, col_description(attrelid, attnum))
             FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
             JOIN pg_class c ON c.oid = attrelid
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
                   AND NOT attisdropped
             UNION ALL
             SELECT format('table %s owner=%s comment=%s', c.oid::regclass, relowner::regrole,
                           obj_description(c.oid, 'pg_class'))
             FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
             UNION ALL
             SELECT format('constraint %s %s %s %s', conrelid::regclass, contypid::regtype, conname,
                           pg_get_constraintdef(oid))
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace
             UNION ALL
             SELECT format('domain %s %s comment=%s', typname, format_type(typbasetype, typtypmod),
                           obj_description(oid, 'pg_type'))
             FROM pg_type WHERE typtype = 'd' AND typnamespace = 'public'::regnamespace
             UNION ALL
             SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL
             SELECT format('other %s %s', relkind, relname) FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i')
             UNION ALL
             SELECT format('function %s', oid::regprocedure) FROM pg_proc
             WHERE pronamespace = 'public'::regnamespace
             UNION ALL
             SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal",
            &[],
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_table_and_column_is_described() {
    let test = database().await;
    let nameless: Vec<_> = catalogue(&test)
        .await
        .into_iter()
        .filter(|line| line.ends_with("comment=") && !line.contains("__diesel_schema_migrations"))
        .collect();
    assert_eq!(nameless, Vec::<String>::new());
}

/// `schema.rs` is written by hand; here it is held against what the migrations made.
#[tokio::test]
async fn the_schema_in_the_program_is_the_one_in_the_database() {
    let test = database().await;
    let rows = test
        .superuser()
        .await
        .query(
            "SELECT table_name::text, column_name::text, udt_name::text, is_nullable::text
             FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '__diesel_schema_migrations'
             ORDER BY table_name, ordinal_position",
            &[],
        )
        .await
        .unwrap();
    let mut stored: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in rows {
        let (table, column, udt, nullable): (String, String, String, String) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        let diesel_type = diesel_type(&udt);
        let diesel_type = if nullable == "YES" { format!("Nullable<{diesel_type}>") } else { diesel_type };
        stored.entry(table).or_default().push((column, diesel_type));
    }
    assert_eq!(tables_in_program(include_str!("../../src/schema.rs")), stored);
}

fn diesel_type(udt: &str) -> String {
    if let Some(element) = udt.strip_prefix('_') {
        return format!("Array<{}>", diesel_type(element));
    }
    let mut letters = udt.chars();
    let first = letters.next().unwrap().to_ascii_uppercase();
    format!("{first}{}", letters.as_str())
}

/// The tables of a `schema.rs`, columns in order.
fn tables_in_program(source: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut table = String::new();
    for line in source.lines().map(str::trim) {
        if let Some((name, type_)) = line.split_once(" -> ") {
            if let Some(type_) = type_.strip_suffix(',') {
                tables.get_mut(&table).unwrap().push((name.to_owned(), type_.to_owned()));
            }
        } else if let Some((name, _)) = line.strip_suffix(" {").and_then(|line| line.split_once(" (")) {
            table = name.to_owned();
            tables.insert(table.clone(), Vec::new());
        }
    }
    tables
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let test = database().await;
    let rows = test
        .superuser()
        .await
        .query(
            "SELECT conrelid::regclass || ' ' || conname FROM pg_constraint fk
             WHERE contype = 'f' AND connamespace = 'public'::regnamespace
               AND NOT EXISTS (
                   SELECT FROM pg_index i
                   WHERE i.indrelid = fk.conrelid AND i.indpred IS NULL
                     AND (i.indkey::int2[])[0:cardinality(fk.conkey) - 1] = fk.conkey
               )",
            &[],
        )
        .await
        .unwrap();
    let bare: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(bare, Vec::<String>::new());
}

#[tokio::test]
async fn constraints_carry_the_invariants() {
    let test = database().await;
    let postgres = test.superuser().await;
    postgres
        .batch_execute(
            "INSERT INTO users (id, email, full_name, role, password_hash, state, is_verified, created_at,
                                updated_at, version)
             VALUES ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'Ada', 'client', 'x', 'active',
                     false, now(), now(), 0);
             INSERT INTO profiles (user_id, updated_at) SELECT id, now() FROM users;
             INSERT INTO user_figures (user_id) SELECT id FROM users;
             INSERT INTO sessions (id, user_id, created_at, generation, rotated_at)
             SELECT id, id, now(), 0, now() FROM users;
             INSERT INTO refresh_tokens VALUES (sha256('x'), '00000000-0000-0000-0000-000000000001', 0, now())",
        )
        .await
        .unwrap();
    for (statement, constraint) in [
        ("UPDATE users SET role = 'king'", "users_role_word"),
        ("UPDATE users SET state = 'asleep', state_since = now()", "users_state_word"),
        ("UPDATE users SET state = 'blocked', state_since = now()", "users_blocked_for_a_reason"),
        ("UPDATE users SET block_reason = 'x'", "users_blocked_for_a_reason"),
        ("UPDATE users SET state = 'deactivated'", "users_not_active_since"),
        ("UPDATE users SET full_name = ''", "users_full_name_length"),
        ("UPDATE users SET full_name = repeat('x', 201)", "users_full_name_length"),
        ("UPDATE users SET email = 'x'", "users_email_length"),
        ("UPDATE users SET version = -1", "users_version_counts"),
        ("UPDATE profiles SET specializations = '{a,NULL}'", "profiles_specializations_are_few"),
        ("UPDATE profiles SET bio = repeat('x', 20001)", "profiles_bio_length"),
        ("UPDATE user_figures SET orders_completed = 1", "user_figures_completed_of_total"),
        ("UPDATE user_figures SET rating_sum = 6, rating_count = 1", "user_figures_rating_range"),
        ("UPDATE user_figures SET rating_sum = -1", "user_figures_rating_range"),
        ("UPDATE user_figures SET orders_posted = -1", "user_figures_orders_posted"),
        ("UPDATE user_figures SET orders_cancelled = -1", "user_figures_orders_cancelled"),
        ("UPDATE sessions SET generation = -1", "sessions_generation_counts"),
        ("UPDATE sessions SET ended_at = now()", "sessions_ended_for_a_reason"),
        ("UPDATE sessions SET ended_at = now(), end_reason = 'bored'", "sessions_end_reason_word"),
        ("UPDATE refresh_tokens SET digest = 'short'", "refresh_tokens_digest_is_sha256"),
        (
            "INSERT INTO refresh_tokens SELECT sha256('y'), session_id, 0, now() FROM refresh_tokens",
            "refresh_tokens_place_in_chain",
        ),
        (
            "INSERT INTO sessions SELECT gen_random_uuid(), gen_random_uuid(), now(), 0, now()",
            "sessions_user_id_fkey",
        ),
        (
            "INSERT INTO outbox (id, name, payload, occurred_at) VALUES (gen_random_uuid(), 'a.b', '[]', now())",
            "outbox_payload_is_object",
        ),
        (
            "INSERT INTO outbox (id, name, payload, occurred_at) VALUES (gen_random_uuid(), 'A b', '{}', now())",
            "outbox_name_form",
        ),
    ] {
        let error = postgres.batch_execute(statement).await.expect_err(statement);
        let broken = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(broken, Some(constraint), "{statement}: {error:?}");
    }
}
