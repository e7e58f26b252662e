//! What was handed in: the rows of `submissions`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contracts::{Submission, SubmissionMessage};
use ports::store::StoreError;

use crate::error::store_error;
use crate::link::Line;
use crate::schema::submissions;

/// Keeps one handing in of a milestone.
pub(crate) async fn add(connection: &mut Line<'_>, submission: &Submission) -> Result<(), StoreError> {
    let Submission { contract_id, milestone, number, message, submitted_at } = submission;
    diesel::insert_into(submissions::table)
        .values((
            submissions::contract_id.eq(contract_id.uuid()),
            submissions::milestone.eq(milestone.number()),
            submissions::number.eq(*number),
            submissions::message.eq(message.as_ref().map(SubmissionMessage::as_str)),
            submissions::submitted_at.eq(*submitted_at),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}
