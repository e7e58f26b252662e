//! Questions about accounts, and the connections that they travel on.

use std::time::Duration;

use adapter_postgres::Database;
use domain::ids::UserId;
use domain::profiles::Figures;
use futures_util::future::join_all;
use ports::environment::DatabaseHealth;
use ports::identity::{AccountQueries, AccountView};
use ports::store::StoreError;
use tokio::sync::oneshot;

use crate::support::{database, email, eventually, fresh_uuid};

#[tokio::test]
async fn an_account_is_shown_in_full() {
    let test = database().await;
    let database = test.open();
    let user = test.add_user(&database, "Ada@example.com").await;
    let fresh = AccountView {
        id: user.id,
        email: "Ada@example.com".to_owned(),
        full_name: "Ada Lovelace".to_owned(),
        role: user.role,
        phone: None,
        is_verified: false,
        created_at: user.created_at,
        updated_at: user.updated_at,
        bio: None,
        avatar_url: None,
        specializations: vec![],
        education: None,
        languages: vec![],
        figures: Figures::default(),
    };
    assert_eq!(database.account(user.id).await.unwrap(), Some(fresh.clone()));
    test.superuser()
        .await
        .batch_execute(
            "UPDATE users SET phone = '12345', is_verified = true;
             UPDATE profiles SET bio = 'bio', avatar_url = '/a.png', specializations = '{Law,Tax}',
                                 education = 'MBA', languages = '{en}';
             UPDATE user_figures SET orders_posted = 50, orders_total = 45, orders_completed = 42,
                                     orders_cancelled = 2, rating_sum = 24, rating_count = 5",
        )
        .await
        .unwrap();
    let full = AccountView {
        phone: Some("12345".to_owned()),
        is_verified: true,
        bio: Some("bio".to_owned()),
        avatar_url: Some("/a.png".to_owned()),
        specializations: vec!["Law".to_owned(), "Tax".to_owned()],
        education: Some("MBA".to_owned()),
        languages: vec!["en".to_owned()],
        figures: Figures {
            orders_posted: 50,
            orders_total: 45,
            orders_completed: 42,
            orders_cancelled: 2,
            rating_sum: 24,
            rating_count: 5,
        },
        ..fresh
    };
    assert_eq!(database.account(user.id).await.unwrap(), Some(full));
    assert_eq!(database.account(UserId::new(fresh_uuid())).await.unwrap(), None);
}

#[tokio::test]
async fn credentials_are_found_in_any_case() {
    let test = database().await;
    let database = test.open();
    let user = test.add_user(&database, "Ada@example.com").await;
    for address in ["Ada@example.com", "ada@example.com", "ADA@EXAMPLE.COM"] {
        let found = database.credentials(&email(address)).await.unwrap().unwrap();
        assert_eq!((found.user_id, found.password.expose()), (user.id, user.password.expose()));
    }
    assert!(database.credentials(&email("bob@example.com")).await.unwrap().is_none());
    let found = database.credentials_of(user.id).await.unwrap().unwrap();
    assert_eq!(found.password.expose(), user.password.expose());
    assert!(database.credentials_of(UserId::new(fresh_uuid())).await.unwrap().is_none());
}

#[tokio::test]
async fn an_impossible_stored_value_is_named() {
    let test = database().await;
    let database = test.open();
    let user = test.add_user(&database, "ada@example.com").await;
    test.superuser()
        .await
        .batch_execute(
            "ALTER TABLE user_figures DROP CONSTRAINT user_figures_rating_range;
             UPDATE user_figures SET rating_sum = -1",
        )
        .await
        .unwrap();
    let Err(StoreError::Corrupt { table, column, row, .. }) = database.account(user.id).await else {
        panic!("a negative sum was taken");
    };
    assert_eq!((table, column, row), ("user_figures", "rating_sum", user.id.to_string()));
}

/// However many ask at once on however many threads: never more connections than lanes. Whoever asks on the main
/// runtime takes none of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_shares_few_connections() {
    async fn ask(database: Database, id: UserId) {
        let crowd = (0..50).map(|_| async { database.account(id).await.unwrap().unwrap().id });
        assert!(join_all(crowd).await.into_iter().all(|found| found == id));
    }
    let test = database().await;
    let database = test.open_with(|config| config.readers = 3);
    let user = test.add_user(&database, "ada@example.com").await;
    let postgres = test.superuser().await;
    for _ in 0..8 {
        tokio::spawn(ask(database.clone(), user.id)).await.unwrap();
    }
    assert_eq!(test.backends(&postgres, "true").await, 2, "the one beside the lanes, and the pool's one");
    let (asked, all_asked) = std::sync::mpsc::channel();
    let ends: Vec<_> = (0..8)
        .map(|_| {
            let (database, asked, (end, ended)) = (database.clone(), asked.clone(), oneshot::channel::<()>());
            let worker = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    ask(database, user.id).await;
                    asked.send(()).unwrap();
                    // Others may share its connection, which ends with the runtime.
                    ended.await.ok();
                });
            });
            (worker, end)
        })
        .collect();
    let asked = tokio::task::spawn_blocking(move || all_asked.iter().take(8).count());
    assert_eq!(asked.await.unwrap(), 8);
    assert_eq!(test.backends(&postgres, "true").await, 2 + 3, "and three lanes");
    for (worker, end) in ends {
        drop(end);
        worker.join().unwrap();
    }
}

#[tokio::test]
async fn a_question_given_up_does_not_harm_the_next() {
    let test = database().await;
    let database = test.open();
    let user = test.add_user(&database, "ada@example.com").await;
    for micros in 0..100 {
        drop(tokio::time::timeout(Duration::from_micros(micros * 10), database.account(user.id)).await);
    }
    assert_eq!(database.account(user.id).await.unwrap().unwrap().id, user.id);
}

#[tokio::test]
async fn a_slow_question_times_out_and_health_does_not_wait_for_it() {
    let test = database().await;
    let database = test.open_with(|config| {
        config.statement_timeout = Duration::from_millis(500);
        config.lock_timeout = Duration::ZERO;
    });
    let user = test.add_user(&database, "ada@example.com").await;
    let holder = test.superuser().await;
    holder.batch_execute("BEGIN; LOCK TABLE profiles IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (slow, ()) = tokio::join!(database.account(user.id), async {
        test.somebody_waits_for_a_lock().await;
        database.check().await.unwrap();
    });
    assert!(matches!(slow, Err(StoreError::TimedOut(_))), "{slow:?}");
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(database.account(user.id).await.unwrap().is_some(), "the lane serves on");
}

/// Databases are told apart although threads remember their lanes.
#[tokio::test]
async fn two_databases_on_one_thread() {
    let (first, second) = (database().await, database().await);
    let (one, other): (Database, Database) = (first.open(), second.open());
    let user = first.add_user(&one, "ada@example.com").await;
    for _ in 0..5 {
        assert!(one.account(user.id).await.unwrap().is_some());
        assert!(other.account(user.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn dropping_a_database_closes_its_connections() {
    let test = database().await;
    let database = test.open();
    test.add_user(&database, "ada@example.com").await;
    database.check().await.unwrap();
    database.credentials(&email("ada@example.com")).await.unwrap();
    let postgres = test.superuser().await;
    assert_eq!(test.backends(&postgres, "true").await, 3);
    drop(database);
    eventually("all are closed", async || test.backends(&postgres, "true").await == 0).await;
}
