//! The file store, in a folder and in a bucket of a server that speaks S3: the same promises.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use adapter_files::blobs::{Bucket, ObjectBlobs};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::files::{Purpose, StorageKey};
use domain::ids::FileId;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use ports::files::BlobStore;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

const BUCKET: &str = "guild-files";

fn key(number: u128) -> StorageKey {
    StorageKey::of(Purpose::Attachment, FileId::new(Uuid::from_u128(number)))
}

fn in_folder(folder: &TempDir) -> ObjectBlobs {
    ObjectBlobs::in_folder(&folder.path().join("files")).unwrap()
}

/// A server that keeps its buckets in `folder`.
async fn serve_s3(folder: &Path) -> SocketAddr {
    std::fs::create_dir(folder.join(BUCKET)).unwrap();
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single("AKIA", "secret"));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let builder = Builder::new(TokioExecutor::new());
                builder.serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    });
    address
}

fn bucket(address: SocketAddr, secret: &str) -> ObjectBlobs {
    ObjectBlobs::in_bucket(&Bucket {
        name: BUCKET.into(),
        region: "us-east-1".into(),
        endpoint: Some(format!("http://{address}")),
        key: Some(("AKIA".into(), secret.into())),
    })
    .unwrap()
}

async fn write(blobs: &dyn BlobStore, key: &StorageKey, pieces: &[Bytes]) {
    let mut writer = blobs.begin(key).await.unwrap();
    for piece in pieces {
        writer.write(piece.clone()).await.unwrap();
    }
    writer.finish().await.unwrap();
}

async fn read(blobs: &dyn BlobStore, key: &StorageKey) -> Option<Vec<u8>> {
    let mut blob = blobs.open(key).await.unwrap()?;
    let mut all = Vec::new();
    while let Some(piece) = blob.content.next().await.unwrap() {
        all.extend_from_slice(&piece);
    }
    assert_eq!(u64::try_from(all.len()).unwrap(), blob.size);
    Some(all)
}

async fn listed(blobs: &dyn BlobStore) -> Vec<StorageKey> {
    let (mut listing, mut keys) = (blobs.list().await.unwrap(), Vec::new());
    loop {
        let page = listing.page(2).await.unwrap();
        if page.is_empty() {
            keys.sort();
            return keys;
        }
        assert!(page.len() <= 2);
        keys.extend(page.into_iter().map(|blob| blob.key));
    }
}

/// Every file below a folder but those that the server keeps for itself.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.retain(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'));
    found
}

/// What holds of every store. `folder` is where its bytes end up.
async fn keeps_its_promises(blobs: &dyn BlobStore, folder: &Path) {
    assert_eq!(read(blobs, &key(1)).await, None);
    assert_eq!(listed(blobs).await, []);
    // Sizes around those of a part: 1 MiB in a folder, 5 MiB in a bucket.
    let mebibyte = 1024 * 1024;
    for (number, size) in (1..).zip([0, 1, mebibyte - 1, mebibyte, 5 * mebibyte + 1, 11 * mebibyte]) {
        let all: Vec<u8> = (0..=250).cycle().take(size).collect();
        let pieces: Vec<Bytes> = all.chunks(100_000).map(Bytes::copy_from_slice).collect();
        write(blobs, &key(number), &pieces).await;
        assert!(read(blobs, &key(number)).await.unwrap() == all, "{size}");
    }
    assert_eq!(listed(blobs).await, [1, 2, 3, 4, 5, 6].map(key));
    write(blobs, &key(1), &[Bytes::from_static(b"again")]).await;
    assert_eq!(read(blobs, &key(1)).await.unwrap(), b"again");
    for number in 1..=6 {
        blobs.delete(&key(number)).await.unwrap();
    }
    blobs.delete(&key(1)).await.expect("one that is gone is no error");
    assert_eq!(read(blobs, &key(1)).await, None);

    // Given up before, within and after the first part: nobody sees it, and nothing is left.
    for size in [0, 1, 3 * mebibyte, 11 * mebibyte] {
        let mut writer = blobs.begin(&key(7)).await.unwrap();
        for piece in vec![0; size].chunks(100_000) {
            writer.write(Bytes::copy_from_slice(piece)).await.unwrap();
            assert!(blobs.open(&key(7)).await.unwrap().is_none());
        }
        writer.abort().await.unwrap();
        assert_eq!(listed(blobs).await, [], "{size}");
        assert_eq!(files_below(folder), Vec::<PathBuf>::new(), "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_its_promises() {
    let folder = tempfile::tempdir().unwrap();
    keeps_its_promises(&in_folder(&folder), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_its_promises() {
    let folder = tempfile::tempdir().unwrap();
    let address = serve_s3(folder.path()).await;
    keeps_its_promises(&bucket(address, "secret"), &folder.path().join(BUCKET)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_refuses_is_an_error_without_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let address = serve_s3(folder.path()).await;
    let blobs = bucket(address, "wr0ng-s3cret");
    let mut writer = blobs.begin(&key(1)).await.unwrap();
    writer.write(Bytes::from_static(b"x")).await.unwrap();
    let error = writer.finish().await.unwrap_err();
    assert!(!format!("{error} {error:?} {blobs:?}").contains("wr0ng-s3cret"), "{error:?}");
    assert!(blobs.open(&key(1)).await.is_err(), "refused is not missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_is_an_error() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(60), bucket(gone, "secret").open(&key(1))).await;
    assert!(outcome.unwrap().is_err());
}

#[tokio::test]
async fn a_dropped_write_leaves_nothing_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = in_folder(&folder);
    let mut writer = blobs.begin(&key(1)).await.unwrap();
    for _ in 0..4 {
        writer.write(vec![0; 1024 * 1024].into()).await.unwrap();
    }
    assert_eq!(files_below(folder.path()).len(), 1, "it has begun");
    drop(writer);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while !files_below(folder.path()).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", files_below(folder.path()));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_a_crash_leaves_is_taken_away_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = in_folder(&folder);
    write(&blobs, &key(1), &[Bytes::from_static(b"whole")]).await;
    let whole = files_below(folder.path());
    let place = whole.first().unwrap().to_string_lossy().into_owned();
    std::fs::write(format!("{place}#1"), "half").unwrap();
    assert_eq!(listed(&blobs).await, [key(1)], "half a file is none");
    assert_eq!(blobs.forget_unfinished(DateTime::UNIX_EPOCH).await.unwrap(), 0);
    let later: DateTime<Utc> =
        (std::fs::metadata(&place).unwrap().modified().unwrap() + Duration::from_secs(60)).into();
    assert_eq!(blobs.forget_unfinished(later).await.unwrap(), 1);
    assert_eq!(files_below(folder.path()), whole);
}

#[tokio::test]
async fn foreign_objects_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = in_folder(&folder);
    std::fs::write(folder.path().join("files/notes.txt"), "mine").unwrap();
    assert_eq!(listed(&blobs).await, []);
}

#[test]
fn a_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _blobs = in_folder(&folder);
    let mode = std::fs::metadata(folder.path().join("files")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    std::fs::write(folder.path().join("file"), "").unwrap();
    assert!(ObjectBlobs::in_folder(&folder.path().join("file")).is_err());
}

#[test]
fn a_secret_does_not_show() {
    let bucket = Bucket {
        name: BUCKET.into(),
        region: "us-east-1".into(),
        endpoint: None,
        key: Some(("AKIA".into(), "hunter2".into())),
    };
    assert!(!format!("{bucket:?}").contains("hunter2"));
    let _blobs: Arc<dyn BlobStore> = Arc::new(ObjectBlobs::in_bucket(&bucket).unwrap());
}
