//! What nobody needs any more goes, a few at a time; the rest stays.

use adapter_postgres::Database;
use chrono::{DateTime, TimeDelta, Utc};
use ports::retention::{Leftover, Retention};
use ports::store::Store;

use crate::support::{TestDb, at, database, digest, now};

async fn count(test: &TestDb, sql: &str) -> i64 {
    test.owner().await.query_one(&format!("SELECT count(*) FROM {sql}"), &[]).await.unwrap().get(0)
}

/// Removes two at a time until nothing is left, and says how many each time.
async fn remove_all(database: &Database, what: Leftover, before: DateTime<Utc>) -> Vec<u64> {
    let mut removed = Vec::new();
    while removed.last() != Some(&0) {
        removed.push(database.remove(what, before, 2).await.unwrap());
    }
    removed
}

#[tokio::test]
async fn logins_go_with_all_that_belongs_to_them() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    for n in 1..=4_u8 {
        test.add_session(&database, &ada, n).await;
    }
    let kept = test.add_session(&database, &ada, 5).await;
    test.owner()
        .await
        .batch_execute(&format!(
            "UPDATE sessions SET rotated_at = rotated_at - interval '31 days' WHERE id <> '{}'",
            kept.id
        ))
        .await
        .unwrap();
    let mut unit = database.begin().await.unwrap();
    unit.sessions().end_all(ada.id, None, domain::identity::SessionEnd::Blocked, at(1)).await.unwrap();
    unit.commit().await.unwrap();

    assert_eq!(remove_all(&database, Leftover::Logins, now() - TimeDelta::days(30)).await, [2, 2, 0]);
    assert_eq!(count(&test, "sessions").await, 1);
    assert_eq!(count(&test, "refresh_tokens").await, 1);
    assert_eq!(count(&test, "ended_sessions").await, 1);
}

#[tokio::test]
async fn the_newest_refresh_token_of_a_login_stays() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let mut session = test.add_session(&database, &ada, 1).await;
    for n in 2..=4_u8 {
        session.generation += 1;
        session.rotated_at = at(n.into());
        let mut unit = database.begin().await.unwrap();
        unit.sessions().save_rotation(&session, &digest(n)).await.unwrap();
        unit.commit().await.unwrap();
    }
    assert_eq!(remove_all(&database, Leftover::RefreshTokens, at(3)).await, [2, 0]);
    assert_eq!(remove_all(&database, Leftover::RefreshTokens, at(1_000)).await, [1, 0]);
    let mut unit = database.begin().await.unwrap();
    let left = unit.sessions().find_token(&digest(4)).await.unwrap().unwrap();
    assert_eq!(left.token.generation, session.generation);
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn of_dead_jobs_the_newest_of_each_kind_is_kept_until_it_is_old() {
    let test = database().await;
    let database = test.open();
    let (young, old) = (format!("'{}'", now()), format!("'{}'", now() - TimeDelta::days(31)));
    // key, kind, particulars, when it changed last, whether it is dead
    let jobs = [
        ("superseded 1", "lapse_orders", "{}", &young, true),
        ("superseded 2", "lapse_orders", "{}", &young, true),
        ("newest", "lapse_orders", "{}", &young, true),
        ("next", "lapse_orders", "{}", &old, false),
        ("tick 1", "clean_up", r#"{"what":"logins"}"#, &young, true),
        ("tick 2", "clean_up", r#"{"what": "logins"}"#, &young, true),
        ("other work", "clean_up", r#"{"what":"request_keys"}"#, &young, true),
        ("old", "sweep_files", "{}", &old, true),
    ];
    let owner = test.owner().await;
    for (key, kind, particulars, changed, is_dead) in jobs {
        let attempts = if is_dead { "max_attempts" } else { "1" };
        let add = format!(
            "SELECT graphile_worker.add_job('{kind}', '{particulars}', job_key => '{key}');
             UPDATE graphile_worker._private_jobs SET attempts = {attempts}, updated_at = {changed}
             WHERE key = '{key}'"
        );
        owner.batch_execute(&add).await.unwrap();
    }
    // A worker is at it for the last time.
    owner
        .batch_execute(
            "SELECT graphile_worker.add_job('lapse_orders', job_key => 'last attempt');
             UPDATE graphile_worker._private_jobs
             SET attempts = max_attempts, locked_at = now(), locked_by = 'w', updated_at = '2001-01-01'
             WHERE key = 'last attempt';
             UPDATE graphile_worker._private_jobs SET key = NULL WHERE key LIKE 'superseded %'",
        )
        .await
        .unwrap();

    let month = now() - TimeDelta::days(30);
    assert_eq!(remove_all(&database, Leftover::DeadJobs, month).await, [2, 2, 0]);
    let left = "SELECT coalesce(key, 'none') FROM graphile_worker._private_jobs ORDER BY id";
    let left: Vec<String> = owner.query(left, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(left, ["newest", "next", "tick 2", "other work", "last attempt"]);
}

#[tokio::test]
async fn answers_and_facts_go_by_their_age() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let owner = test.owner().await;
    for n in 1..=5_i64 {
        owner
            .batch_execute(&format!(
                "INSERT INTO idempotency_keys
                 VALUES ('{user}', 'key {n}', sha256('x'), 200, '{{}}', '{time}');
                 INSERT INTO outbox (id, name, payload, occurred_at, dispatched_at)
                 VALUES (gen_random_uuid(), 'test.happened', '{{}}', '{time}', {dispatched})",
                user = ada.id,
                time = at(n),
                dispatched = if n == 1 { "NULL".to_owned() } else { format!("'{}'", at(n)) },
            ))
            .await
            .unwrap();
    }
    assert_eq!(remove_all(&database, Leftover::RequestKeys, at(4)).await, [2, 1, 0]);
    assert_eq!(count(&test, "idempotency_keys").await, 2);
    assert_eq!(remove_all(&database, Leftover::DispatchedFacts, at(5)).await, [2, 1, 0]);
    assert_eq!(count(&test, "outbox WHERE dispatched_at IS NULL").await, 1, "nobody was told of it");
}
