//! Facts on their way to their readers: each once, in their order, whatever goes wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapter_postgres::Database;
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::Event;
use domain::identity::IdentityEvent;
use domain::ids::{EventId, UserId};
use ports::jobs::{Job, JobFilter, JobQueries, NewJob};
use ports::list::Window;
use ports::outbox::{Bell, Bells, Dispatch, Dispatched, OutboxReader, Particular, Reading, StoredFact};
use ports::retention::Leftover;
use ports::store::{Store, StoreError, UnitOfWork};

use crate::support::{TestDb, at, database, fresh_event_id, fresh_uuid, now};

fn event() -> Event {
    let fact = IdentityEvent::PasswordChanged { user_id: UserId::new(fresh_uuid()) };
    Event { fact: fact.into(), occurred_at: now() }
}

async fn append(work: &mut dyn UnitOfWork) -> EventId {
    let id = fresh_event_id();
    work.outbox().append(&[(id, event())]).await.unwrap();
    id
}

async fn written(database: &Database) -> EventId {
    let mut work = database.begin().await.unwrap();
    let id = append(work.as_mut()).await;
    work.commit().await.unwrap();
    id
}

/// Asks for a job for each fact, and refuses or panics at will.
#[derive(Default)]
struct Reader {
    read: Mutex<Vec<EventId>>,
    refused: Mutex<Option<EventId>>,
    panics: bool,
}

impl Reader {
    async fn handle(&self, facts: &[StoredFact], work: &mut dyn UnitOfWork) -> Result<(), StoreError> {
        for fact in facts {
            assert!(!self.panics, "the test wanted it so");
            self.read.lock().unwrap().push(fact.id);
            if *self.refused.lock().unwrap() == Some(fact.id) {
                return Err(StoreError::Refused("not this one".into()));
            }
            let job = NewJob::of_fact(fact.id, "", Job::CleanUp(Leftover::Logins));
            work.jobs().enqueue(&job).await?;
        }
        Ok(())
    }

    fn taken(&self) -> Vec<EventId> {
        std::mem::take(&mut self.read.lock().unwrap())
    }
}

impl OutboxReader for Reader {
    fn name(&self) -> &'static str {
        "test"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(self.handle(facts, work))
    }
}

fn readers(reader: &Arc<Reader>) -> Vec<Arc<dyn OutboxReader>> {
    vec![Arc::clone(reader) as Arc<dyn OutboxReader>]
}

async fn dispatch(database: &Database, reader: &Arc<Reader>, limit: u32) -> Dispatched {
    database.dispatch(&readers(reader), at(60), limit).await.unwrap()
}

async fn keys(database: &Database) -> usize {
    let all = Window::Page { offset: 0, limit: 100 };
    database.jobs(JobFilter::default(), all).await.unwrap().rows.len()
}

fn open(test: &TestDb) -> Database {
    test.open_with(|config| config.size = 4)
}

#[tokio::test]
async fn facts_are_handed_out_once_oldest_first() {
    let test = database().await;
    let (database, reader) = (open(&test), Arc::new(Reader::default()));
    assert!(!database.is_pending(now()).await.unwrap());
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Nothing));
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(written(&database).await);
    }
    assert!(database.is_pending(now()).await.unwrap());
    assert!(matches!(dispatch(&database, &reader, 3).await, Dispatched::Facts(3)));
    assert!(matches!(dispatch(&database, &reader, 3).await, Dispatched::Facts(2)));
    assert!(matches!(dispatch(&database, &reader, 3).await, Dispatched::Nothing));
    assert_eq!(reader.taken(), ids);
    assert!(!database.is_pending(now()).await.unwrap());
    assert_eq!(keys(&database).await, 5, "what the reader wrote was committed with it");
}

