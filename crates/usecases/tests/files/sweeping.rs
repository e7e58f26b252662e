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
