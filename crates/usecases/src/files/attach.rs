//! Attaching files: the part that does not depend on what they are attached to.

use domain::files::{Attachment, File, OrderFull, Target, UnknownFile};
use domain::ids::{FileId, UserId};
use ports::files::AttachClaim;
use ports::store::UnitOfWork;

use crate::error::UseCaseError;

/// Attaches files of `owner_id`, all to one thing, whose lock is held, and hands them out in their
/// order; nothing if there are none. `field` is where the request names them.
///
/// # Errors
/// `Unprocessable` for a file that is not theirs; `Conflict` for one that is attached already, and
/// when there is no room for them.
pub(crate) async fn attach(
    work: &mut dyn UnitOfWork,
    owner_id: UserId,
    attachments: &[Attachment],
    field: &'static str,
) -> Result<Vec<File>, UseCaseError> {
    let Some(Attachment { target, .. }) = attachments.first() else { return Ok(Vec::new()) };
    let ids: Vec<FileId> = attachments.iter().map(|attachment| attachment.file_id).collect();
    let known = work.attachments().files(&ids).await?;
    let mut files = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let file = known.iter().find(|file| file.id == *id).ok_or(UnknownFile);
        let file = file.and_then(|file| file.must_be_attachable_by(owner_id).map(|()| file));
        files.push(file.cloned().map_err(|error| {
            UseCaseError::impossible("unknown_file", Some(format!("{field}[{index}]")), &error)
        })?);
    }
    match target {
        Target::Order { order_id, .. } => {
            let present = work.attachments().count(*order_id).await?;
            OrderFull::check(present, attachments.len())
                .map_err(|error| conflict("too_many_files", error.to_string()))?;
        }
        // As many as its list has room for.
        Target::Message { .. } => {}
    }
    match work.attachments().attach(attachments).await? {
        AttachClaim::Granted => Ok(files),
        AttachClaim::Taken => {
            Err(conflict("file_attached", "a file is attached already; upload it again".to_owned()))
        }
    }
}

fn conflict(reason: &'static str, message: String) -> UseCaseError {
    UseCaseError::Conflict { reason, state: None, message: message.into(), present: None }
}
