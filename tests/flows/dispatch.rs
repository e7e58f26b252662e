//! From the commit of a fact to the commit of what follows from it: the aim is 200 ms (p99).

use std::sync::Arc;
use std::time::{Duration, Instant};

use adapter_memory::{ManualClock, PlainFieldCipher};
use adapter_postgres::{Database, PoolConfig};
use domain::event::Event;
use domain::identity::IdentityEvent;
use domain::ids::{EventId, UserId};
use guildhall::background::dispatch_facts;
use ports::environment::Clock;
use ports::jobs::{Job, NewJob};
use ports::outbox::{Bell, Bells, OutboxReader, Reading, StoredFact};
use ports::retention::Leftover;
use ports::store::{Store, UnitOfWork};
use test_cluster::{Role, TestDatabase};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use usecases::outbox::DispatchFacts;
use uuid::Uuid;

/// Ten times the aim.
const LIMIT: Duration = Duration::from_secs(2);
const FACTS: u128 = 200;

/// Asks for a job for each fact.
struct Follower;

impl OutboxReader for Follower {
    fn name(&self) -> &'static str {
        "follower"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(async move {
            for fact in facts {
                let job = NewJob::of_fact(fact.id, "", Job::CleanUp(Leftover::Logins));
                work.jobs().enqueue(&job).await?;
            }
            Ok(())
        })
    }
}

#[derive(Clone, Default)]
struct Ring(Arc<Notify>);

impl Bell for Ring {
    fn ring(&self) {
        self.0.notify_one();
    }
}

/// A database as a process has it.
fn open(url: &str) -> Database {
    let config = PoolConfig {
        url: url.to_owned().into(),
        size: 4,
        readers: 1,
        wait: LIMIT,
        statement_timeout: LIMIT,
        lock_timeout: LIMIT,
        idle_in_transaction_timeout: LIMIT,
        application_name: "test".to_owned(),
    };
    Database::connect(config, Arc::new(PlainFieldCipher), &Handle::current()).unwrap()
}

/// A process's database, and the bells for facts and for jobs.
fn connect(database: &TestDatabase) -> (Database, Ring, Ring) {
    let (facts, jobs) = (Ring::default(), Ring::default());
    let database = open(&database.url(Role::App))
        .with_bells(Bells { facts: Arc::new(facts.clone()), jobs: Arc::new(jobs.clone()) });
    (database, facts, jobs)
}

/// A process with a dispatcher; the bell rings when what follows from a fact has been committed.
fn process(database: &TestDatabase, clock: &Arc<ManualClock>, stop: &CancellationToken) -> (Database, Ring) {
    let (database, facts, jobs) = connect(database);
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let dispatch = DispatchFacts::new(Arc::new(database.clone()), vec![Arc::new(Follower)], clock);
    tokio::spawn(dispatch_facts(dispatch, facts.0, stop.clone()));
    (database, jobs)
}

async fn write(database: &Database, number: u128, clock: &ManualClock) {
    let fact = IdentityEvent::PasswordChanged { user_id: UserId::new(Uuid::from_u128(number)) };
    let mut work = database.begin().await.unwrap();
    let event = Event { fact: fact.into(), occurred_at: clock.now() };
    work.outbox().append(&[(EventId::new(Uuid::from_u128(number)), event)]).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_a_fact_is_there_almost_at_once() {
    let (test, clock) = (TestDatabase::migrated().await, Arc::new(ManualClock::default()));
    let stop = CancellationToken::new();
    let (database, jobs) = process(&test, &clock, &stop);
    let mut waits = Vec::new();
    for number in 1..=FACTS {
        write(&database, number, &clock).await;
        let committed = Instant::now();
        tokio::time::timeout(LIMIT, jobs.0.notified()).await.expect("within ten times the aim");
        waits.push(committed.elapsed());
    }
    waits.sort();
    assert!(waits[waits.len() * 99 / 100] < LIMIT, "{waits:?}");
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_wrote_is_found_without_being_told() {
    let (test, clock) = (TestDatabase::migrated().await, Arc::new(ManualClock::default()));
    let stop = CancellationToken::new();
    let (_, jobs) = process(&test, &clock, &stop);
    // Nobody hears its bells, as those of a process that died right after its commit.
    let (other, ..) = connect(&test);
    write(&other, 1, &clock).await;
    tokio::time::timeout(5 * LIMIT, jobs.0.notified()).await.expect("it is found by looking");
    stop.cancel();
}
