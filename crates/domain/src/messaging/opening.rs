//! How a chat comes about: by a fact (an award, a counter-offer), or because somebody writes.

use chrono::{DateTime, Utc};

use super::{
    Chat, ChatRef, Mark, Member, Message, MessageText, MessagingError, MessagingEvent, OpeningReason,
};
use crate::actor::Actor;
use crate::bidding::{BidEvent, BidMessage, BidState};
use crate::event::Fact;
use crate::ids::{ChatId, MessageId, OrderId, UserId};
use crate::machine::Refusal;
use crate::orders::policy::{self, OrderAccess};

/// A chat that has to be there because of what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// About which order.
    pub order_id: OrderId,
    /// With whom.
    pub provider_id: UserId,
    /// Who brought it about.
    pub opened_by: UserId,
    /// By what.
    pub reason: OpeningReason,
}

/// The chats that these facts open, unless they are there already.
#[must_use]
pub fn openings(facts: &[Fact]) -> Vec<Opening> {
    let opening = |fact: &Fact| {
        let Fact::Bid(event) = fact else { return None };
        let reason = match event {
            BidEvent::Accepted(_) => OpeningReason::Award,
            BidEvent::Countered(_) => OpeningReason::CounterOffer,
            BidEvent::Placed(_)
            | BidEvent::Edited(_)
            | BidEvent::Confirmed(_)
            | BidEvent::Outdated(_)
            | BidEvent::CounterAccepted(_)
            | BidEvent::CounterRejected(_)
            | BidEvent::Declined { .. }
            | BidEvent::Withdrawn(_) => return None,
        };
        let bid = event.bid();
        Some(Opening {
            order_id: bid.order_id,
            provider_id: bid.provider_id,
            opened_by: bid.client_id,
            reason,
        })
    };
    facts.iter().filter_map(opening).collect()
}

/// With which provider a chat is that this person wants with that one: one's own, if one is one.
#[must_use]
pub fn provider_in(actor: &Actor, with: UserId) -> UserId {
    if actor.role.is_provider() { actor.user_id } else { with }
}

/// What is known of an order and a provider who may have bid on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is, and how far it has come.
    pub order: OrderAccess,
    /// The provider.
    pub provider_id: UserId,
    /// Their newest bid on it.
    pub bid: Option<StandingBid>,
    /// The chat between the two about it.
    pub chat_id: Option<ChatId>,
}

/// A bid, as far as a chat begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingBid {
    /// What it is waiting for.
    pub state: BidState,
    /// What the bidder said.
    pub words: FirstWords,
}

/// What a chat begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstWords {
    /// The bid's message.
    pub message: BidMessage,
    /// When the bidder last stood by it.
    pub said_at: DateTime<Utc>,
}

/// Identifiers of a new chat.
#[derive(Clone, Copy, Debug)]
pub struct NewChat {
    /// Minted by the caller.
    pub id: ChatId,
    /// Minted by the caller.
    pub first_message_id: MessageId,
}

/// A new chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct OpenedChat {
    /// The chat.
    pub chat: Chat,
    /// What it begins with.
    pub first: Message,
    /// That it was opened.
    pub event: MessagingEvent,
}

impl Grounds {
    /// The chat that there is, for one of its sides who wants to write to this person.
    ///
    /// # Errors
    /// [`MessagingError`]: a stranger to the order; where there is a chat, the wrong person to write to.
    pub fn standing(&self, actor: &Actor, with: UserId) -> Result<Option<ChatId>, MessagingError> {
        self.must_be_known_to(actor)?;
        match self.chat_id {
            Some(id) => self.must_be_other_side(actor, with).map(|()| Some(id)),
            None => Ok(None),
        }
    }

    /// Who is on the other side of a chat about this order, whomever they named.
    #[must_use]
    pub fn other_side(&self, actor: &Actor) -> UserId {
        if self.is_client(actor) { self.provider_id } else { self.order.client_id }
    }

