//! Chats and their messages.

use async_trait::async_trait;
use domain::identity::User;
use domain::ids::{ChatId, MessageId, OrderId, UserId};
use domain::messaging::{Chat, FirstWords, Grounds, Mark, Message, StandingBid};
use domain::orders::policy::OrderAccess;
use ports::identity::Lock;
use ports::messaging::{ChatClaim, ChatView, Chats, LockedChat, MemberView};
use ports::store::StoreError;

use crate::chat_queries::{chat_view, sender};
use crate::faults::Operation;
use crate::locks::{Acquired, Row};
use crate::snapshot::Snapshot;
use crate::tables::StoredChat;
use crate::work::{MemoryWork, duplicate};

const STALE: StoreError = StoreError::Stale { what: "chat" };

fn grounds(seen: &Snapshot<'_>, order_id: OrderId, provider_id: UserId) -> Option<Grounds> {
    let order = seen.order(order_id)?;
    let newest = seen.bids_on(order_id).rev().find(|bid| bid.provider_id == provider_id);
    let bid = newest.map(|bid| StandingBid {
        state: bid.state,
        words: FirstWords { message: bid.message.clone(), said_at: bid.asked_at },
    });
    let chat_id = seen.chat_between(order_id, order.client_id, provider_id).map(|stored| stored.chat.id);
    Some(Grounds { order_id, order: OrderAccess::from(order), provider_id, bid, chat_id })
}

fn member(user: &User) -> MemberView {
    MemberView { person: sender(user), is_there: user.may_enter().is_ok() }
}

fn locked(seen: &Snapshot<'_>, id: ChatId) -> Option<LockedChat> {
    let chat = seen.chat(id)?.chat.clone();
    let (client, provider) = (member(seen.user(chat.client_id)?), member(seen.user(chat.provider_id)?));
    Some(LockedChat { chat, client, provider })
}

impl MemoryWork {
    async fn insert_chat(&mut self, chat: &Chat, first: &Message) -> Result<ChatClaim, StoreError> {
        self.must_have_order(chat.order_id, "chats_order_id_fkey")?;
        self.must_have_account(chat.client_id, "chats_client_id_fkey")?;
        self.must_have_account(chat.provider_id, "chats_provider_id_fkey")?;
        if self.look(|seen| seen.chat(chat.id).is_some()) {
            return Err(duplicate("chats_pkey"));
        }
        // Claims the entry in the unique index: waits for whoever is claiming it.
        let entry = Row::ChatBetween(chat.order_id, chat.client_id, chat.provider_id);
        let acquired = self.acquire(entry.clone(), Lock::Exclusive).await?;
        let is_taken =
            self.look(|seen| seen.chat_between(chat.order_id, chat.client_id, chat.provider_id).is_some());
        if is_taken {
            if acquired == Acquired::Newly {
                self.shared.locks.release(self.holder, &entry);
            }
            return Ok(ChatClaim::Taken);
        }
        self.acquire(Row::Chat(chat.id), Lock::Exclusive).await?;
        let activity = self.shared.next_chat_activity();
        self.written.chats.insert(chat.id, StoredChat { chat: chat.clone(), activity });
        self.insert_message(first)?;
        Ok(ChatClaim::Granted)
    }

