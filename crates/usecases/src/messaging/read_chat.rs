//! Having read what the other side wrote.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::ids::{ChatId, MessageId};
use domain::messaging::policy;
use ports::messaging::ChatView;
use ports::store::UnitOfWork;

use super::{lock, view};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Marks messages as read.
pub struct ReadChat(pub Desk);

impl ReadChat {
    /// Marks everything up to a message as read, or all that is there; what was read stays read.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless one's own chat, and a message of it.
    pub async fn execute(
        &self,
        actor: &Actor,
        chat_id: ChatId,
        up_to: Option<MessageId>,
        once: &Once<ChatView>,
    ) -> Result<Answered<ChatView>, UseCaseError> {
        policy::converse(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Reading { desk: &self.0, actor, chat_id, up_to, now }, once, now).await
    }
}

struct Reading<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    chat_id: ChatId,
    up_to: Option<MessageId>,
    now: DateTime<Utc>,
}

impl Transaction for Reading<'_> {
    type Output = ChatView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<ChatView, UseCaseError> {
        let Self { desk, actor, chat_id, up_to, now } = self;
        let mut chat = lock(work, *chat_id).await?.chat;
        let up_to = match up_to {
            Some(id) => Some(work.chats().mark(*chat_id, *id).await?.ok_or(UseCaseError::NotFound)?),
            None => None,
        };
        if let Some(event) = chat.read(up_to, Issuer::from(*actor))? {
            work.chats().save_reading(&chat, actor.user_id).await?;
            let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
            desk.recorder.record(work, outcome, *now).await?;
        }
        view(work, *chat_id, actor.user_id).await
    }
}
