//! Races, decided by the database and not by luck.

use adapter_postgres::Database;
use domain::identity::PresentedToken;
use domain::identity::{Refresh, SessionEnd, User};
use ports::identity::{EmailClaim, Lock};
use ports::store::{Store, StoreError};

use crate::support::{at, database, digest, email, now, user};

#[tokio::test]
async fn of_many_who_want_an_address_one_gets_it() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 8);
    for round in 0..10 {
        let claims = (0..8).map(|n| {
            let database = database.clone();
            let address = format!("ada{round}@example.com");
            let address = if n % 2 == 0 { address } else { address.to_uppercase() };
            tokio::spawn(async move {
                let mut unit = database.begin().await.unwrap();
                let claim = unit.users().insert(&user(&address)).await.unwrap();
                unit.commit().await.unwrap();
                claim
            })
        });
        let mut granted = 0;
        for claim in claims.collect::<Vec<_>>() {
            granted += usize::from(claim.await.unwrap() == EmailClaim::Granted);
        }
        assert_eq!(granted, 1);
    }
    assert_eq!(test.count("SELECT count(*) FROM users").await, 10);
}

#[tokio::test]
async fn of_many_who_change_to_an_address_one_gets_it() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 6);
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(test.add_user(&database, &format!("person{n}@example.com")).await);
    }
    let claims: Vec<_> = people
        .into_iter()
        .map(|mut person| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut unit = database.begin().await.unwrap();
                person.email = email("wanted@example.com");
                let claim = unit.users().save(&mut person).await.unwrap();
                unit.commit().await.unwrap();
                claim
            })
        })
        .collect();
    let mut granted = 0;
    for claim in claims {
        granted += usize::from(claim.await.unwrap() == EmailClaim::Granted);
    }
    assert_eq!(granted, 1);
    let sql = "SELECT count(*) FROM users WHERE email = 'wanted@example.com'";
    assert_eq!(test.count(sql).await, 1);
}

#[tokio::test]
async fn of_two_saves_of_one_version_one_is_stale() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let save = |mut user: User, database: Database| {
        tokio::spawn(async move {
            let mut unit = database.begin().await.unwrap();
            let result = unit.users().save(&mut user).await;
            match result {
                Ok(_) => unit.commit().await,
                Err(error) => {
                    unit.rollback().await.unwrap();
                    Err(error)
                }
            }
        })
    };
    let (one, other) = (save(ada.clone(), database.clone()), save(ada.clone(), database.clone()));
    let results = [one.await.unwrap(), other.await.unwrap()];
    let stale = results.iter().filter(|r| matches!(r, Err(StoreError::Stale { .. }))).count();
    let saved = results.iter().filter(|r| r.is_ok()).count();
    assert_eq!((saved, stale), (1, 1), "{results:?}");
    assert_eq!(test.count("SELECT version FROM users").await, 1);
}

#[tokio::test]
async fn a_save_waits_for_the_one_before_it_and_is_stale_then() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let (mut mine, mut theirs) = (ada.clone(), ada);
    let mut first = database.begin().await.unwrap();
    assert_eq!(first.users().save(&mut mine).await.unwrap(), EmailClaim::Granted);
    let mut second = database.begin().await.unwrap();
    let (result, ()) = tokio::join!(second.users().save(&mut theirs), async {
        test.somebody_waits_for_a_lock().await;
        first.commit().await.unwrap();
    });
    assert!(matches!(result, Err(StoreError::Stale { .. })), "{result:?}");
    second.rollback().await.unwrap();
}

#[tokio::test]
async fn shared_locks_get_along_and_exclude_a_change() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 3);
    let ada = test.add_user(&database, "ada@example.com").await;
    let mut login = database.begin().await.unwrap();
    let mut other_login = database.begin().await.unwrap();
    login.users().lock(ada.id, Lock::Shared).await.unwrap().unwrap();
    other_login.users().lock(ada.id, Lock::Shared).await.unwrap().unwrap();
    other_login.rollback().await.unwrap();
    let mut block = database.begin().await.unwrap();
    let (locked, ()) = tokio::join!(block.users().lock(ada.id, Lock::Exclusive), async {
        test.somebody_waits_for_a_lock().await;
        login.commit().await.unwrap();
    });
    assert!(locked.unwrap().is_some());
    block.rollback().await.unwrap();
}

#[tokio::test]
async fn a_lock_on_an_account_does_not_stop_logins_that_refer_to_it() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let mut block = database.begin().await.unwrap();
    block.users().lock(ada.id, Lock::Exclusive).await.unwrap();
    // FOR NO KEY UPDATE lets foreign keys pass.
    test.add_session(&database, &ada, 1).await;
    block.rollback().await.unwrap();
}

#[tokio::test]
async fn of_two_rotations_of_one_token_one_is_stale() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let session = test.add_session(&database, &ada, 1).await;
    let rotate = |token: u8| {
        let (database, mut session) = (database.clone(), session.clone());
        tokio::spawn(async move {
            assert_eq!(session.refresh(PresentedToken { generation: 0 }, at(60)), Refresh::Rotated);
            // Without the lock that the use case takes: the second line must hold alone.
            let mut unit = database.begin().await.unwrap();
            let result = unit.sessions().save_rotation(&session, &digest(token)).await;
            match result {
                Ok(()) => unit.commit().await,
                Err(error) => {
                    unit.rollback().await.unwrap();
                    Err(error)
                }
            }
        })
    };
    let (one, other) = (rotate(2), rotate(3));
    let results = [one.await.unwrap(), other.await.unwrap()];
    let stale = results.iter().filter(|r| matches!(r, Err(StoreError::Stale { .. }))).count();
    assert_eq!(stale, 1, "{results:?}");
    assert_eq!(test.count("SELECT count(*) FROM refresh_tokens").await, 2);
}

#[tokio::test]
async fn all_logins_ended_twice_at_once_are_announced_once() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 4);
    let ada = test.add_user(&database, "ada@example.com").await;
    for token in 0..20 {
        test.add_session(&database, &ada, token).await;
    }
    let end_all = || {
        let (database, id) = (database.clone(), ada.id);
        tokio::spawn(async move {
            let mut unit = database.begin().await.unwrap();
            let ended = unit.sessions().end_all(id, None, SessionEnd::Blocked, now()).await.unwrap();
            unit.commit().await.unwrap();
            ended.len()
        })
    };
    let tasks = [end_all(), end_all(), end_all(), end_all()];
    let mut ended = 0;
    for task in tasks {
        ended += task.await.unwrap();
    }
    assert_eq!(ended, 20);
    assert_eq!(test.count("SELECT count(*) FROM ended_sessions").await, 20);
}
