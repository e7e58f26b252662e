//! Who waits for whom.

use std::pin::pin;

use domain::identity::{Role, Session, User};
use domain::ids::{SessionId, UserId};
use ports::identity::Lock;
use ports::store::UnitOfWork;

use super::Subject;
use super::scene::{
    begin, commit, fresh_email, fresh_token, fresh_uuid, insert, is_live, locked, locked_session, must_end,
    must_wait, name, new_user, now, rollback, save, stored_session, stored_user,
};

async fn lock(work: &mut dyn UnitOfWork, id: UserId, mode: Lock) {
    let found = work.users().lock(id, mode).await.expect("an account is locked");
    assert!(found.is_some(), "the account is there");
}

/// One transaction locks in one mode; another one in the other mode has to wait until the first ends.
async fn second_waits(subject: &Subject, first_mode: Lock, second_mode: Lock) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    lock(first.as_mut(), user.id, first_mode).await;
    {
        let mut waiting = pin!(second.users().lock(user.id, second_mode));
        must_wait(waiting.as_mut(), "the second transaction").await;
        commit(first).await;
        let found = must_end(waiting, "the second transaction").await.expect("the lock comes");
        assert_eq!(found, Some(user));
    }
    commit(second).await;
}

pub(super) async fn exclusive_locks_wait_for_each_other(subject: &Subject) {
    second_waits(subject, Lock::Exclusive, Lock::Exclusive).await;
}

pub(super) async fn a_shared_lock_waits_for_an_exclusive_one(subject: &Subject) {
    second_waits(subject, Lock::Exclusive, Lock::Shared).await;
}

pub(super) async fn an_exclusive_lock_waits_for_a_shared_one(subject: &Subject) {
    second_waits(subject, Lock::Shared, Lock::Exclusive).await;
}

pub(super) async fn shared_locks_do_not_wait_for_each_other(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    lock(first.as_mut(), user.id, Lock::Shared).await;
    must_end(lock(second.as_mut(), user.id, Lock::Shared), "the second reader").await;
    let mut third = begin(subject).await;
    {
        let mut writer = pin!(third.users().lock(user.id, Lock::Exclusive));
        must_wait(writer.as_mut(), "the writer").await;
        commit(first).await;
        must_wait(writer.as_mut(), "the writer, for the second reader as well").await;
        commit(second).await;
        must_end(writer, "the writer").await.expect("the lock comes");
    }
    commit(third).await;
}

pub(super) async fn whoever_waited_sees_the_newest_row(subject: &Subject) {
    for mode in [Lock::Shared, Lock::Exclusive] {
        let user = stored_user(subject).await;
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        let mut changed = locked(first.as_mut(), user.id).await;
        let seen = {
            let mut waiting = pin!(second.users().lock(user.id, mode));
            must_wait(waiting.as_mut(), "the second transaction").await;
            changed.full_name = name("Newest Name");
            save(first.as_mut(), &mut changed).await;
            commit(first).await;
            must_end(waiting, "the second transaction").await.expect("the lock comes")
        };
        assert_eq!(seen.as_ref(), Some(&changed), "{mode:?}: what the first one left, not what was before");
        if mode == Lock::Exclusive {
            save(second.as_mut(), &mut changed).await;
        }
        commit(second).await;
    }
}

pub(super) async fn who_looks_for_administrators_does_so_alone(subject: &Subject) {
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    first.users().lock_administrators().await.expect("an answer");
    let root = new_user(fresh_email());
    let root = User { role: Role::Admin, ..root };
    {
        let mut waiting = pin!(second.users().lock_administrators());
        must_wait(waiting.as_mut(), "the second server").await;
        insert(first.as_mut(), &root).await;
        commit(first).await;
        let found = must_end(waiting, "the second server").await.expect("the lock comes");
        assert!(found, "what the first one left");
    }
    commit(second).await;
}

