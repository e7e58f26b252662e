//! What only the twin can do: fail, stop and be looked at; and what PostgreSQL does in its own way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::pin::pin;
use std::task::{Context, Waker};

use adapter_memory::{Fault, MemoryStore, Operation};
use chrono::{TimeZone, Utc};
use domain::event::Event;
use domain::identity::{
    EmailAddress, FullName, IdentityEvent, NewUser, PasswordHash, Role, Session, SessionEnd, User,
};
use domain::ids::{EventId, SessionId, UserId};
use ports::environment::DatabaseHealth;
use ports::identity::{AccountQueries, EmailClaim, Lock, TokenDigest};
use ports::store::{Store, StoreError, UnitOfWork};
use uuid::Uuid;

fn user(number: u128) -> User {
    let new = NewUser {
        id: UserId::new(Uuid::from_u128(number)),
        email: EmailAddress::parse(&format!("user{number}@example.com")).unwrap(),
        full_name: FullName::parse("Ada Lovelace").unwrap(),
        role: Role::Writer,
        phone: None,
        password: PasswordHash::new("hash".into()),
    };
    User::register(new, Utc.timestamp_opt(1_780_000_000, 0).unwrap()).0
}

fn fact(user: &User) -> Event {
    let fact = IdentityEvent::Registered { user_id: user.id, role: user.role }.into();
    Event { fact, occurred_at: user.created_at }
}

async fn insert(work: &mut dyn UnitOfWork, user: &User) {
    assert_eq!(work.users().insert(user).await.unwrap(), EmailClaim::Granted);
}

async fn two_users(store: &MemoryStore) -> [User; 2] {
    let users = [user(1), user(2)];
    let mut work = store.begin().await.unwrap();
    for user in &users {
        insert(work.as_mut(), user).await;
    }
    work.commit().await.unwrap();
    users
}

#[tokio::test]
async fn the_outbox_shows_what_was_committed() {
    let store = MemoryStore::new();
    let ada = user(1);
    let (kept, lost) = (EventId::new(Uuid::from_u128(1)), EventId::new(Uuid::from_u128(2)));
    let mut work = store.begin().await.unwrap();
    work.outbox().append(&[(lost, fact(&ada))]).await.unwrap();
    work.rollback().await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.outbox().append(&[(kept, fact(&ada))]).await.unwrap();
    assert_eq!(store.events(), []);
    work.commit().await.unwrap();
    assert_eq!(store.events(), [(kept, fact(&ada))]);
}

#[tokio::test]
async fn it_fails_as_ordered_and_as_often() {
    let store = MemoryStore::new();
    let ada = user(1);
    store.fail_next(Operation::Account, Fault::TimedOut);
    store.fail_next(Operation::Account, Fault::Corrupt);
    assert!(matches!(store.account(ada.id).await, Err(StoreError::TimedOut(_))));
    assert!(matches!(store.account(ada.id).await, Err(StoreError::Corrupt { .. })));
    assert_eq!(store.account(ada.id).await.unwrap(), None);
    assert_eq!(store.calls(Operation::Account), 3);

    store.fail_next(Operation::InsertUser, Fault::Refused);
    let mut work = store.begin().await.unwrap();
    assert!(matches!(work.users().insert(&ada).await, Err(StoreError::Refused(_))));
    assert!(matches!(work.users().insert(&ada).await, Err(StoreError::Spoilt)));
    assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
}

#[tokio::test]
async fn a_commit_fails_with_or_without_its_writes() {
    for (fault, is_written) in [
        (Fault::Collision, false),
        (Fault::Unavailable, false),
        (Fault::OutcomeUnknown { written: false }, false),
        (Fault::OutcomeUnknown { written: true }, true),
    ] {
        let store = MemoryStore::new();
        let ada = user(1);
        let mut work = store.begin().await.unwrap();
        insert(work.as_mut(), &ada).await;
        store.fail_next(Operation::Commit, fault);
        assert!(work.commit().await.is_err(), "{fault:?}");
        assert_eq!(store.account(ada.id).await.unwrap().is_some(), is_written, "{fault:?}");
        let mut work = store.begin().await.unwrap();
        let claim = work.users().insert(&User { id: user(2).id, ..ada }).await.unwrap();
        assert_eq!(claim == EmailClaim::Taken, is_written, "no lock was left behind");
    }
}

