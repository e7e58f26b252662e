//! A unit of work that is dropped half-way, cancelled, or fails never returns an open transaction
//! to the pool, writes nothing, and leaves the pool (of one connection) usable at once.

use std::time::{Duration, Instant};

use domain::event::{Event, Fact};
use domain::identity::IdentityEvent;
use futures_util::FutureExt;
use ports::identity::{EmailClaim, Lock};
use ports::store::{Store, StoreError, UnitOfWork};

use crate::support::{TestDb, database, digest, eventually, fresh_event_id, now, user};

#[tokio::test]
async fn commit_makes_all_writes_permanent() {
    let test = database().await;
    let database = test.open();
    let user = user("ada@example.com");
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user).await.unwrap(), EmailClaim::Granted);
    let fact = Fact::Identity(IdentityEvent::PasswordChanged { user_id: user.id });
    unit.outbox().append(&[(fresh_event_id(), Event { fact, occurred_at: now() })]).await.unwrap();
    assert_eq!(test.count("SELECT count(*) FROM users").await, 0, "not before the commit");
    unit.commit().await.unwrap();
    assert_eq!(test.count("SELECT count(*) FROM users").await, 1);
    assert_eq!(test.count("SELECT count(*) FROM outbox").await, 1);
    test.assert_no_open_transaction().await;
}

/// The first transactions of a connection send one statement after the other, the later ones several at once.
/// Either way all of them are in the transaction: their rows bear its number.
#[tokio::test]
async fn what_is_sent_at_once_is_in_the_transaction() {
    let test = database().await;
    let database = test.open();
    let before = backend_of(&test, &database).await;
    for count in [1, 1, 1, 3, 3, 3] {
        let user = user(&format!("{}@example.com", fresh_event_id()));
        let told = || {
            let fact = Fact::Identity(IdentityEvent::PasswordChanged { user_id: user.id });
            (fresh_event_id(), Event { fact, occurred_at: now() })
        };
        let facts: Vec<_> = (0..count).map(|_| told()).collect();
        let mut unit = database.begin().await.unwrap();
        look(unit.as_mut()).await;
        assert_eq!(unit.users().insert(&user).await.unwrap(), EmailClaim::Granted);
        unit.outbox().append(&facts).await.unwrap();
        unit.commit().await.unwrap();
        let sql = format!(
            "SELECT count(*) FROM users JOIN outbox ON outbox.user_id = users.id
             WHERE users.id = '{}' AND users.xmin = outbox.xmin",
            user.id
        );
        assert_eq!(test.count(&sql).await, count);
    }
    test.assert_no_open_transaction().await;
    assert_eq!(backend_of(&test, &database).await, before, "on one connection");
}

/// A connection that has died unnoticed is replaced as long as nothing was done on it.
#[tokio::test]
async fn a_dead_connection_is_replaced_before_anything_was_done() {
    let test = database().await;
    let database = test.open();
    for first_call_looks in [true, false, true, false] {
        let mut unit = database.begin().await.unwrap();
        test.terminate_backends().await;
        if first_call_looks {
            look(unit.as_mut()).await;
        }
        let claim = unit.users().insert(&user(&format!("{}@example.com", fresh_event_id()))).await.unwrap();
        assert_eq!(claim, EmailClaim::Granted);
        unit.commit().await.unwrap();
    }
    assert_eq!(test.count("SELECT count(*) FROM users").await, 4);
    let mut unit = database.begin().await.unwrap();
    look(unit.as_mut()).await;
    test.terminate_backends().await;
    let result = unit.users().insert(&user("ada@example.com")).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    drop(unit);
    test.assert_no_open_transaction().await;
}

#[tokio::test]
async fn rollback_undoes_all_writes_and_keeps_the_connection() {
    let test = database().await;
    let database = test.open();
    let before = backend_of(&test, &database).await;
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
    unit.rollback().await.unwrap();
    test.assert_unharmed(&database).await;
    assert_eq!(backend_of(&test, &database).await, before, "the same connection serves on");
}

/// The process id of the backend behind the one pooled connection.
async fn backend_of(test: &TestDb, database: &adapter_postgres::Database) -> i32 {
    let mut unit = database.begin().await.unwrap();
    look(unit.as_mut()).await;
    let sql = "SELECT pid FROM pg_stat_activity
               WHERE datname = $1 AND application_name = 'adapter test' AND state = 'idle in transaction'";
    let pid = test.superuser().await.query_one(sql, &[&test.name()]).await.unwrap().get(0);
    unit.rollback().await.unwrap();
    pid
}

/// A call that finds nothing; transactions begin with their first call.
async fn look(unit: &mut dyn UnitOfWork) {
    let nobody = user("nobody@example.com").id;
    assert_eq!(unit.users().lock(nobody, Lock::Shared).await.unwrap(), None);
}

