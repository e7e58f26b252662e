//! Accounts: storing, finding, and addresses of one's own.

use std::pin::pin;

use chrono::TimeDelta;
use domain::identity::{AccountState, PasswordHash, PhoneNumber, Role, User};
use domain::ids::UserId;
use domain::profiles::Figures;
use ports::identity::{EmailClaim, Lock};
use ports::store::StoreError;

use super::Subject;
use super::scene::{
    begin, commit, fresh_email, fresh_uuid, in_capitals, insert, locked, must_end, must_wait, name, new_user,
    now, reloaded, rollback, save, stored_user,
};

pub(super) async fn an_account_is_found_as_it_was_stored(subject: &Subject) {
    for role in Role::ALL {
        let mut user = new_user(fresh_email());
        user.role = role;
        if role == Role::Client {
            user.phone = None;
        }
        let mut work = begin(subject).await;
        insert(work.as_mut(), &user).await;
        commit(work).await;

        assert_eq!(reloaded(subject, user.id).await, user);
        let view = subject.accounts.account(user.id).await.expect("the question is answered");
        let view = view.expect("the account is shown");
        assert_eq!((view.id, view.role, view.is_verified), (user.id, role, false));
        assert_eq!(view.email, user.email.as_str(), "the address is shown as it was typed");
        assert_eq!(view.full_name, user.full_name.as_str());
        assert_eq!(view.phone.as_deref(), user.phone.as_ref().map(PhoneNumber::as_str));
        assert_eq!((view.created_at, view.updated_at), (user.created_at, user.updated_at));
        assert_eq!((view.bio, view.avatar_url, view.education), (None, None, None), "an empty profile");
        assert!(view.specializations.is_empty() && view.languages.is_empty(), "an empty profile");
        assert_eq!(view.figures, Figures::default(), "no orders, no reviews");

        let found = subject.accounts.credentials_of(user.id).await.expect("the question is answered");
        assert!(found.is_some_and(|found| found.user_id == user.id && found.password == user.password));
        for typed in [user.email.clone(), in_capitals(&user.email)] {
            let found = subject.accounts.credentials(&typed).await.expect("the question is answered");
            let found = found.expect("the account is found by its address in any case");
            assert!(found.user_id == user.id && found.password == user.password);
        }
    }
}

pub(super) async fn unknown_accounts_are_not_found(subject: &Subject) {
    let id = UserId::new(fresh_uuid());
    assert_eq!(subject.accounts.account(id).await.expect("the question is answered"), None);
    let found = subject.accounts.credentials(&fresh_email()).await.expect("the question is answered");
    assert!(found.is_none());
    let found = subject.accounts.credentials_of(id).await.expect("the question is answered");
    assert!(found.is_none());
    let mut work = begin(subject).await;
    for lock in [Lock::Shared, Lock::Exclusive] {
        assert_eq!(work.users().lock(id, lock).await.expect("the question is answered"), None);
    }
    commit(work).await;
}

pub(super) async fn an_address_is_unique_without_regard_to_case(subject: &Subject) {
    let user = stored_user(subject).await;
    for email in [user.email.clone(), in_capitals(&user.email)] {
        let other = new_user(email);
        let mut work = begin(subject).await;
        let claim = work.users().insert(&other).await.expect("no error");
        assert_eq!(claim, EmailClaim::Taken);
        commit(work).await;
        let view = subject.accounts.account(other.id).await.expect("the question is answered");
        assert_eq!(view, None, "nothing was written");
    }
}

pub(super) async fn a_taken_address_leaves_the_transaction_good(subject: &Subject) {
    let user = stored_user(subject).await;
    let (before, after) = (new_user(fresh_email()), new_user(fresh_email()));
    let mut work = begin(subject).await;
    insert(work.as_mut(), &before).await;
    let claim = work.users().insert(&new_user(in_capitals(&user.email))).await.expect("no error");
    assert_eq!(claim, EmailClaim::Taken);
    insert(work.as_mut(), &after).await;
    commit(work).await;
    for written in [before, after] {
        assert_eq!(reloaded(subject, written.id).await, written);
    }
}

