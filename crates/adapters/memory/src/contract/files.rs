//! Files are kept as they were stored, one avatar each.

use std::pin::pin;

use chrono::{DateTime, TimeDelta, Utc};
use domain::files::{ContentHash, File, FileName, MediaType, NewFile, Purpose, StorageKey, Uploaded};
use domain::ids::{FileId, UserId};
use ports::files::FileView;
use ports::store::StoreError;

use super::Subject;
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, new_user, now, rollback, stored_user};

pub(super) fn new_file(owner_id: UserId, purpose: Purpose, size: u64, at: DateTime<Utc>) -> File {
    let media_type = MediaType::Docx;
    let new = NewFile {
        id: FileId::new(fresh_uuid()),
        owner_id,
        purpose,
        name: FileName::for_content("Überblick (1).docx", media_type).expect("a name that fits"),
        size,
        media_type,
        hash: ContentHash([7; 32]),
    };
    File::store(new, at)
}

pub(super) async fn stored_file(subject: &Subject, owner_id: UserId, purpose: Purpose) -> File {
    let file = new_file(owner_id, purpose, 159_744, now());
    let mut work = begin(subject).await;
    work.files().insert(&file).await.expect("a file is inserted");
    commit(work).await;
    file
}

pub(super) async fn view(subject: &Subject, id: FileId) -> Option<FileView> {
    subject.files.file(id).await.expect("the question is answered")
}

pub(super) async fn a_file_is_found_as_it_was_stored(subject: &Subject) {
    let owner = stored_user(subject).await;
    for media_type in MediaType::ALL.iter().copied() {
        let mut file = new_file(owner.id, Purpose::Attachment, 1, now());
        let name = format!("a.{}", media_type.extension());
        file.name = FileName::for_content(&name, media_type).expect("a name that fits");
        file.media_type = media_type;
        let mut work = begin(subject).await;
        work.files().insert(&file).await.expect("a file is inserted");
        assert_eq!(work.files().find(file.id).await.expect("found"), Some(file.clone()), "inside");
        assert_eq!(view(subject, file.id).await, None, "outside");
        commit(work).await;
        let seen = view(subject, file.id).await.expect("the file is there");
        let File { id, owner_id, purpose, name, size, media_type, hash, storage_key, created_at } = file;
        let owner_role = owner.role;
        let expected = FileView {
            id,
            owner_id,
            owner_role,
            purpose,
            name,
            size,
            media_type,
            hash,
            storage_key,
            created_at,
            access: None,
        };
        assert_eq!(seen, expected);
    }
}

pub(super) async fn unknown_files_are_not_found(subject: &Subject) {
    let id = FileId::new(fresh_uuid());
    assert_eq!(view(subject, id).await, None);
    let mut work = begin(subject).await;
    assert_eq!(work.files().find(id).await.expect("the question is answered"), None);
    let removed = work.files().remove(id).await;
    assert!(matches!(removed, Err(StoreError::Stale { what: "file" })), "{removed:?}");
    rollback(work).await;
}

pub(super) async fn files_belong_to_accounts_that_are_there(subject: &Subject) {
    let nobody = new_user(super::scene::fresh_email());
    let mut work = begin(subject).await;
    let outcome = work.files().insert(&new_file(nobody.id, Purpose::Attachment, 1, now())).await;
    assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
    rollback(work).await;
    let mut work = begin(subject).await;
    let outcome = work.files().set_avatar_url(nobody.id, None, now()).await;
    assert!(matches!(outcome, Err(StoreError::Stale { what: "profile" })), "{outcome:?}");
    rollback(work).await;
}

