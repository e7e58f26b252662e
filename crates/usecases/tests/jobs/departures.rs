//! Noticing that somebody is gone: their business is to be wound up, once for each time.

use std::collections::BTreeMap;

use domain::ids::EventId;
use ports::environment::Clock;
use ports::jobs::JobKind;
use ports::outbox::{OutboxReader, Particular, StoredFact};
use ports::store::{Store, StoreError};
use usecases::contracts::NoticeDepartures;
use uuid::Uuid;

use super::world::World;

fn fact(world: &World, number: u128, name: &str, keys: &[&str]) -> StoredFact {
    let person = Uuid::from_u128(100 + number).to_string();
    let text = |key: &&str| ((*key).to_owned(), Particular::Text(person.clone()));
    StoredFact {
        id: EventId::new(Uuid::from_u128(number)),
        name: name.to_owned(),
        user_id: None,
        particulars: keys.iter().map(text).collect::<BTreeMap<_, _>>(),
        occurred_at: world.clock.now(),
    }
}

async fn read(world: &World, facts: &[StoredFact]) {
    let mut work = world.store.begin().await.unwrap();
    NoticeDepartures.read(facts, work.as_mut()).await.unwrap();
    work.commit().await.unwrap();
}

/// Some program may be able to read it.
#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let world = World::default();
    let unreadable =
        [fact(&world, 1, "user.blocked", &[]), fact(&world, 2, "user.of_a_newer_program", &["user_id"])];
    for stored in unreadable {
        let mut work = world.store.begin().await.unwrap();
        let refused = NoticeDepartures.read(std::slice::from_ref(&stored), work.as_mut()).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "outbox", .. })), "{refused:?}");
        work.rollback().await.unwrap();
    }
    assert!(world.store.jobs().is_empty());
}

#[tokio::test]
async fn a_closed_and_a_blocked_account_are_to_be_wound_up() {
    let world = World::default();
    let facts = [
        fact(&world, 1, "user.blocked", &["user_id", "by", "reason"]),
        fact(&world, 2, "user.deactivated", &["user_id"]),
        fact(&world, 3, "user.unblocked", &["user_id", "by"]),
        fact(&world, 4, "user.password_changed", &["user_id"]),
    ];
    read(&world, &facts).await;
    let asked = || -> Vec<_> {
        let jobs = world.store.jobs();
        assert!(jobs.iter().all(|job| job.kind == JobKind::WindUpAccount.as_str()));
        jobs.into_iter().filter_map(|job| job.key).collect()
    };
    let keys = [1, 2].map(|number| format!("wind_up_account:{}", Uuid::from_u128(number)));
    assert_eq!(asked(), keys);
    read(&world, &facts).await;
    assert_eq!(asked(), keys, "the same ones");
    read(&world, &[fact(&world, 8, "user.blocked", &["user_id", "by", "reason"])]).await;
    assert_eq!(asked().len(), 3, "each time anew");
}
