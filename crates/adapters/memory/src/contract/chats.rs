//! Chats under their lock: opening them, writing in them, reading them.

use std::pin::pin;

use domain::actor::{Actor, Issuer};
use domain::bidding::BidState;
use domain::identity::{BlockReason, Role};
use domain::ids::{ChatId, MessageId, OrderId, SessionId, UserId};
use domain::messaging::{FirstWords, StandingBid};
use domain::orders::policy::OrderAccess;
use ports::messaging::{ChatClaim, LockedChat, MemberView, SenderView};
use ports::store::StoreError;

use super::Subject;
use super::bids::withdraw;
use super::chat_scene::{
    bid_on, grounds, locked, new_chat, open, opened, read, reloaded, said, say, some_chat,
};
use super::market_scene::{a_client, a_provider, placed, save_bids, some_order, stored_person};
use super::scene::{
    begin, commit, fresh_uuid, locked as locked_user, must_be_refused, must_end, must_wait, now, rollback,
    save,
};

fn person(id: UserId, role: Role) -> MemberView {
    MemberView { person: SenderView { id, name: "Ádá Lovelace".to_owned(), role }, is_there: true }
}

pub(super) async fn a_chat_is_found_as_it_was_stored(subject: &Subject) {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    let (order, bid) = bid_on(subject, client_id, provider_id).await;
    let mut work = begin(subject).await;
    let chat = open(work.as_mut(), &order, provider_id).await;
    let expected = LockedChat {
        chat: chat.clone(),
        client: person(client_id, Role::Client),
        provider: person(provider_id, Role::Writer),
    };
    assert_eq!(locked(work.as_mut(), chat.id).await, expected, "inside");
    for viewer in [client_id, provider_id] {
        let shown = work.chats().view(chat.id, viewer).await.expect("an answer").expect("it is shown");
        assert_eq!((shown.id, shown.last_message.content.as_str()), (chat.id, bid.message.as_str()));
    }
    assert_eq!(work.chats().view(chat.id, a_client(subject).await).await.expect("an answer"), None);
    let mut outside = begin(subject).await;
    assert_eq!(outside.chats().lock(chat.id).await.expect("an answer"), None, "not yet outside");
    rollback(outside).await;
    commit(work).await;
    assert_eq!(reloaded(subject, chat.id).await, expected);
    let mut work = begin(subject).await;
    let unknown = ChatId::new(fresh_uuid());
    assert_eq!(work.chats().lock(unknown).await.expect("an answer"), None);
    assert_eq!(work.chats().view(unknown, client_id).await.expect("an answer"), None);
    rollback(work).await;
}

pub(super) async fn the_beginning_of_a_chat_is_told(subject: &Subject) {
    let (client_id, me) = (a_client(subject).await, a_provider(subject).await);
    let (order, mut bid) = bid_on(subject, client_id, me).await;
    placed(subject, &order, a_provider(subject).await, 100).await;
    let mut work = begin(subject).await;
    let nowhere = OrderId::new(i64::MAX).expect("a number");
    assert_eq!(work.chats().grounds(nowhere, me).await.expect("an answer"), None);
    let known = grounds(work.as_mut(), &order, me).await;
    let words = FirstWords { message: bid.message.clone(), said_at: bid.asked_at };
    assert_eq!((known.order_id, known.provider_id), (order.id, me));
    assert_eq!(known.order, OrderAccess::from(&order));
    assert_eq!(known.bid, Some(StandingBid { state: BidState::Open, words }));
    assert_eq!(known.chat_id, None);
    assert_eq!(grounds(work.as_mut(), &order, a_provider(subject).await).await.bid, None, "no bid");
    rollback(work).await;

    // The newest bid counts, whatever became of earlier ones.
    withdraw(&mut bid, &order);
    save_bids(subject, std::slice::from_mut(&mut bid)).await;
    let mut work = begin(subject).await;
    let state = grounds(work.as_mut(), &order, me).await.bid.map(|bid| bid.state);
    assert_eq!(state, Some(BidState::Withdrawn));
    rollback(work).await;
    placed(subject, &order, me, 200).await;
    let chat = opened(subject, &order, me).await;
    let mut work = begin(subject).await;
    let known = grounds(work.as_mut(), &order, me).await;
    assert_eq!(known.bid.map(|bid| bid.state), Some(BidState::Open));
    assert_eq!(known.chat_id, Some(chat.id));
    rollback(work).await;
}