#[tokio::test]
async fn dropped_half_way() {
    let test = database().await;
    let database = test.open();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
    drop(unit);
    test.assert_unharmed(&database).await;
    // And without a pause in which anything could clean up.
    for _ in 0..50 {
        let mut unit = database.begin().await.unwrap();
        assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
        drop(unit);
    }
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn dropped_while_beginning() {
    let test = database().await;
    let database = test.open();
    for _ in 0..20 {
        let mut unit = database.begin().await.unwrap();
        look(unit.as_mut()).await;
        unit.commit().await.unwrap();
        let mut unit = database.begin().await.unwrap();
        // Asked once: BEGIN is on its way and its answer is not.
        assert!(look(unit.as_mut()).now_or_never().is_none());
        drop(unit);
        test.assert_no_open_transaction().await;
    }
    for micros in 0..200 {
        let mut unit = database.begin().await.unwrap();
        drop(tokio::time::timeout(Duration::from_micros(micros * 5), look(unit.as_mut())).await);
    }
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn aborted_in_the_middle_of_a_statement() {
    let test = database().await;
    let database = test.open_with(|config| config.lock_timeout = Duration::from_secs(3_600));
    let address = block_the_address(&test).await;
    let task = tokio::spawn({
        let database = database.clone();
        async move {
            let mut unit = database.begin().await.unwrap();
            drop(unit.users().insert(&user("ada@example.com")).await);
            unit.commit().await
        }
    });
    test.somebody_waits_for_a_lock().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    // The lock is still held, so the statement would wait for an hour; but its client is gone.
    let postgres = test.superuser().await;
    eventually("the server gives up the statement of a client that is gone", async || {
        test.backends(&postgres, "wait_event_type = 'Lock'").await == 0
    })
    .await;
    address.batch_execute("ROLLBACK").await.unwrap();
    test.assert_unharmed(&database).await;
}

/// Holds the address `ada@example.com` in a transaction that is neither committed nor rolled back,
/// so that whoever inserts it waits.
async fn block_the_address(test: &TestDb) -> tokio_postgres::Client {
    let holder = test.superuser().await;
    holder
        .batch_execute(
            "BEGIN; INSERT INTO users (id, email, full_name, role, password_hash, state, is_verified,
                                       created_at, updated_at, version)
             VALUES (gen_random_uuid(), 'ada@example.com', 'Ada', 'client', 'x', 'active', false,
                     now(), now(), 0)",
        )
        .await
        .unwrap();
    holder
}

#[tokio::test]
async fn a_call_that_was_given_up_spoils_the_unit() {
    let test = database().await;
    let database = test.open();
    let address = block_the_address(&test).await;
    for commit in [true, false] {
        let mut unit = database.begin().await.unwrap();
        let ada = user("ada@example.com");
        let given_up = tokio::time::timeout(Duration::from_millis(20), unit.users().insert(&ada)).await;
        assert!(given_up.is_err(), "it waits for the lock");
        let started = Instant::now();
        let next = unit.users().lock(ada.id, Lock::Shared).await;
        assert!(matches!(next, Err(StoreError::Spoilt)), "{next:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "refused without asking the server");
        if commit {
            let result = unit.commit().await;
            assert!(matches!(result, Err(StoreError::Spoilt)), "{result:?}");
        } else {
            unit.rollback().await.unwrap();
        }
    }
    address.batch_execute("ROLLBACK").await.unwrap();
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn a_panic_inside() {
    let test = database().await;
    let database = test.open();
    let task = tokio::spawn({
        let database = database.clone();
        async move {
            let mut unit = database.begin().await.unwrap();
            assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
            std::panic::resume_unwind(Box::new("on purpose"));
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn a_statement_timeout_inside() {
    let test = database().await;
    let database = test.open_with(|config| config.statement_timeout = Duration::from_millis(300));
    let address = block_the_address(&test).await;
    let mut unit = database.begin().await.unwrap();
    let result = unit.users().insert(&user("ada@example.com")).await;
    assert!(matches!(result, Err(StoreError::TimedOut(_))), "{result:?}");
    let result = unit.commit().await;
    assert!(matches!(result, Err(StoreError::Spoilt)), "{result:?}");
    address.batch_execute("ROLLBACK").await.unwrap();
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn a_failed_call_spoils_the_unit() {
    let test = database().await;
    let database = test.open();
    let mut unit = database.begin().await.unwrap();
    let ada = user("ada@example.com");
    assert_eq!(unit.users().insert(&ada).await.unwrap(), EmailClaim::Granted);
    let twin = ports_user_with_the_same_id(&ada);
    let result = unit.users().insert(&twin).await;
    assert!(matches!(result, Err(StoreError::Refused(_))), "{result:?}");
    let result = unit.sessions().find_token(&digest(1)).await;
    assert!(matches!(result, Err(StoreError::Spoilt)), "{result:?}");
    let result = unit.commit().await;
    assert!(matches!(result, Err(StoreError::Spoilt)), "{result:?}");
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn a_failed_call_can_be_rolled_back() {
    let test = database().await;
    let database = test.open();
    let before = backend_of(&test, &database).await;
    let mut unit = database.begin().await.unwrap();
    let mut missing = user("ada@example.com");
    let result = unit.users().save(&mut missing).await;
    assert!(matches!(result, Err(StoreError::Stale { .. })), "{result:?}");
    unit.rollback().await.unwrap();
    test.assert_unharmed(&database).await;
    assert_eq!(backend_of(&test, &database).await, before, "the same connection serves on");
}

fn ports_user_with_the_same_id(other: &domain::identity::User) -> domain::identity::User {
    domain::identity::User { id: other.id, ..user("bob@example.com") }
}

/// Makes every COMMIT that added an account run `body` (PL/pgSQL) first.
async fn at_commit(test: &TestDb, body: &str) {
    let sql = format!(
        "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON users
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()"
    );
    test.superuser().await.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_fails_wrote_nothing() {
    for (code, expected) in [("23514", "refused"), ("40001", "collision")] {
        let test = database().await;
        let database = test.open();
        at_commit(&test, &format!("RAISE EXCEPTION 'at commit' USING ERRCODE = '{code}'")).await;
        let mut unit = database.begin().await.unwrap();
        assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
        let found = match unit.commit().await {
            Err(StoreError::Refused(_)) => "refused",
            Err(StoreError::Collision(_)) => "collision",
            other => panic!("{code}: {other:?}"),
        };
        assert_eq!(found, expected, "{code}");
        test.assert_unharmed(&database).await;
    }
}

#[tokio::test]
async fn a_connection_lost_during_commit_leaves_the_outcome_unknown() {
    let test = database().await;
    let database = test.open();
    at_commit(&test, "PERFORM pg_sleep(60)").await;
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
    let committing = tokio::spawn(unit.commit());
    let postgres = test.superuser().await;
    eventually("the commit is under way", async || {
        test.backends(&postgres, "wait_event = 'PgSleep'").await == 1
    })
    .await;
    test.terminate_backends().await;
    let result = committing.await.unwrap();
    assert!(matches!(result, Err(StoreError::OutcomeUnknown(_))), "{result:?}");
    test.assert_unharmed(&database).await;
}

#[tokio::test]
async fn a_commit_cancelled_half_way() {
    let test = database().await;
    let database = test.open();
    at_commit(&test, "PERFORM pg_sleep(1)").await;
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ada@example.com")).await.unwrap(), EmailClaim::Granted);
    assert!(tokio::time::timeout(Duration::from_millis(20), unit.commit()).await.is_err());
    // Whether it was written is the server's secret; that the pool is fine is what counts.
    let unit = database.begin().await.unwrap();
    unit.commit().await.unwrap();
    test.assert_no_open_transaction().await;
}

#[tokio::test]
async fn an_exhausted_pool_is_unavailable_within_the_wait() {
    let test = database().await;
    let database = test.open_with(|config| config.wait = Duration::from_millis(500));
    let held = database.begin().await.unwrap();
    let started = Instant::now();
    let Err(error) = database.begin().await else { panic!("a second connection out of one") };
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
    held.rollback().await.unwrap();
    test.assert_unharmed(&database).await;
}

/// The server is there but says nothing any more, as behind a network that has fallen silent.
#[tokio::test]
async fn a_call_that_is_never_answered_is_given_up() {
    let test = database().await;
    let store = test.open_with(|config| {
        config.statement_timeout = Duration::from_millis(500);
        config.wait = Duration::from_millis(500);
    });
    let mut unit = store.begin().await.unwrap();
    look(unit.as_mut()).await;
    let postgres = test.superuser().await;
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND state = 'idle in transaction'";
    let backend: i32 = postgres.query_one(sql, &[&test.name()]).await.unwrap().get(0);
    signal("STOP", backend);
    let answer =
        tokio::time::timeout(Duration::from_secs(10), unit.users().insert(&user("ada@example.com"))).await;
    signal("CONT", backend);
    let error = answer.expect("it is given up").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(matches!(unit.commit().await, Err(StoreError::Spoilt)));
    test.assert_unharmed(&store).await;
}

fn signal(name: &str, pid: i32) {
    let status = std::process::Command::new("kill").args(["-s", name, &pid.to_string()]).status();
    assert!(status.unwrap().success());
}
