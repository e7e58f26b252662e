//! Uploading, seeing and downloading.

use adapter_memory::{Fault, Operation, Pieces};
use chrono::TimeDelta;
use domain::files::{DailyAllowance, MediaType};
use domain::identity::Role;
use domain::ids::FileId;
use ports::environment::Clock;
use usecases::error::UseCaseError;
use usecases::files::{PASS_TTL, Pass};
use usecases::idempotency::Answered;
use uuid::Uuid;

use super::world::{MAX_BYTES, World, key};

#[tokio::test]
async fn a_file_is_kept_and_shown_to_those_who_may_have_it() {
    let world = World::new();
    let (ada, eve) = (world.person(Role::Writer).await, world.person(Role::Client).await);
    let admin = world.person(Role::Admin).await;
    let shown = world.uploaded(&ada, "../My thesis", "pdf of mine").await;
    assert_eq!(shown.file.name.as_str(), "My thesis.pdf");
    assert_eq!((shown.file.size, shown.file.media_type), (11, MediaType::Pdf));
    assert_eq!((shown.file.owner_role, shown.file.created_at), (Role::Writer, world.clock.now()));
    assert_eq!(world.blobs.keys(), std::slice::from_ref(&shown.file.storage_key));
    for person in [&ada, &admin] {
        assert_eq!(world.view(person, shown.file.id).await.unwrap(), shown);
    }
    assert!(matches!(world.view(&eve, shown.file.id).await, Err(UseCaseError::NotFound)));
    let unknown = FileId::new(Uuid::from_u128(7));
    assert!(matches!(world.view(&ada, unknown).await, Err(UseCaseError::NotFound)));
}

#[tokio::test]
async fn a_pass_is_for_one_file_and_a_while() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let (one, two) = (world.uploaded(&ada, "1", "txt one").await, world.uploaded(&ada, "2", "txt two").await);
    let expires = (world.clock.now() + PASS_TTL).timestamp();
    let pass =
        |id: FileId, expires: i64| Pass { id, expires, signature: format!("{}-{expires}", one.file.id) };
    assert_eq!(world.download(&pass(one.file.id, expires)).await.unwrap(), b"txt one");
    let forged = [
        pass(two.file.id, expires),
        Pass { expires: expires + 1, ..pass(one.file.id, expires) },
        Pass { signature: String::new(), ..pass(one.file.id, expires) },
    ];
    for pass in forged {
        assert!(matches!(world.download(&pass).await, Err(UseCaseError::NotFound)), "{pass:?}");
    }
    world.clock.advance(PASS_TTL);
    assert!(matches!(world.download(&pass(one.file.id, expires)).await, Err(UseCaseError::NotFound)));
    let far = i64::MAX;
    assert_eq!(world.download(&pass(one.file.id, far)).await.unwrap(), b"txt one", "whatever was signed");
}

#[tokio::test]
async fn what_is_none_of_a_picture_is_not_kept_and_not_counted() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let pieces = Pieces::of(["png ", "(at home, at noon)", "picture"]);
    let uploaded = world.upload(&ada, "a.png", pieces, None).await.unwrap();
    let Answered::Now(shown) = uploaded else { panic!("{uploaded:?}") };
    let plain = world.uploaded(&ada, "b.png", "png picture").await;
    assert_eq!((shown.file.size, shown.file.hash), (11, plain.file.hash));
    let expires = (world.clock.now() + PASS_TTL).timestamp();
    let signature = format!("{}-{expires}", shown.file.id);
    let kept = world.download(&Pass { id: shown.file.id, expires, signature }).await.unwrap();
    assert_eq!(kept, b"png picture");
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let large = "x".repeat(usize::try_from(MAX_BYTES).unwrap());
    type Check = fn(&UseCaseError) -> bool;
    let unsupported: Check = |error| matches!(error, UseCaseError::UnsupportedContent { .. });
    let invalid: Check = |error| matches!(error, UseCaseError::Invalid { .. });
    let cases: [(&str, Pieces, Check); 8] = [
        ("a.pdf", Pieces::of(["exe", "pdf"]), unsupported),
        ("a.pdf", Pieces::of(["nonsense"]), unsupported),
        ("a.zip", Pieces::of(["bomb"]), unsupported),
        ("a.png", Pieces::of(["pdf"]), unsupported),
        ("a.pdf", Pieces::of(["", ""]), invalid),
        ("a.pdf", Pieces::of(["pdf", "more"]).breaking_off(), invalid),
        ("a.pdf", Pieces::default().breaking_off(), invalid),
        ("a.pdf", Pieces::of(["pdf".to_owned(), large]), |error| {
            matches!(error, UseCaseError::TooLarge { limit: MAX_BYTES })
        }),
    ];
    for (name, content, is_expected) in cases {
        let error = world.upload(&ada, name, content, None).await.unwrap_err();
        assert!(is_expected(&error), "{name}: {error:?}");
        assert!(world.has_no_blobs(), "{name}: {error:?}");
    }
    assert_eq!(world.store.calls(Operation::Begin), 1, "only ada's account needed a transaction");
}

