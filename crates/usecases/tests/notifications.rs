//! Telling people of stored facts, on the in-memory store: once each, in one round of questions, and
//! whatever older programs have written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test; a broken premise should stop it at once"
)]

use std::sync::Arc;

use adapter_memory::{Fault, ManualClock, MemoryStore, Operation, SequentialIds};
use domain::actor::{Actor, Issuer};
use domain::identity::{EmailAddress, FullName, NewUser, PasswordHash, Role, User};
use domain::ids::{EventId, NotificationId, SessionId, UserId};
use domain::money::{Currency, Money};
use domain::notifications::NotificationKind;
use domain::orders::{
    Description, MilestonePlan, NewOrder, Order, OrderDetails, OrderType, Posted, Subject, Title,
};
use ports::environment::Clock;
use ports::idempotency::{RequestKey, StoredAnswer};
use ports::identity::EmailClaim;
use ports::list::Window;
use ports::notifications::{NotificationFilter, NotificationView};
use ports::outbox::{OutboxReader, Particular, StoredFact};
use ports::store::{Store, StoreError};
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};
use usecases::notifications::{
    ListNotifications, MarkAllNotificationsRead, MarkNotificationRead, TellPeople,
};
use uuid::Uuid;

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    tell: TellPeople,
    client: Actor,
    writer: Actor,
}

impl World {
    /// A client with an order, and a writer.
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::default());
        let tell = TellPeople { ids: Arc::new(SequentialIds::default()) };
        let mut work = store.begin().await.unwrap();
        let mut people = Vec::new();
        for (number, role) in [(1, Role::Client), (2, Role::Writer)] {
            let user_id = UserId::new(Uuid::from_u128(number));
            let new = NewUser {
                id: user_id,
                email: EmailAddress::parse(&format!("p{number}@example.com")).unwrap(),
                full_name: FullName::parse("Test Person").unwrap(),
                role,
                phone: None,
                password: PasswordHash::new("$hash$".to_owned()),
            };
            let (user, _) = User::register(new, clock.now());
            let claim = work.users().insert(&user).await.unwrap();
            assert_eq!(claim, EmailClaim::Granted);
            people.push(Actor { user_id, session_id: SessionId::new(Uuid::nil()), role });
        }
        let (client, writer) = (people[0], people[1]);
        let details = OrderDetails {
            title: Title::parse("Marketing Research Paper").unwrap(),
            subject: Subject::parse("Marketing").unwrap(),
            order_type: OrderType::parse("Research Paper").unwrap(),
            pages: None,
            deadline: clock.now() + chrono::TimeDelta::days(9),
            budget: Money::positive(12_000, Currency::Usd).unwrap(),
            description: Description::parse("About markets").unwrap(),
            requirements: None,
            detailed_requirements: vec![],
            specifications: None,
            milestones: MilestonePlan::default(),
        };
        let id = work.orders().next_id().await.unwrap();
        let new = NewOrder { id, details, invited: vec![] };
        let Posted { order, .. } = Order::post(new, Issuer::from(&client), clock.now()).unwrap();
        work.orders().insert(&order).await.unwrap();
        work.commit().await.unwrap();
        Self { store, clock, tell, client, writer }
    }

    /// A stored fact about the order and both people.
    fn fact(&self, number: u128, name: &str, particulars: &[(&str, &str)]) -> StoredFact {
        let (client, writer) = (self.client.user_id.to_string(), self.writer.user_id.to_string());
        let known = [("order_id", "ORD-001"), ("client_id", &client), ("provider_id", &writer)];
        let all = known.iter().chain(particulars);
        StoredFact {
            id: EventId::new(Uuid::from_u128(number)),
            name: name.to_owned(),
            user_id: None,
            particulars: all
                .map(|(key, text)| ((*key).to_owned(), Particular::Text((*text).to_owned())))
                .collect(),
            occurred_at: self.clock.now(),
        }
    }

    fn accepted(&self, number: u128) -> StoredFact {
        self.fact(number, "bid.accepted", &[("bid_id", "BID-001")])
    }

    /// One round of dispatching.
    async fn dispatch(&self, facts: &[StoredFact]) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        match self.tell.read(facts, work.as_mut()).await {
            Ok(()) => work.commit().await,
            Err(error) => {
                work.rollback().await?;
                Err(error)
            }
        }
    }

    async fn told(&self, who: &Actor) -> Vec<NotificationView> {
        let list = ListNotifications { notifications: self.store.clone() };
        let everything = Window::Page { offset: 0, limit: 100 };
        let found = list.execute(who, NotificationFilter::default(), everything).await.unwrap();
        let unread = found.notifications.rows.iter().filter(|one| !one.is_read).count();
        assert_eq!(found.unread, i64::try_from(unread).unwrap());
        found.notifications.rows
    }

    fn mark_read(&self) -> MarkNotificationRead {
        MarkNotificationRead { store: self.store.clone(), clock: self.clock.clone() }
    }
}

