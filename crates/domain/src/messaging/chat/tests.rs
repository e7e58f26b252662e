use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::actor::Party;
use crate::bidding::BidState;
use crate::ids::MessageId;
use crate::messaging::{FirstWords, Grounds, MessageText, NewChat, OpenedChat, OpeningReason, StandingBid};
use crate::orders::OrderState;
use crate::orders::policy::OrderAccess;
use crate::sample::{at, bid, client, issuer, provider, user};

/// Opened at hour 2, with the message of the bid of user 2 on the order of user 1.
fn opened() -> (Chat, Message) {
    let words = FirstWords { message: bid().message, said_at: at(1) };
    let grounds = Grounds {
        order_id: bid().order_id,
        order: OrderAccess { state: OrderState::Active, client_id: user(1), provider_id: Some(user(2)) },
        provider_id: user(2),
        bid: Some(StandingBid { state: BidState::Accepted, words }),
        chat_id: None,
    };
    let opening = crate::messaging::Opening {
        order_id: bid().order_id,
        provider_id: user(2),
        opened_by: user(1),
        reason: OpeningReason::Award,
    };
    let new = NewChat { id: ChatId::new(Uuid::from_u128(7)), first_message_id: message_id(1) };
    let OpenedChat { chat, first, .. } = grounds.follow(&opening, new, at(2)).unwrap();
    (chat, first)
}

fn message_id(number: u128) -> MessageId {
    MessageId::new(Uuid::from_u128(1_000 + number))
}

fn new_message(number: u128) -> NewMessage {
    NewMessage { id: message_id(number), content: MessageText::parse("Yes.\nBy 5 PM.").unwrap().into() }
}

#[test]
fn messages_are_numbered_and_unread_for_the_other_side() {
    let (mut chat, first) = opened();
    let (mine, event) = chat.send(new_message(2), client(), true, at(3)).unwrap();
    assert_eq!((mine.mark.seq, mine.mark.from_provider, mine.sender_id), (2, 1, user(1)));
    assert_eq!((chat.client.unread, chat.provider.unread), (1, 1));
    assert_eq!((event.name(), event.recipient()), ("message.sent", user(2)));
    let (theirs, event) = chat.send(new_message(3), provider(), true, at(4)).unwrap();
    assert_eq!((theirs.mark.seq, theirs.mark.from_provider, theirs.sender_id), (3, 2, user(2)));
    assert_eq!((chat.client.unread, chat.provider.unread), (2, 1));
    assert_eq!(event.recipient(), user(1));
    assert_eq!((chat.last, chat.updated_at), (theirs.mark, at(4)));
    for message in [&first, &mine, &theirs] {
        assert!(!chat.is_read(message), "nobody has said that they read anything");
    }
}

#[test]
fn ones_own_message_is_read_when_the_other_has_read_it() {
    let (mut chat, first) = opened();
    let (mine, _) = chat.send(new_message(2), client(), true, at(3)).unwrap();
    let event = chat.read(None, client()).unwrap().unwrap();
    assert_eq!((event.name(), event.author(), event.recipient()), ("chat.read", user(1), user(2)));
    let MessagingEvent::MessagesRead { up_to, .. } = event else { panic!("{event:?}") };
    assert_eq!(up_to, mine.mark.message_id);
    assert!(chat.is_read(&first));
    assert!(!chat.is_read(&mine), "the provider has not read it");
    let _event = chat.read(None, provider()).unwrap();
    assert!(chat.is_read(&mine));
    assert_eq!((chat.client.unread, chat.provider.unread), (0, 0));
}

#[test]
fn a_watermark_never_goes_back() {
    let (mut chat, first) = opened();
    let marks: Vec<_> = (2..=5)
        .map(|number| {
            let by = if number % 2 == 0 { provider() } else { client() };
            chat.send(new_message(number), by, true, at(3)).unwrap().0.mark
        })
        .collect();
    // Of the provider's are 1, 2 and 4.
    for (up_to, unread, is_news) in [
        (first.mark, 2, true),
        (marks[1], 1, true),
        (marks[0], 1, false),
        (marks[1], 1, false),
        (marks[3], 0, true),
        (first.mark, 0, false),
    ] {
        let before = chat.clone();
        let event = chat.read(Some(up_to), client()).unwrap();
        assert_eq!((event.is_some(), chat.client.unread), (is_news, unread), "{up_to:?}");
        assert_eq!(chat == before, !is_news);
        assert_eq!(chat.provider, before.provider, "the other side's is its own");
    }
    assert_eq!(chat.read(None, client()), Ok(None), "there is nothing new");
}