pub(super) async fn an_address_is_unique_within_a_transaction(subject: &Subject) {
    let user = new_user(fresh_email());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    let claim = work.users().insert(&new_user(in_capitals(&user.email))).await.expect("no error");
    assert_eq!(claim, EmailClaim::Taken);
    commit(work).await;
    assert_eq!(reloaded(subject, user.id).await, user);
}

pub(super) async fn the_second_claim_of_an_address_waits_and_loses(subject: &Subject) {
    let user = new_user(fresh_email());
    let rival = new_user(in_capitals(&user.email));
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    insert(first.as_mut(), &user).await;
    let claim = {
        let mut claim = pin!(second.users().insert(&rival));
        must_wait(claim.as_mut(), "the second claim of an address").await;
        commit(first).await;
        must_end(claim, "the second claim of an address").await.expect("no error")
    };
    assert_eq!(claim, EmailClaim::Taken);
    commit(second).await;
    let found = subject.accounts.credentials(&rival.email).await.expect("the question is answered");
    assert!(found.is_some_and(|found| found.user_id == user.id), "the first one has it");
}

pub(super) async fn the_second_claim_of_an_address_wins_after_a_rollback(subject: &Subject) {
    let user = new_user(fresh_email());
    let rival = new_user(in_capitals(&user.email));
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    insert(first.as_mut(), &user).await;
    let claim = {
        let mut claim = pin!(second.users().insert(&rival));
        must_wait(claim.as_mut(), "the second claim of an address").await;
        rollback(first).await;
        must_end(claim, "the second claim of an address").await.expect("no error")
    };
    assert_eq!(claim, EmailClaim::Granted);
    commit(second).await;
    assert_eq!(reloaded(subject, rival.id).await, rival);
}

pub(super) async fn whoever_was_refused_an_address_holds_nobody_up(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    for work in [&mut first, &mut second] {
        let rival = new_user(in_capitals(&user.email));
        let claim = must_end(work.users().insert(&rival), "who is refused, too").await.expect("no error");
        assert_eq!(claim, EmailClaim::Taken);
    }
    rollback(first).await;
    rollback(second).await;
}

pub(super) async fn an_address_being_given_up_is_free_only_when_it_is(subject: &Subject) {
    for gives_up in [true, false] {
        let stored = stored_user(subject).await;
        let heir = new_user(in_capitals(&stored.email));
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        let mut user = locked(first.as_mut(), stored.id).await;
        user.email = fresh_email();
        save(first.as_mut(), &mut user).await;
        let claim = {
            let mut claim = pin!(second.users().insert(&heir));
            must_wait(claim.as_mut(), "who wants an address that may become free").await;
            if gives_up {
                commit(first).await;
            } else {
                rollback(first).await;
            }
            must_end(claim, "who wants an address that may become free").await.expect("no error")
        };
        assert_eq!(claim == EmailClaim::Granted, gives_up);
        commit(second).await;
        let found = subject.accounts.credentials(&stored.email).await.expect("the question is answered");
        let owner = if gives_up { heir.id } else { stored.id };
        assert!(found.is_some_and(|found| found.user_id == owner));
    }
}