#[tokio::test]
async fn while_it_is_down_nothing_works() {
    let store = MemoryStore::new();
    let [ada, _] = two_users(&store).await;
    let mut open = store.begin().await.unwrap();
    store.set_down(true);
    assert!(matches!(store.begin().await.err(), Some(StoreError::Unavailable(_))));
    assert!(matches!(store.account(ada.id).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(open.users().lock(ada.id, Lock::Shared).await, Err(StoreError::Unavailable(_))));
    store.set_down(false);
    assert!(matches!(open.commit().await, Err(StoreError::Spoilt)));
    assert!(store.check().await.is_ok());
}

#[tokio::test]
async fn a_held_call_has_done_nothing_yet_and_goes_on_when_let_go() {
    for drops in [false, true] {
        let store = MemoryStore::new();
        let ada = user(1);
        let mut work = store.begin().await.unwrap();
        insert(work.as_mut(), &ada).await;
        let mut held = store.hold_next(Operation::Commit);
        let commit = tokio::spawn(async move { work.commit().await });
        held.reached().await;
        assert_eq!(store.account(ada.id).await.unwrap(), None);
        if drops {
            drop(held);
        } else {
            held.release();
        }
        commit.await.unwrap().unwrap();
        assert!(store.account(ada.id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_call_cancelled_half_way_spoils_the_transaction() {
    let store = MemoryStore::new();
    let [ada, eve] = two_users(&store).await;
    let (mut first, mut second) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    first.users().lock(ada.id, Lock::Exclusive).await.unwrap();
    second.users().lock(eve.id, Lock::Exclusive).await.unwrap();
    {
        let mut waiting = pin!(second.users().lock(ada.id, Lock::Shared));
        let mut context = Context::from_waker(Waker::noop());
        while store.calls(Operation::LockUser) < 3 {
            assert!(waiting.as_mut().poll(&mut context).is_pending());
        }
    }
    assert!(matches!(second.commit().await, Err(StoreError::Spoilt)));
    first.commit().await.unwrap();
}

#[tokio::test]
async fn whoever_closes_a_circle_collides_and_the_other_goes_on() {
    let store = MemoryStore::new();
    let [ada, eve] = two_users(&store).await;
    let (mut first, mut second) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    first.users().lock(ada.id, Lock::Exclusive).await.unwrap();
    second.users().lock(eve.id, Lock::Exclusive).await.unwrap();
    let waiting = tokio::spawn(async move {
        let found = first.users().lock(user(2).id, Lock::Exclusive).await;
        (found, first)
    });
    store.until_waiting(1).await;
    let circle = second.users().lock(ada.id, Lock::Shared).await;
    assert!(matches!(circle, Err(StoreError::Collision(_))), "{circle:?}");
    second.rollback().await.unwrap();
    let (found, first) = waiting.await.unwrap();
    assert_eq!(found.unwrap(), Some(eve));
    first.commit().await.unwrap();
}

#[tokio::test]
async fn a_login_without_an_account_or_without_an_end_is_refused() {
    let store = MemoryStore::new();
    let [ada, _] = two_users(&store).await;
    let nobodys = Session::start(SessionId::new(Uuid::from_u128(1)), user(9).id, ada.created_at);
    let mut work = store.begin().await.unwrap();
    let inserted = work.sessions().insert(&nobodys, &TokenDigest([1; 32])).await;
    assert!(matches!(inserted, Err(StoreError::Refused(_))), "{inserted:?}");
    drop(work);

    let mut live = Session { user_id: ada.id, ..nobodys };
    let mut work = store.begin().await.unwrap();
    work.sessions().insert(&live, &TokenDigest([1; 32])).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    assert!(matches!(work.sessions().save_end(&live).await, Err(StoreError::Refused(_))));
    drop(work);
    live.end(SessionEnd::LoggedOut, ada.created_at);
    let mut work = store.begin().await.unwrap();
    work.sessions().save_end(&live).await.unwrap();
    let twice = work.sessions().save_end(&live).await;
    assert!(matches!(twice, Err(StoreError::Stale { .. })), "an update of no row: {twice:?}");
}

#[tokio::test]
async fn the_same_identifier_twice_is_refused() {
    let store = MemoryStore::new();
    let [ada, _] = two_users(&store).await;
    let twin = User { email: EmailAddress::parse("other@example.com").unwrap(), ..ada };
    let mut work = store.begin().await.unwrap();
    assert!(matches!(work.users().insert(&twin).await, Err(StoreError::Refused(_))));
}
