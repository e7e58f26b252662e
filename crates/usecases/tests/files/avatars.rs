//! The pictures of people.

use std::sync::{Arc, Mutex};

use adapter_memory::{Fault, Operation, Pieces};
use async_trait::async_trait;
use chrono::TimeDelta;
use domain::files::{AVATAR_MAX_BYTES, StorageKey};
use domain::identity::Role;
use domain::ids::FileId;
use ports::files::{FileQueries, FileView};
use ports::idempotency::StoredAnswer;
use ports::store::StoreError;
use usecases::error::UseCaseError;
use usecases::files::ShowAvatar;
use usecases::idempotency::Answered;
use usecases::profiles::ViewProfile;

use super::world::{World, key};

#[tokio::test]
async fn a_picture_is_set_replaced_and_removed() {
    let world = World::new();
    let (ada, eve) = (world.person(Role::Writer).await, world.person(Role::Admin).await);
    let first =
        world.set_avatar(&ada, Pieces::of(["png ", "one"])).await.unwrap().account.avatar_url.unwrap();
    world.set_avatar(&eve, Pieces::of(["png of eve"])).await.unwrap();
    assert_eq!(world.show_avatar(&first).await.unwrap(), b"png of png one");
    assert_eq!(world.avatar_url(&ada).await, Some(first.clone()));
    let second = world.set_avatar(&ada, Pieces::of(["png two"])).await.unwrap().account.avatar_url.unwrap();
    assert_ne!(first, second, "another picture has another address");
    assert!(matches!(world.show_avatar(&first).await, Err(UseCaseError::NotFound)));
    assert_eq!(world.avatar_url(&ada).await, Some(second.clone()));
    assert_eq!(world.blobs.keys().len(), 2, "ada's second and eve's");
    for _ in 0..2 {
        assert_eq!(world.remove_avatar(&ada).await.unwrap().account.avatar_url, None);
        assert_eq!(world.avatar_url(&ada).await, None);
        assert_eq!(world.blobs.keys().len(), 1);
    }
}

#[tokio::test]
async fn the_answer_is_the_whole_profile_in_its_new_version() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let shown = async || {
        let view = ViewProfile { profiles: world.store.clone() };
        view.execute(&ada).await.unwrap()
    };
    let before = shown().await;
    world.clock.advance(TimeDelta::minutes(1));
    let set = world.set_avatar(&ada, Pieces::of(["png"])).await.unwrap();
    assert_eq!(set, shown().await);
    assert_ne!(set.version, before.version);
    let removed = world.remove_avatar(&ada).await.unwrap();
    assert_eq!(removed, shown().await);
    assert_ne!(removed.version, set.version);
    assert_eq!(world.remove_avatar(&ada).await.unwrap().version, removed.version, "nothing to change");
}

#[tokio::test]
async fn a_named_request_is_answered_again_and_does_nothing_again() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let set = async |request| world.set_avatar_as(&ada, Pieces::of(["png"]), key(&ada, request)).await;
    assert!(matches!(set(1).await, Ok(Answered::Now(_))));
    let kept = world.avatar_url(&ada).await;
    let again = set(1).await.unwrap();
    assert!(matches!(again, Answered::Before(StoredAnswer { body, .. }) if Some(&body) == kept.as_ref()));
    assert_eq!((world.avatar_url(&ada).await, world.blobs.keys().len()), (kept, 1));
    let refused = set(2).await;
    assert!(matches!(refused, Err(UseCaseError::Unprocessable { reason: "idempotency_key_reused", .. })));
    assert_eq!(world.blobs.keys().len(), 1, "nothing is left of what was made in vain");

    let eve = world.person(Role::Writer).await;
    world.set_avatar(&eve, Pieces::of(["png"])).await.unwrap();
    let remove = async || world.remove_avatar_as(&eve, key(&eve, 1)).await.unwrap();
    assert!(matches!(remove().await, Answered::Now(_)));
    world.set_avatar(&eve, Pieces::of(["png two"])).await.unwrap();
    assert!(matches!(remove().await, Answered::Before(_)));
    assert!(world.avatar_url(&eve).await.is_some(), "the one that came later stays");
}

#[tokio::test]
async fn what_was_replaced_while_it_was_asked_for_is_not_found() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let url = world.set_avatar(&ada, Pieces::of(["png one"])).await.unwrap().account.avatar_url.unwrap();
    let file = world.view_of(&url).await;
    world.set_avatar(&ada, Pieces::of(["png two"])).await.unwrap();
    // Its row had been read before.
    let seen = |is_there_again| Arc::new(SeenOnce { file: Mutex::new(Some(file.clone())), is_there_again });
    let show = |files| ShowAvatar { files, blobs: Arc::new(world.blobs.clone()) };
    let gone = show(seen(false)).execute(file.id).await.map(drop);
    assert!(matches!(gone, Err(UseCaseError::NotFound)), "{gone:?}");
    // A row whose bytes are missing is another thing.
    let lost = show(seen(true)).execute(file.id).await.map(drop);
    assert!(matches!(lost, Err(UseCaseError::Internal(_))), "{lost:?}");
}

/// A file whose row is there when it is asked for first, and afterwards perhaps not any more.
struct SeenOnce {
    file: Mutex<Option<FileView>>,
    is_there_again: bool,
}

#[async_trait]
impl FileQueries for SeenOnce {
    async fn file(&self, _: FileId) -> Result<Option<FileView>, StoreError> {
        let mut file = self.file.lock().unwrap();
        Ok(if self.is_there_again { file.clone() } else { file.take() })
    }

    async fn known(&self, _: &[StorageKey]) -> Result<Vec<StorageKey>, StoreError> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn what_is_no_picture_changes_nothing() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let kept = world.set_avatar(&ada, Pieces::of(["png"])).await.unwrap().account.avatar_url;
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
    let kept = world.set_avatar(&ada, Pieces::of(["png one"])).await.unwrap().account.avatar_url.unwrap();
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
    let urls = [both.0.unwrap().account.avatar_url, both.1.unwrap().account.avatar_url];
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
