//! Logins: chains of tokens, and their end.

use std::pin::pin;

use chrono::TimeDelta;
use domain::identity::{AccountState, PresentedToken, Refresh, Session, SessionEnd};
use domain::ids::SessionId;
use ports::identity::{FoundToken, Lock, TokenDigest};
use ports::store::StoreError;

use super::Subject;
use super::scene::{
    begin, commit, fresh_token, fresh_uuid, is_live, locked, locked_session, must_end, must_wait, now,
    reloaded, reloaded_session, rollback, save, stored_session, stored_user,
};

async fn found(subject: &Subject, token: &TokenDigest) -> Option<FoundToken> {
    let mut work = begin(subject).await;
    let found = work.sessions().find_token(token).await.expect("the question is answered");
    rollback(work).await;
    found
}

pub(super) async fn a_login_is_found_by_its_token(subject: &Subject) {
    let user = stored_user(subject).await;
    let session = Session::start(SessionId::new(fresh_uuid()), user.id, now());
    let token = fresh_token();
    let expected =
        FoundToken { session_id: session.id, user_id: user.id, token: PresentedToken { generation: 0 } };
    let mut work = begin(subject).await;
    work.sessions().insert(&session, &token).await.expect("a login is inserted");
    let own = work.sessions().find_token(&token).await.expect("the question is answered");
    assert_eq!(own, Some(expected), "the transaction sees it");
    assert_eq!(found(subject, &token).await, None, "nobody else does yet");
    assert!(!is_live(subject, session.id).await, "nor is it live yet");
    commit(work).await;
    assert_eq!(found(subject, &token).await, Some(expected));
    assert_eq!(reloaded_session(subject, session.id).await, session);
    assert!(is_live(subject, session.id).await);
}

pub(super) async fn unknown_logins_are_not_found(subject: &Subject) {
    let id = SessionId::new(fresh_uuid());
    assert_eq!(found(subject, &fresh_token()).await, None);
    assert!(!is_live(subject, id).await, "what is not there is not live");
    let mut work = begin(subject).await;
    assert_eq!(work.sessions().lock(id).await.expect("the question is answered"), None);
    let user = domain::ids::UserId::new(fresh_uuid());
    let ended = work.sessions().end_all(user, None, SessionEnd::Blocked, now()).await;
    assert!(ended.expect("no error").is_empty());
    commit(work).await;
}

pub(super) async fn every_token_of_a_chain_stays_known(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut session, first) = stored_session(subject, user.id).await;
    let mut tokens = vec![first];
    for generation in 0..3 {
        let mut work = begin(subject).await;
        assert_eq!(locked_session(work.as_mut(), session.id).await, session);
        assert_eq!(session.refresh(PresentedToken { generation }, now()), Refresh::Rotated);
        let token = fresh_token();
        work.sessions().save_rotation(&session, &token).await.expect("the rotation is saved");
        commit(work).await;
        tokens.push(token);
        assert_eq!(reloaded_session(subject, session.id).await, session);
    }
    for (generation, token) in (0..).zip(&tokens) {
        let expected =
            FoundToken { session_id: session.id, user_id: user.id, token: PresentedToken { generation } };
        assert_eq!(found(subject, token).await, Some(expected), "place {generation} of the chain");
    }
    assert!(is_live(subject, session.id).await);
}

pub(super) async fn finding_a_token_takes_no_lock(subject: &Subject) {
    let user = stored_user(subject).await;
    let (session, token) = stored_session(subject, user.id).await;
    let mut holder = begin(subject).await;
    locked(holder.as_mut(), user.id).await;
    locked_session(holder.as_mut(), session.id).await;
    let mut work = begin(subject).await;
    let seen = must_end(work.sessions().find_token(&token), "who looks a token up").await;
    assert!(seen.expect("the question is answered").is_some());
    commit(holder).await;
    let mut other = begin(subject).await;
    must_end(locked_session(other.as_mut(), session.id), "who locks a login that was looked up").await;
    commit(other).await;
    commit(work).await;
}

