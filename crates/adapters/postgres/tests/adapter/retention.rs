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
