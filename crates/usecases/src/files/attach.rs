//! Attaching files: the part that does not depend on what they are attached to.

use domain::files::{Attachment, OrderFull, UnknownFile};
use domain::ids::{FileId, UserId};
use domain::orders::Order;
use ports::files::AttachClaim;
use ports::store::UnitOfWork;

use crate::error::UseCaseError;

/// Where a request names its files.
const FIELD: &str = "file_ids";

/// Attaches files of `owner_id`, all to this order, whose lock is held; nothing if there are none.
///
/// # Errors
/// `Conflict` when there is no room for them, and for one that is attached already; `Unprocessable` for
/// one that is not theirs. Then the transaction is of no more use.
pub(crate) async fn attach(
    work: &mut dyn UnitOfWork,
    owner_id: UserId,
    order: &Order,
    attachments: &[Attachment],
) -> Result<(), UseCaseError> {
    if attachments.is_empty() {
        return Ok(());
    }
    let present = work.attachments().count(order.id).await?;
    OrderFull::check(present, attachments.len())
        .map_err(|error| conflict("too_many_files", order.state.as_str(), error.to_string()))?;
    let ids: Vec<FileId> = attachments.iter().map(|attachment| attachment.file_id).collect();
    let files = work.attachments().files(&ids).await?;
    let (mut theirs, mut fault) = (Vec::new(), None);
    for (index, attachment) in attachments.iter().enumerate() {
        let file = files.iter().find(|file| file.id == attachment.file_id).ok_or(UnknownFile);
        match file.and_then(|file| file.must_be_attachable_by(owner_id)) {
            Ok(()) => theirs.push(attachment.clone()),
            Err(error) => {
                let unknown =
                    || UseCaseError::impossible("unknown_file", Some(format!("{FIELD}[{index}]")), &error);
                fault.get_or_insert_with(unknown);
            }
        }
    }
    // What is attached already is told before what is not theirs (contract §1: 409, then 422).
    if !theirs.is_empty()
        && let AttachClaim::Taken = work.attachments().attach(&theirs).await?
    {
        let message = "a file is attached already; upload it again".to_owned();
        return Err(conflict("file_attached", "attached", message));
    }
    fault.map_or(Ok(()), Err)
}

fn conflict(reason: &'static str, state: &'static str, message: String) -> UseCaseError {
    UseCaseError::Conflict { reason, state, message: message.into(), present: None }
}