pub(super) async fn an_ended_login_is_not_live(subject: &Subject) {
    let user = stored_user(subject).await;
    for reason in SessionEnd::ALL {
        let (mut session, token) = stored_session(subject, user.id).await;
        session.end(reason, now());
        let mut work = begin(subject).await;
        locked_session(work.as_mut(), session.id).await;
        work.sessions().save_end(&session).await.expect("the end is saved");
        assert_eq!(locked_session(work.as_mut(), session.id).await, session, "the transaction sees it");
        assert!(is_live(subject, session.id).await, "nobody else does yet");
        commit(work).await;
        assert!(!is_live(subject, session.id).await);
        assert_eq!(reloaded_session(subject, session.id).await, session, "when and why is kept");
        assert!(found(subject, &token).await.is_some(), "its tokens stay known");
    }
}

/// Whoever waits for a lock has read the clock before; and two servers' clocks differ by a little.
pub(super) async fn times_may_go_back_a_little(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut session, _) = stored_session(subject, user.id).await;
    let earlier = session.created_at - TimeDelta::seconds(1);
    assert_eq!(session.refresh(PresentedToken { generation: 0 }, earlier), Refresh::Rotated);
    let mut work = begin(subject).await;
    work.sessions().save_rotation(&session, &fresh_token()).await.expect("the rotation is saved");
    let ended = work.sessions().end_all(user.id, None, SessionEnd::Blocked, earlier).await;
    assert_eq!(ended.expect("the logins are ended"), [session.id]);
    let mut changed = locked(work.as_mut(), user.id).await;
    changed.state = AccountState::Blocked { reason: "spam".into(), since: earlier };
    changed.updated_at = user.created_at - TimeDelta::seconds(1);
    save(work.as_mut(), &mut changed).await;
    commit(work).await;
    session.end(SessionEnd::Blocked, earlier);
    assert_eq!(reloaded_session(subject, session.id).await, session);
    assert_eq!(reloaded(subject, user.id).await, changed);
}

pub(super) async fn a_login_that_is_not_there_cannot_be_saved(subject: &Subject) {
    let user = stored_user(subject).await;
    let mut rotated = Session::start(SessionId::new(fresh_uuid()), user.id, now());
    assert_eq!(rotated.refresh(PresentedToken { generation: 0 }, now()), Refresh::Rotated);
    let mut work = begin(subject).await;
    let saved = work.sessions().save_rotation(&rotated, &fresh_token()).await;
    assert!(saved.is_err(), "a rotation of nothing");
    let committed = work.commit().await;
    assert!(matches!(committed, Err(StoreError::Spoilt)), "{committed:?}");

    let mut ended = Session::start(SessionId::new(fresh_uuid()), user.id, now());
    ended.end(SessionEnd::LoggedOut, now());
    let mut work = begin(subject).await;
    let saved = work.sessions().save_end(&ended).await;
    assert!(saved.is_err(), "an end of nothing");
    let committed = work.commit().await;
    assert!(matches!(committed, Err(StoreError::Spoilt)), "{committed:?}");
}

pub(super) async fn a_token_is_unique(subject: &Subject) {
    let user = stored_user(subject).await;
    let (_, token) = stored_session(subject, user.id).await;
    let other = Session::start(SessionId::new(fresh_uuid()), user.id, now());
    let mut work = begin(subject).await;
    let inserted = work.sessions().insert(&other, &token).await;
    assert!(matches!(inserted, Err(StoreError::Refused(_))), "{inserted:?}");
    rollback(work).await;
    assert!(!is_live(subject, other.id).await, "nothing was written");
}