pub(super) async fn every_field_is_saved(subject: &Subject) {
    let stored = stored_user(subject).await;
    let later = stored.created_at + TimeDelta::microseconds(1);
    let changes: [fn(&mut User); 8] = [
        |user| user.email = fresh_email(),
        |user| user.full_name = name("Grace Hopper"),
        |user| user.phone = None,
        |user| user.phone = PhoneNumber::parse("030/1234567").ok(),
        |user| user.password = PasswordHash::new(format!("$other${}", fresh_uuid())),
        |user| user.is_verified = true,
        |user| user.state = AccountState::Blocked { reason: "spam\nand \"more\"".into(), since: now() },
        |user| user.state = AccountState::Deactivated { since: now() },
    ];
    for change in changes.into_iter().chain([(|user| user.state = AccountState::Active) as fn(&mut User)]) {
        let mut work = begin(subject).await;
        let mut user = locked(work.as_mut(), stored.id).await;
        change(&mut user);
        user.updated_at = later;
        save(work.as_mut(), &mut user).await;
        assert_eq!(locked(work.as_mut(), stored.id).await, user, "as the transaction itself sees it");
        commit(work).await;
        assert_eq!(reloaded(subject, stored.id).await, user, "as everybody sees it");
    }
    let view = subject.accounts.account(stored.id).await.expect("the question is answered");
    let view = view.expect("the account is shown");
    assert_eq!((view.full_name.as_str(), view.phone.as_deref()), ("Grace Hopper", Some("030/1234567")));
    assert_eq!((view.is_verified, view.created_at, view.updated_at), (true, stored.created_at, later));
}

pub(super) async fn saving_raises_the_version(subject: &Subject) {
    let stored = stored_user(subject).await;
    let mut work = begin(subject).await;
    let mut user = locked(work.as_mut(), stored.id).await;
    save(work.as_mut(), &mut user).await;
    assert!(user.version > stored.version, "even when nothing else changed");
    let once = user.version;
    user.full_name = name("Grace Hopper");
    save(work.as_mut(), &mut user).await;
    assert!(user.version > once, "twice in one transaction");
    commit(work).await;
    assert_eq!(reloaded(subject, stored.id).await, user);
}

pub(super) async fn an_account_that_is_not_there_cannot_be_saved(subject: &Subject) {
    let mut user = new_user(fresh_email());
    let mut work = begin(subject).await;
    let saved = work.users().save(&mut user).await;
    assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
    rollback(work).await;
}

pub(super) async fn a_save_cannot_take_anothers_address(subject: &Subject) {
    let (owner, stored) = (stored_user(subject).await, stored_user(subject).await);
    let other = new_user(fresh_email());
    let mut work = begin(subject).await;
    let mut user = locked(work.as_mut(), stored.id).await;
    user.email = in_capitals(&owner.email);
    user.full_name = name("Not To Be Written");
    let claim = work.users().save(&mut user).await.expect("no error");
    assert_eq!(claim, EmailClaim::Taken);
    assert_eq!(user.version, stored.version, "nothing was saved, so nothing was counted");
    assert_eq!(locked(work.as_mut(), stored.id).await, stored, "nothing was written");
    insert(work.as_mut(), &other).await;
    commit(work).await;
    assert_eq!(reloaded(subject, stored.id).await, stored, "nothing was written");
    assert_eq!(reloaded(subject, other.id).await, other, "and the transaction was still good");
}

pub(super) async fn ones_own_address_can_be_written_differently(subject: &Subject) {
    let stored = stored_user(subject).await;
    let mut work = begin(subject).await;
    let mut user = locked(work.as_mut(), stored.id).await;
    user.email = in_capitals(&stored.email);
    save(work.as_mut(), &mut user).await;
    commit(work).await;
    let view = subject.accounts.account(stored.id).await.expect("the question is answered");
    let shown = view.expect("the account is shown").email;
    assert_eq!(shown, in_capitals(&stored.email).as_str(), "as it was typed last");
    assert_ne!(shown, stored.email.as_str());
}

pub(super) async fn an_address_given_up_is_free(subject: &Subject) {
    let stored = stored_user(subject).await;
    let mut work = begin(subject).await;
    let mut user = locked(work.as_mut(), stored.id).await;
    user.email = fresh_email();
    save(work.as_mut(), &mut user).await;
    commit(work).await;
    let heir = new_user(stored.email.clone());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &heir).await;
    commit(work).await;
    let found = subject.accounts.credentials(&stored.email).await.expect("the question is answered");
    assert!(found.is_some_and(|found| found.user_id == heir.id));
    let found = subject.accounts.credentials(&user.email).await.expect("the question is answered");
    assert!(found.is_some_and(|found| found.user_id == stored.id));
}
