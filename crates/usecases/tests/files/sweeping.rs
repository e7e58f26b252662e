//! Taking away what a crash leaves.

use adapter_memory::{Fault, Operation, Pieces};
use chrono::TimeDelta;
use domain::identity::Role;
use usecases::files::Swept;

use super::world::World;

#[tokio::test]
async fn only_old_blobs_without_a_row_go() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let kept = world.uploaded(&ada, "a", "txt kept").await;
    world.store.fail_next(Operation::Commit, Fault::OutcomeUnknown { written: false });
    assert!(world.upload(&ada, "a", Pieces::of(["txt orphan"]), None).await.is_err());
    assert_eq!(world.blobs.keys().len(), 2);
    let seen = |removed| Swept { seen: 2, removed, unfinished: 0 };
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(world.sweep().execute().await.unwrap(), seen(0), "its row may be on its way");
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.sweep().execute().await.unwrap(), seen(1));
    assert_eq!(world.blobs.keys(), [kept.file.storage_key]);
    let again = world.sweep().execute().await.unwrap();
    assert_eq!(again, Swept { seen: 1, removed: 0, unfinished: 0 });
}

/// Another database was put in place of the one that knows them.
#[tokio::test]
async fn when_most_are_unknown_nothing_goes() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    world.uploaded(&ada, "a", "txt kept").await;
    for _ in 0..2 {
        world.store.fail_next(Operation::Commit, Fault::OutcomeUnknown { written: false });
        assert!(world.upload(&ada, "a", Pieces::of(["txt orphan"]), None).await.is_err());
    }
    world.clock.advance(TimeDelta::hours(3));
    assert!(world.sweep().execute().await.is_err());
    assert_eq!(world.blobs.keys().len(), 3);
}

#[tokio::test]
async fn without_the_rows_nothing_goes() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    world.uploaded(&ada, "a", "txt kept").await;
    world.clock.advance(TimeDelta::hours(3));
    world.store.fail_next(Operation::KnownFiles, Fault::Unavailable);
    assert!(world.sweep().execute().await.is_err());
    assert_eq!(world.blobs.keys().len(), 1);
}

#[tokio::test]
async fn what_nobody_attached_goes_after_a_week() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let old = world.uploaded(&ada, "a", "txt old").await;
    world.set_avatar(&ada, Pieces::of(["png picture"])).await.unwrap();
    world.clock.advance(TimeDelta::days(7));
    let young = world.uploaded(&ada, "b", "txt young").await;
    assert_eq!(world.sweep_files().execute().await.unwrap(), 0);
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.sweep_files().execute().await.unwrap(), 1);
    assert!(world.view(&ada, old.file.id).await.is_err());
    assert!(world.view(&ada, young.file.id).await.is_ok());
    assert!(!world.blobs.keys().contains(&old.file.storage_key), "its bytes went with it");
    assert_eq!(world.blobs.keys().len(), 2, "pictures of people are attached to nothing and stay");
    assert_eq!(world.sweep_files().execute().await.unwrap(), 0);
}

#[tokio::test]
async fn a_row_that_could_not_be_taken_away_keeps_its_bytes() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    world.uploaded(&ada, "a", "txt kept").await;
    world.clock.advance(TimeDelta::days(8));
    for step in [Operation::TakeUnattached, Operation::Commit] {
        world.store.fail_next(step, Fault::Unavailable);
        assert!(world.sweep_files().execute().await.is_err());
        assert_eq!(world.blobs.keys().len(), 1);
    }
    assert_eq!(world.sweep_files().execute().await.unwrap(), 1);
    assert!(world.has_no_blobs());
}
