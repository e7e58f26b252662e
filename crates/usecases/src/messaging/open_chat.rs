//! Wanting to write to the other side of an order: the chat is found, or made.

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::contracts::Outcome;
use domain::ids::{ChatId, OrderId, UserId};
use domain::messaging::{NewChat, OpenedChat, policy, provider_in};
use ports::messaging::{ChatClaim, ChatView};
use ports::store::UnitOfWork;

use super::view;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Opens chats.
pub struct OpenChat(pub Desk);

/// A chat, and whether it was made for this.
#[derive(Clone, Debug)]
pub struct AnsweredChat {
    /// As the actor sees it.
    pub chat: ChatView,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl OpenChat {
    /// The chat of an order's client with somebody who bid on it; made, if there is none and the actor
    /// may be the first to write.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` for strangers to the order; `Conflict` for a bid
    /// that was taken back, for a provider before the client has opened the way, and for an account
    /// that is closed or blocked; `Unprocessable` for the wrong person.
    pub async fn execute(
        &self,
        actor: &Actor,
        order_id: OrderId,
        with: UserId,
        once: &Once<AnsweredChat>,
    ) -> Result<Answered<AnsweredChat>, UseCaseError> {
        policy::converse(actor)?;
        let now = self.0.now();
        let new = self.0.recorder.new_chat(now);
        self.0.carry_out(&Opening { desk: &self.0, actor, order_id, with, new, now }, once, now).await
    }
}

struct Opening<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    order_id: OrderId,
    with: UserId,
    new: NewChat,
    now: DateTime<Utc>,
}

impl Transaction for Opening<'_> {
    type Output = AnsweredChat;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<AnsweredChat, UseCaseError> {
        let Self { desk, actor, order_id, with, new, now } = self;
        let provider_id = provider_in(actor, *with);
        // Read without a lock: nothing that happens to an order or a bid asks whether there is a chat, so
        // that whatever is decided at the same moment might as well have come after this. That there is
        // one chat only is the claim's to see to.
        let grounds = work.chats().grounds(*order_id, provider_id).await?.ok_or(UseCaseError::NotFound)?;
        if let Some(id) = grounds.standing(actor, *with)? {
            return self.found(work, id).await;
        }
        let other = work.users().standings(&[grounds.other_side(actor)]).await?.pop();
        let is_other_there = other.is_some_and(|other| other.state.may_enter().is_ok());
        let OpenedChat { chat, first, event } = grounds.open(*new, actor, *with, is_other_there, *now)?;
        match work.chats().insert(&chat, &first).await? {
            ChatClaim::Granted => {
                let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
                desk.recorder.record(work, outcome, *now).await?;
                Ok(AnsweredChat { chat: view(work, chat.id, actor.user_id).await?, is_new: true })
            }
            // Somebody else has opened it since; by now it is there to be seen.
            ChatClaim::Taken => {
                let found = work.chats().grounds(*order_id, provider_id).await?;
                let id = found.and_then(|grounds| grounds.chat_id);
                self.found(work, id.ok_or_else(|| UseCaseError::Internal("a chat has vanished".into()))?)
                    .await
            }
        }
    }
}

impl Opening<'_> {
    async fn found(&self, work: &mut dyn UnitOfWork, id: ChatId) -> Result<AnsweredChat, UseCaseError> {
        Ok(AnsweredChat { chat: view(work, id, self.actor.user_id).await?, is_new: false })
    }
}
