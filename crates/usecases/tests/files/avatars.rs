//! The pictures of people.

use adapter_memory::{Fault, Operation, Pieces};
use domain::files::AVATAR_MAX_BYTES;
use domain::identity::Role;
use usecases::error::UseCaseError;

use super::world::World;

#[tokio::test]
async fn a_picture_is_set_replaced_and_removed() {
    let world = World::new();
    let (ada, eve) = (world.person(Role::Writer).await, world.person(Role::Admin).await);
    let first = world.set_avatar(&ada, Pieces::of(["png ", "one"])).await.unwrap().avatar_url.unwrap();
    world.set_avatar(&eve, Pieces::of(["png of eve"])).await.unwrap();
    assert_eq!(world.show_avatar(&first).await.unwrap(), b"png of png one");
    assert_eq!(world.avatar_url(&ada).await, Some(first.clone()));
    let second = world.set_avatar(&ada, Pieces::of(["png two"])).await.unwrap().avatar_url.unwrap();
    assert_ne!(first, second, "another picture has another address");
    assert!(matches!(world.show_avatar(&first).await, Err(UseCaseError::NotFound)));
    assert_eq!(world.avatar_url(&ada).await, Some(second.clone()));
    assert_eq!(world.blobs.keys().len(), 2, "ada's second and eve's");
    for _ in 0..2 {
        assert_eq!(world.remove_avatar(&ada).await.unwrap().avatar_url, None);
        assert_eq!(world.avatar_url(&ada).await, None);
        assert_eq!(world.blobs.keys().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_picture_changes_nothing() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let kept = world.set_avatar(&ada, Pieces::of(["png"])).await.unwrap().avatar_url;
    let large = vec![b'x'; usize::try_from(AVATAR_MAX_BYTES).unwrap()];
    type Check = fn(&UseCaseError) -> bool;
    let cases: [(Pieces, Check); 6] = [
        (Pieces::of(["gif"]), |error| matches!(error, UseCaseError::UnsupportedContent { .. })),
        (Pieces::of(["exe"]), |error| matches!(error, UseCaseError::UnsupportedContent { .. })),
        (Pieces::of(["png large"]), |error| matches!(error, UseCaseError::Invalid { .. })),
        (Pieces::of(["png"]).breaking_off(), |error| matches!(error, UseCaseError::Invalid { .. })),
        (Pieces::of(["png busy"]), |error| matches!(error, UseCaseError::Unavailable { .. })),
        (Pieces::of([b"png".to_vec(), large]), |error| matches!(error, UseCaseError::TooLarge { .. })),
    ];
    for (content, is_expected) in cases {
        let error = world.set_avatar(&ada, content).await.unwrap_err();
        assert!(is_expected(&error), "{error:?}");
        assert_eq!((world.avatar_url(&ada).await, world.blobs.keys().len()), (kept.clone(), 1), "{error:?}");
    }
}

#[tokio::test]
async fn a_failure_leaves_the_one_before() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let kept = world.set_avatar(&ada, Pieces::of(["png one"])).await.unwrap().avatar_url.unwrap();
    for operation in
        [Operation::RemoveFile, Operation::InsertFile, Operation::SetAvatarUrl, Operation::Commit]
    {
        world.store.fail_next(operation, Fault::Unavailable);
        assert!(world.set_avatar(&ada, Pieces::of(["png two"])).await.is_err());
        assert_eq!(world.show_avatar(&kept).await.unwrap(), b"png of png one", "{operation:?}");
        assert_eq!(world.blobs.keys().len(), 1, "{operation:?}");
    }
    // begin, write, finish; then taking the old one away, which may fail.
    for calls in 0..3 {
        world.blobs.fail_after(calls);
        assert!(world.set_avatar(&ada, Pieces::of(["png two"])).await.is_err());
        assert_eq!((world.blobs.keys().len(), world.blobs.unfinished()), (1, 0), "{calls}");
    }
    world.blobs.fail_after(3);
    assert!(world.set_avatar(&ada, Pieces::of(["png two"])).await.is_ok());
    assert_eq!(world.blobs.keys().len(), 2, "left for the sweep");
}

#[tokio::test]
async fn two_at_once_leave_one() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    world.set_avatar(&ada, Pieces::of(["png"])).await.unwrap();
    let both = tokio::join!(
        world.set_avatar(&ada, Pieces::of(["png one"])),
        world.set_avatar(&ada, Pieces::of(["png two"]))
    );
    let urls = [both.0.unwrap().avatar_url, both.1.unwrap().avatar_url];
    let kept = world.avatar_url(&ada).await;
    assert!(urls.contains(&kept));
    assert!(world.show_avatar(&kept.unwrap()).await.is_ok());
    assert_eq!(world.blobs.keys().len(), 1);
}

#[tokio::test]
async fn whoever_is_blocked_sets_nothing() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    world.block(&ada).await;
    let outcome = world.set_avatar(&ada, Pieces::of(["png"])).await;
    assert!(matches!(outcome, Err(UseCaseError::Unauthorized { .. })), "{outcome:?}");
    assert!(world.has_no_blobs());
}
