//! Lists of chats and of messages.

use domain::identity::Role;
use domain::ids::{ChatId, MessageId, UserId};
use domain::messaging::{Chat, Message};
use ports::list::{Slice, Window};
use ports::messaging::{ChatList, MessageView, SenderView};

use super::Subject;
use super::chat_scene::{bid_on, chat_of, opened, read, say, some_chat};
use super::market_scene::{a_client, a_provider, stored_person};
use super::scene::{fresh_uuid, must_end};

pub(super) const EVERYTHING: Window = Window::Page { offset: 0, limit: 100 };

async fn list(subject: &Subject, user_id: UserId, window: Window) -> ChatList {
    must_end(subject.chats.chats(user_id, window), "a question").await.expect("the question is answered")
}

async fn messages(subject: &Subject, chat: &Chat, viewer: UserId, window: Window) -> Slice<MessageView> {
    let found = subject.chats.messages(chat.id, viewer, window).await.expect("the question is answered");
    found.expect("the viewer is one of the two")
}

fn ids(list: &ChatList) -> Vec<ChatId> {
    list.chats.rows.iter().map(|chat| chat.id).collect()
}

fn message_ids(found: &Slice<MessageView>) -> Vec<MessageId> {
    found.rows.iter().map(|message| message.id).collect()
}

pub(super) async fn a_chat_shows_the_other_side_and_what_was_said_last(subject: &Subject) {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    let (order, bid) = bid_on(subject, client_id, provider_id).await;
    let mut chat = opened(subject, &order, provider_id).await;
    for (viewer, other, role, unread) in
        [(client_id, provider_id, Role::Writer, 1), (provider_id, client_id, Role::Client, 0)]
    {
        let ChatList { chats, unread_total } = list(subject, viewer, EVERYTHING).await;
        assert_eq!((chats.rows.len(), chats.total, chats.next, unread_total), (1, 1, None, unread));
        let shown = &chats.rows[0];
        assert_eq!((shown.id, shown.order_id), (chat.id, order.id));
        assert_eq!(shown.order_title, order.details.title.as_str());
        let participant = SenderView { id: other, name: "Ádá Lovelace".to_owned(), role };
        assert_eq!((&shown.participant, &shown.participant_avatar_url), (&participant, &None));
        assert_eq!(shown.last_message.content, bid.message.as_str());
        assert_eq!((shown.last_message.sender_id, shown.last_message.sent_at), (provider_id, bid.asked_at));
        assert_eq!((shown.unread_count, shown.updated_at), (unread, chat.updated_at));
    }
    let message = say(subject, &mut chat, true, "Zeile 1\n\"Zeile\" 2").await;
    for (viewer, unread) in [(client_id, 1), (provider_id, 1)] {
        let found = list(subject, viewer, EVERYTHING).await;
        let shown = &found.chats.rows[0];
        assert_eq!(
            (shown.last_message.content.as_str(), shown.unread_count),
            (message.content.words(), unread)
        );
        assert_eq!((shown.last_message.sender_id, shown.updated_at), (client_id, message.sent_at));
    }
    let stranger = list(subject, a_client(subject).await, EVERYTHING).await;
    assert_eq!(stranger, ChatList { chats: Slice { rows: vec![], total: 0, next: None }, unread_total: 0 });
}

pub(super) async fn chats_are_listed_by_what_was_said_last(subject: &Subject) {
    let me = a_provider(subject).await;
    let mut chats = Vec::new();
    for _ in 0..3 {
        chats.push(chat_of(subject, a_client(subject).await, me).await);
    }
    some_chat(subject).await;
    let expected = |order: [usize; 3], chats: &[Chat]| order.map(|index| chats[index].id).to_vec();
    assert_eq!(ids(&list(subject, me, EVERYTHING).await), expected([2, 1, 0], &chats));
    // Whoever says it.
    say(subject, &mut chats[0], false, "mine").await;
    assert_eq!(ids(&list(subject, me, EVERYTHING).await), expected([0, 2, 1], &chats));
    let last = say(subject, &mut chats[1], true, "theirs").await;
    assert_eq!(ids(&list(subject, me, EVERYTHING).await), expected([1, 0, 2], &chats));
    // Reading is nothing that was said.
    let first = chats[2].clone();
    read(subject, &mut chats[1], false, &last).await;
    assert_eq!(ids(&list(subject, me, EVERYTHING).await), expected([1, 0, 2], &chats));
    assert_eq!(list(subject, first.client_id, EVERYTHING).await.chats.total, 1, "each has their own");
}

pub(super) async fn what_is_unread_is_told_of_all_chats(subject: &Subject) {
    let me = a_client(subject).await;
    let mut chats = Vec::new();
    for _ in 0..3 {
        chats.push(chat_of(subject, me, a_provider(subject).await).await);
    }
    let page = Window::Page { offset: 0, limit: 1 };
    assert_eq!(list(subject, me, page).await.unread_total, 3, "the bids' messages");
    let last = say(subject, &mut chats[0], false, "one more").await;
    say(subject, &mut chats[1], true, "one's own").await;
    let found = list(subject, me, page).await;
    assert_eq!((found.chats.rows.len(), found.chats.total, found.unread_total), (1, 3, 4));
    read(subject, &mut chats[0], true, &last).await;
    let found = list(subject, me, Window::Page { offset: 7, limit: 1 }).await;
    assert_eq!((found.chats.rows.len(), found.chats.total, found.unread_total), (0, 3, 2), "past the end");
    assert_eq!(list(subject, chats[1].provider_id, page).await.unread_total, 1);
    assert_eq!(list(subject, chats[0].provider_id, page).await.unread_total, 0);
}

