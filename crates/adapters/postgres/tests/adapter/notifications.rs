//! Notifications as PostgreSQL keeps them: lists and counts of whoever has very many, what its
//! constraints refuse, who waits for whom, and what is forgotten.

use adapter_postgres::Database;
use chrono::TimeDelta;
use domain::event::Fact;
use domain::identity::IdentityEvent;
use domain::ids::{EventId, NotificationId, UserId};
use domain::notifications::{Notification, NotificationKind, drafts};
use ports::list::Window;
use ports::notifications::{NotificationFilter, NotificationList, NotificationQueries};
use ports::retention::{Leftover, Retention};
use ports::store::Store;

use crate::support::{TestDb, at, database, eventually, fresh_uuid, now};

/// Very many notifications of one person: of every kind, one in ten of them unread.
const FILL: &str = "\
    INSERT INTO notifications (id, event_id, user_id, kind, event, title, message, details, is_read, read_at,
                               created_at)
    SELECT gen_random_uuid(), gen_random_uuid(), '{user}',
           (ARRAY['order', 'bid', 'payment', 'review', 'system'])[1 + n % 5], 'bid.placed', 't', 'm', '{}',
           n % 10 <> 0, CASE WHEN n % 10 <> 0 THEN now() END, now()
    FROM generate_series(1, 100000) AS n;
    INSERT INTO notification_counts
    SELECT user_id, kind, count(*), count(*) FILTER (WHERE NOT is_read) FROM notifications GROUP BY 1, 2";

fn notification(recipient: UserId) -> Notification {
    let fact = Fact::from(IdentityEvent::PasswordChanged { user_id: recipient });
    let (id, event_id) = (NotificationId::new(fresh_uuid()), EventId::new(fresh_uuid()));
    drafts(&fact).remove(0).write(id, event_id, &std::collections::BTreeMap::new(), now())
}

async fn add(database: &Database, notifications: &[Notification]) {
    let mut unit = database.begin().await.unwrap();
    unit.notifications().add(notifications).await.unwrap();
    unit.commit().await.unwrap();
}

async fn list(
    database: &Database,
    owner: UserId,
    filter: NotificationFilter,
    window: Window,
) -> NotificationList {
    database.notifications(owner, filter, window).await.unwrap()
}

/// Closes a database and waits until its statistics have been told.
async fn close(test: &TestDb, database: Database) -> tokio_postgres::Client {
    drop(database);
    let postgres = test.superuser().await;
    eventually("all connections are closed", async || test.backends(&postgres, "true").await == 0).await;
    postgres
}

#[tokio::test]
async fn whoever_has_very_many_gets_a_page_for_the_price_of_a_page() {
    let test = database().await;
    let setup = test.open();
    let owner = test.add_user(&setup, "ada@example.com").await.id;
    let admin = close(&test, setup).await;
    admin.batch_execute(&FILL.replace("{user}", &owner.to_string())).await.unwrap();
    let name = test.name();
    let settings = format!(
        "ANALYZE notifications; ANALYZE notification_counts;
         ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan; SELECT pg_stat_reset()"
    );
    admin.batch_execute(&settings).await.unwrap();

    let database = test.open();
    let kinds = NotificationKind::ALL.iter().map(|kind| Some(*kind));
    let mut questions = 0;
    for kind in [None].into_iter().chain(kinds) {
        for (is_read, share) in [(None, 100_000), (Some(true), 90_000), (Some(false), 10_000)] {
            let filter = NotificationFilter { is_read, kind };
            let first = list(&database, owner, filter, Window::Page { offset: 0, limit: 20 }).await;
            // Unread ones are those of each tenth number, which are of one kind only.
            let expected = match (kind, is_read) {
                (None, _) => share,
                (Some(NotificationKind::Order), Some(true)) => 10_000,
                (Some(NotificationKind::Order), Some(false)) => 10_000,
                (Some(_), Some(false)) => 0,
                (Some(_), _) => 20_000,
            };
            assert_eq!((first.notifications.total, first.unread), (expected, 10_000), "{filter:?}");
            questions += 1;
            if let Some(position) = first.notifications.next {
                let second = list(&database, owner, filter, Window::Before { position, limit: 20 }).await;
                assert_eq!(second.notifications.rows.len(), 20);
                questions += 1;
            }
        }
    }
    let postgres = close(&test, database).await;
    let sql = "SELECT t.seq_scan, (SELECT sum(i.idx_tup_read)::bigint FROM pg_stat_user_indexes i
                                   WHERE i.relname = 'notifications')
               FROM pg_stat_user_tables t WHERE t.relname = 'notifications'";
    let row = postgres.query_one(sql, &[]).await.unwrap();
    let (whole, read): (i64, i64) = (row.get(0), row.get(1));
    // Fifteen ranges of at most twenty-one entries each, and the rows of the page.
    assert_eq!(whole, 0, "the table is never read as a whole");
    assert!(read <= questions * (15 * 21 + 21), "{read} entries for {questions} questions");
}

