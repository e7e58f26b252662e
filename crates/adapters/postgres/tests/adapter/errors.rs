//! The database's errors in the words of `ports`: what decides between 500, 503 and another try.

use std::time::Duration;

use ports::identity::{EmailClaim, Lock};
use ports::store::{Store, StoreError};

use crate::support::{database, digest, user};

#[tokio::test]
async fn a_broken_constraint_is_refused_by_name() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    let session = test.add_session(&database, &ada, 1).await;
    let mut unit = database.begin().await.unwrap();
    let Err(StoreError::Refused(cause)) = unit.sessions().insert(&session, &digest(2)).await else {
        panic!("the same login twice");
    };
    assert!(cause.to_string().contains("constraint sessions_pkey"), "{cause}");
    assert!(!cause.to_string().contains(&session.id.to_string()), "no stored values: {cause}");
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn statements_and_locks_time_out() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let mut holder = database.begin().await.unwrap();
    holder.users().lock(ada.id, Lock::Exclusive).await.unwrap().unwrap();
    let short = Duration::from_millis(300);
    for impatient in [
        test.open_with(|config| config.lock_timeout = short),
        test.open_with(|config| config.statement_timeout = short),
    ] {
        let mut unit = impatient.begin().await.unwrap();
        let result = unit.users().lock(ada.id, Lock::Exclusive).await;
        assert!(matches!(result, Err(StoreError::TimedOut(_))), "{result:?}");
        unit.rollback().await.unwrap();
    }
    holder.rollback().await.unwrap();
}

#[tokio::test]
async fn a_deadlock_is_a_collision() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let bob = test.add_user(&database, "bob@example.com").await;
    let mut first = database.begin().await.unwrap();
    let mut second = database.begin().await.unwrap();
    first.users().lock(ada.id, Lock::Exclusive).await.unwrap();
    second.users().lock(bob.id, Lock::Exclusive).await.unwrap();
    let (one, other) = tokio::join!(first.users().lock(bob.id, Lock::Exclusive), async {
        let result = second.users().lock(ada.id, Lock::Exclusive).await;
        // The survivor waits for as long as the victim's transaction is open.
        match result {
            Err(error) => {
                second.rollback().await.unwrap();
                Err(error)
            }
            Ok(found) => Ok((found, second)),
        }
    });
    match (one, other) {
        (Err(StoreError::Collision(_)), Ok(_)) | (Ok(_), Err(StoreError::Collision(_))) => {}
        (one, other) => panic!("{one:?} and {:?}", other.map(|_| "locked")),
    }
}

#[tokio::test]
async fn a_serialization_failure_is_a_collision() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await;
    test.superuser()
        .await
        .batch_execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'whatever' USING ERRCODE = 'serialization_failure'; END $$;
             CREATE TRIGGER fail BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fail()",
        )
        .await
        .unwrap();
    let mut unit = database.begin().await.unwrap();
    let result = unit.users().save(&mut ada.clone()).await;
    assert!(matches!(result, Err(StoreError::Collision(_))), "{result:?}");
    unit.rollback().await.unwrap();
    test.assert_no_open_transaction().await;
    let unit = database.begin().await.unwrap();
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn a_terminated_backend_is_unavailable() {
    let test = database().await;
    let database = test.open();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
    test.terminate_backends().await;
    let result = unit.sessions().find_token(&digest(1)).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    let result = unit.commit().await;
    assert!(matches!(result, Err(StoreError::Spoilt)), "{result:?}");
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn a_backend_terminated_in_the_middle_of_a_statement_is_unavailable() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await;
    let holder = test.superuser().await;
    holder.batch_execute("BEGIN; LOCK TABLE users IN EXCLUSIVE MODE").await.unwrap();
    let mut unit = database.begin().await.unwrap();
    let (result, ()) = tokio::join!(unit.users().lock(ada.id, Lock::Exclusive), async {
        test.somebody_waits_for_a_lock().await;
        test.terminate_backends().await;
    });
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    drop(unit);
    holder.batch_execute("ROLLBACK").await.unwrap();
    test.assert_no_open_transaction().await;
}

#[tokio::test]
async fn a_connection_lost_before_commit_wrote_nothing() {
    let test = database().await;
    let database = test.open();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
    test.terminate_backends().await;
    let result = unit.commit().await;
    // The driver does not tell this from a connection lost during the commit, so neither can we.
    assert!(matches!(result, Err(StoreError::OutcomeUnknown(_))), "{result:?}");
    test.assert_unharmed(&database).await;
}