pub(super) async fn a_second_chat_leaves_the_transaction_good(subject: &Subject) {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    let (order, _) = bid_on(subject, client_id, provider_id).await;
    let mut work = begin(subject).await;
    let chat = open(work.as_mut(), &order, provider_id).await;
    let (second, first) = new_chat(work.as_mut(), &order, provider_id).await;
    assert_eq!(work.chats().insert(&second, &first).await.expect("no error"), ChatClaim::Taken);
    commit(work).await;
    assert_eq!(reloaded(subject, chat.id).await.chat, chat, "the first one is there");
    let mut work = begin(subject).await;
    assert_eq!(work.chats().lock(second.id).await.expect("an answer"), None, "and nothing of the second");
    assert_eq!(work.chats().mark(second.id, first.mark.message_id).await.expect("an answer"), None);
    // Another pair has another chat about the same order.
    let other = a_provider(subject).await;
    rollback(work).await;
    placed(subject, &order, other, 100).await;
    opened(subject, &order, other).await;
}

pub(super) async fn a_chat_being_opened_is_waited_for(subject: &Subject) {
    for is_committed in [true, false] {
        let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
        let (order, _) = bid_on(subject, client_id, provider_id).await;
        let (mut one, mut two) = (begin(subject).await, begin(subject).await);
        let (chat, first) = new_chat(two.as_mut(), &order, provider_id).await;
        open(one.as_mut(), &order, provider_id).await;
        let claim = {
            let mut second = pin!(two.chats().insert(&chat, &first));
            must_wait(second.as_mut(), "the second one to open it").await;
            if is_committed {
                commit(one).await;
            } else {
                rollback(one).await;
            }
            must_end(second, "the second one to open it").await.expect("no error")
        };
        let expected = if is_committed { ChatClaim::Taken } else { ChatClaim::Granted };
        assert_eq!(claim, expected);
        // What the first one has written is there to be seen.
        let found = grounds(two.as_mut(), &order, provider_id).await.chat_id;
        assert_eq!(found.is_some_and(|id| id == chat.id), !is_committed);
        assert!(found.is_some());
        commit(two).await;
    }
}

pub(super) async fn chats_are_locked(subject: &Subject) {
    let mut chat = some_chat(subject).await;
    let message = said(&mut chat, true, "first");
    let (mut one, mut two) = (begin(subject).await, begin(subject).await);
    locked(one.as_mut(), chat.id).await;
    {
        let mut second = pin!(two.chats().lock(chat.id));
        must_wait(second.as_mut(), "the second one to lock it").await;
        one.chats().add_message(&chat, &message).await.expect("the message is added");
        commit(one).await;
        let found = must_end(second, "the second one to lock it").await.expect("it is locked");
        assert_eq!(found.expect("it is there").chat, chat, "whoever waited sees the newest");
    }
    commit(two).await;
    // Others are not kept waiting, and neither is looking.
    let (mut one, other) = (begin(subject).await, some_chat(subject).await);
    locked(one.as_mut(), chat.id).await;
    must_end(reloaded(subject, other.id), "somebody in another chat").await;
    let seen = subject.chats.messages(chat.id, chat.client_id, super::chat_lists::EVERYTHING);
    assert!(must_end(seen, "whoever looks").await.expect("an answer").is_some());
    rollback(one).await;
}

pub(super) async fn messages_are_added_one_after_the_other(subject: &Subject) {
    let mut chat = some_chat(subject).await;
    say(subject, &mut chat, true, "Zeile 1\n\"Zeile\" 2\t\\ \u{1F512} $1").await;
    say(subject, &mut chat, false, "two").await;
    say(subject, &mut chat, true, "three").await;
    assert_eq!(reloaded(subject, chat.id).await.chat, chat);
    assert_eq!((chat.last.seq, chat.last.from_provider), (4, 2));
    assert_eq!((chat.client.unread, chat.provider.unread), (2, 2));
    // One that is not the next one: somebody else was faster, or it is there already.
    let before = reloaded(subject, chat.id).await;
    let mut ahead = chat.clone();
    said(&mut ahead, true, "never stored");
    let skipping = said(&mut ahead, true, "after a gap");
    let mut work = begin(subject).await;
    let outcome = work.chats().add_message(&ahead, &skipping).await;
    must_be_refused(outcome, work).await;
    let mut behind = chat.clone();
    behind.last.seq -= 1;
    let again = said(&mut behind, true, "again");
    let mut work = begin(subject).await;
    let outcome = work.chats().add_message(&behind, &again).await;
    must_be_refused(outcome, work).await;
    assert_eq!(reloaded(subject, chat.id).await, before, "nothing has changed");
}

pub(super) async fn a_rollback_leaves_no_gap(subject: &Subject) {
    let mut chat = some_chat(subject).await;
    let mut lost = chat.clone();
    let message = said(&mut lost, true, "never said");
    let mut work = begin(subject).await;
    work.chats().add_message(&lost, &message).await.expect("the message is added");
    rollback(work).await;
    let kept = say(subject, &mut chat, true, "said").await;
    assert_eq!((kept.mark.seq, reloaded(subject, chat.id).await.chat), (2, chat));
}

