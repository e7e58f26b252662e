//! Telling every process which logins ended.

use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::{Session, SessionEnd};
use domain::ids::SessionId;
use ports::identity::{EndedCursor, EndedSessions};
use ports::store::UnitOfWork;

use super::Subject;
use super::scene::{begin, commit, now, rollback, stored_session, stored_session_since, stored_user};

async fn read(subject: &Subject, cursor: Option<EndedCursor>, not_before: DateTime<Utc>) -> EndedSessions {
    subject.sessions.ended_since(cursor, not_before).await.expect("the announcements are read")
}

/// Where a process stands that has read everything so far.
async fn up_to_date(subject: &Subject) -> EndedCursor {
    read(subject, None, now()).await.next
}

async fn end(work: &mut dyn UnitOfWork, session: &mut Session, at: DateTime<Utc>) {
    session.end(SessionEnd::LoggedOut, at);
    work.sessions().save_end(session).await.expect("the end is saved");
}

/// Whether the news has this login, and if so whether with the right time.
fn tells(news: &EndedSessions, id: SessionId, at: DateTime<Utc>) -> bool {
    let told = news.sessions.iter().filter(|(ended, _)| *ended == id);
    let times: Vec<_> = told.map(|(_, ended_at)| *ended_at).collect();
    assert!(times.iter().all(|time| *time == at), "announced as ended at {times:?}, but it was at {at}");
    !times.is_empty()
}

pub(super) async fn an_end_is_announced_to_those_who_read_on(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut session, _) = stored_session(subject, user.id).await;
    let (mut later, _) = stored_session(subject, user.id).await;
    let at = now();
    let before = up_to_date(subject).await;
    let mut work = begin(subject).await;
    end(work.as_mut(), &mut session, at).await;
    let too_early = read(subject, Some(before), at).await;
    assert!(!tells(&too_early, session.id, at), "not before it is committed");
    commit(work).await;
    let news = read(subject, Some(too_early.next), at).await;
    assert!(tells(&news, session.id, at));
    assert!(tells(&read(subject, Some(before), at).await, session.id, at), "each process reads for itself");

    let mut work = begin(subject).await;
    end(work.as_mut(), &mut later, at).await;
    commit(work).await;
    let more = read(subject, Some(news.next), at).await;
    assert!(tells(&more, later.id, at), "and reads on from where it was");
}

pub(super) async fn every_login_ended_at_once_is_announced(subject: &Subject) {
    let user = stored_user(subject).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(stored_session(subject, user.id).await.0.id);
    }
    let spared = ids.pop();
    let (before, at) = (up_to_date(subject).await, now());
    let mut work = begin(subject).await;
    let ended = work.sessions().end_all(user.id, spared, SessionEnd::PasswordChanged, at).await;
    ended.expect("the logins are ended");
    commit(work).await;
    let news = read(subject, Some(before), at).await;
    for id in ids {
        assert!(tells(&news, id, at));
    }
    assert!(spared.is_some_and(|spared| !tells(&news, spared, at)), "the spared one is live");
}

pub(super) async fn a_rollback_announces_nothing(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut rolled_back, _) = stored_session(subject, user.id).await;
    let (mut dropped, _) = stored_session(subject, user.id).await;
    let (before, at) = (up_to_date(subject).await, now());
    let mut work = begin(subject).await;
    end(work.as_mut(), &mut rolled_back, at).await;
    rollback(work).await;
    let mut work = begin(subject).await;
    end(work.as_mut(), &mut dropped, at).await;
    drop(work);
    let news = read(subject, Some(before), at).await;
    assert!(!tells(&news, rolled_back.id, at));
    assert!(!tells(&news, dropped.id, at));
}

pub(super) async fn a_late_commit_is_not_missed(subject: &Subject) {
    let user = stored_user(subject).await;
    let early = now() - TimeDelta::seconds(1);
    let (mut slow, _) = stored_session_since(subject, user.id, early).await;
    let (mut quick, _) = stored_session(subject, user.id).await;
    let before = up_to_date(subject).await;
    let mut slow_work = begin(subject).await;
    end(slow_work.as_mut(), &mut slow, early).await;

    let at = now();
    let mut quick_work = begin(subject).await;
    end(quick_work.as_mut(), &mut quick, at).await;
    commit(quick_work).await;
    let news = read(subject, Some(before), early).await;
    assert!(tells(&news, quick.id, at), "an open transaction does not hold the news up");
    assert!(!tells(&news, slow.id, early), "what is not committed has not happened");
    let no_news = read(subject, Some(news.next), early).await;
    assert!(!tells(&no_news, slow.id, early));

    commit(slow_work).await;
    let late_news = read(subject, Some(no_news.next), early).await;
    assert!(tells(&late_news, slow.id, early), "although a later one has been read already");
}

pub(super) async fn a_reader_without_a_cursor_gets_the_recent_ones(subject: &Subject) {
    let user = stored_user(subject).await;
    let at = now();
    let long_ago = at - TimeDelta::hours(2);
    let (mut recent, _) = stored_session(subject, user.id).await;
    let (mut old, _) = stored_session_since(subject, user.id, long_ago).await;
    let mut work = begin(subject).await;
    end(work.as_mut(), &mut old, long_ago).await;
    end(work.as_mut(), &mut recent, at).await;
    commit(work).await;
    let news = read(subject, None, at - TimeDelta::hours(1)).await;
    assert!(tells(&news, recent.id, at));
    assert!(!tells(&news, old.id, long_ago), "no access token outlived it");
}