#[tokio::test]
async fn those_concerned_are_told_in_the_orders_own_words() {
    let world = World::new().await;
    let placed = world.fact(1, "bid.placed", &[("bid_id", "BID-001")]);
    world.dispatch(&[placed, world.accepted(2)]).await.unwrap();
    let (client, writer) = (world.told(&world.client).await, world.told(&world.writer).await);
    assert_eq!((client.len(), client[0].event.as_str()), (1, "bid.placed"));
    let [told] = &writer[..] else { panic!("{writer:?}") };
    assert_eq!((told.kind, told.event.as_str()), (NotificationKind::Bid, "bid.accepted"));
    assert_eq!(told.title, "Bid Accepted");
    assert_eq!(told.message, "Your bid for 'Marketing Research Paper' has been accepted!");
    assert_eq!(told.details.order_title.as_deref(), Some("Marketing Research Paper"));
    assert_eq!((told.is_read, told.created_at), (false, world.clock.now()));
}

#[tokio::test]
async fn a_replay_tells_nobody_twice() {
    let world = World::new().await;
    let facts = [world.accepted(1), world.fact(2, "order.started", &[])];
    for _ in 0..3 {
        world.dispatch(&facts).await.unwrap();
        assert_eq!(world.told(&world.writer).await.len(), 2);
    }
    // The same thing happening again is another fact.
    world.dispatch(&[world.accepted(3)]).await.unwrap();
    assert_eq!(world.told(&world.writer).await.len(), 3);
}

#[tokio::test]
async fn a_round_that_fails_leaves_nothing_and_can_be_repeated() {
    let world = World::new().await;
    for operation in [Operation::OrderTitles, Operation::AddNotifications, Operation::Commit] {
        world.store.fail_next(operation, Fault::Unavailable);
        assert!(world.dispatch(&[world.accepted(1)]).await.is_err(), "{operation:?}");
        assert!(world.told(&world.writer).await.is_empty(), "{operation:?}");
    }
    world.dispatch(&[world.accepted(1)]).await.unwrap();
    assert_eq!(world.told(&world.writer).await.len(), 1);
}

#[tokio::test]
async fn a_fact_that_this_program_cannot_read_is_refused_for_one_that_can() {
    let world = World::new().await;
    let bare = StoredFact { particulars: Default::default(), ..world.accepted(1) };
    let cases = [
        (bare, "outbox.payload of row 00000000-0000-0000-0000-000000000001"),
        (world.fact(2, "bid.accepted", &[("bid_id", "BID-1")]), "bid.accepted: its particular bid_id"),
        (world.fact(3, "weather.changed", &[]), "weather.changed: there is no such fact"),
        (world.fact(4, "weather", &[]), "outbox.name of row 00000000-0000-0000-0000-000000000004"),
    ];
    for (fact, expected) in cases {
        let refused = world.dispatch(&[world.accepted(5), fact]).await.unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
        assert!(refused.to_string().contains(expected), "{refused}");
        assert!(world.told(&world.writer).await.is_empty(), "the one before it waits for another round");
    }
}