pub(super) async fn a_rollback_frees_locks(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut changed = locked(first.as_mut(), user.id).await;
    changed.full_name = name("Never Happened");
    save(first.as_mut(), &mut changed).await;
    {
        let mut waiting = pin!(second.users().lock(user.id, Lock::Exclusive));
        must_wait(waiting.as_mut(), "the second transaction").await;
        rollback(first).await;
        let seen = must_end(waiting, "the second transaction").await.expect("the lock comes");
        assert_eq!(seen, Some(user), "as if the first had never been");
    }
    commit(second).await;
}

pub(super) async fn a_drop_frees_locks(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut changed = locked(first.as_mut(), user.id).await;
    changed.full_name = name("Never Happened");
    save(first.as_mut(), &mut changed).await;
    {
        let mut waiting = pin!(second.users().lock(user.id, Lock::Exclusive));
        must_wait(waiting.as_mut(), "the second transaction").await;
        drop(first);
        let seen = must_end(waiting, "the second transaction").await.expect("the lock comes");
        assert_eq!(seen, Some(user), "as if the first had never been");
    }
    commit(second).await;
}

pub(super) async fn a_lock_can_be_taken_twice_by_its_holder(subject: &Subject) {
    let user = stored_user(subject).await;
    let (session, _) = stored_session(subject, user.id).await;
    let mut work = begin(subject).await;
    for mode in [Lock::Shared, Lock::Shared, Lock::Exclusive, Lock::Exclusive, Lock::Shared] {
        must_end(lock(work.as_mut(), user.id, mode), "the holder").await;
    }
    for _ in 0..2 {
        assert_eq!(must_end(locked_session(work.as_mut(), session.id), "the holder").await, session);
    }
    commit(work).await;
}

pub(super) async fn rows_are_locked_one_by_one(subject: &Subject) {
    let (one, other) = (stored_user(subject).await, stored_user(subject).await);
    let (session, _) = stored_session(subject, one.id).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    lock(first.as_mut(), one.id, Lock::Exclusive).await;
    must_end(lock(second.as_mut(), other.id, Lock::Exclusive), "who wants another account").await;
    let locked = must_end(locked_session(second.as_mut(), session.id), "who wants a login of it").await;
    assert_eq!(locked, session);
    commit(second).await;
    commit(first).await;
}

pub(super) async fn logins_are_locked_exclusively(subject: &Subject) {
    let user = stored_user(subject).await;
    let (session, _) = stored_session(subject, user.id).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut rotated = locked_session(first.as_mut(), session.id).await;
    rotated.generation += 1;
    rotated.rotated_at = now();
    {
        let mut waiting = pin!(second.sessions().lock(session.id));
        must_wait(waiting.as_mut(), "the second transaction").await;
        first.sessions().save_rotation(&rotated, &fresh_token()).await.expect("the rotation is saved");
        commit(first).await;
        let seen = must_end(waiting, "the second transaction").await.expect("the lock comes");
        assert_eq!(seen, Some(rotated), "what the first one left");
    }
    commit(second).await;
}

pub(super) async fn questions_do_not_wait_for_locks(subject: &Subject) {
    let user = stored_user(subject).await;
    let (session, _) = stored_session(subject, user.id).await;
    let mut work = begin(subject).await;
    let mut changed = locked(work.as_mut(), user.id).await;
    changed.full_name = name("Not Yet Committed");
    save(work.as_mut(), &mut changed).await;
    locked_session(work.as_mut(), session.id).await;
    let view = must_end(subject.accounts.account(user.id), "a question").await;
    let view = view.expect("the question is answered").expect("the account is shown");
    assert_eq!(view.full_name, user.full_name.as_str(), "as it was committed last");
    assert!(must_end(is_live(subject, session.id), "a question").await);
    rollback(work).await;
}

pub(super) async fn a_login_can_begin_while_the_account_is_shared(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    lock(first.as_mut(), user.id, Lock::Shared).await;
    lock(second.as_mut(), user.id, Lock::Shared).await;
    for work in [&mut first, &mut second] {
        let session = Session::start(SessionId::new(fresh_uuid()), user.id, now());
        let digest = fresh_token();
        let inserted = must_end(work.sessions().insert(&session, &digest), "a login").await;
        inserted.expect("two logins of one account begin at once");
    }
    commit(first).await;
    commit(second).await;
}
