//! Chats and their messages: rows, statements and questions.

pub(crate) mod opening;
mod queries;
pub(crate) mod repository;
pub(crate) mod views;

use domain::ids::UserId;
use ports::messaging::SenderView;
use ports::store::StoreError;
use uuid::Uuid;

use crate::identity::users::role;

/// Somebody as the other side of a chat sees them.
fn sender(id: Uuid, name: String, word: &str) -> Result<SenderView, StoreError> {
    Ok(SenderView { id: UserId::new(id), name, role: role(id, word)? })
}
