//! Chats: how they come about, writing, reading, keys, and races.

use adapter_memory::{Fault, Operation};
use domain::actor::Actor;
use domain::event::Fact;
use domain::files::{FileList, Purpose};
use domain::ids::{ChatId, FileId, MessageId, OrderId, UserId};
use domain::messaging::{MessageContent, MessageText, MessagingEvent, OpeningReason};
use domain::orders::OrderState;
use ports::environment::Clock;
use ports::messaging::{ChatList, ChatQueries, ChatView, MessageView};
use usecases::error::UseCaseError;
use usecases::files::ViewFile;
use usecases::messaging::{AnsweredChat, ListChats, ListMessages, OpenChat, ReadChat, SendMessage};
use uuid::Uuid;

use super::world::{
    Deal, EVERYTHING, Outcome, World, before, counter_terms, now, unknown_order, within, word,
};

impl World {
    async fn open_chat(&self, by: &Actor, order: OrderId, with: UserId) -> Outcome<AnsweredChat> {
        OpenChat(self.desk.clone()).execute(by, order, with, &self.once()).await
    }

    async fn say(&self, by: &Actor, chat: ChatId, text: &str) -> Outcome<MessageView> {
        self.send(by, chat, text, &[]).await
    }

    async fn send(&self, by: &Actor, chat: ChatId, text: &str, files: &[FileId]) -> Outcome<MessageView> {
        let files = FileList::of_message(files.to_vec()).unwrap();
        let content = MessageContent::new(MessageText::parse(text).ok(), files).unwrap();
        SendMessage(self.desk.clone()).execute(by, chat, content, &self.once()).await
    }

    async fn read(&self, by: &Actor, chat: ChatId, up_to: Option<MessageId>) -> Outcome<ChatView> {
        ReadChat(self.desk.clone()).execute(by, chat, up_to, &self.once()).await
    }

    async fn chats(&self, of: &Actor) -> ChatList {
        ListChats { chats: self.store.clone() }.execute(of, EVERYTHING).await.unwrap()
    }

    async fn messages(&self, by: &Actor, chat: ChatId) -> Result<Vec<MessageView>, UseCaseError> {
        let list = ListMessages { chats: self.store.clone(), passes: self.desk.passes.clone() };
        Ok(list.execute(by, chat, EVERYTHING).await?.rows)
    }

    /// The only chat of somebody who has one.
    async fn the_chat(&self, of: &Actor) -> ChatView {
        let list = self.chats(of).await;
        assert_eq!((list.chats.rows.len(), list.chats.total), (1, 1));
        list.chats.rows[0].clone()
    }
}

/// Why and by whom the chat was opened that the last fact tells of.
fn opening(facts: &[Fact]) -> (OpeningReason, UserId) {
    match facts.last() {
        Some(Fact::Messaging(MessagingEvent::ChatOpened { opened_by, reason, .. })) => (*reason, *opened_by),
        other => panic!("{other:?}"),
    }
}

fn nobody() -> ChatId {
    ChatId::new(Uuid::from_u128(404))
}

#[tokio::test]
async fn an_award_opens_a_chat_with_the_bids_message() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    assert_eq!(world.chats(&deal.client).await.chats.total, 0);
    world.award(&deal.client, deal.bid).await.unwrap();
    let facts = world.news();
    assert_eq!(opening(&facts), (OpeningReason::Award, deal.client.user_id));
    let (mine, theirs) = (world.the_chat(&deal.client).await, world.the_chat(&deal.provider).await);
    assert_eq!((mine.id, mine.order_id, mine.unread_count), (theirs.id, deal.order, 1));
    assert_eq!((theirs.unread_count, theirs.last_message.content.as_str()), (0, "I can do it"));
    assert_eq!(mine.participant.id, deal.provider.user_id);
    assert_eq!(theirs.last_message.sender_id, deal.provider.user_id);
    assert_eq!(world.chats(&deal.other_provider).await.chats.total, 0, "whoever lost has none");
}

