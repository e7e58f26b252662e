//! What the cases are played with.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use domain::event::Event;
use domain::identity::{
    EmailAddress, FullName, IdentityEvent, NewUser, PasswordHash, PhoneNumber, Role, Session, User,
};
use domain::ids::{EventId, SessionId, UserId};
use ports::identity::{EmailClaim, Lock, TokenDigest};
use ports::store::{StoreError, UnitOfWork};
use uuid::Uuid;

use super::Subject;

/// How long somebody who has to wait is watched waiting.
const WATCHED: Duration = Duration::from_millis(100);
/// How long anything at all may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asserts that `future` has no result for a while, and leaves it waiting.
pub(super) async fn must_wait<F: Future>(future: Pin<&mut F>, who: &str) {
    let answer = tokio::time::timeout(WATCHED, future).await;
    assert!(answer.is_err(), "{who} had to wait, but did not");
}

/// Asserts that `future` ends.
pub(super) async fn must_end<F: Future>(future: F, who: &str) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{who} waits for ever"),
    }
}

/// As precise as PostgreSQL stores it.
#[expect(clippy::disallowed_methods, reason = "the database may compare with its own clock")]
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

#[expect(clippy::disallowed_methods, reason = "must not meet those of an earlier run on the same database")]
pub(super) fn fresh_uuid() -> Uuid {
    Uuid::now_v7()
}

/// Mixed case, so that comparing it with regard to case would show.
pub(super) fn fresh_email() -> EmailAddress {
    let raw = format!("Contract.{}@Example.test", fresh_uuid().simple());
    EmailAddress::parse(&raw).expect("a well-formed address")
}

/// The same address as somebody else would type it.
pub(super) fn in_capitals(email: &EmailAddress) -> EmailAddress {
    EmailAddress::parse(&email.as_str().to_uppercase()).expect("a well-formed address")
}

pub(super) fn name(raw: &str) -> FullName {
    FullName::parse(raw).expect("a well-formed name")
}

/// An account that is stored nowhere yet.
pub(super) fn new_user(email: EmailAddress) -> User {
    let new = NewUser {
        id: UserId::new(fresh_uuid()),
        email,
        full_name: name("Ádá Lovelace"),
        role: Role::Writer,
        phone: Some(PhoneNumber::parse("+44 20 7946 0958").expect("a well-formed number")),
        password: PasswordHash::new(format!("$hash${}", fresh_uuid())),
    };
    User::register(new, now()).0
}

pub(super) fn fresh_token() -> TokenDigest {
    let mut digest = [0; 32];
    let (left, right) = digest.split_at_mut(16);
    left.copy_from_slice(fresh_uuid().as_bytes());
    right.copy_from_slice(fresh_uuid().as_bytes());
    TokenDigest(digest)
}

pub(super) fn event_of(user_id: UserId) -> Event {
    Event { fact: IdentityEvent::PasswordChanged { user_id }.into(), occurred_at: now() }
}

pub(super) fn fresh_event_id() -> EventId {
    EventId::new(fresh_uuid())
}

pub(super) async fn begin(subject: &Subject) -> Box<dyn UnitOfWork> {
    must_end(subject.store.begin(), "a transaction to begin").await.expect("a transaction begins")
}

pub(super) async fn commit(work: Box<dyn UnitOfWork>) {
    must_end(work.commit(), "a commit").await.expect("the transaction is committed");
}

/// Ends a unit of work whose last write is refused: at once, or with the commit.
pub(super) async fn must_be_refused(written: Result<(), StoreError>, work: Box<dyn UnitOfWork>) {
    let outcome = match written {
        Ok(()) => work.commit().await,
        Err(error) => {
            rollback(work).await;
            Err(error)
        }
    };
    assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
}

pub(super) async fn rollback(work: Box<dyn UnitOfWork>) {
    must_end(work.rollback(), "a rollback").await.expect("the transaction is rolled back");
}

/// Adds an account that must not meet any other.
pub(super) async fn insert(work: &mut dyn UnitOfWork, user: &User) {
    let claim = work.users().insert(user).await.expect("an account is inserted");
    assert_eq!(claim, EmailClaim::Granted, "nobody else has this address");
}

/// An account as it is stored, locked by `work`.
pub(super) async fn locked(work: &mut dyn UnitOfWork, id: UserId) -> User {
    let found = work.users().lock(id, Lock::Exclusive).await.expect("an account is locked");
    found.expect("the account is there")
}

/// Saves an account whose address is free.
pub(super) async fn save(work: &mut dyn UnitOfWork, user: &mut User) {
    let claim = work.users().save(user).await.expect("an account is saved");
    assert_eq!(claim, EmailClaim::Granted, "nobody else has this address");
}

/// An account that is committed.
pub(super) async fn stored_user(subject: &Subject) -> User {
    let user = new_user(fresh_email());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    commit(work).await;
    reloaded(subject, user.id).await
}

/// What is committed of an account.
pub(super) async fn reloaded(subject: &Subject, id: UserId) -> User {
    let mut work = begin(subject).await;
    let user = locked(work.as_mut(), id).await;
    rollback(work).await;
    user
}

/// A login that is committed.
pub(super) async fn stored_session(subject: &Subject, user_id: UserId) -> (Session, TokenDigest) {
    stored_session_since(subject, user_id, now()).await
}

/// A login that is committed and began at `since`.
pub(super) async fn stored_session_since(
    subject: &Subject,
    user_id: UserId,
    since: DateTime<Utc>,
) -> (Session, TokenDigest) {
    let session = Session::start(SessionId::new(fresh_uuid()), user_id, since);
    let token = fresh_token();
    let mut work = begin(subject).await;
    work.sessions().insert(&session, &token).await.expect("a login is inserted");
    commit(work).await;
    (session, token)
}

/// What is committed of a login.
pub(super) async fn reloaded_session(subject: &Subject, id: SessionId) -> Session {
    let mut work = begin(subject).await;
    let session = locked_session(work.as_mut(), id).await;
    rollback(work).await;
    session
}

/// A login as it is stored, locked by `work`.
pub(super) async fn locked_session(work: &mut dyn UnitOfWork, id: SessionId) -> Session {
    work.sessions().lock(id).await.expect("a login is locked").expect("the login is there")
}

pub(super) async fn is_live(subject: &Subject, id: SessionId) -> bool {
    subject.sessions.is_live(id).await.expect("the question is answered")
}