pub(super) async fn reading_is_saved_and_never_goes_back(subject: &Subject) {
    let mut chat = some_chat(subject).await;
    let one = say(subject, &mut chat, false, "one").await;
    let two = say(subject, &mut chat, false, "two").await;
    let before = chat.clone();
    read(subject, &mut chat, true, &one).await;
    assert_eq!((chat.client.read_seq, chat.client.unread), (2, 1));
    assert_eq!(reloaded(subject, chat.id).await.chat, chat);
    let behind = chat.clone();
    read(subject, &mut chat, true, &two).await;
    read(subject, &mut chat, false, &one).await;
    assert_eq!(reloaded(subject, chat.id).await.chat, chat, "each side has its own");
    for stale in [&before, &behind] {
        let mut work = begin(subject).await;
        let outcome = work.chats().save_reading(stale, stale.client_id).await;
        assert!(matches!(outcome, Err(StoreError::Stale { .. })), "{outcome:?}");
        rollback(work).await;
    }
    let mut work = begin(subject).await;
    let outcome = work.chats().save_reading(&chat, a_client(subject).await).await;
    assert!(matches!(outcome, Err(StoreError::Stale { .. })), "a stranger: {outcome:?}");
    rollback(work).await;
    // Writing something new leaves watermarks alone.
    say(subject, &mut chat, false, "three").await;
    assert_eq!(reloaded(subject, chat.id).await.chat, chat);
    assert_eq!((chat.client.read_seq, chat.client.unread), (3, 1));
}

pub(super) async fn a_message_has_its_place_in_its_own_chat(subject: &Subject) {
    let (mut chat, other) = (some_chat(subject).await, some_chat(subject).await);
    let message = say(subject, &mut chat, true, "one").await;
    let mut work = begin(subject).await;
    for mark in [message.mark, other.last] {
        let found = work.chats().mark(chat.id, mark.message_id).await.expect("an answer");
        assert_eq!(found, (mark == message.mark).then_some(mark));
    }
    let unknown = MessageId::new(fresh_uuid());
    assert_eq!(work.chats().mark(chat.id, unknown).await.expect("an answer"), None);
    rollback(work).await;
}

pub(super) async fn whether_somebody_is_there_is_told(subject: &Subject) {
    let chat = some_chat(subject).await;
    let administrator = stored_person(subject, Role::Admin).await;
    let by = Actor { user_id: administrator.id, session_id: SessionId::new(fresh_uuid()), role: Role::Admin };
    let reason = BlockReason::parse("spam").expect("a reason");
    let mut work = begin(subject).await;
    let mut user = locked_user(work.as_mut(), chat.provider_id).await;
    let _step = user.block(&reason, Issuer::from(&by), now()).expect("they are blocked");
    save(work.as_mut(), &mut user).await;
    commit(work).await;
    let LockedChat { chat: _, client, provider } = reloaded(subject, chat.id).await;
    assert_eq!((client.is_there, provider.is_there), (true, false));
}

pub(super) async fn a_chat_belongs_to_what_is_there(subject: &Subject) {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    let (order, _) = bid_on(subject, client_id, provider_id).await;
    let nobody = UserId::new(fresh_uuid());
    let mut work = begin(subject).await;
    let (good, first) = new_chat(work.as_mut(), &order, provider_id).await;
    rollback(work).await;
    let mut of_no_order = good.clone();
    of_no_order.order_id = OrderId::new(i64::MAX).expect("a number");
    let (mut of_no_client, mut of_no_provider) = (good.clone(), good);
    of_no_client.client_id = nobody;
    of_no_provider.provider_id = nobody;
    for chat in [of_no_order, of_no_client, of_no_provider] {
        let mut work = begin(subject).await;
        let outcome = work.chats().insert(&chat, &first).await;
        assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
        rollback(work).await;
    }
    // An identifier is given once.
    let chat = some_chat(subject).await;
    let other = some_order(subject).await;
    placed(subject, &other, provider_id, 100).await;
    let mut work = begin(subject).await;
    let (mut second, mut first) = new_chat(work.as_mut(), &other, provider_id).await;
    (second.id, first.chat_id) = (chat.id, chat.id);
    let outcome = work.chats().insert(&second, &first).await;
    assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
    rollback(work).await;
    let mut chat = some_chat(subject).await;
    let mut message = said(&mut chat, true, "one");
    message.mark.message_id = first.mark.message_id;
    chat.last = message.mark;
    opened_with(subject, &other, provider_id, &message.mark.message_id).await;
    let mut work = begin(subject).await;
    let outcome = work.chats().add_message(&chat, &message).await;
    must_be_refused(outcome, work).await;
}

/// A chat whose first message has this identifier.
async fn opened_with(
    subject: &Subject,
    order: &domain::orders::Order,
    provider_id: UserId,
    message_id: &MessageId,
) {
    let mut work = begin(subject).await;
    let (mut chat, mut first) = new_chat(work.as_mut(), order, provider_id).await;
    first.mark.message_id = *message_id;
    chat.last = first.mark;
    assert_eq!(work.chats().insert(&chat, &first).await.expect("no error"), ChatClaim::Granted);
    commit(work).await;
}