pub(super) async fn ending_all_spares_one(subject: &Subject) {
    let user = stored_user(subject).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(stored_session(subject, user.id).await.0.id);
    }
    let (spared, mut others) = (sessions.remove(1), sessions);
    let mut work = begin(subject).await;
    let at = now();
    let ended = work.sessions().end_all(user.id, Some(spared), SessionEnd::PasswordChanged, at).await;
    let mut ended = ended.expect("the logins are ended");
    commit(work).await;
    ended.sort();
    others.sort();
    assert_eq!(ended, others, "it says which they were");
    for id in others {
        assert!(!is_live(subject, id).await);
        let end = reloaded_session(subject, id).await.ended;
        assert_eq!(end, Some((at, SessionEnd::PasswordChanged)));
    }
    assert!(is_live(subject, spared).await);
    assert_eq!(reloaded_session(subject, spared).await.ended, None);
}

pub(super) async fn ending_all_ends_only_live_ones_of_that_person(subject: &Subject) {
    let (user, other) = (stored_user(subject).await, stored_user(subject).await);
    let (mut gone, _) = stored_session(subject, user.id).await;
    let (live, _) = stored_session(subject, user.id).await;
    let (foreign, _) = stored_session(subject, other.id).await;
    gone.end(SessionEnd::LoggedOut, now());
    let mut work = begin(subject).await;
    work.sessions().save_end(&gone).await.expect("the end is saved");
    let ended = work.sessions().end_all(user.id, None, SessionEnd::Blocked, now()).await;
    assert_eq!(ended.expect("the logins are ended"), [live.id], "what this transaction ended is ended");
    let ended = work.sessions().end_all(user.id, None, SessionEnd::Blocked, now()).await;
    assert_eq!(ended.expect("no error"), [], "there are none left");
    commit(work).await;
    assert_eq!(reloaded_session(subject, gone.id).await.ended, gone.ended, "the first reason stands");
    assert!(is_live(subject, foreign.id).await, "somebody else's login is nobody's business");
}

pub(super) async fn ending_all_ends_what_began_in_the_same_transaction(subject: &Subject) {
    let user = stored_user(subject).await;
    let session = Session::start(SessionId::new(fresh_uuid()), user.id, now());
    let mut work = begin(subject).await;
    work.sessions().insert(&session, &fresh_token()).await.expect("a login is inserted");
    let ended = work.sessions().end_all(user.id, None, SessionEnd::Blocked, now()).await;
    assert_eq!(ended.expect("the logins are ended"), [session.id]);
    commit(work).await;
    assert!(!is_live(subject, session.id).await);
}

pub(super) async fn ending_all_waits_for_a_login_being_ended(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut session, _) = stored_session(subject, user.id).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    session.end(SessionEnd::LoggedOut, now());
    first.sessions().save_end(&session).await.expect("the end is saved");
    {
        let mut waiting = pin!(second.sessions().end_all(user.id, None, SessionEnd::Blocked, now()));
        must_wait(waiting.as_mut(), "who ends all logins").await;
        commit(first).await;
        let ended = must_end(waiting, "who ends all logins").await.expect("the logins are ended");
        assert_eq!(ended, [], "somebody else was first");
    }
    commit(second).await;
    assert_eq!(reloaded_session(subject, session.id).await.ended, session.ended, "the first reason stands");
}

/// A login against a block, as the use cases play it.
pub(super) async fn ending_all_sees_a_login_that_began_before_the_lock_came(subject: &Subject) {
    let user = stored_user(subject).await;
    let session = Session::start(SessionId::new(fresh_uuid()), user.id, now());
    let (mut login, mut block) = (begin(subject).await, begin(subject).await);
    login.users().lock(user.id, Lock::Shared).await.expect("the lock comes");
    {
        let mut waiting = pin!(block.users().lock(user.id, Lock::Exclusive));
        must_wait(waiting.as_mut(), "the block").await;
        login.sessions().insert(&session, &fresh_token()).await.expect("a login is inserted");
        commit(login).await;
        must_end(waiting, "the block").await.expect("the lock comes");
    }
    let ended = block.sessions().end_all(user.id, None, SessionEnd::Blocked, now()).await;
    assert_eq!(ended.expect("the logins are ended"), [session.id], "it is not missed");
    commit(block).await;
    assert!(!is_live(subject, session.id).await);
}
