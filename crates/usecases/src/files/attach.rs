//! Attaching files: the part that does not depend on what they are attached to.

use domain::files::{Attachment, File, FileAttached, OrderFull, UnknownFile};
use domain::ids::{FileId, UserId};
use domain::orders::Order;
use ports::files::AttachClaim;
use ports::store::UnitOfWork;

use crate::error::UseCaseError;

/// Attaches files of `owner_id`, all to this order, whose lock is held; nothing if there are none.
///
/// # Errors
/// `Conflict` when there is no room for them; else those of [`attach`].
pub(crate) async fn attach_to_order(
    work: &mut dyn UnitOfWork,
    owner_id: UserId,
    order: &Order,
    attachments: &[Attachment],
) -> Result<(), UseCaseError> {
    if attachments.is_empty() {
        return Ok(());
    }
    let present = work.attachments().count(order.id, owner_id).await?;
    OrderFull::check(order.state, present, attachments.len())
        .map_err(|error| UseCaseError::conflict(error.conflict(), &error))?;
    attach(work, owner_id, attachments, "file_ids").await?;
    Ok(())
}

/// Attaches files of `owner_id`, all to one thing, whose lock is held, and hands them out in their order;
/// nothing if there are none. `field` is where the request names them.
///
/// # Errors
/// `Conflict` for one that is attached already; `Unprocessable` for one that is not theirs. Then the
/// transaction is of no more use.
pub(crate) async fn attach(
    work: &mut dyn UnitOfWork,
    owner_id: UserId,
    attachments: &[Attachment],
    field: &'static str,
) -> Result<Vec<File>, UseCaseError> {
    if attachments.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<FileId> = attachments.iter().map(|attachment| attachment.file_id).collect();
    let known = work.attachments().files(&ids).await?;
    let (mut files, mut theirs, mut fault) = (Vec::new(), Vec::new(), None);
    for (index, attachment) in attachments.iter().enumerate() {
        let file = known.iter().find(|file| file.id == attachment.file_id).ok_or(UnknownFile);
        match file.and_then(|file| file.must_be_attachable_by(owner_id).map(|()| file)) {
            Ok(file) => {
                files.push(file.clone());
                theirs.push(attachment.clone());
            }
            Err(error) => {
                let unknown =
                    || UseCaseError::impossible("unknown_file", Some(format!("{field}[{index}]")), &error);
                fault.get_or_insert_with(unknown);
            }
        }
    }
    // What is attached already is told before what is not theirs (contract §1: 409, then 422).
    if !theirs.is_empty()
        && let AttachClaim::Taken = work.attachments().attach(&theirs).await?
    {
        return Err(UseCaseError::conflict(FileAttached.conflict(), &FileAttached));
    }
    fault.map_or(Ok(files), Err)
}
