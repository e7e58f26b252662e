//! Questions about chats: they see what is committed, and take no locks.

use async_trait::async_trait;
use domain::identity::User;
use domain::ids::{ChatId, UserId};
use domain::messaging::{Chat, Message};
use ports::list::{Slice, Window};
use ports::messaging::{ChatList, ChatQueries, ChatView, LastMessageView, MessageView, SenderView};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::snapshot::Snapshot;
use crate::store::MemoryStore;
use crate::tables::StoredChat;

pub(crate) fn sender(user: &User) -> SenderView {
    SenderView { id: user.id, name: user.full_name.as_str().to_owned(), role: user.role }
}

/// `None` unless the viewer is one of its sides.
pub(crate) fn chat_view(seen: &Snapshot<'_>, chat: &Chat, viewer_id: UserId) -> Option<ChatView> {
    let (me, other_id) = if viewer_id == chat.client_id {
        (chat.client, chat.provider_id)
    } else if viewer_id == chat.provider_id {
        (chat.provider, chat.client_id)
    } else {
        return None;
    };
    let last = seen.messages_in(chat.id).next_back()?;
    let Message { sender_id, content, sent_at, .. } = last;
    let content = match content.words() {
        "" => {
            let files = seen.files_of(last);
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
        }
        words => words.to_owned(),
    };
    Some(ChatView {
        id: chat.id,
        order_id: chat.order_id,
        order_title: seen.order(chat.order_id)?.details.title.as_str().to_owned(),
        participant: sender(seen.user(other_id)?),
        participant_avatar_url: seen.avatar_url(other_id),
        last_message: LastMessageView { content, sender_id: *sender_id, sent_at: *sent_at },
        unread_count: me.unread,
        updated_at: chat.updated_at,
    })
}

#[async_trait]
impl ChatQueries for MemoryStore {
    async fn chats(&self, user_id: UserId, window: Window) -> Result<ChatList, StoreError> {
        self.shared().enter_or_fail(Operation::Chats).await?;
        Ok(self.look(|seen| {
            let view = |stored: &StoredChat| Some((stored.activity, chat_view(seen, &stored.chat, user_id)?));
            let mut rows: Vec<_> = seen.all(|rows| &rows.chats).into_values().filter_map(view).collect();
            rows.sort_by_key(|(activity, _)| std::cmp::Reverse(*activity));
            let unread_total = rows.iter().map(|(_, chat)| chat.unread_count).sum();
            let Slice { rows, total, next } = slice(rows, window, |(activity, _)| *activity);
            let rows = rows.into_iter().map(|(_, chat)| chat).collect();
            ChatList { chats: Slice { rows, total, next }, unread_total }
        }))
    }

    async fn messages(
        &self,
        chat_id: ChatId,
        viewer_id: UserId,
        window: Window,
    ) -> Result<Option<Slice<MessageView>>, StoreError> {
        self.shared().enter_or_fail(Operation::Messages).await?;
        Ok(self.look(|seen| {
            let chat = &seen.chat(chat_id)?.chat;
            if ![chat.client_id, chat.provider_id].contains(&viewer_id) {
                return None;
            }
            let view = |message: &Message| {
                let sender = sender(seen.user(message.sender_id)?);
                Some((message.mark.seq, MessageView::new(message, chat, sender, &seen.files_of(message))))
            };
            let rows: Vec<_> = seen.messages_in(chat_id).rev().filter_map(view).collect();
            let Slice { rows, total, next } = slice(rows, window, |(seq, _)| *seq);
            Some(Slice { rows: rows.into_iter().map(|(_, message)| message).collect(), total, next })
        }))
    }
}