#[tokio::test]
async fn a_fact_is_read_as_it_was_written() {
    struct Keep(Mutex<Vec<StoredFact>>);
    impl OutboxReader for Keep {
        fn name(&self) -> &'static str {
            "keep"
        }
        fn read<'a>(&'a self, facts: &'a [StoredFact], _: &'a mut dyn UnitOfWork) -> Reading<'a> {
            self.0.lock().unwrap().extend_from_slice(facts);
            Box::pin(std::future::ready(Ok(())))
        }
    }
    let test = database().await;
    let database = open(&test);
    let user_id = UserId::new(fresh_uuid());
    let fact = IdentityEvent::IdentityChanged { user_id, email_changed: true };
    let mut work = database.begin().await.unwrap();
    let id = fresh_event_id();
    work.outbox().append(&[(id, Event { fact: fact.into(), occurred_at: at(3) })]).await.unwrap();
    work.commit().await.unwrap();
    let keep = Arc::new(Keep(Mutex::default()));
    database.dispatch(&[Arc::clone(&keep) as Arc<dyn OutboxReader>], at(60), 10).await.unwrap();
    let facts = keep.0.lock().unwrap();
    let StoredFact { name, user_id: about, particulars, occurred_at, id: stored } = &facts[0];
    assert_eq!(
        (*stored, name.as_str(), *about, *occurred_at),
        (id, "user.identity_changed", Some(user_id), at(3))
    );
    assert_eq!(particulars["user_id"].text(), Some(user_id.to_string().as_str()));
    assert_eq!(particulars["email_changed"], Particular::Flag(true));
}

#[tokio::test]
async fn a_fact_that_is_committed_late_is_not_missed() {
    let test = database().await;
    let (database, reader) = (open(&test), Arc::new(Reader::default()));
    let mut late = database.begin().await.unwrap();
    let late_id = append(late.as_mut()).await;
    let early_id = written(&database).await;
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Facts(1)));
    late.commit().await.unwrap();
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Facts(1)));
    assert_eq!(reader.taken(), [early_id, late_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_dispatch_each_fact_has_its_effect_once() {
    let test = database().await;
    let databases = [open(&test), open(&test), open(&test)];
    for _ in 0..60 {
        written(&databases[0]).await;
    }
    let reader = Arc::new(Reader::default());
    let mut tasks = tokio::task::JoinSet::new();
    for database in databases.clone() {
        let reader = Arc::clone(&reader);
        tasks.spawn(async move {
            while database.is_pending(now()).await.unwrap() {
                dispatch(&database, &reader, 7).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let read = reader.taken();
    let mut sorted = read.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((read.len(), sorted.len()), (60, 60), "each once");
    assert_eq!(keys(&databases[0]).await, 60);
}

#[tokio::test]
async fn while_one_process_dispatches_another_is_told() {
    let test = database().await;
    let (database, reader) = (open(&test), Arc::new(Reader::default()));
    written(&database).await;
    let other = test.owner().await;
    other.batch_execute("BEGIN; SELECT pg_try_advisory_xact_lock(5149287468842508643)").await.unwrap();
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Elsewhere));
    other.batch_execute("ROLLBACK").await.unwrap();
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Facts(1)));
}

#[tokio::test]
async fn what_a_reader_refuses_has_no_effect_and_can_be_set_aside() {
    let test = database().await;
    let (database, reader) = (open(&test), Arc::new(Reader::default()));
    let ids = [written(&database).await, written(&database).await, written(&database).await];
    *reader.refused.lock().unwrap() = Some(ids[1]);
    let refused = dispatch(&database, &reader, 10).await;
    let Dispatched::Refused { first, count: 3, .. } = refused else { panic!("{refused:?}") };
    assert_eq!((first, keys(&database).await), (ids[0], 0), "not even of those before it");

    assert!(matches!(dispatch(&database, &reader, 1).await, Dispatched::Facts(1)));
    let refused = dispatch(&database, &reader, 1).await;
    let Dispatched::Refused { first, count: 1, .. } = refused else { panic!("{refused:?}") };
    database.set_aside(first, "not this one", at(60)).await.unwrap();
    assert!(matches!(dispatch(&database, &reader, 1).await, Dispatched::Facts(1)), "the others go on");
    assert!(matches!(dispatch(&database, &reader, 1).await, Dispatched::Nothing));
    assert!(!database.is_pending(at(60)).await.unwrap());

    *reader.refused.lock().unwrap() = None;
    assert!(database.is_pending(at(61)).await.unwrap(), "a second later it is tried again");
    reader.taken();
    database.dispatch(&readers(&reader), at(61), 10).await.unwrap();
    assert_eq!(reader.taken(), [ids[1]]);
}

#[tokio::test]
async fn what_another_process_dispatched_meanwhile_is_not_set_aside() {
    let test = database().await;
    let (database, reader) = (open(&test), Arc::new(Reader::default()));
    let id = written(&database).await;
    // An older program has refused it; before it says so a newer one can read it.
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Facts(1)));
    database.set_aside(id, "too new for me", at(60)).await.unwrap();
    assert!(!database.is_pending(at(86_400)).await.unwrap(), "it stays dispatched");
    assert_eq!(reader.taken(), [id]);
}

