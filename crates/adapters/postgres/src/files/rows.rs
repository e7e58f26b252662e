//! Files: the rows of `files`, and where a profile's picture is.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::files::{ContentHash, File, FileName, MediaType, Purpose, StorageKey, Uploaded};
use domain::ids::{FileId, UserId};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::{files, profiles};
use crate::statement::statement;

/// A row of `files` as it is stored and loaded.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = files, check_for_backend(diesel::pg::Pg))]
pub(super) struct FileRow {
    id: Uuid,
    owner_id: Uuid,
    purpose: String,
    name: String,
    size_bytes: i64,
    media_type: String,
    hash: Vec<u8>,
    storage_key: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<&File> for FileRow {
    type Error = StoreError;

    fn try_from(file: &File) -> Result<Self, StoreError> {
        let File { id, owner_id, purpose, name, size, media_type, hash, storage_key, created_at } = file;
        Ok(Self {
            id: id.uuid(),
            owner_id: owner_id.uuid(),
            purpose: purpose.as_str().to_owned(),
            name: name.as_str().to_owned(),
            size_bytes: i64::try_from(*size).map_err(|_| refused("a file is too large to be counted"))?,
            media_type: media_type.as_str().to_owned(),
            hash: hash.0.to_vec(),
            storage_key: storage_key.as_str().to_owned(),
            created_at: *created_at,
        })
    }
}

impl TryFrom<FileRow> for File {
    type Error = StoreError;

    fn try_from(row: FileRow) -> Result<Self, StoreError> {
        let FileRow { id, owner_id, purpose, name, size_bytes, media_type, hash, storage_key, created_at } =
            row;
        let media_type = MediaType::from_word(&media_type)
            .ok_or_else(|| corrupt("files", "media_type", id, "is no type"))?;
        Ok(Self {
            id: FileId::new(id),
            owner_id: UserId::new(owner_id),
            purpose: Purpose::from_word(&purpose)
                .ok_or_else(|| corrupt("files", "purpose", id, "is no purpose"))?,
            name: FileName::parse(&name, media_type)
                .map_err(|problem| corrupt("files", "name", id, problem))?,
            size: u64::try_from(size_bytes).map_err(|_| corrupt("files", "size_bytes", id, "is negative"))?,
            media_type,
            hash: ContentHash(hash.try_into().map_err(|_| corrupt("files", "hash", id, "has not 32 bytes"))?),
            storage_key: StorageKey::parse(&storage_key)
                .ok_or_else(|| corrupt("files", "storage_key", id, "is no storage key"))?,
            created_at,
        })
    }
}

/// Adds a file.
pub(crate) async fn insert(connection: &mut Line<'_>, file: &File) -> Result<(), StoreError> {
    diesel::insert_into(files::table)
        .values(FileRow::try_from(file)?)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Loads a file.
pub(crate) async fn find(connection: &mut Line<'_>, id: FileId) -> Result<Option<File>, StoreError> {
    let row = files::table.find(id.uuid()).select(FileRow::as_select()).first(connection).await;
    row.optional().map_err(store_error)?.map(File::try_from).transpose()
}

/// Loads the file of somebody's avatar.
pub(crate) async fn avatar_of(
    connection: &mut Line<'_>,
    owner_id: UserId,
) -> Result<Option<File>, StoreError> {
    let row = files::table
        .filter(files::owner_id.eq(owner_id.uuid()).and(files::purpose.eq(Purpose::Avatar.as_str())))
        .select(FileRow::as_select())
        .first(connection)
        .await;
    row.optional().map_err(store_error)?.map(File::try_from).transpose()
}

/// Takes a file away.
pub(crate) async fn remove(connection: &mut Line<'_>, id: FileId) -> Result<(), StoreError> {
    let affected =
        diesel::delete(files::table.find(id.uuid())).execute(connection).await.map_err(store_error)?;
    exactly_one(affected, "file")
}

/// Writes into somebody's profile where their picture is.
pub(crate) async fn set_avatar_url(
    connection: &mut Line<'_>,
    user_id: UserId,
    url: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let affected = diesel::update(profiles::table.find(user_id.uuid()))
        .set((
            profiles::avatar_url.eq(url),
            profiles::updated_at.eq(now),
            profiles::version.eq(profiles::version + 1),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "profile")
}

const UPLOADED_SINCE: &str = "\
    SELECT count(*) AS count, coalesce(sum(size_bytes), 0)::bigint AS bytes
    FROM files
    WHERE owner_id = $1 AND created_at > $2 AND purpose = $3";

#[derive(QueryableByName)]
struct UploadedRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// What somebody has uploaded to be attached.
pub(crate) async fn uploaded_since(
    connection: &mut Line<'_>,
    owner_id: UserId,
    since: DateTime<Utc>,
) -> Result<Uploaded, StoreError> {
    let UploadedRow { count, bytes } = statement(UPLOADED_SINCE)
        .bind::<SqlUuid, _>(owner_id.uuid())
        .bind::<Timestamptz, _>(since)
        .bind::<Text, _>(Purpose::Attachment.as_str())
        .get_result(connection)
        .await
        .map_err(store_error)?;
    let positive = |number: i64| {
        u64::try_from(number).map_err(|_| corrupt("files", "size_bytes", owner_id, "adds up below zero"))
    };
    Ok(Uploaded { count: positive(count)?, bytes: positive(bytes)? })
}
