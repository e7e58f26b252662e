//! What files are attached to: the rows of `order_files` and `message_attachments`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::files::{Attachment, File, Purpose, StorageKey, SubmissionRef, Target};
use domain::ids::{ChatId, FileId, OrderId, UserId};
use ports::files::AttachClaim;
use ports::store::StoreError;
use uuid::Uuid;

use super::rows::FileRow;
use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::schema::{files, message_attachments, order_files};
use crate::statement::statement;

/// A row of `order_files`.
#[derive(Insertable)]
#[diesel(table_name = order_files, check_for_backend(diesel::pg::Pg))]
struct OfOrderRow {
    file_id: Uuid,
    order_id: i64,
    contract_id: Option<Uuid>,
    milestone: Option<i32>,
    submission: Option<i32>,
    attached_at: DateTime<Utc>,
}

/// A row of `message_attachments`. When it was attached is when the message was sent.
#[derive(Insertable)]
#[diesel(table_name = message_attachments, check_for_backend(diesel::pg::Pg))]
struct OfMessageRow {
    file_id: Uuid,
    chat_id: Uuid,
    seq: i64,
    place: i32,
}

fn of_order(
    file_id: FileId,
    order_id: OrderId,
    submission: Option<SubmissionRef>,
    attached_at: DateTime<Utc>,
) -> OfOrderRow {
    OfOrderRow {
        file_id: file_id.uuid(),
        order_id: order_id.number(),
        contract_id: submission.map(|submission| submission.contract_id.uuid()),
        milestone: submission.map(|submission| submission.milestone.number()),
        submission: submission.map(|submission| submission.number),
        attached_at,
    }
}

fn of_message(file_id: FileId, chat_id: ChatId, seq: i64, place: i32) -> OfMessageRow {
    OfMessageRow { file_id: file_id.uuid(), chat_id: chat_id.uuid(), seq, place }
}

/// Those of these files that there are, and will be until the transaction ends.
pub(crate) async fn find_all(connection: &mut Line<'_>, ids: &[FileId]) -> Result<Vec<File>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<FileRow> = files::table
        .filter(files::id.eq_any(ids))
        .order(files::id)
        .select(FileRow::as_select())
        .for_key_share()
        .load(connection)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(File::try_from).collect()
}

/// How many files of one side an order has.
pub(crate) async fn count(
    connection: &mut Line<'_>,
    order_id: OrderId,
    owner_id: UserId,
) -> Result<u64, StoreError> {
    let count: i64 = order_files::table
        .inner_join(files::table)
        .filter(order_files::order_id.eq(order_id.number()))
        .filter(files::owner_id.eq(owner_id.uuid()))
        .count()
        .get_result(connection)
        .await
        .map_err(store_error)?;
    u64::try_from(count).map_err(|_| corrupt("order_files", "file_id", order_id, "counts below zero"))
}

/// Attaches files; the primary key decides who was first, and between the two tables a trigger, which
/// leaves out what is taken. The others are attached all the same: whoever asked rolls back.
pub(crate) async fn attach(
    connection: &mut Line<'_>,
    attachments: &[Attachment],
) -> Result<AttachClaim, StoreError> {
    let (mut of_orders, mut of_messages) = (Vec::new(), Vec::new());
    for Attachment { file_id, target, attached_at } in attachments {
        match *target {
            Target::Order { order_id, submission } => {
                of_orders.push(of_order(*file_id, order_id, submission, *attached_at));
            }
            Target::Message { chat_id, seq, place } => {
                of_messages.push(of_message(*file_id, chat_id, seq, place));
            }
        }
    }
    let mut affected = 0;
    if !of_orders.is_empty() {
        affected += diesel::insert_into(order_files::table)
            .values(&of_orders)
            .on_conflict(order_files::file_id)
            .do_nothing()
            .execute(connection)
            .await
            .map_err(store_error)?;
    }
    if !of_messages.is_empty() {
        affected += diesel::insert_into(message_attachments::table)
            .values(&of_messages)
            .on_conflict(message_attachments::file_id)
            .do_nothing()
            .execute(connection)
            .await
            .map_err(store_error)?;
    }
    Ok(if affected == attachments.len() { AttachClaim::Granted } else { AttachClaim::Taken })
}

/// What somebody is attaching at this moment they hold, and it is passed over.
const LOCK_UNATTACHED: &str = "\
    SELECT waiting.id FROM files waiting
    WHERE waiting.purpose = $1 AND waiting.created_at < $2
      AND NOT EXISTS (SELECT FROM order_files WHERE order_files.file_id = waiting.id)
      AND NOT EXISTS (SELECT FROM message_attachments WHERE message_attachments.file_id = waiting.id)
    ORDER BY waiting.created_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED";

/// Asked again whether they are attached: by a statement of its own, which also sees what was committed
/// while they were being locked.
const TAKE_UNATTACHED: &str = "\
    DELETE FROM files
    WHERE id = ANY ($1)
      AND NOT EXISTS (SELECT FROM order_files WHERE order_files.file_id = files.id)
      AND NOT EXISTS (SELECT FROM message_attachments WHERE message_attachments.file_id = files.id)
    RETURNING storage_key";

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Text)]
    storage_key: String,
}

/// Takes away files that nobody attached.
pub(crate) async fn take_unattached(
    connection: &mut Line<'_>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<StorageKey>, StoreError> {
    let waiting: Vec<IdRow> = statement(LOCK_UNATTACHED)
        .bind::<Text, _>(Purpose::Attachment.as_str())
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(limit)
        .get_results(connection)
        .await
        .map_err(store_error)?;
    let ids: Vec<Uuid> = waiting.into_iter().map(|IdRow { id }| id).collect();
    let taking = statement(TAKE_UNATTACHED).bind::<Array<SqlUuid>, _>(ids);
    let rows: Vec<KeyRow> = taking.get_results(connection).await.map_err(store_error)?;
    let key = |KeyRow { storage_key }| {
        StorageKey::parse(&storage_key)
            .ok_or_else(|| corrupt("files", "storage_key", &storage_key, "is no storage key"))
    };
    rows.into_iter().map(key).collect()
}