/// How many notifications are changed since the statistics were reset, and how many entries of indices
/// were read.
async fn work_on_notifications(postgres: &tokio_postgres::Client) -> (i64, i64, i64) {
    let sql = "SELECT n_tup_upd, seq_scan, (SELECT sum(i.idx_tup_read)::bigint FROM pg_stat_user_indexes i
                                            WHERE i.relname = 'notifications')
               FROM pg_stat_user_tables WHERE relname = 'notifications'";
    let row = postgres.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test]
async fn whoever_has_very_many_reads_all_of_them_for_the_price_of_one() {
    let test = database().await;
    let setup = test.open();
    let owner = test.add_user(&setup, "ada@example.com").await.id;
    let admin = close(&test, setup).await;
    admin.batch_execute(&FILL.replace("{user}", &owner.to_string())).await.unwrap();
    admin.batch_execute("ANALYZE notifications; SELECT pg_stat_reset()").await.unwrap();
    let database = test.open();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.notifications().mark_all_read(owner, at(1)).await.unwrap(), 10_000);
    assert_eq!(unit.notifications().mark_all_read(owner, at(2)).await.unwrap(), 0);
    unit.commit().await.unwrap();
    let postgres = close(&test, database).await;
    let (updated, whole, read) = work_on_notifications(&postgres).await;
    assert_eq!((updated, whole), (0, 0), "no notification is touched");
    assert!(read < 20, "{read} entries");
}

/// What a person's lists say, whole and by what was read.
async fn shown(database: &Database, owner: UserId) -> [(Vec<(NotificationId, bool)>, i64, i64); 3] {
    let mut lists = Vec::new();
    for is_read in [None, Some(true), Some(false)] {
        let everything = Window::Page { offset: 0, limit: 100 };
        let found = list(database, owner, NotificationFilter { is_read, kind: None }, everything).await;
        let rows = found.notifications.rows.iter().map(|one| (one.id, one.is_read)).collect();
        lists.push((rows, found.notifications.total, found.unread));
    }
    lists.try_into().unwrap()
}

#[tokio::test]
async fn what_was_read_all_at_once_is_marked_one_by_one_later_and_nobody_notices() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let eve = test.add_user(&database, "eve@example.com").await.id;
    let kinds = [NotificationKind::Bid, NotificationKind::Order, NotificationKind::Bid];
    let all: Vec<_> = kinds.map(|kind| Notification { kind, ..notification(ada) }).into();
    add(&database, &all).await;
    add(&database, &[notification(eve)]).await;
    let mut unit = database.begin().await.unwrap();
    assert!(unit.notifications().mark_read(ada, all[0].id, at(1)).await.unwrap());
    assert_eq!(unit.notifications().mark_all_read(ada, at(2)).await.unwrap(), 2);
    // Those that were read with the others are read.
    assert!(unit.notifications().mark_read(ada, all[1].id, at(3)).await.unwrap());
    unit.commit().await.unwrap();
    let new = notification(ada);
    add(&database, std::slice::from_ref(&new)).await;

    let old = [(all[2].id, true), (all[1].id, true), (all[0].id, true)];
    let expected = [
        ([&[(new.id, false)], &old[..]].concat(), 4, 1),
        (old.to_vec(), 3, 1),
        (vec![(new.id, false)], 1, 1),
    ];
    assert_eq!(shown(&database, ada).await, expected);
    assert_eq!(database.remove(Leftover::ReadMarks, at(2), 1).await.unwrap(), 0, "too young");
    for (carried, marks) in [(1, 2), (1, 0), (0, 0)] {
        assert_eq!(database.remove(Leftover::ReadMarks, at(3), 1).await.unwrap(), carried);
        assert_eq!(shown(&database, ada).await, expected);
        let left = test.count("SELECT count(*) FROM notification_counts WHERE read_up_to > 0").await;
        assert!(left <= marks, "{left}");
    }
    let unread = format!("SELECT count(*) FROM notifications WHERE NOT is_read AND user_id = '{ada}'");
    assert_eq!(test.count(&unread).await, 1);
    // By now they are what they would be had each been marked at that time.
    assert_eq!(database.remove(Leftover::ReadNotifications, at(3), 9).await.unwrap(), 3);
    assert_eq!(shown(&database, ada).await[0], (vec![(new.id, false)], 1, 1));
    assert_eq!(shown(&database, eve).await[2].1, 1, "nobody else's");
}