#[tokio::test]
async fn a_reader_that_takes_too_long_is_one_that_refuses() {
    let test = database().await;
    let database = test.open_with(|config| config.lock_timeout = Duration::from_millis(50));
    let reader = Arc::new(Reader::default());
    let id = written(&database).await;
    let other = test.owner().await;
    other.batch_execute("BEGIN; LOCK TABLE graphile_worker._private_jobs").await.unwrap();
    let refused = dispatch(&database, &reader, 10).await;
    let Dispatched::Refused { first, count: 1, error } = refused else { panic!("{refused:?}") };
    assert_eq!(first, id);
    assert!(matches!(error, StoreError::TimedOut(_)), "{error}");
    other.batch_execute("ROLLBACK").await.unwrap();
    assert!(matches!(dispatch(&database, &reader, 10).await, Dispatched::Facts(1)));
}

#[tokio::test]
async fn a_fact_waits_longer_each_time_but_never_more_than_an_hour() {
    let test = database().await;
    let database = open(&test);
    let id = written(&database).await;
    let mut time = now();
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600] {
        database.set_aside(id, "no", time).await.unwrap();
        let next: DateTime<Utc> = time + TimeDelta::seconds(seconds);
        assert!(!database.is_pending(next - TimeDelta::milliseconds(1)).await.unwrap(), "{seconds}");
        assert!(database.is_pending(next).await.unwrap(), "{seconds}");
        time = next;
    }
}

#[tokio::test]
async fn a_reader_that_panics_is_a_reader_that_refuses() {
    let test = database().await;
    let database = test.open();
    let reader = Arc::new(Reader { panics: true, ..Reader::default() });
    let id = written(&database).await;
    let refused = dispatch(&database, &reader, 10).await;
    let Dispatched::Refused { first, error, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(first, id);
    assert!(error.to_string().contains("reader test panicked"), "{error}");
    // The only connection is good again.
    written(&database).await;
}

#[tokio::test]
async fn a_commit_rings_for_what_it_brought() {
    #[derive(Default)]
    struct Rings(Mutex<Vec<&'static str>>);
    struct Ring(&'static str, Arc<Rings>);
    impl Bell for Ring {
        fn ring(&self) {
            self.1.0.lock().unwrap().push(self.0);
        }
    }
    let test = database().await;
    let rings = Arc::new(Rings::default());
    let bell = |name| Arc::new(Ring(name, Arc::clone(&rings))) as Arc<dyn Bell>;
    let database = open(&test).with_bells(Bells { facts: bell("facts"), jobs: bell("jobs") });
    let rung = || std::mem::take(&mut *rings.0.lock().unwrap());

    let mut work = database.begin().await.unwrap();
    append(work.as_mut()).await;
    assert!(rung().is_empty(), "not before the commit");
    work.rollback().await.unwrap();
    database.begin().await.unwrap().commit().await.unwrap();
    assert!(rung().is_empty(), "nothing was brought");
    written(&database).await;
    assert_eq!(rung(), ["facts"]);
    let reader = Arc::new(Reader::default());
    dispatch(&database, &reader, 10).await;
    assert_eq!(rung(), ["jobs"], "what followed from the fact can be done at once");
}