    /// One side wants to write to the other. The client may write to whoever bids; the provider may
    /// only where the client has opened the way, by a counter-offer that stands or by the award.
    /// `is_other_there`: whether the account of [`Self::other_side`] may be used.
    ///
    /// # Errors
    /// [`MessagingError`]: a stranger to the order; what the states forbid; the wrong person, in this
    /// order (contract §1: 404, 409, 422).
    pub fn open(
        &self,
        new: NewChat,
        actor: &Actor,
        with: UserId,
        is_other_there: bool,
        now: DateTime<Utc>,
    ) -> Result<OpenedChat, MessagingError> {
        self.must_be_known_to(actor)?;
        let (is_client, state) = (self.is_client(actor), self.order.state.as_str());
        let Some(bid) = &self.bid else {
            // There is nothing between a client and somebody who has not bid that could be in any state.
            let refusal =
                if is_client { MessagingError::NotABidder } else { MessagingError::NotOpenedYet { state } };
            return Err(refusal);
        };
        match bid.state {
            BidState::Accepted | BidState::Countered => {}
            BidState::Open | BidState::Changed | BidState::Declined if is_client => {}
            BidState::Withdrawn if is_client => {
                return Err(MessagingError::BidWithdrawn { state: bid.state.as_str() });
            }
            BidState::Open | BidState::Changed | BidState::Declined | BidState::Withdrawn => {
                return Err(MessagingError::NotOpenedYet { state });
            }
        }
        if !is_other_there {
            return Err(MessagingError::ParticipantUnavailable);
        }
        self.must_be_other_side(actor, with)?;
        Ok(self.begin(&bid.words, new, (actor.user_id, OpeningReason::Written), now))
    }

    /// The chat that has to be there because of what happened; `None` where it is, or where nobody
    /// has bid.
    #[must_use]
    pub fn follow(&self, opening: &Opening, new: NewChat, now: DateTime<Utc>) -> Option<OpenedChat> {
        let bid = self.bid.as_ref().filter(|_| self.chat_id.is_none())?;
        Some(self.begin(&bid.words, new, (opening.opened_by, opening.reason), now))
    }

    fn is_client(&self, actor: &Actor) -> bool {
        actor.user_id == self.order.client_id
    }

    /// Whoever has a chat about it is no stranger, even where the order is hidden by now.
    fn must_be_known_to(&self, actor: &Actor) -> Result<(), Refusal> {
        let has_chat = self.chat_id.is_some() && actor.user_id == self.provider_id;
        if self.is_client(actor) || has_chat || policy::may_read(actor, &self.order) {
            return Ok(());
        }
        Err(Refusal::NotParty { object: "order" })
    }

    fn must_be_other_side(&self, actor: &Actor, with: UserId) -> Result<(), MessagingError> {
        match (self.is_client(actor), with == self.order.client_id) {
            (true, _) if self.bid.is_none() => Err(MessagingError::NotABidder),
            (false, false) => Err(MessagingError::NotTheClient),
            (true, _) | (false, true) => Ok(()),
        }
    }

    /// The bid's message is the first one. Nobody but the bidder has marked it as read.
    fn begin(
        &self,
        words: &FirstWords,
        new: NewChat,
        (opened_by, reason): (UserId, OpeningReason),
        now: DateTime<Utc>,
    ) -> OpenedChat {
        let NewChat { id, first_message_id } = new;
        let Self { order_id, order: OrderAccess { client_id, .. }, provider_id, .. } = *self;
        let mark = Mark { message_id: first_message_id, seq: 1, from_provider: 1 };
        let first = Message {
            chat_id: id,
            mark,
            sender_id: provider_id,
            content: MessageText::from(&words.message).into(),
            sent_at: words.said_at.min(now),
        };
        let chat = Chat {
            id,
            order_id,
            client_id,
            provider_id,
            client: Member { read_seq: 0, unread: 1 },
            provider: Member::default(),
            last: mark,
            created_at: now,
            updated_at: now,
        };
        let reference: ChatRef = chat.reference();
        OpenedChat { chat, first, event: MessagingEvent::ChatOpened { chat: reference, opened_by, reason } }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::bidding::{BidRef, DeclineReason};
    use crate::identity::Role;
    use crate::ids::{BidId, SessionId};
    use crate::orders::{OrderEvent, OrderState};
    use crate::sample::{at, bid, user};

    fn actor(id: u128, role: Role) -> Actor {
        Actor { user_id: user(id), session_id: SessionId::new(Uuid::nil()), role }
    }

    fn new_chat() -> NewChat {
        NewChat {
            id: ChatId::new(Uuid::from_u128(50)),
            first_message_id: MessageId::new(Uuid::from_u128(51)),
        }
    }

    /// Order 95 of user 1, and user 2, whose bid is in this state, if there is one.
    fn grounds(order: OrderState, bid_state: Option<BidState>, chat: bool) -> Grounds {
        let holds = order != OrderState::Open && bid_state == Some(BidState::Accepted);
        let words = FirstWords { message: bid().message, said_at: at(1) };
        Grounds {
            order_id: OrderId::new(95).unwrap(),
            order: OrderAccess {
                state: order,
                client_id: user(1),
                provider_id: Some(user(if holds { 2 } else { 3 })).filter(|_| order != OrderState::Open),
            },
            provider_id: user(2),
            bid: bid_state.map(|state| StandingBid { state, words }),
            chat_id: chat.then(|| ChatId::new(Uuid::from_u128(40))),
        }
    }

    /// In one word.
    fn outcome(result: &Result<OpenedChat, MessagingError>) -> &'static str {
        match result {
            Ok(_) => "opened",
            Err(MessagingError::Refused(_)) => "hidden",
            Err(MessagingError::ParticipantUnavailable) => "unavailable",
            Err(MessagingError::BidWithdrawn { .. }) => "withdrawn",
            Err(MessagingError::NotOpenedYet { .. }) => "not yet",
            Err(MessagingError::NotABidder) => "no bidder",
            Err(MessagingError::NotTheClient) => "not the client",
        }
    }