#[tokio::test]
async fn a_counter_offer_opens_a_chat_and_nothing_opens_it_again() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.counter(&deal.client, deal.bid, counter_terms(9_000)).await.unwrap();
    assert_eq!(opening(&world.news()), (OpeningReason::CounterOffer, deal.client.user_id));
    let chat = world.the_chat(&deal.provider).await.id;
    world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
    world.accept_counter(&deal.provider, deal.bid).await.unwrap();
    world.award(&deal.client, deal.bid).await.unwrap();
    // Left and won again: the same two people about the same order.
    world.withdraw(&deal.provider, deal.bid).await.unwrap();
    let again = world.placed(&deal.provider, deal.order, 9_000).await;
    world.award(&deal.client, again).await.unwrap();
    assert!(!world.told().contains(&"chat.opened"));
    assert_eq!(world.the_chat(&deal.client).await.id, chat);
    assert_eq!(world.messages(&deal.client, chat).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_award_is_nothing_without_its_chat() {
    for operation in [Operation::ChatGrounds, Operation::InsertChat] {
        let world = World::new();
        let deal = Deal::offered(&world, &[]).await;
        world.store.fail_next(operation, Fault::Unavailable);
        assert_eq!(word(&world.award(&deal.client, deal.bid).await), "unavailable", "{operation:?}");
        assert_eq!(world.order(deal.order).await.card.state, OrderState::Open);
        assert_eq!(world.told(), [""; 0]);
        assert_eq!(world.chats(&deal.client).await.chats.total, 0);
    }
}

#[tokio::test]
async fn a_client_writes_to_a_bidder() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let opened = now(world.open_chat(&deal.client, deal.order, deal.provider.user_id).await.unwrap());
    assert!(opened.is_new);
    assert_eq!(opening(&world.news()), (OpeningReason::Written, deal.client.user_id));
    assert_eq!(opened.chat, world.the_chat(&deal.client).await);
    for (who, with) in [(&deal.client, &deal.provider), (&deal.provider, &deal.client)] {
        let found = now(world.open_chat(who, deal.order, with.user_id).await.unwrap());
        assert_eq!((found.is_new, found.chat.id), (false, opened.chat.id));
        assert_eq!(found.chat, world.the_chat(who).await, "as they see it");
    }
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn who_may_not_write_first_is_told_why() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let Deal { client, provider, other_client, other_provider, admin, order, bid } = &deal;
    let cases = [
        (admin, provider, "forbidden"),
        (other_client, provider, "not_found"),
        (client, other_provider, "not_a_bidder participant_id"),
        (client, client, "not_a_bidder participant_id"),
        (client, admin, "not_a_bidder participant_id"),
        (provider, client, "chat_not_opened open"),
        (provider, other_client, "chat_not_opened open"),
        (other_provider, client, "chat_not_opened open"),
    ];
    for (who, with, expected) in cases {
        assert_eq!(word(&world.open_chat(who, *order, with.user_id).await), expected);
        let unknown = world.open_chat(who, unknown_order(), with.user_id).await;
        assert_eq!(word(&unknown), if who == admin { "forbidden" } else { "not_found" });
    }
    let wanted = world.placed(other_provider, *order, 100).await;
    world.counter(client, wanted, counter_terms(90)).await.unwrap();
    world.news();
    let refused = world.open_chat(other_provider, *order, other_client.user_id).await;
    assert_eq!(word(&refused), "not_the_client participant_id", "they have a chat, with somebody else");
    world.block(admin, provider).await;
    let refused = world.open_chat(client, *order, provider.user_id).await;
    assert_eq!(word(&refused), "participant_unavailable unavailable");
    world.withdraw(provider, *bid).await.unwrap();
    let refused = world.open_chat(client, *order, provider.user_id).await;
    assert_eq!(word(&refused), "bid_withdrawn withdrawn");
    assert!(!world.told().contains(&"chat.opened"));
}