    fn insert_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let id = message.mark.message_id;
        let is_known = self.look(|seen| {
            let mut known = seen.all(|rows| &rows.messages).into_values();
            known.any(|known| known.mark.message_id == id)
        });
        if is_known {
            return Err(duplicate("messages_id_once"));
        }
        self.written.messages.insert((message.chat_id, message.mark.seq), message.clone());
        Ok(())
    }

    async fn lock_chat(&mut self, id: ChatId) -> Result<Option<LockedChat>, StoreError> {
        if self.look(|seen| seen.chat(id).is_none()) {
            return Ok(None);
        }
        self.acquire(Row::Chat(id), Lock::Exclusive).await?;
        Ok(self.look(|seen| locked(seen, id)))
    }

    async fn append_message(&mut self, chat: &Chat, message: &Message) -> Result<(), StoreError> {
        self.acquire(Row::Chat(chat.id), Lock::Exclusive).await?;
        let stored = self.look(|seen| seen.chat(chat.id).cloned());
        let mut stored = stored
            .filter(|of| of.chat.last.seq + 1 == message.mark.seq)
            .ok_or_else(|| StoreError::Refused("a message that is not the next one of its chat".into()))?;
        let Chat {
            id,
            order_id: _,
            client_id: _,
            provider_id: _,
            client,
            provider,
            last,
            created_at: _,
            updated_at,
        } = chat;
        stored.chat.last = *last;
        stored.chat.updated_at = *updated_at;
        stored.chat.client.unread = client.unread;
        stored.chat.provider.unread = provider.unread;
        stored.activity = self.shared.next_chat_activity();
        self.insert_message(message)?;
        self.written.chats.insert(*id, stored);
        Ok(())
    }

    async fn save_watermark(&mut self, chat: &Chat, reader_id: UserId) -> Result<(), StoreError> {
        self.acquire(Row::Chat(chat.id), Lock::Exclusive).await?;
        let mut stored = self.look(|seen| seen.chat(chat.id).cloned()).ok_or(STALE)?;
        let (was, is) = if reader_id == stored.chat.client_id {
            (&mut stored.chat.client, chat.client)
        } else if reader_id == stored.chat.provider_id {
            (&mut stored.chat.provider, chat.provider)
        } else {
            return Err(STALE);
        };
        if was.read_seq > is.read_seq {
            return Err(STALE);
        }
        *was = is;
        self.written.chats.insert(chat.id, stored);
        Ok(())
    }

    fn place_of(&self, chat_id: ChatId, id: MessageId) -> Option<Mark> {
        self.look(|seen| {
            let mut said = seen.messages_in(chat_id).map(|message| message.mark);
            said.find(|mark| mark.message_id == id)
        })
    }
}

#[async_trait]
impl Chats for MemoryWork {
    async fn grounds(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Grounds>, StoreError> {
        self.start(Operation::ChatGrounds).await?;
        let found = self.look(|seen| grounds(seen, order_id, provider_id));
        self.finish(Ok(found))
    }

    async fn insert(&mut self, chat: &Chat, first: &Message) -> Result<ChatClaim, StoreError> {
        self.start(Operation::InsertChat).await?;
        let outcome = self.insert_chat(chat, first).await;
        self.finish(outcome)
    }

    async fn lock(&mut self, id: ChatId) -> Result<Option<LockedChat>, StoreError> {
        self.start(Operation::LockChat).await?;
        let outcome = self.lock_chat(id).await;
        self.finish(outcome)
    }

    async fn mark(&mut self, chat_id: ChatId, id: MessageId) -> Result<Option<Mark>, StoreError> {
        self.start(Operation::FindMessage).await?;
        let found = self.place_of(chat_id, id);
        self.finish(Ok(found))
    }

    async fn add_message(&mut self, chat: &Chat, message: &Message) -> Result<(), StoreError> {
        self.start(Operation::AddMessage).await?;
        let outcome = self.append_message(chat, message).await;
        self.finish(outcome)
    }

    async fn save_reading(&mut self, chat: &Chat, reader_id: UserId) -> Result<(), StoreError> {
        self.start(Operation::SaveReading).await?;
        let outcome = self.save_watermark(chat, reader_id).await;
        self.finish(outcome)
    }

    async fn view(&mut self, id: ChatId, viewer_id: UserId) -> Result<Option<ChatView>, StoreError> {
        self.start(Operation::ChatInside).await?;
        let found = self.look(|seen| chat_view(seen, &seen.chat(id)?.chat, viewer_id));
        self.finish(Ok(found))
    }
}