    #[test]
    fn an_award_and_a_counter_offer_open_a_chat() {
        let bid = BidRef {
            bid_id: BidId::new(7).unwrap(),
            order_id: OrderId::new(95).unwrap(),
            client_id: user(1),
            provider_id: user(2),
        };
        let other = BidRef { provider_id: user(3), ..bid };
        let opening =
            |reason| Opening { order_id: bid.order_id, provider_id: user(2), opened_by: user(1), reason };
        let reason = DeclineReason::AnotherBidWon;
        let table: [(BidEvent, Option<OpeningReason>); 10] = [
            (BidEvent::Placed(bid), None),
            (BidEvent::Edited(bid), None),
            (BidEvent::Confirmed(bid), None),
            (BidEvent::Outdated(bid), None),
            (BidEvent::Countered(bid), Some(OpeningReason::CounterOffer)),
            (BidEvent::CounterAccepted(bid), None),
            (BidEvent::CounterRejected(bid), None),
            (BidEvent::Accepted(bid), Some(OpeningReason::Award)),
            (BidEvent::Declined { bid, reason }, None),
            (BidEvent::Withdrawn(bid), None),
        ];
        for (event, expected) in table {
            let started =
                OrderEvent::Started { order_id: bid.order_id, client_id: user(1), provider_id: user(2) };
            let facts = [BidEvent::Declined { bid: other, reason }.into(), event.into(), started.into()];
            let expected: Vec<_> = expected.map(opening).into_iter().collect();
            assert_eq!(openings(&facts), expected, "{}", event.name());
        }
    }

    #[test]
    fn who_may_write_first() {
        use BidState::{Accepted, Changed, Countered, Declined, Open, Withdrawn};
        let (client, provider) = (actor(1, Role::Client), actor(2, Role::Writer));
        // the order's state, the bid's; for the client, for the bidder
        let table = [
            (OrderState::Open, None, "no bidder", "not yet"),
            (OrderState::Open, Some(Open), "opened", "not yet"),
            (OrderState::Open, Some(Changed), "opened", "not yet"),
            (OrderState::Open, Some(Countered), "opened", "opened"),
            (OrderState::Open, Some(Declined), "opened", "not yet"),
            (OrderState::Open, Some(Withdrawn), "withdrawn", "not yet"),
            (OrderState::Pending, Some(Accepted), "opened", "opened"),
            (OrderState::Active, Some(Accepted), "opened", "opened"),
            (OrderState::Completed, Some(Accepted), "opened", "opened"),
            (OrderState::Active, Some(Declined), "opened", "hidden"),
            (OrderState::Cancelled, Some(Declined), "opened", "hidden"),
            (OrderState::Active, None, "no bidder", "hidden"),
        ];
        for (order, bid, of_client, of_provider) in table {
            let grounds = grounds(order, bid, false);
            let open = |who: &Actor, with, there| outcome(&grounds.open(new_chat(), who, with, there, at(9)));
            assert_eq!(open(&client, user(2), true), of_client, "client: {order} {bid:?}");
            assert_eq!(open(&provider, user(1), true), of_provider, "provider: {order} {bid:?}");
            let gone = |word| if word == "opened" { "unavailable" } else { word };
            assert_eq!(open(&client, user(2), false), gone(of_client), "client: {order} {bid:?}");
            assert_eq!(open(&provider, user(1), false), gone(of_provider), "provider: {order} {bid:?}");
        }
    }

