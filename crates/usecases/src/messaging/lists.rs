//! Looking at one's chats. Looking marks nothing as read.

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::ChatId;
use domain::messaging::policy;
use ports::list::{Slice, Window};
use ports::messaging::{ChatList, ChatQueries, MessageView};

use super::shown;
use crate::error::UseCaseError;
use crate::files::PassOffice;

/// Shows people their chats.
pub struct ListChats {
    /// Reads them.
    pub chats: Arc<dyn ChatQueries>,
}

impl ListChats {
    /// The actor's chats, the one in which something was last said first.
    ///
    /// # Errors
    /// `Forbidden` for administrators; those of storage.
    pub async fn execute(&self, actor: &Actor, window: Window) -> Result<ChatList, UseCaseError> {
        policy::converse(actor)?;
        Ok(self.chats.chats(actor.user_id, window).await?)
    }
}

/// Shows people what was said in one of their chats.
pub struct ListMessages {
    /// Reads them.
    pub chats: Arc<dyn ChatQueries>,
    /// Gives links to their files.
    pub passes: PassOffice,
}

impl ListMessages {
    /// The messages of a chat, newest first, with links to their files.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless one's own; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ChatId,
        window: Window,
    ) -> Result<Slice<MessageView>, UseCaseError> {
        policy::converse(actor)?;
        let found = self.chats.messages(id, actor.user_id, window).await?;
        let Slice { rows, total, next } = found.ok_or(UseCaseError::NotFound)?;
        let rows = rows.into_iter().map(|message| shown(&self.passes, message)).collect();
        Ok(Slice { rows, total, next })
    }
}
