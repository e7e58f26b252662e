//! Questions about chats: one statement each.

use async_trait::async_trait;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::ids::{ChatId, UserId};
use futures_util::FutureExt;
use ports::list::{Slice, Window};
use ports::messaging::{ChatList, ChatQueries, ChatView, MessageView};
use ports::store::StoreError;

use super::views::{ChatRow, CountRow, MessageRow, TallyRow, listed, messages};
use crate::list::{Beside, Range};
use crate::pool::Database;

/// The rows in the words of the ports.
fn shown<R, V: TryFrom<R, Error = StoreError>>(slice: Slice<R>) -> Result<Slice<V>, StoreError> {
    let Slice { rows, total, next } = slice;
    let rows = rows.into_iter().map(V::try_from).collect::<Result<_, _>>()?;
    Ok(Slice { rows, total, next })
}

#[async_trait]
impl ChatQueries for Database {
    async fn chats(&self, user_id: UserId, window: Window) -> Result<ChatList, StoreError> {
        let range = Range::of(window);
        let Range { before, offset, limit, reach: _ } = range;
        let question =
            listed(user_id).bind::<BigInt, _>(before).bind::<BigInt, _>(offset).bind::<BigInt, _>(limit);
        let rows: Vec<Beside<TallyRow, ChatRow>> = self
            .reads()
            .ask(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        let (TallyRow { total, unread_total }, rows) = Beside::split(rows)?;
        let chats = shown::<ChatRow, ChatView>(range.slice(rows, total, |row| row.id))?;
        Ok(ChatList { chats, unread_total })
    }

    async fn messages(
        &self,
        chat_id: ChatId,
        viewer_id: UserId,
        window: Window,
    ) -> Result<Option<Slice<MessageView>>, StoreError> {
        let range = Range::of(window);
        let Range { before, offset, limit, reach: _ } = range;
        let question = messages(chat_id, viewer_id)
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(offset)
            .bind::<BigInt, _>(limit);
        let rows: Vec<Beside<CountRow, MessageRow>> = self
            .reads()
            .ask(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let (CountRow { total }, rows) = Beside::split(rows)?;
        Ok(Some(shown::<MessageRow, MessageView>(range.slice(rows, total, |row| row.id))?))
    }
}
