//! Rankings: one process makes them at a time, and writes no more than it has to.

use adapter_postgres::Database;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::money::Currency;
use domain::profiles::Period;
use ports::profiles::{LeaderboardQueries, LeaderboardView, RankProviders};

use crate::support::{TestDb, at, database};

async fn rank(database: &Database, as_of: DateTime<Utc>) -> bool {
    database.rank(Period::AllTime, None, Currency::Usd, as_of).await.unwrap()
}

async fn board(database: &Database, whose: UserId) -> Option<LeaderboardView> {
    database.leaderboard(Period::AllTime, 100, whose).await.unwrap()
}

/// Three providers who have completed something.
async fn providers(test: &TestDb, database: &Database) -> Vec<UserId> {
    let mut ids = Vec::new();
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        ids.push(test.add_user(database, email).await.id);
    }
    let superuser = test.superuser().await;
    let completed = "UPDATE users SET role = 'writer';
        UPDATE user_figures SET orders_total = 3, orders_completed = 2";
    superuser.batch_execute(completed).await.unwrap();
    ids
}

#[tokio::test]
async fn while_one_ranks_the_others_go_away() {
    let test = database().await;
    let database = test.open();
    let id = providers(&test, &database).await[0];
    let other = test.superuser().await;
    let lock = format!("BEGIN; SELECT pg_advisory_xact_lock({})", i64::from_be_bytes(*b"Guildlea"));
    other.batch_execute(&lock).await.unwrap();
    assert!(!rank(&database, at(1)).await);
    assert_eq!(board(&database, id).await, None, "nothing was done");
    other.batch_execute("COMMIT").await.unwrap();
    assert!(rank(&database, at(2)).await);
    assert_eq!(board(&database, id).await.unwrap().as_of, at(2));
}

#[tokio::test]
async fn only_places_that_are_different_are_written() {
    let test = database().await;
    let database = test.open();
    let ids = providers(&test, &database).await;
    let superuser = test.superuser().await;
    // Who has written a row, and who has locked it.
    let writers = async || -> Vec<String> {
        let each = "SELECT concat_ws(' ', user_id, xmin, xmax) FROM leaderboard_places ORDER BY user_id";
        superuser.query(each, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    rank(&database, at(1)).await;
    let first = writers().await;
    assert_eq!(first.len(), 3);
    rank(&database, at(2)).await;
    assert_eq!(writers().await, first, "nothing is different");
    assert_eq!(board(&database, ids[0]).await.unwrap().as_of, at(2), "but the ranking is newer");

    let better = format!("UPDATE user_figures SET orders_completed = 3 WHERE user_id = '{}'", ids[1]);
    superuser.batch_execute(&better).await.unwrap();
    rank(&database, at(3)).await;
    let second = writers().await;
    let same: Vec<_> = first.iter().zip(&second).map(|(before, after)| before == after).collect();
    assert_eq!(same, [false, false, true], "the second one has become the first");
    let gone = format!("UPDATE users SET state = 'deactivated', state_since = now() WHERE id = '{}'", ids[1]);
    superuser.batch_execute(&gone).await.unwrap();
    rank(&database, at(4)).await;
    let view = board(&database, ids[1]).await.unwrap();
    let ranked: Vec<_> = view.ranked.iter().map(|place| (place.person.id, place.rank)).collect();
    assert_eq!((ranked, view.own), (vec![(ids[0], 1), (ids[2], 2)], None));
}
