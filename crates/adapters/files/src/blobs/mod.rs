//! Where the bytes of files are kept: a folder, or a bucket that speaks S3.
//!
//! In a folder a blob is written under a name of its own beside its place, flushed to the disk, and
//! renamed; in a bucket it appears when the last part has been acknowledged. Either way nobody sees
//! half of it, and what was given up is taken away. What a crash leaves of unfinished writes is found
//! in a folder by [`BlobStore::forget_unfinished`]; in a bucket the rule
//! `AbortIncompleteMultipartUpload` does it.

mod writer;

use std::collections::VecDeque;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path as FolderPath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::files::StorageKey;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientOptions, Error as ObjectError, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig,
};
use ports::files::{
    Blob, BlobError, BlobListing, BlobStore, BlobWriter, ByteSource, Interrupted, StoredBlob,
};
use ports::store::Cause;
use secrecy::{ExposeSecret, SecretString};

use self::writer::ObjectWriter;

/// A part of what is written to a bucket; S3 takes none smaller, but for the last.
const BUCKET_PART: usize = 5 * 1024 * 1024;
/// A part of what is written to a folder: memory that an upload takes.
const FOLDER_PART: usize = 1024 * 1024;
/// How long a bucket may take to be reached, and to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a request to a bucket is tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_RETRIES: usize = 3;

/// A bucket, and who may use it. Secrets do not show in `Debug`.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is, such as `us-east-1`.
    pub region: String,
    /// Another place than Amazon's, such as `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    /// Identifier and secret; without them those of the machine are asked for.
    pub key: Option<(String, SecretString)>,
}

/// Keeps blobs.
#[derive(Debug, Clone)]
pub struct ObjectBlobs {
    store: Arc<dyn ObjectStore>,
    part: usize,
    /// Where unfinished writes are left; `None` in a bucket.
    folder: Option<PathBuf>,
}

impl ObjectBlobs {
    /// In a folder, which is made for its owner only if it is not there. Touches the disk.
    ///
    /// # Errors
    /// The folder cannot be made or used.
    pub fn in_folder(folder: &FolderPath) -> Result<Self, Cause> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), part: FOLDER_PART, folder: Some(folder.to_owned()) })
    }

    /// In a bucket. Connects nowhere yet.
    ///
    /// # Errors
    /// An address that can never work.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, Cause> {
        let Bucket { name, region, endpoint, key } = bucket;
        let is_plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let options =
            ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(REQUEST_TIMEOUT);
        let retry =
            RetryConfig { max_retries: MAX_RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(region)
            .with_client_options(options)
            .with_retry(retry)
            .with_allow_http(is_plain);
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some((id, secret)) = key {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
        }
        Ok(Self { store: Arc::new(builder.build()?), part: BUCKET_PART, folder: None })
    }
}

fn place(key: &StorageKey) -> Path {
    Path::from(key.as_str())
}

fn failed(error: ObjectError) -> BlobError {
    BlobError(Box::new(error))
}

#[async_trait]
impl BlobStore for ObjectBlobs {
    async fn begin(&self, key: &StorageKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        Ok(Box::new(ObjectWriter::new(Arc::clone(&self.store), place(key), self.part)))
    }

    async fn open(&self, key: &StorageKey) -> Result<Option<Blob>, BlobError> {
        match self.store.get(&place(key)).await {
            Ok(found) => {
                let size = found.meta.size;
                Ok(Some(Blob { size, content: Box::new(ObjectBytes(found.into_stream())) }))
            }
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn delete(&self, key: &StorageKey) -> Result<(), BlobError> {
        match self.store.delete(&place(key)).await {
            Ok(()) | Err(ObjectError::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    async fn list(&self) -> Result<Box<dyn BlobListing>, BlobError> {
        Ok(Box::new(ObjectListing(self.store.list(None))))
    }

    async fn forget_unfinished(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let swept = tokio::task::spawn_blocking(move || sweep_unfinished(&folder, before.into())).await;
        swept.map_err(|error| BlobError(Box::new(error)))?.map_err(|error| BlobError(Box::new(error)))
    }
}

/// Takes away what stands under the name of an unfinished write and has not changed since.
fn sweep_unfinished(folder: &FolderPath, before: SystemTime) -> io::Result<u64> {
    let mut removed: u64 = 0;
    let mut folders = VecDeque::from([folder.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push_back(entry.path());
            } else if entry.file_name().to_string_lossy().contains('#') && is_older(&entry, before) {
                std::fs::remove_file(entry.path())?;
                removed = removed.saturating_add(1);
            }
        }
    }
    Ok(removed)
}

/// What has gone away meanwhile is nobody's business any more.
fn is_older(entry: &std::fs::DirEntry, before: SystemTime) -> bool {
    entry.metadata().and_then(|data| data.modified()).is_ok_and(|modified| modified < before)
}

/// The bytes of a blob as they come.
struct ObjectBytes(BoxStream<'static, object_store::Result<Bytes>>);

#[async_trait]
impl ByteSource for ObjectBytes {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        self.0.next().await.transpose().map_err(|error| Interrupted(Box::new(error)))
    }
}

/// Blobs as they come. What stands under a name that is none of ours is passed over.
struct ObjectListing(BoxStream<'static, object_store::Result<ObjectMeta>>);

#[async_trait]
impl BlobListing for ObjectListing {
    async fn page(&mut self, limit: usize) -> Result<Vec<StoredBlob>, BlobError> {
        let mut page = Vec::new();
        while page.len() < limit
            && let Some(found) = self.0.next().await
        {
            let ObjectMeta { location, last_modified, .. } = found.map_err(failed)?;
            if let Some(key) = StorageKey::parse(location.as_ref()) {
                page.push(StoredBlob { key, stored_at: last_modified });
            }
        }
        Ok(page)
    }
}
