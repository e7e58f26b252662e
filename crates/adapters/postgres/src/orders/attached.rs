//! The files of an order, what was handed in for it and given beyond its price, as the statement for one
//! order tells them.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Nullable, Record, Text, Timestamptz, Uuid as SqlUuid};
use domain::files::{FileName, MediaType};
use domain::ids::{BonusId, FileId, MilestoneNumber, OrderId};
use domain::money::Currency;
use ports::orders::{BonusView, MilestoneView, OrderFileView, SubmissionView};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::corrupt;
use crate::identity::users::role;
use crate::money::named;

/// The files of the order in `orders`, in the order in which they were attached.
macro_rules! files {
    () => {
        "(SELECT array_agg(ROW (files.id, files.name, files.size_bytes, files.media_type, files.created_at,
                                users.role, attached.milestone, attached.submission)
                           ORDER BY attached.attached_at, files.id)
          FROM order_files attached
          JOIN files ON files.id = attached.file_id
          JOIN users ON users.id = files.owner_id
          WHERE attached.order_id = orders.id)"
    };
}
pub(super) use files;

/// What was handed in for the contract in `contracts`, in its order.
macro_rules! submissions {
    () => {
        "(SELECT array_agg(ROW (milestone, number, message, submitted_at) ORDER BY milestone, number)
          FROM submissions WHERE submissions.contract_id = contracts.id)"
    };
}
pub(super) use submissions;

/// What the client gave beyond the price of the contract in `contracts`, in its order.
macro_rules! bonuses {
    () => {
        "(SELECT array_agg(ROW (id, amount_minor, message, given_at) ORDER BY given_at, id)
          FROM bonuses WHERE bonuses.contract_id = contracts.id)"
    };
}
pub(super) use bonuses;

/// A file as [`files!`] tells it.
pub(super) type FileSql =
    Record<(SqlUuid, Text, BigInt, Text, Timestamptz, Text, Nullable<Integer>, Nullable<Integer>)>;
pub(super) type FileRow = (Uuid, String, i64, String, DateTime<Utc>, String, Option<i32>, Option<i32>);

/// A submission as [`submissions!`] tells it.
pub(super) type SubmissionSql = Record<(Integer, Integer, Nullable<Text>, Timestamptz)>;
pub(super) type SubmissionRow = (i32, i32, Option<String>, DateTime<Utc>);

/// A bonus as [`bonuses!`] tells it.
pub(super) type BonusSql = Record<(SqlUuid, BigInt, Nullable<Text>, Timestamptz)>;
pub(super) type BonusRow = (Uuid, i64, Option<String>, DateTime<Utc>);

/// One bonus.
pub(super) fn bonus(row: BonusRow, currency: Currency) -> Result<BonusView, StoreError> {
    let (id, amount_minor, message, given_at) = row;
    let amount = named("bonuses", "amount_minor", id, amount_minor, currency)?;
    Ok(BonusView { id: BonusId::new(id), amount, message, given_at })
}

/// One file of an order.
pub(super) fn file(row: FileRow) -> Result<OrderFileView, StoreError> {
    let (id, name, size_bytes, media_type, uploaded_at, word, milestone, submission) = row;
    let media_type =
        MediaType::from_word(&media_type).ok_or_else(|| corrupt("files", "media_type", id, "is no type"))?;
    let milestone = milestone.map(|number| {
        MilestoneNumber::new(number)
            .ok_or_else(|| corrupt("order_files", "milestone", id, "is no number of a milestone"))
    });
    Ok(OrderFileView {
        id: FileId::new(id),
        name: FileName::parse(&name, media_type).map_err(|problem| corrupt("files", "name", id, problem))?,
        size: u64::try_from(size_bytes).map_err(|_| corrupt("files", "size_bytes", id, "is negative"))?,
        media_type,
        uploaded_at,
        uploaded_by: role(id, &word)?,
        submission: milestone.transpose()?.zip(submission),
        download_url: None,
    })
}

/// Puts what was handed in to its milestones.
pub(super) fn hand_in(
    id: OrderId,
    milestones: &mut [MilestoneView],
    rows: Vec<SubmissionRow>,
) -> Result<(), StoreError> {
    for (milestone, number, message, submitted_at) in rows {
        let mut milestones = milestones.iter_mut();
        let of = milestones.find(|view| view.number.number() == milestone);
        let of = of.ok_or_else(|| corrupt("submissions", "milestone", id, "is no milestone of the order"))?;
        of.submissions.push(SubmissionView { number, message, submitted_at });
    }
    Ok(())
}