pub(super) async fn messages_are_shown_to_their_two_sides(subject: &Subject) {
    let client = stored_person(subject, Role::Client).await.id;
    let provider = stored_person(subject, Role::Freelancer).await.id;
    let mut chat = chat_of(subject, client, provider).await;
    let first = chat.last.message_id;
    let mine = say(subject, &mut chat, true, "mine").await;
    let theirs = say(subject, &mut chat, false, "Zeile 1\n\"Zeile\" 2\t\\").await;
    let expected = vec![theirs.mark.message_id, mine.mark.message_id, first];
    let is_read = |found: &Slice<MessageView>| -> Vec<bool> {
        found.rows.iter().map(|message| message.is_read).collect()
    };
    for viewer in [client, provider] {
        let found = messages(subject, &chat, viewer, EVERYTHING).await;
        assert_eq!((message_ids(&found), found.total, found.next), (expected.clone(), 3, None));
        assert_eq!(is_read(&found), [false, false, false], "looking marks nothing as read");
        let message = &found.rows[0];
        let sender = SenderView { id: provider, name: "Ádá Lovelace".to_owned(), role: Role::Freelancer };
        assert_eq!((&message.sender, message.chat_id), (&sender, chat.id));
        assert_eq!((message.content.as_str(), message.sent_at), (theirs.content.words(), theirs.sent_at));
        assert_eq!((found.rows[1].sender.id, found.rows[1].sender.role), (client, Role::Client));
    }
    let both = |found: [&Slice<MessageView>; 2]| found.map(is_read);
    read(subject, &mut chat, false, &mine).await;
    let seen = [
        &messages(subject, &chat, client, EVERYTHING).await,
        &messages(subject, &chat, provider, EVERYTHING).await,
    ];
    assert_eq!(both(seen), [[false, true, false]; 2], "the provider has read what the client said");
    read(subject, &mut chat, true, &theirs).await;
    let seen = [
        &messages(subject, &chat, client, EVERYTHING).await,
        &messages(subject, &chat, provider, EVERYTHING).await,
    ];
    assert_eq!(both(seen), [[true, true, true]; 2]);
    for (id, viewer) in [
        (chat.id, a_client(subject).await),
        (chat.id, a_provider(subject).await),
        (ChatId::new(fresh_uuid()), client),
    ] {
        let nothing = subject.chats.messages(id, viewer, EVERYTHING).await.expect("an answer");
        assert_eq!(nothing, None, "there is nothing for a stranger");
    }
}

pub(super) async fn lists_of_chats_are_cut_into_pages(subject: &Subject) {
    let me = a_client(subject).await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.insert(0, chat_of(subject, me, a_provider(subject).await).await.id);
    }
    for (offset, rows, has_next) in [(0, 2, true), (2, 2, true), (3, 2, false), (4, 1, false), (9, 0, false)]
    {
        let window = Window::Page { offset: i64::try_from(offset).expect("a small number"), limit: 2 };
        let page = list(subject, me, window).await;
        let expected: Vec<_> = all.iter().skip(offset).take(rows).copied().collect();
        assert_eq!(
            (ids(&page), page.chats.total, page.chats.next.is_some()),
            (expected, 5, has_next),
            "{offset}"
        );
    }
    let (mut seen, mut window) = (Vec::new(), Window::Page { offset: 0, limit: 2 });
    loop {
        let page = list(subject, me, window).await;
        seen.extend(ids(&page));
        chat_of(subject, me, a_provider(subject).await).await;
        let Some(position) = page.chats.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, all, "nothing twice and nothing left out");
}

pub(super) async fn lists_of_messages_are_cut_into_pages(subject: &Subject) {
    let mut chat = some_chat(subject).await;
    let mut all = vec![chat.last.message_id];
    for number in 0..4 {
        let Message { mark, .. } = say(subject, &mut chat, number % 2 == 0, "more").await;
        all.insert(0, mark.message_id);
    }
    let me = chat.provider_id;
    for (offset, rows, has_next) in
        [(0, 2, true), (2, 2, true), (3, 2, false), (4, 1, false), (5, 0, false), (usize::MAX >> 1, 0, false)]
    {
        let window = Window::Page { offset: i64::try_from(offset).expect("a number"), limit: 2 };
        let page = messages(subject, &chat, me, window).await;
        let expected: Vec<_> = all.iter().skip(offset).take(rows).copied().collect();
        assert_eq!(
            (message_ids(&page), page.total, page.next.is_some()),
            (expected, 5, has_next),
            "{offset}"
        );
    }
    let (mut seen, mut window) = (Vec::new(), Window::Page { offset: 0, limit: 2 });
    loop {
        let page = messages(subject, &chat, me, window).await;
        seen.extend(message_ids(&page));
        say(subject, &mut chat, true, "meanwhile").await;
        let Some(position) = page.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, all, "nothing twice and nothing left out");
}