#[test]
fn a_chat_is_its_two_peoples() {
    let (mut chat, _) = opened();
    let before = chat.clone();
    let stranger = Issuer::Person { user_id: user(3), role: crate::identity::Role::Writer };
    for by in [stranger, issuer(Party::Admin), issuer(Party::System)] {
        let refused = MessagingError::Refused(Refusal::NotParty { object: "chat" });
        assert_eq!(chat.send(new_message(2), by, true, at(3)).unwrap_err(), refused);
        assert_eq!(chat.send(new_message(2), by, false, at(3)).unwrap_err(), refused, "and learns no more");
        assert_eq!(chat.read(None, by).unwrap_err(), refused);
    }
    let refused = chat.send(new_message(2), client(), false, at(3)).unwrap_err();
    assert_eq!(refused, MessagingError::ParticipantUnavailable);
    assert_eq!(chat, before, "a refusal changes nothing");
}

#[test]
fn what_was_said_later_was_never_said_earlier() {
    let (mut chat, _) = opened();
    let (late, _) = chat.send(new_message(2), client(), true, at(5)).unwrap();
    let (message, _) = chat.send(new_message(3), provider(), true, at(4)).unwrap();
    assert_eq!((message.sent_at, chat.updated_at), (late.sent_at, late.sent_at));
}

/// What may happen in a chat: somebody writes, or has read up to a message that there may be.
#[derive(Clone, Debug)]
enum Step {
    Send { by_client: bool },
    Read { by_client: bool, up_to: Option<prop::sample::Index> },
}

fn step() -> impl Strategy<Value = Step> {
    let up_to = prop::option::of(any::<prop::sample::Index>());
    prop_oneof![
        any::<bool>().prop_map(|by_client| Step::Send { by_client }),
        (any::<bool>(), up_to).prop_map(|(by_client, up_to)| Step::Read { by_client, up_to }),
    ]
}

proptest! {
    /// Whatever happens, what is kept is what counting everything would give.
    #[test]
    fn nothing_is_ever_counted_and_all_of_it_is_right(steps in prop::collection::vec(step(), 0..60)) {
        let (mut chat, first) = opened();
        let mut said = vec![first];
        // How many messages, from the first on, the client and the provider have read.
        let mut read = [0_usize; 2];
        for step in steps {
            match step {
                Step::Send { by_client } => {
                    let by = if by_client { client() } else { provider() };
                    let number = u128::try_from(said.len()).unwrap() + 1;
                    said.push(chat.send(new_message(number), by, true, at(3)).unwrap().0);
                }
                Step::Read { by_client, up_to } => {
                    let by = if by_client { client() } else { provider() };
                    let index = up_to.map_or(said.len() - 1, |up_to| up_to.index(said.len()));
                    let event = chat.read(up_to.map(|_| said[index].mark), by).unwrap();
                    let mine = &mut read[usize::from(!by_client)];
                    prop_assert_eq!(event.is_some(), index + 1 > *mine);
                    *mine = (*mine).max(index + 1);
                }
            }
            let expected: Vec<i64> = (1..=i64::try_from(said.len()).unwrap()).collect();
            let seqs: Vec<_> = said.iter().map(|message| message.mark.seq).collect();
            prop_assert_eq!(seqs, expected, "no gap");
            for (member, me, watermark) in [(chat.client, user(1), read[0]), (chat.provider, user(2), read[1])] {
                let unread = said.iter().skip(watermark).filter(|message| message.sender_id != me).count();
                prop_assert_eq!(member.unread, i64::try_from(unread).unwrap());
                prop_assert_eq!(member.read_seq, i64::try_from(watermark).unwrap());
                for (index, message) in said.iter().enumerate().filter(|(_, message)| message.sender_id != me) {
                    prop_assert_eq!(chat.is_read(message), index < watermark);
                }
            }
        }
    }
}
