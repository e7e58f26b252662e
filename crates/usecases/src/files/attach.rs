//! Attaching files: the part that does not depend on what they are attached to.

use domain::files::{Attachment, OrderFull, UnknownFile};
use domain::ids::{FileId, UserId};
use ports::files::AttachClaim;
use ports::store::UnitOfWork;

use crate::error::UseCaseError;

/// Where a request names its files.
const FIELD: &str = "file_ids";

/// Attaches files of `owner_id`, all to one order, whose lock is held; nothing if there are none.
///
/// # Errors
/// `Unprocessable` for a file that is not theirs; `Conflict` for one that is attached already, and
/// when there is no room for them.
pub(crate) async fn attach(
    work: &mut dyn UnitOfWork,
    owner_id: UserId,
    attachments: &[Attachment],
) -> Result<(), UseCaseError> {
    let Some(Attachment { order_id, .. }) = attachments.first() else { return Ok(()) };
    let ids: Vec<FileId> = attachments.iter().map(|attachment| attachment.file_id).collect();
    let files = work.attachments().files(&ids).await?;
    for (index, id) in ids.iter().enumerate() {
        let file = files.iter().find(|file| file.id == *id).ok_or(UnknownFile);
        file.and_then(|file| file.must_be_attachable_by(owner_id)).map_err(|error| {
            UseCaseError::impossible("unknown_file", Some(format!("{FIELD}[{index}]")), &error)
        })?;
    }
    let present = work.attachments().count(*order_id).await?;
    OrderFull::check(present, attachments.len())
        .map_err(|error| conflict("too_many_files", error.to_string()))?;
    match work.attachments().attach(attachments).await? {
        AttachClaim::Granted => Ok(()),
        AttachClaim::Taken => {
            Err(conflict("file_attached", "a file is attached already; upload it again".to_owned()))
        }
    }
}

fn conflict(reason: &'static str, message: String) -> UseCaseError {
    UseCaseError::Conflict { reason, state: None, message: message.into(), present: None }
}
