//! Logins in storage, and how their early end becomes known.

use domain::identity::{PresentedToken, Refresh, Session, SessionEnd};
use domain::ids::SessionId;
use ports::identity::{FoundToken, SessionQueries};
use ports::retention::{Leftover, Retention};
use ports::store::{Store, StoreError};

use crate::support::{at, database, digest, eventually, fresh_uuid, now};

#[tokio::test]
async fn a_login_goes_round() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let session = test.add_session(&database, &ada, 1).await;
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.sessions().lock(session.id).await.unwrap(), Some(session.clone()));
    assert_eq!(unit.sessions().lock(SessionId::new(fresh_uuid())).await.unwrap(), None);
    let found = unit.sessions().find_token(&digest(1)).await.unwrap();
    let expected =
        FoundToken { session_id: session.id, user_id: ada.id, token: PresentedToken { generation: 0 } };
    assert_eq!(found, Some(expected));
    assert_eq!(unit.sessions().find_token(&digest(2)).await.unwrap(), None);
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn a_rotation_keeps_the_old_token() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let mut session = test.add_session(&database, &ada, 0).await;
    for generation in 0..3_u8 {
        let presented = PresentedToken { generation: generation.into() };
        assert_eq!(session.refresh(presented, at(60)), Refresh::Rotated);
        let mut unit = database.begin().await.unwrap();
        unit.sessions().save_rotation(&session, &digest(generation + 1)).await.unwrap();
        assert_eq!(unit.sessions().lock(session.id).await.unwrap(), Some(session.clone()));
        unit.commit().await.unwrap();
    }
    let mut unit = database.begin().await.unwrap();
    for generation in 0..=3_u8 {
        let found = unit.sessions().find_token(&digest(generation)).await.unwrap().unwrap();
        assert_eq!(found.token.generation, i32::from(generation));
    }
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn only_a_live_predecessor_is_rotated() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let session = test.add_session(&database, &ada, 1).await;
    let skipping = Session { generation: 2, ..session.clone() };
    let mut unit = database.begin().await.unwrap();
    let result = unit.sessions().save_rotation(&skipping, &digest(2)).await;
    assert!(matches!(result, Err(StoreError::Stale { what: "login" })), "{result:?}");
    unit.rollback().await.unwrap();
    let mut ended = session.clone();
    ended.end(SessionEnd::LoggedOut, at(1));
    let mut unit = database.begin().await.unwrap();
    unit.sessions().save_end(&ended).await.unwrap();
    unit.commit().await.unwrap();
    let next = Session { generation: 1, ..session };
    let mut unit = database.begin().await.unwrap();
    let result = unit.sessions().save_rotation(&next, &digest(2)).await;
    assert!(matches!(result, Err(StoreError::Stale { what: "login" })), "{result:?}");
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn every_end_goes_round_and_is_announced() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let mut expected = Vec::new();
    for (n, reason) in (1_u8..).zip(SessionEnd::ALL) {
        let mut session = test.add_session(&database, &ada, n).await;
        assert!(database.is_live(session.id).await.unwrap());
        session.end(reason, at(n.into()));
        let mut unit = database.begin().await.unwrap();
        unit.sessions().save_end(&session).await.unwrap();
        assert_eq!(unit.sessions().lock(session.id).await.unwrap(), Some(session.clone()));
        unit.commit().await.unwrap();
        assert!(!database.is_live(session.id).await.unwrap());
        expected.push((session.id, at(n.into())));
        let mut unit = database.begin().await.unwrap();
        let again = unit.sessions().save_end(&session).await;
        assert!(matches!(again, Err(StoreError::Stale { what: "login" })), "{again:?}");
        unit.rollback().await.unwrap();
    }
    let mut announced = database.ended_since(None, now()).await.unwrap().sessions;
    announced.sort();
    assert_eq!(announced, expected);
    assert!(!database.is_live(SessionId::new(fresh_uuid())).await.unwrap());
}

