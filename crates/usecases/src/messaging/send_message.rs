//! Writing something in a chat.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::ids::{ChatId, MessageId};
use domain::messaging::{MessageContent, NewMessage, policy};
use ports::messaging::MessageView;
use ports::store::UnitOfWork;

use super::{lock, shown};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::files::attach;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Writes messages.
pub struct SendMessage(pub Desk);

impl SendMessage {
    /// Says something to the other side, and sends files that the actor has uploaded.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless one's own chat; `Conflict` when the other
    /// side's account is closed or blocked, and for a file that is attached already; `Unprocessable`
    /// for a file that is not theirs.
    pub async fn execute(
        &self,
        actor: &Actor,
        chat_id: ChatId,
        content: MessageContent,
        once: &Once<MessageView>,
    ) -> Result<Answered<MessageView>, UseCaseError> {
        policy::converse(actor)?;
        let now = self.0.now();
        let new = NewMessage { id: MessageId::new(self.0.recorder.ids.uuid(now)), content };
        self.0.carry_out(&Sending { desk: &self.0, actor, chat_id, new, now }, once, now).await
    }
}

struct Sending<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    chat_id: ChatId,
    new: NewMessage,
    now: DateTime<Utc>,
}

impl Transaction for Sending<'_> {
    type Output = MessageView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<MessageView, UseCaseError> {
        let Self { desk, actor, chat_id, new, now } = self;
        let mut locked = lock(work, *chat_id).await?;
        let (me, other) = locked.seen_by(actor.user_id).ok_or(UseCaseError::NotFound)?;
        // The request may have been let in a moment before.
        if !me.is_there {
            let message = "this account has been closed or blocked".into();
            return Err(UseCaseError::Unauthorized { reason: None, message });
        }
        let (sender, is_other_there) = (me.person.clone(), other.is_there);
        let chat = &mut locked.chat;
        let (message, event) = chat.send(new.clone(), Issuer::from(*actor), is_other_there, *now)?;
        work.chats().add_message(chat, &message).await?;
        let files = attach(work, actor.user_id, &message.attachments(), "attachments").await?;
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        Ok(shown(&desk.passes, MessageView::new(&message, chat, sender, &files)))
    }
}
