//! Chats.

use async_trait::async_trait;
use domain::ids::{ChatId, MessageId, OrderId, UserId};
use domain::messaging::{Chat, Grounds, Mark, Message};
use ports::messaging::{ChatClaim, ChatView, Chats, LockedChat};
use ports::store::StoreError;

use super::PgUnitOfWork;
use super::kept::Kept;
use crate::messaging;

#[async_trait]
impl Chats for PgUnitOfWork {
    async fn grounds(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Grounds>, StoreError> {
        bounded!(self, |connection| messaging::opening::grounds(connection, order_id, provider_id))
    }

    async fn insert(&mut self, chat: &Chat, first: &Message) -> Result<ChatClaim, StoreError> {
        bounded!(self, |connection| messaging::opening::insert(connection, chat, first))
    }

    async fn lock(&mut self, id: ChatId) -> Result<Option<LockedChat>, StoreError> {
        opening!(self, |connection| messaging::repository::lock(connection, id))
    }

    async fn mark(&mut self, chat_id: ChatId, id: MessageId) -> Result<Option<Mark>, StoreError> {
        bounded!(self, |connection| messaging::repository::mark(connection, chat_id, id))
    }

    async fn add_message(&mut self, chat: &Chat, message: &Message) -> Result<(), StoreError> {
        self.keep(Kept::Message(Box::new((chat.clone(), message.clone())))).await
    }

    async fn save_reading(&mut self, chat: &Chat, reader_id: UserId) -> Result<(), StoreError> {
        bounded!(self, |connection| messaging::repository::save_reading(connection, chat, reader_id))
    }

    async fn view(&mut self, id: ChatId, viewer_id: UserId) -> Result<Option<ChatView>, StoreError> {
        bounded!(self, |connection| messaging::views::inside(connection, id, viewer_id))
    }
}