#[tokio::test]
async fn facts_of_which_nobody_is_told_are_passed_over() {
    let world = World::new().await;
    let facts = [
        // Nobody is told of this one, on purpose.
        world.fact(5, "order.reopened", &[]),
        world.accepted(6),
        // There is no such order: it goes by its number.
        world.fact(7, "order.invited", &[("order_id", "ORD-999")]),
    ];
    world.dispatch(&facts).await.unwrap();
    let told = world.told(&world.writer).await;
    let messages: Vec<_> = told.iter().map(|one| one.message.as_str()).collect();
    let expected = [
        "You have been invited to bid on 'ORD-999'",
        "Your bid for 'Marketing Research Paper' has been accepted!",
    ];
    assert_eq!(messages, expected);
    assert!(world.told(&world.client).await.is_empty());
}

#[tokio::test]
async fn a_round_costs_two_calls_however_many_facts_it_has() {
    let world = World::new().await;
    let facts: Vec<_> = (1..=100).map(|number| world.accepted(number)).collect();
    world.dispatch(&facts).await.unwrap();
    assert_eq!(world.told(&world.writer).await.len(), 100);
    assert_eq!(world.store.calls(Operation::OrderTitles), 1);
    assert_eq!(world.store.calls(Operation::AddNotifications), 1);
    world.dispatch(&[world.fact(101, "order.reopened", &[])]).await.unwrap();
    assert_eq!(world.store.calls(Operation::AddNotifications), 1, "where there is nobody to be told");
}

fn unnamed() -> Once<NotificationId> {
    Once { key: None, render: |id| Ok(StoredAnswer { status: 200, body: id.to_string() }) }
}

#[tokio::test]
async fn only_the_owner_marks_a_notification() {
    let world = World::new().await;
    world.dispatch(&[world.accepted(1), world.accepted(2)]).await.unwrap();
    let id = world.told(&world.writer).await[0].id;
    let mark = world.mark_read();
    let unknown = NotificationId::new(Uuid::from_u128(9_999));
    for (who, id) in [(&world.client, id), (&world.writer, unknown)] {
        let refused = mark.execute(who, id, &unnamed()).await;
        assert!(matches!(refused, Err(UseCaseError::NotFound)));
    }
    assert!(world.told(&world.writer).await.iter().all(|one| !one.is_read));
    for _ in 0..2 {
        let marked = mark.execute(&world.writer, id, &unnamed()).await.unwrap();
        assert!(matches!(marked, Answered::Now(marked) if marked == id));
        let read: Vec<_> = world.told(&world.writer).await.iter().map(|one| one.is_read).collect();
        assert_eq!(read, [true, false]);
    }
}

#[tokio::test]
async fn marking_all_counts_once_for_a_key() {
    let world = World::new().await;
    world.dispatch(&[world.accepted(1), world.accepted(2)]).await.unwrap();
    let mark = MarkAllNotificationsRead { store: world.store.clone(), clock: world.clock.clone() };
    let once = |key: Option<&str>| Once::<u64> {
        key: key.map(|key| RequestKey {
            user_id: world.writer.user_id,
            key: key.to_owned(),
            fingerprint: [1; 32],
        }),
        render: |count| Ok(StoredAnswer { status: 200, body: count.to_string() }),
    };
    assert!(matches!(mark.execute(&world.writer, &once(Some("k"))).await.unwrap(), Answered::Now(2)));
    world.dispatch(&[world.accepted(3)]).await.unwrap();
    let again = mark.execute(&world.writer, &once(Some("k"))).await.unwrap();
    assert!(matches!(again, Answered::Before(StoredAnswer { body, .. }) if body == "2"));
    assert_eq!(world.told(&world.writer).await.iter().filter(|one| !one.is_read).count(), 1);
    assert!(matches!(mark.execute(&world.writer, &once(None)).await.unwrap(), Answered::Now(1)));
    assert!(matches!(mark.execute(&world.writer, &once(None)).await.unwrap(), Answered::Now(0)));
}