#[tokio::test]
async fn messages_are_told_and_unread_until_they_are_read() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let Deal { client, provider, .. } = &deal;
    let chat = world.the_chat(client).await.id;
    world.clock.set(world.in_hours(1));
    let sent = now(world.say(client, chat, "When?").await.unwrap());
    assert_eq!((sent.sender.id, sent.sender.name.as_str()), (client.user_id, "client"));
    assert_eq!((sent.chat_id, sent.is_read, sent.sent_at), (chat, false, world.clock.now()));
    let [Fact::Messaging(event @ MessagingEvent::MessageSent { message_id, .. })] = &world.news()[..] else {
        panic!("one fact")
    };
    assert_eq!((*message_id, event.author(), event.recipient()), (sent.id, client.user_id, provider.user_id));
    assert_eq!(world.messages(client, chat).await.unwrap()[0], sent, "as it was answered");
    let seen = world.the_chat(provider).await;
    assert_eq!((seen.unread_count, seen.updated_at), (1, world.clock.now()));

    // Looking marks nothing.
    world.messages(provider, chat).await.unwrap();
    assert_eq!(world.chats(provider).await.unread_total, 1);
    let read = now(world.read(provider, chat, None).await.unwrap());
    assert_eq!((read.unread_count, read), (0, world.the_chat(provider).await));
    let [Fact::Messaging(event @ MessagingEvent::MessagesRead { up_to, .. })] = &world.news()[..] else {
        panic!("one fact")
    };
    assert_eq!((*up_to, event.author()), (sent.id, provider.user_id));
    assert!(world.messages(client, chat).await.unwrap()[0].is_read);
    assert_eq!(world.chats(client).await.unread_total, 1, "the bid's message");

    // Again, or back: nothing happens.
    let first = world.messages(client, chat).await.unwrap()[1].id;
    for up_to in [None, Some(sent.id), Some(first)] {
        assert_eq!(now(world.read(provider, chat, up_to).await.unwrap()).unread_count, 0);
    }
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn a_chat_is_its_two_sides() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let chat = world.the_chat(&deal.client).await.id;
    let elsewhere = Deal { client: deal.other_client, ..deal };
    let order = world.posted(&elsewhere.client).await;
    world.placed(&deal.other_provider, order, 100).await;
    let other = now(world.open_chat(&deal.other_client, order, deal.other_provider.user_id).await.unwrap());
    let theirs = world.messages(&deal.other_client, other.chat.id).await.unwrap()[0].id;
    world.news();
    for (who, id, expected) in [
        (&deal.other_client, chat, "not_found"),
        (&deal.other_provider, chat, "not_found"),
        (&deal.client, nobody(), "not_found"),
        (&deal.client, other.chat.id, "not_found"),
        (&deal.admin, chat, "forbidden"),
        (&deal.admin, nobody(), "forbidden"),
    ] {
        assert_eq!(word(&world.say(who, id, "hello").await), expected);
        assert_eq!(word(&world.read(who, id, None).await), expected);
        assert_eq!(word(&world.messages(who, id).await), expected);
    }
    let not_of_this = world.read(&deal.client, chat, Some(theirs)).await;
    assert_eq!(word(&not_of_this), "not_found", "a message of another chat");
    assert_eq!(
        word(&ListChats { chats: world.store.clone() }.execute(&deal.admin, EVERYTHING).await),
        "forbidden"
    );
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn nobody_writes_to_an_account_that_is_blocked_or_from_one() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let chat = world.the_chat(&deal.client).await.id;
    world.block(&deal.admin, &deal.provider).await;
    assert_eq!(word(&world.say(&deal.client, chat, "there?").await), "participant_unavailable unavailable");
    // A request that was let in a moment before.
    assert_eq!(word(&world.say(&deal.provider, chat, "here!").await), "unauthorized");
    world.block(&deal.admin, &deal.client).await;
    for who in [&deal.client, &deal.provider] {
        let said = world.say(who, chat, "here!").await;
        assert_eq!(word(&said), "unauthorized", "who one is comes before whom one writes to");
    }
    assert_eq!(world.messages(&deal.client, chat).await.unwrap().len(), 1);
    assert_eq!(word(&world.read(&deal.client, chat, None).await), "done");
}