#[tokio::test]
async fn a_file_may_be_as_large_as_it_may() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let rest = usize::try_from(MAX_BYTES).unwrap() - 3;
    let content = Pieces::of(["pdf".to_owned(), "x".repeat(rest)]);
    assert!(matches!(world.upload(&ada, "a", content, None).await.unwrap(), Answered::Now(_)));
}

#[tokio::test]
async fn when_the_row_cannot_be_written_the_blob_goes() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    for (operation, fault) in [
        (Operation::Begin, Fault::Unavailable),
        (Operation::InsertFile, Fault::Refused),
        (Operation::Commit, Fault::Unavailable),
    ] {
        world.store.fail_next(operation, fault);
        assert!(world.upload(&ada, "a", Pieces::of(["pdf"]), None).await.is_err());
        assert!(world.has_no_blobs(), "{operation:?}");
    }
    world.block(&ada).await;
    let blocked = world.upload(&ada, "a", Pieces::of(["pdf"]), None).await;
    assert!(matches!(blocked, Err(UseCaseError::Unauthorized { .. })), "{blocked:?}");
    assert!(world.has_no_blobs());
}

#[tokio::test]
async fn when_nobody_knows_the_blob_stays() {
    for written in [true, false] {
        let world = World::new();
        let ada = world.person(Role::Writer).await;
        world.store.fail_next(Operation::Commit, Fault::OutcomeUnknown { written });
        assert!(world.upload(&ada, "a", Pieces::of(["pdf"]), None).await.is_err());
        assert_eq!(world.blobs.keys().len(), 1, "its row may be there");
    }
}

#[tokio::test]
async fn when_the_file_store_fails_no_row_is_written() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    // begin, write, finish
    for calls in 0..3 {
        world.blobs.fail_after(calls);
        let outcome = world.upload(&ada, "a", Pieces::of(["pdf"]), None).await;
        assert!(matches!(outcome, Err(UseCaseError::Unavailable { .. })), "{calls}: {outcome:?}");
        assert!(world.has_no_blobs(), "{calls}");
    }
    assert_eq!(world.store.calls(Operation::InsertFile), 0);
}

#[tokio::test]
async fn asked_again_the_second_blob_goes() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let upload = |request| world.upload(&ada, "a", Pieces::of(["pdf"]), key(&ada, request));
    let Answered::Now(first) = upload(1).await.unwrap() else { panic!("it is new") };
    let Answered::Before(again) = upload(1).await.unwrap() else { panic!("it was done") };
    assert_eq!(again.body, first.file.id.to_string());
    let other = upload(2).await;
    assert!(matches!(other, Err(UseCaseError::Unprocessable { reason: "idempotency_key_reused", .. })));
    assert_eq!(world.blobs.keys(), [first.file.storage_key]);
}

#[tokio::test]
async fn the_days_allowance_comes_back() {
    let world = World::new();
    let (ada, eve) = (world.person(Role::Writer).await, world.person(Role::Writer).await);
    for _ in 0..DailyAllowance::FILES {
        world.uploaded(&ada, "a", "txt").await;
    }
    let refused = world.upload(&ada, "a", Pieces::of(["txt"]), None).await;
    assert!(matches!(refused, Err(UseCaseError::Unprocessable { reason: "daily_upload_limit", .. })));
    assert_eq!(u64::try_from(world.blobs.keys().len()).unwrap(), DailyAllowance::FILES);
    world.uploaded(&eve, "a", "txt").await;
    world.clock.advance(DailyAllowance::PERIOD - TimeDelta::seconds(1));
    assert!(world.upload(&ada, "a", Pieces::of(["txt"]), None).await.is_err());
    world.clock.advance(TimeDelta::seconds(1));
    world.uploaded(&ada, "a", "txt").await;
}

#[tokio::test]
async fn a_missing_blob_is_a_fault_of_ours() {
    let world = World::new();
    let ada = world.person(Role::Writer).await;
    let shown = world.uploaded(&ada, "a", "txt").await;
    ports::files::BlobStore::delete(&world.blobs, &shown.file.storage_key).await.unwrap();
    let expires = (world.clock.now() + PASS_TTL).timestamp();
    let id = shown.file.id;
    let pass = Pass { id, expires, signature: format!("{id}-{expires}") };
    assert!(matches!(world.download(&pass).await, Err(UseCaseError::Internal(_))));
}