#[tokio::test]
async fn ending_all_spares_one_and_says_which() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let bob = test.add_user(&database, "bob@example.com").await;
    let kept = test.add_session(&database, &ada, 1).await;
    let ended =
        [test.add_session(&database, &ada, 2).await.id, test.add_session(&database, &ada, 3).await.id];
    let of_bob = test.add_session(&database, &bob, 4).await;
    let mut unit = database.begin().await.unwrap();
    let said =
        unit.sessions().end_all(ada.id, Some(kept.id), SessionEnd::PasswordChanged, at(7)).await.unwrap();
    assert_eq!(said, ended);
    unit.commit().await.unwrap();
    for id in [kept.id, of_bob.id] {
        assert!(database.is_live(id).await.unwrap());
    }
    let mut announced = database.ended_since(None, now()).await.unwrap().sessions;
    announced.sort();
    assert_eq!(announced, ended.map(|id| (id, at(7))));
    let mut unit = database.begin().await.unwrap();
    let session = unit.sessions().lock(ended[0]).await.unwrap().unwrap();
    assert_eq!(session.ended, Some((at(7), SessionEnd::PasswordChanged)));
    let said = unit.sessions().end_all(ada.id, None, SessionEnd::Blocked, at(8)).await.unwrap();
    assert_eq!(said, [kept.id], "those that had ended keep their first reason");
    let said = unit.sessions().end_all(ada.id, None, SessionEnd::Blocked, at(9)).await.unwrap();
    assert_eq!(said, []);
    unit.commit().await.unwrap();
}

/// The announcement of a transaction that began early and commits late, after others have
/// committed and after a poll has read past them.
#[tokio::test]
async fn an_announcement_that_commits_late_is_not_missed() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let bob = test.add_user(&database, "bob@example.com").await;
    let late = test.add_session(&database, &ada, 1).await;
    let early = test.add_session(&database, &bob, 2).await;
    let start = database.ended_since(None, now()).await.unwrap();
    assert_eq!(start.sessions, []);

    let mut a = database.begin().await.unwrap();
    a.sessions().end_all(ada.id, None, SessionEnd::Blocked, at(1)).await.unwrap();
    let mut b = database.begin().await.unwrap();
    b.sessions().end_all(bob.id, None, SessionEnd::Blocked, at(2)).await.unwrap();
    b.commit().await.unwrap();

    let first = database.ended_since(Some(start.next), now()).await.unwrap();
    assert_eq!(first.sessions, [(early.id, at(2))], "A is still open");
    a.commit().await.unwrap();
    let second = database.ended_since(Some(first.next), now()).await.unwrap();
    assert!(second.sessions.contains(&(late.id, at(1))), "{:?}", second.sessions);
    // Other tests' transactions in the same cluster hold the mark back for a while.
    eventually("when all is quiet nothing is repeated", async || {
        let mark = database.ended_since(Some(second.next), now()).await.unwrap().next;
        database.ended_since(Some(mark), now()).await.unwrap().sessions.is_empty()
    })
    .await;
}

/// The same for a process that has just started: what is still open at its first reading is not
/// lost because it has not committed yet.
#[tokio::test]
async fn an_announcement_open_at_the_first_reading_is_not_missed() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let session = test.add_session(&database, &ada, 1).await;
    let mut unit = database.begin().await.unwrap();
    unit.sessions().end_all(ada.id, None, SessionEnd::Blocked, at(1)).await.unwrap();
    let first = database.ended_since(None, now()).await.unwrap();
    assert_eq!(first.sessions, []);
    unit.commit().await.unwrap();
    let second = database.ended_since(Some(first.next), now()).await.unwrap();
    assert_eq!(second.sessions, [(session.id, at(1))]);
}

#[tokio::test]
async fn a_cursor_of_another_cluster_misses_nothing() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let beyond = ports::identity::EndedCursor(i64::MAX);
    let sane = database.ended_since(Some(beyond), now()).await.unwrap().next;
    let session = test.add_session(&database, &ada, 1).await;
    let mut unit = database.begin().await.unwrap();
    unit.sessions().end_all(ada.id, None, SessionEnd::Blocked, at(1)).await.unwrap();
    unit.commit().await.unwrap();
    let ended = database.ended_since(Some(sane), now()).await.unwrap();
    assert_eq!(ended.sessions, [(session.id, at(1))]);
}

#[tokio::test]
async fn old_announcements_are_forgotten() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    for n in 1..=3_u8 {
        let mut session = test.add_session(&database, &ada, n).await;
        session.end(SessionEnd::LoggedOut, at(n.into()));
        let mut unit = database.begin().await.unwrap();
        unit.sessions().save_end(&session).await.unwrap();
        unit.commit().await.unwrap();
    }
    assert_eq!(database.ended_since(None, at(1)).await.unwrap().sessions.len(), 2, "after at(1)");
    let forget = || database.remove(Leftover::EndedLogins, at(3), 100);
    assert_eq!(forget().await.unwrap(), 2);
    assert_eq!(forget().await.unwrap(), 0);
    assert_eq!(database.ended_since(None, now()).await.unwrap().sessions.len(), 1);
}