#[tokio::test]
async fn a_named_message_is_said_once() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let chat = world.the_chat(&deal.client).await.id;
    let named = world.named(&deal.client, "hello", 1);
    let sent = now(named.say(&deal.client, chat, "hello").await.unwrap());
    let again = before(named.say(&deal.client, chat, "hello").await.unwrap());
    assert_eq!(again.body, format!("{sent:?}"));
    assert_eq!(world.messages(&deal.client, chat).await.unwrap().len(), 2);
    assert_eq!(world.told(), ["message.sent"]);
    let named = world.named(&deal.client, "open", 1);
    let opened = now(named.open_chat(&deal.client, deal.order, deal.provider.user_id).await.unwrap());
    assert!(!opened.is_new);
    before(named.open_chat(&deal.client, deal.order, deal.provider.user_id).await.unwrap());
}

#[tokio::test]
async fn an_award_waits_for_a_chat_that_is_being_opened() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let mut held = world.store.hold_next(Operation::Commit);
    let opening = tokio::spawn({
        let (world, client, order, with) = (world.clone(), deal.client, deal.order, deal.provider.user_id);
        async move { now(world.open_chat(&client, order, with).await.unwrap()) }
    });
    held.reached().await;
    let award = tokio::spawn({
        let (world, client, bid) = (world.clone(), deal.client, deal.bid);
        async move { word(&world.award(&client, bid).await) }
    });
    world.store.until_waiting(1).await;
    held.release();
    let opened = within(opening).await.unwrap();
    assert_eq!(within(award).await.unwrap(), "done");
    assert!(opened.is_new);
    assert_eq!(world.the_chat(&deal.client).await.id, opened.chat.id);
    let told = world.told();
    assert_eq!(told.iter().filter(|name| **name == "chat.opened").count(), 1, "{told:?}");
}

#[tokio::test]
async fn whoever_writes_waits_for_an_award_that_opens_the_chat() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let mut held = world.store.hold_next(Operation::Commit);
    let award = tokio::spawn({
        let (world, client, bid) = (world.clone(), deal.client, deal.bid);
        async move { word(&world.award(&client, bid).await) }
    });
    held.reached().await;
    let opening = tokio::spawn({
        let (world, client, order, with) = (world.clone(), deal.client, deal.order, deal.provider.user_id);
        async move { now(world.open_chat(&client, order, with).await.unwrap()) }
    });
    world.store.until_waiting(1).await;
    held.release();
    assert_eq!(within(award).await.unwrap(), "done");
    let found = within(opening).await.unwrap();
    assert!(!found.is_new, "it is there by then");
    assert_eq!(found.chat.id, world.the_chat(&deal.provider).await.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_messages_at_once_none_is_lost() {
    for round in 0..5 {
        let world = World::new();
        let deal = Deal::active(&world, &[]).await;
        let chat = world.the_chat(&deal.client).await.id;
        let tasks: Vec<_> = (0..20)
            .map(|index| {
                let (world, who) = (world.clone(), if index % 2 == 0 { deal.client } else { deal.provider });
                tokio::spawn(async move {
                    if index % 5 == 0 {
                        world.read(&who, chat, None).await.unwrap();
                    }
                    now(world.say(&who, chat, "hello").await.unwrap()).id
                })
            })
            .collect();
        for task in tasks {
            within(task).await.unwrap();
        }
        let found = world.store.messages(chat, deal.client.user_id, EVERYTHING).await.unwrap().unwrap();
        assert_eq!((found.rows.len(), found.total), (21, 21), "round {round}: no gap");
        for who in [&deal.client, &deal.provider] {
            let is_unread = |message: &&MessageView| message.sender.id != who.user_id && !message.is_read;
            let unread = found.rows.iter().filter(is_unread).count();
            assert_eq!(world.chats(who).await.unread_total, i64::try_from(unread).unwrap(), "round {round}");
        }
    }
}

/// Whether somebody may have a file.
async fn may_have(world: &World, by: &Actor, id: FileId) -> bool {
    let view = ViewFile { files: world.store.clone(), passes: world.desk.passes.clone() };
    view.execute(by, id).await.is_ok()
}

fn files(message: &MessageView) -> Vec<(FileId, Option<String>)> {
    message.files.iter().map(|file| (file.id, file.download_url.clone())).collect()
}

#[tokio::test]
async fn files_of_messages_are_for_the_two_sides() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let chat = world.the_chat(&deal.client).await.id;
    let (first, second) = (
        world.file(&deal.provider, Purpose::Attachment).await,
        world.file(&deal.provider, Purpose::Attachment).await,
    );
    assert!(!may_have(&world, &deal.client, first).await, "not yet");
    let sent = now(world.send(&deal.provider, chat, "The outline", &[second, first]).await.unwrap());
    let link = |id: FileId| (id, Some(format!("link to {id}")));
    assert_eq!(files(&sent), [link(second), link(first)]);
    for by in [&deal.client, &deal.provider] {
        assert_eq!(files(&world.messages(by, chat).await.unwrap()[0]), [link(second), link(first)]);
        assert!(may_have(&world, by, first).await, "{:?}", by.role);
    }
    for by in [&deal.admin, &deal.other_client, &deal.other_provider] {
        assert!(!may_have(&world, by, first).await, "{:?}", by.role);
        assert!(world.messages(by, chat).await.is_err(), "{:?}", by.role);
    }
    // Only files, and then words again.
    let picture = world.file(&deal.client, Purpose::Attachment).await;
    let sent = now(world.send(&deal.client, chat, "", &[picture]).await.unwrap());
    assert_eq!((sent.content.as_str(), files(&sent)), ("", vec![link(picture)]));
    assert_eq!(world.the_chat(&deal.provider).await.last_message.content, "outline.pdf");
    assert_eq!(files(&now(world.say(&deal.client, chat, "Thanks").await.unwrap())), []);
    assert_eq!(world.the_chat(&deal.provider).await.last_message.content, "Thanks");
}

