//! What the cases about chats are played with.

use domain::bidding::Bid;
use domain::ids::{ChatId, MessageId, UserId};
use domain::messaging::{
    Chat, Grounds, Message, MessageText, NewChat, NewMessage, OpenedChat, Opening, OpeningReason,
};
use domain::orders::Order;
use ports::messaging::{ChatClaim, LockedChat};
use ports::store::UnitOfWork;

use super::Subject;
use super::market_scene::{a_client, a_provider, client, few_details, placed, posted, provider};
use super::scene::{begin, commit, fresh_uuid, now, rollback};

pub(super) fn fresh_chat() -> NewChat {
    NewChat { id: ChatId::new(fresh_uuid()), first_message_id: MessageId::new(fresh_uuid()) }
}

/// What is known of an order and a provider.
pub(super) async fn grounds(work: &mut dyn UnitOfWork, order: &Order, provider_id: UserId) -> Grounds {
    let found = work.chats().grounds(order.id, provider_id).await.expect("the question is answered");
    found.expect("the order is there")
}

/// A chat that is stored nowhere yet.
pub(super) async fn new_chat(
    work: &mut dyn UnitOfWork,
    order: &Order,
    provider_id: UserId,
) -> (Chat, Message) {
    let opening = Opening {
        order_id: order.id,
        provider_id,
        opened_by: order.client_id,
        reason: OpeningReason::CounterOffer,
    };
    let grounds = Grounds { chat_id: None, ..grounds(work, order, provider_id).await };
    let opened = grounds.follow(&opening, fresh_chat(), now());
    let OpenedChat { chat, first, event: _ } = opened.expect("somebody has bid");
    (chat, first)
}

/// A chat, inserted.
pub(super) async fn open(work: &mut dyn UnitOfWork, order: &Order, provider_id: UserId) -> Chat {
    let (chat, first) = new_chat(work, order, provider_id).await;
    let claim = work.chats().insert(&chat, &first).await.expect("a chat is inserted");
    assert_eq!(claim, ChatClaim::Granted, "there is no other");
    chat
}

/// A chat, committed.
pub(super) async fn opened(subject: &Subject, order: &Order, provider_id: UserId) -> Chat {
    let mut work = begin(subject).await;
    let chat = open(work.as_mut(), order, provider_id).await;
    commit(work).await;
    chat
}

/// An order of this client with a bid of this provider.
pub(super) async fn bid_on(subject: &Subject, client_id: UserId, provider_id: UserId) -> (Order, Bid) {
    let order = posted(subject, client_id, few_details(), &[]).await;
    let bid = placed(subject, &order, provider_id, 100).await;
    (order, bid)
}

/// A chat of two people about an order of its own, committed.
pub(super) async fn chat_of(subject: &Subject, client_id: UserId, provider_id: UserId) -> Chat {
    let (order, _) = bid_on(subject, client_id, provider_id).await;
    opened(subject, &order, provider_id).await
}

/// A chat of two new people.
pub(super) async fn some_chat(subject: &Subject) -> Chat {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    chat_of(subject, client_id, provider_id).await
}

/// A message that is stored nowhere yet, of the client or of the provider.
pub(super) fn said(chat: &mut Chat, by_client: bool, text: &str) -> Message {
    let by = if by_client { client(chat.client_id) } else { provider(chat.provider_id) };
    let content = MessageText::parse(text).expect("a text").into();
    let new = NewMessage { id: MessageId::new(fresh_uuid()), content };
    chat.send(new, by, true, now()).expect("it is taken").0
}

/// Somebody says something.
pub(super) async fn say(subject: &Subject, chat: &mut Chat, by_client: bool, text: &str) -> Message {
    let message = said(chat, by_client, text);
    let mut work = begin(subject).await;
    work.chats().add_message(chat, &message).await.expect("the message is added");
    commit(work).await;
    message
}

/// Somebody has read up to a message.
pub(super) async fn read(subject: &Subject, chat: &mut Chat, by_client: bool, up_to: &Message) {
    let (reader_id, by) = if by_client {
        (chat.client_id, client(chat.client_id))
    } else {
        (chat.provider_id, provider(chat.provider_id))
    };
    let event = chat.read(Some(up_to.mark), by).expect("it is theirs");
    assert!(event.is_some(), "it was not read before");
    let mut work = begin(subject).await;
    work.chats().save_reading(chat, reader_id).await.expect("the watermark is saved");
    commit(work).await;
}

/// A chat as it is stored, locked by `work`.
pub(super) async fn locked(work: &mut dyn UnitOfWork, id: ChatId) -> LockedChat {
    work.chats().lock(id).await.expect("a chat is locked").expect("the chat is there")
}

/// What is committed of a chat.
pub(super) async fn reloaded(subject: &Subject, id: ChatId) -> LockedChat {
    let mut work = begin(subject).await;
    let found = locked(work.as_mut(), id).await;
    rollback(work).await;
    found
}
