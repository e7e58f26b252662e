//! Chats: writing to each other about an order, and reading (contract §6).
//!
//! Those that an award or a counter-offer opens are written by the [`Recorder`], in the transaction of
//! that command.

mod lists;
mod open_chat;
mod read_chat;
mod send_message;

use chrono::{DateTime, Utc};
use domain::event::Fact;
use domain::ids::{ChatId, MessageId, UserId};
use domain::messaging::{NewChat, OpenedChat, Opening};
use ports::messaging::{ChatClaim, ChatView, LockedChat, MessageView};
use ports::store::{StoreError, UnitOfWork};

use crate::error::UseCaseError;
use crate::files::PassOffice;
use crate::recorder::Recorder;

pub use lists::{ListChats, ListMessages};
pub use open_chat::{AnsweredChat, OpenChat};
pub use read_chat::ReadChat;
pub use send_message::SendMessage;

/// A chat under its lock.
async fn lock(work: &mut dyn UnitOfWork, id: ChatId) -> Result<LockedChat, UseCaseError> {
    work.chats().lock(id).await?.ok_or(UseCaseError::NotFound)
}

/// A chat that was written a moment ago, as one of its sides sees it.
async fn view(work: &mut dyn UnitOfWork, id: ChatId, viewer_id: UserId) -> Result<ChatView, UseCaseError> {
    let found = work.chats().view(id, viewer_id).await?;
    found.ok_or_else(|| UseCaseError::Internal(Box::new(StoreError::Stale { what: "chat" })))
}

/// A message for one of the two sides of its chat: with links to its files.
fn shown(passes: &PassOffice, mut message: MessageView) -> MessageView {
    for file in &mut message.files {
        file.download_url = Some(passes.issue(file.id));
    }
    message
}

impl Recorder {
    /// Opens the chat that has to be there because of what happened, unless it is there; hands out
    /// what is to be told of it.
    pub(crate) async fn open_chat(
        &self,
        work: &mut dyn UnitOfWork,
        opening: &Opening,
        now: DateTime<Utc>,
    ) -> Result<Option<Fact>, UseCaseError> {
        let grounds = work.chats().grounds(opening.order_id, opening.provider_id).await?;
        let opened = grounds.and_then(|grounds| grounds.follow(opening, self.new_chat(now), now));
        let Some(OpenedChat { chat, first, event }) = opened else { return Ok(None) };
        Ok(match work.chats().insert(&chat, &first).await? {
            ChatClaim::Granted => Some(event.into()),
            // One of the two has just opened it by writing.
            ChatClaim::Taken => None,
        })
    }

    fn new_chat(&self, now: DateTime<Utc>) -> NewChat {
        NewChat { id: ChatId::new(self.ids.uuid(now)), first_message_id: MessageId::new(self.ids.uuid(now)) }
    }
}