#[tokio::test]
async fn whoever_reads_all_at_once_takes_nothing_that_is_only_being_added() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let ada = test.add_user(&database, "ada@example.com").await.id;
    // One of a kind of which there was none, so that there are no counts to be held.
    let [first, second] = [NotificationKind::Bid, NotificationKind::Order]
        .map(|kind| Notification { kind, ..notification(ada) });
    add(&database, std::slice::from_ref(&first)).await;
    let mut adding = database.begin().await.unwrap();
    adding.notifications().add(std::slice::from_ref(&second)).await.unwrap();
    let mut marking = database.begin().await.unwrap();
    assert_eq!(marking.notifications().mark_all_read(ada, at(1)).await.unwrap(), 1, "nobody waits");
    // The dispatcher goes on to a kind that is held, and whoever holds it needs nothing of its.
    let third = Notification { kind: NotificationKind::Bid, ..notification(ada) };
    let waiting = tokio::spawn(async move {
        adding.notifications().add(&[third]).await.unwrap();
        adding.commit().await.unwrap();
    });
    test.somebody_waits_for_a_lock().await;
    assert!(marking.notifications().mark_read(ada, first.id, at(1)).await.unwrap());
    marking.commit().await.unwrap();
    waiting.await.unwrap();
    let [_, read, unread] = shown(&database, ada).await;
    assert_eq!((read.0, unread.0.len(), unread.2), (vec![(first.id, true)], 2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counts_are_right_whoever_adds_and_marks_at_the_same_time() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 6);
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let eve = test.add_user(&database, "eve@example.com").await.id;
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..20 {
        let (database, both) = (database.clone(), [notification(ada), notification(eve)]);
        tasks.spawn(async move {
            add(&database, &both).await;
            let mut unit = database.begin().await.unwrap();
            match round % 3 {
                0 => drop(unit.notifications().mark_all_read(ada, at(1)).await.unwrap()),
                1 => assert!(unit.notifications().mark_read(eve, both[1].id, at(1)).await.unwrap()),
                _ => assert!(unit.notifications().mark_read(ada, both[0].id, at(1)).await.unwrap()),
            }
            unit.commit().await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let wrong = "(SELECT user_id, kind, total, unread FROM notification_counts
                  EXCEPT SELECT user_id, kind, count(*),
                                count(*) FILTER (WHERE NOT is_read AND position > read_up_to)
                         FROM notifications JOIN notification_counts USING (user_id, kind)
                         GROUP BY user_id, kind) AS wrong";
    assert_eq!(test.count(&format!("SELECT count(*) FROM {wrong}")).await, 0);
    assert_eq!(test.count("SELECT sum(total)::bigint FROM notification_counts").await, 40);
}

#[tokio::test]
async fn what_was_read_long_ago_goes_and_is_counted_no_more() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let eve = test.add_user(&database, "eve@example.com").await.id;
    let all: Vec<_> = [ada, ada, ada, eve, eve].into_iter().map(notification).collect();
    add(&database, &all).await;
    let mut unit = database.begin().await.unwrap();
    for (one, seconds) in all.iter().zip([1, 2, 50, 3]) {
        assert!(unit.notifications().mark_read(one.recipient, one.id, at(seconds)).await.unwrap());
    }
    unit.commit().await.unwrap();
    let mut removed = Vec::new();
    while removed.last() != Some(&0) {
        removed.push(database.remove(Leftover::ReadNotifications, at(50), 2).await.unwrap());
    }
    assert_eq!(removed, [2, 1, 0], "two at a time, and neither the young nor the unread ones");
    let everything = Window::Page { offset: 0, limit: 10 };
    let left = list(&database, ada, NotificationFilter::default(), everything).await;
    assert_eq!((left.notifications.rows[0].id, left.notifications.total, left.unread), (all[2].id, 1, 0));
    let left = list(&database, eve, NotificationFilter::default(), everything).await;
    assert_eq!((left.notifications.rows[0].id, left.notifications.total, left.unread), (all[4].id, 1, 1));
    let removed = database.remove(Leftover::ReadNotifications, at(50) + TimeDelta::days(1), 10).await;
    assert_eq!(removed.unwrap(), 1);
}

#[tokio::test]
async fn the_database_holds_the_line_by_itself() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    add(&database, &[notification(ada)]).await;
    let owner = test.owner().await;
    for (statement, constraint) in [
        ("UPDATE notifications SET is_read = true", "notifications_read_when_read"),
        ("UPDATE notifications SET kind = 'x'", "notifications_kind_word"),
        ("UPDATE notifications SET event = 'x'", "notifications_event_form"),
        ("UPDATE notifications SET details = '[]'", "notifications_details_are_object"),
        ("UPDATE notification_counts SET unread = -1", "notification_counts_range"),
        ("UPDATE notification_counts SET unread = total + 1", "notification_counts_range"),
        ("UPDATE notification_counts SET read_up_to = 1", "notification_counts_read_up_to_when"),
        (
            "INSERT INTO notifications (id, event_id, user_id, kind, event, title, message, details, created_at)
             SELECT gen_random_uuid(), event_id, user_id, kind, event, title, message, details, created_at
             FROM notifications",
            "notifications_once",
        ),
    ] {
        let error = owner.batch_execute(statement).await.unwrap_err();
        let found = error.as_db_error().and_then(|error| error.constraint().map(str::to_owned));
        assert_eq!(found.as_deref(), Some(constraint), "{statement}");
    }
}