pub(super) async fn everybody_has_one_avatar(subject: &Subject) {
    let (owner, other) = (stored_user(subject).await, stored_user(subject).await);
    let first = stored_file(subject, owner.id, Purpose::Avatar).await;
    stored_file(subject, other.id, Purpose::Avatar).await;
    stored_file(subject, owner.id, Purpose::Attachment).await;
    let second = new_file(owner.id, Purpose::Avatar, 1, now());
    let mut work = begin(subject).await;
    let outcome = work.files().insert(&second).await;
    assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
    rollback(work).await;

    let mut work = begin(subject).await;
    assert_eq!(work.files().avatar_of(owner.id).await.expect("found"), Some(first.clone()));
    work.files().remove(first.id).await.expect("removed");
    assert_eq!(work.files().avatar_of(owner.id).await.expect("answered"), None);
    work.files().insert(&second).await.expect("there is room for it now");
    assert_eq!(work.files().avatar_of(owner.id).await.expect("found"), Some(second.clone()));
    commit(work).await;
    assert_eq!(view(subject, first.id).await, None);
    assert!(view(subject, second.id).await.is_some());
}

pub(super) async fn a_second_avatar_waits_for_the_first(subject: &Subject) {
    let owner = stored_user(subject).await;
    let mut work = begin(subject).await;
    work.files().insert(&new_file(owner.id, Purpose::Avatar, 1, now())).await.expect("inserted");
    let mut other = begin(subject).await;
    let second = new_file(owner.id, Purpose::Avatar, 1, now());
    let outcome = {
        let mut insert = pin!(other.files().insert(&second));
        must_wait(insert.as_mut(), "a second avatar").await;
        rollback(work).await;
        must_end(insert, "a second avatar").await
    };
    outcome.expect("the first one never was");
    commit(other).await;
}

pub(super) async fn a_profile_says_where_its_picture_is(subject: &Subject) {
    let owner = stored_user(subject).await;
    for url in [Some("/api/v1/avatars/1"), Some("https://cdn.example.com/2"), None] {
        let mut work = begin(subject).await;
        work.files().set_avatar_url(owner.id, url, now()).await.expect("written");
        commit(work).await;
        let account = subject.accounts.account(owner.id).await.expect("answered").expect("there");
        assert_eq!(account.avatar_url.as_deref(), url);
    }
}

pub(super) async fn what_was_uploaded_lately_is_counted(subject: &Subject) {
    let (owner, other) = (stored_user(subject).await, stored_user(subject).await);
    let (noon, hour) = (now(), TimeDelta::hours(1));
    let mut work = begin(subject).await;
    for (owner_id, purpose, size, at) in [
        (owner.id, Purpose::Attachment, 1, noon - hour),
        (owner.id, Purpose::Attachment, 20, noon),
        (owner.id, Purpose::Attachment, 300, noon + hour),
        (owner.id, Purpose::Avatar, 4_000, noon + hour),
        (other.id, Purpose::Attachment, 50_000, noon + hour),
    ] {
        work.files().insert(&new_file(owner_id, purpose, size, at)).await.expect("inserted");
    }
    for (since, expected) in [
        (noon - hour - hour, Uploaded { count: 3, bytes: 321 }),
        (noon - hour, Uploaded { count: 2, bytes: 320 }),
        (noon, Uploaded { count: 1, bytes: 300 }),
        (noon + hour, Uploaded::default()),
    ] {
        let counted = work.files().uploaded_since(owner.id, since).await.expect("counted");
        assert_eq!(counted, expected, "{since}");
    }
    rollback(work).await;
}

pub(super) async fn stored_keys_are_known(subject: &Subject) {
    let owner = stored_user(subject).await;
    let kept = stored_file(subject, owner.id, Purpose::Attachment).await;
    let gone = stored_file(subject, owner.id, Purpose::Avatar).await;
    let mut work = begin(subject).await;
    work.files().remove(gone.id).await.expect("removed");
    commit(work).await;
    let never = StorageKey::of(Purpose::Attachment, FileId::new(fresh_uuid()));
    let keys = [never, kept.storage_key.clone(), gone.storage_key];
    assert_eq!(subject.files.known(&keys).await.expect("answered"), [kept.storage_key]);
    assert_eq!(subject.files.known(&[]).await.expect("answered"), []);
}