    #[test]
    fn whoever_has_a_chat_has_it_and_nobody_else() {
        let standing = |grounds: &Grounds, who: Actor, with| grounds.standing(&who, user(with));
        let open = grounds(OrderState::Open, Some(BidState::Open), false);
        let hidden = Err(MessagingError::Refused(Refusal::NotParty { object: "order" }));
        assert_eq!(standing(&open, actor(4, Role::Client), 2), hidden, "another client");
        for with in [1, 4] {
            assert_eq!(standing(&open, actor(2, Role::Writer), with), Ok(None), "there is none yet");
        }
        let lost = grounds(OrderState::Active, Some(BidState::Declined), true);
        for (id, role, with) in [(2, Role::Writer, 1), (1, Role::Client, 2)] {
            assert_eq!(standing(&lost, actor(id, role), with), Ok(lost.chat_id), "theirs still: {role}");
        }
        assert_eq!(standing(&lost, actor(2, Role::Writer), 4), Err(MessagingError::NotTheClient));
        for (id, role) in [(4, Role::Client), (4, Role::Writer)] {
            assert_eq!(standing(&lost, actor(id, role), 2), hidden, "and nobody else's: {role}");
        }
    }

    /// Contract §1: 404, then 409, then 422.
    #[test]
    fn the_wrong_person_is_told_last() {
        let provider = actor(2, Role::Writer);
        let cases = [
            (OrderState::Active, Some(BidState::Declined), true, "hidden"),
            (OrderState::Open, Some(BidState::Open), true, "not yet"),
            (OrderState::Open, None, true, "not yet"),
            (OrderState::Open, Some(BidState::Countered), false, "unavailable"),
            (OrderState::Open, Some(BidState::Countered), true, "not the client"),
            (OrderState::Active, Some(BidState::Accepted), true, "not the client"),
        ];
        for (order, bid, is_client_there, expected) in cases {
            let grounds = grounds(order, bid, false);
            assert_eq!(grounds.other_side(&provider), user(1), "whomever they named");
            let opened = grounds.open(new_chat(), &provider, user(4), is_client_there, at(9));
            assert_eq!(outcome(&opened), expected, "{order} {bid:?}");
        }
        let open = grounds(OrderState::Open, Some(BidState::Open), false);
        assert_eq!(open.other_side(&actor(1, Role::Client)), user(2));
    }

    #[test]
    fn a_provider_is_one_side_of_their_own_chats() {
        assert_eq!(provider_in(&actor(1, Role::Client), user(2)), user(2));
        for role in [Role::Writer, Role::Freelancer, Role::Professional] {
            assert_eq!(provider_in(&actor(2, role), user(1)), user(2), "{role}");
        }
    }

    #[test]
    fn a_chat_begins_with_the_bids_message() {
        let grounds = grounds(OrderState::Open, Some(BidState::Open), false);
        let opened = grounds.open(new_chat(), &actor(1, Role::Client), user(2), true, at(9)).unwrap();
        let OpenedChat { chat, first, event } = opened;
        assert_eq!(first.content.words(), "I have 5+ years of experience");
        assert_eq!((first.sender_id, first.mark, first.sent_at), (user(2), chat.last, at(1)));
        assert_eq!((chat.last.seq, chat.last.from_provider), (1, 1));
        assert_eq!((chat.client.unread, chat.provider.unread), (1, 0));
        assert_eq!((chat.created_at, chat.updated_at), (at(9), at(9)));
        assert!(!chat.is_read(&first));
        assert_eq!((event.name(), event.author(), event.recipient()), ("chat.opened", user(1), user(2)));
    }

    #[test]
    fn what_happened_opens_a_chat_once() {
        let opening = Opening {
            order_id: OrderId::new(95).unwrap(),
            provider_id: user(2),
            opened_by: user(1),
            reason: OpeningReason::Award,
        };
        let follow = |grounds: Grounds| grounds.follow(&opening, new_chat(), at(9));
        let opened = follow(grounds(OrderState::Active, Some(BidState::Accepted), false)).unwrap();
        let MessagingEvent::ChatOpened { reason, opened_by, chat } = opened.event else {
            panic!("{opened:?}")
        };
        assert_eq!((reason, opened_by, chat), (OpeningReason::Award, user(1), opened.chat.reference()));
        assert_eq!(follow(grounds(OrderState::Active, Some(BidState::Accepted), true)), None, "it is there");
        assert_eq!(follow(grounds(OrderState::Active, None, false)), None, "nobody has bid");
    }
}
