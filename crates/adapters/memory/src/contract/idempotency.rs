//! Doing a thing once, however often it is asked for.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::UserId;
use ports::idempotency::{KeyClaim, RequestKey, StoredAnswer};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::scene::{begin, commit, fresh_uuid, must_end, now, rollback, stored_user};

fn key(user_id: UserId) -> RequestKey {
    RequestKey { user_id, key: format!("key ~ {}", fresh_uuid()), fingerprint: [7; 32] }
}

fn answer(body: &str) -> StoredAnswer {
    StoredAnswer { status: 201, body: body.to_owned() }
}

/// What a key turns out to be, to somebody for whom nothing is too old.
async fn claim(work: &mut dyn UnitOfWork, key: &RequestKey) -> KeyClaim {
    claim_since(work, key, DateTime::<Utc>::UNIX_EPOCH).await
}

async fn claim_since(work: &mut dyn UnitOfWork, key: &RequestKey, not_before: DateTime<Utc>) -> KeyClaim {
    let claim = must_end(work.idempotency_keys().claim(key, not_before), "a claim").await;
    claim.expect("the claim is answered")
}

async fn remembered(subject: &Subject, key: &RequestKey, body: &str, at: DateTime<Utc>) {
    let mut work = begin(subject).await;
    work.idempotency_keys().remember(key, &answer(body), at).await.expect("the answer is kept");
    commit(work).await;
}

async fn claimed(subject: &Subject, key: &RequestKey) -> KeyClaim {
    let mut work = begin(subject).await;
    let claim = claim(work.as_mut(), key).await;
    rollback(work).await;
    claim
}

pub(super) async fn an_answer_is_given_again(subject: &Subject) {
    let key = key(stored_user(subject).await.id);
    let body = "{\"status\":\"success\",\n\t\"Ünïcode\": \"\\u0000 \u{1F512}\"}";
    let mut work = begin(subject).await;
    assert_eq!(claim(work.as_mut(), &key).await, KeyClaim::Fresh);
    work.idempotency_keys().remember(&key, &answer(body), now()).await.expect("the answer is kept");
    commit(work).await;
    for _ in 0..2 {
        assert_eq!(claimed(subject, &key).await, KeyClaim::Replay(answer(body)), "byte for byte");
    }
}

pub(super) async fn another_request_under_the_same_key_is_told(subject: &Subject) {
    let key = key(stored_user(subject).await.id);
    remembered(subject, &key, "{}", now()).await;
    let mut fingerprint = key.fingerprint;
    fingerprint[31] ^= 1;
    let other = RequestKey { fingerprint, ..key.clone() };
    assert_eq!(claimed(subject, &other).await, KeyClaim::Different);
    assert_eq!(claimed(subject, &key).await, KeyClaim::Replay(answer("{}")), "the first is as it was");
}

pub(super) async fn keys_are_each_callers_own(subject: &Subject) {
    let key = key(stored_user(subject).await.id);
    remembered(subject, &key, "{}", now()).await;
    let theirs = RequestKey { user_id: stored_user(subject).await.id, ..key.clone() };
    assert_eq!(claimed(subject, &theirs).await, KeyClaim::Fresh);
    let longer = RequestKey { key: format!("{}x", key.key), ..key };
    assert_eq!(claimed(subject, &longer).await, KeyClaim::Fresh);
}

pub(super) async fn a_key_in_use_is_told_at_once(subject: &Subject) {
    let (key, body) = (key(stored_user(subject).await.id), "{}");
    for ends in ["commit", "rollback", "drop"] {
        let mut first = begin(subject).await;
        let expected = claim(first.as_mut(), &key).await;
        assert_eq!(expected, KeyClaim::Fresh, "{ends}");
        let mut second = begin(subject).await;
        assert_eq!(claim(second.as_mut(), &key).await, KeyClaim::InFlight, "{ends}");
        let other = RequestKey { key: fresh_uuid().to_string(), ..key.clone() };
        assert_eq!(
            claim(second.as_mut(), &other).await,
            KeyClaim::Fresh,
            "and the transaction is still good"
        );
        commit(second).await;
        match ends {
            "rollback" => rollback(first).await,
            "drop" => drop(first),
            _ => commit(first).await,
        }
        // A dropped connection takes the server a moment to notice.
        let mut free = claimed(subject, &key).await;
        for _ in 0..1_000 {
            if free != KeyClaim::InFlight {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            free = claimed(subject, &key).await;
        }
        assert_eq!(free, KeyClaim::Fresh, "{ends}: a lock that held nothing leaves nothing");
    }
    remembered(subject, &key, body, now()).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    assert_eq!(claim(first.as_mut(), &key).await, KeyClaim::Replay(answer(body)));
    let beside = claim(second.as_mut(), &key).await;
    assert_eq!(beside, KeyClaim::Replay(answer(body)), "what is there is told to everybody at once");
    rollback(second).await;
    rollback(first).await;
}

pub(super) async fn a_rollback_forgets_the_answer(subject: &Subject) {
    let key = key(stored_user(subject).await.id);
    let mut work = begin(subject).await;
    assert_eq!(claim(work.as_mut(), &key).await, KeyClaim::Fresh);
    work.idempotency_keys().remember(&key, &answer("{}"), now()).await.expect("the answer is kept");
    let inside = claim(work.as_mut(), &key).await;
    assert_eq!(inside, KeyClaim::Replay(answer("{}")), "as it sees itself");
    rollback(work).await;
    assert_eq!(claimed(subject, &key).await, KeyClaim::Fresh);
}

pub(super) async fn an_old_answer_gives_way(subject: &Subject) {
    let mut key = key(stored_user(subject).await.id);
    let (then, today) = (now() - TimeDelta::hours(24), now());
    remembered(subject, &key, "old", then).await;
    let mut work = begin(subject).await;
    let at_its_limit = claim_since(work.as_mut(), &key, then).await;
    assert_eq!(at_its_limit, KeyClaim::Replay(answer("old")));
    let too_old = claim_since(work.as_mut(), &key, then + TimeDelta::microseconds(1)).await;
    assert_eq!(too_old, KeyClaim::Fresh);
    key.fingerprint = [8; 32];
    work.idempotency_keys().remember(&key, &answer("new"), today).await.expect("the answer is kept");
    commit(work).await;
    assert_eq!(claimed(subject, &key).await, KeyClaim::Replay(answer("new")));
}

pub(super) async fn a_young_answer_does_not(subject: &Subject) {
    let (key, at) = (key(stored_user(subject).await.id), now());
    remembered(subject, &key, "first", at).await;
    let mut work = begin(subject).await;
    let again = work.idempotency_keys().remember(&key, &answer("second"), at).await;
    assert!(matches!(again, Err(StoreError::Stale { .. })), "{again:?}");
    rollback(work).await;
    assert_eq!(claimed(subject, &key).await, KeyClaim::Replay(answer("first")));
    let nobodys = RequestKey { user_id: UserId::new(fresh_uuid()), ..key };
    let mut work = begin(subject).await;
    let refused = work.idempotency_keys().remember(&nobodys, &answer("{}"), at).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
}