#[tokio::test]
async fn only_ones_own_files_are_sent_each_once() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let (client, provider) = (&deal.client, &deal.provider);
    let chat = world.the_chat(client).await.id;
    let (own, another) =
        (world.file(provider, Purpose::Attachment).await, world.file(provider, Purpose::Attachment).await);
    let (theirs, avatar) =
        (world.file(client, Purpose::Attachment).await, world.file(provider, Purpose::Avatar).await);
    let before = world.messages(client, chat).await.unwrap();
    for stranger in [theirs, avatar, FileId::new(Uuid::max())] {
        let outcome = world.send(provider, chat, "x", &[own, stranger]).await;
        assert_eq!(word(&outcome), "unknown_file attachments[1]");
    }
    now(world.attach(provider, deal.order, &[own]).await.unwrap());
    assert_eq!(word(&world.send(provider, chat, "x", &[another, own]).await), "file_attached");
    assert_eq!(world.messages(client, chat).await.unwrap(), before, "nothing was said");
    now(world.send(provider, chat, "x", &[another]).await.unwrap());
    assert_eq!(word(&world.send(provider, chat, "x", &[another]).await), "file_attached");
    assert_eq!(word(&world.attach(provider, deal.order, &[another]).await), "file_attached");
    // Strangers learn nothing of the files that they name.
    let stranger = &deal.other_provider;
    let file = world.file(stranger, Purpose::Attachment).await;
    assert_eq!(word(&world.send(stranger, chat, "x", &[file]).await), "not_found");
}

#[tokio::test]
async fn a_message_and_its_files_are_sent_together_or_not_at_all() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let chat = world.the_chat(&deal.client).await.id;
    let file = world.file(&deal.provider, Purpose::Attachment).await;
    let before_it = world.messages(&deal.client, chat).await.unwrap();
    let named = world.named(&deal.provider, "k", 1);
    for step in [
        Operation::LockChat,
        Operation::AddMessage,
        Operation::FindFiles,
        Operation::Attach,
        Operation::Append,
        Operation::Commit,
    ] {
        world.store.fail_next(step, Fault::Unavailable);
        let outcome = named.send(&deal.provider, chat, "", &[file]).await;
        assert_eq!(word(&outcome), "unavailable", "{step:?}");
        assert_eq!(world.messages(&deal.client, chat).await.unwrap(), before_it, "{step:?}");
    }
    now(named.send(&deal.provider, chat, "", &[file]).await.unwrap());
    before(named.send(&deal.provider, chat, "", &[file]).await.unwrap());
    assert_eq!(world.messages(&deal.client, chat).await.unwrap().len(), before_it.len() + 1);
}
