//! Deposits and withdrawals: storing, locking, saving, listing.

use std::pin::pin;

use chrono::TimeDelta;
use domain::actor::Issuer;
use domain::ids::{DepositId, UserId, WithdrawalId};
use domain::money::{
    ASKING_PERIOD, Deposit, FailureReason, FourEyes, PayoutMethod, RejectionReason, Withdrawal,
    WithdrawalState, estimated_completion,
};
use ports::list::{Slice, Window};
use ports::money::WithdrawalView;
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::money_scene::{
    EVERYTHING, account, admin, insert, new_deposit, new_withdrawal, stored_withdrawal, usd,
};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback, stored_user};

async fn stored_deposit(subject: &Subject) -> Deposit {
    let deposit = new_deposit(stored_user(subject).await.id, now());
    let mut work = begin(subject).await;
    work.deposits().insert(&deposit).await.expect("a deposit is inserted");
    commit(work).await;
    deposit
}

async fn deposit(work: &mut dyn UnitOfWork, id: DepositId) -> Deposit {
    work.deposits().lock(id).await.expect("a deposit is locked").expect("the deposit is there")
}

async fn withdrawal(work: &mut dyn UnitOfWork, id: WithdrawalId) -> Withdrawal {
    work.withdrawals().lock(id).await.expect("a withdrawal is locked").expect("the withdrawal is there")
}

async fn list(
    subject: &Subject,
    user_id: Option<UserId>,
    states: &[WithdrawalState],
    window: Window,
) -> Slice<WithdrawalView> {
    subject.money.withdrawals(user_id, states, window).await.expect("the question is answered")
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).expect("few rows")
}

fn ids(slice: &Slice<WithdrawalView>) -> Vec<WithdrawalId> {
    slice.rows.iter().map(|view| view.id).collect()
}

pub(super) async fn a_deposit_is_found_as_it_was_stored(subject: &Subject) {
    let stored = stored_deposit(subject).await;
    let mut work = begin(subject).await;
    assert_eq!(deposit(work.as_mut(), stored.id).await, stored);
    let unknown = work.deposits().lock(DepositId::new(fresh_uuid())).await.expect("the question is answered");
    assert_eq!(unknown, None);
    let again = work.deposits().insert(&stored).await;
    assert!(matches!(again, Err(StoreError::Refused(_))), "{again:?}");
    rollback(work).await;
}

pub(super) async fn a_withdrawal_is_found_as_it_was_stored(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    for method in PayoutMethod::ALL {
        let mut work = begin(subject).await;
        let id = work.withdrawals().next_id().await.expect("a number");
        let new = new_withdrawal(id, user_id, *method);
        insert(work.as_mut(), &new).await;
        assert_eq!(withdrawal(work.as_mut(), id).await, new, "as the transaction itself sees it");
        commit(work).await;
        let mut work = begin(subject).await;
        let found = withdrawal(work.as_mut(), id).await;
        assert_eq!(found, new, "as everybody sees it");
        let to = work.withdrawals().account(id).await.expect("the question is answered");
        assert!(to.expect("an account").expose().eq(account(*method).expose()), "to the last letter");
        let again = work.withdrawals().insert(&new, &account(*method)).await;
        assert!(matches!(again, Err(StoreError::Refused(_))), "{again:?}");
        rollback(work).await;
    }
    let unknown = WithdrawalId::new(i64::MAX).expect("a number");
    let mut work = begin(subject).await;
    assert_eq!(work.withdrawals().lock(unknown).await.expect("the question is answered"), None);
    assert_eq!(work.withdrawals().account(unknown).await.expect("the question is answered"), None);
    assert_eq!(work.withdrawals().view(unknown).await.expect("the question is answered"), None);
    rollback(work).await;
    assert_eq!(subject.money.withdrawal(unknown).await.expect("the question is answered"), None);
}

pub(super) async fn numbers_of_withdrawals_rise(subject: &Subject) {
    let mut taken = Vec::new();
    for _ in 0..3 {
        let mut work = begin(subject).await;
        taken.push(work.withdrawals().next_id().await.expect("a number"));
        taken.push(work.withdrawals().next_id().await.expect("a number"));
        rollback(work).await;
    }
    assert!(taken.is_sorted_by(|a, b| a < b), "none twice, not even after a rollback: {taken:?}");
}

pub(super) async fn changes_of_a_deposit_are_saved(subject: &Subject) {
    let stored = stored_deposit(subject).await;
    let later = stored.created_at + TimeDelta::seconds(1);
    for step in ["fail", "succeed"] {
        let mut work = begin(subject).await;
        let mut changed = deposit(work.as_mut(), stored.id).await;
        let version = changed.version;
        if step == "fail" {
            assert!(changed.fail(Issuer::System).expect("it fails").is_some());
        } else {
            assert!(changed.succeed(Issuer::System, later).expect("it succeeds").is_some());
        }
        work.deposits().save(&mut changed).await.expect("it is saved");
        assert!(changed.version > version);
        assert_eq!(deposit(work.as_mut(), stored.id).await, changed, "as the transaction itself sees it");
        commit(work).await;
        let mut work = begin(subject).await;
        assert_eq!(deposit(work.as_mut(), stored.id).await, changed, "as everybody sees it");
        rollback(work).await;
    }
}

pub(super) async fn changes_of_a_withdrawal_are_saved(subject: &Subject) {
    type Step = fn(&mut Withdrawal);
    let later = || now() + TimeDelta::days(1);
    let (reject, approve, cancel): (Step, Step, Step) = (
        |w| drop(w.reject(RejectionReason::parse("Zeile 1\n\"2\"").expect("a reason"), admin(), now())),
        |w| drop(w.approve(FourEyes::default(), admin(), now())),
        |w| drop(w.cancel(super::money_scene::owner(w.user_id), now())),
    );
    let (pay, sign, send): (Step, Step, Step) = (
        |w| drop(w.mark_paid(admin(), now())),
        |w| drop(w.approve(FourEyes { limit: Some(usd(1)) }, admin(), now())),
        |w| drop(w.send(Issuer::System, now())),
    );
    let doubt: Step = |w| drop(w.doubt(Issuer::System, now() + ASKING_PERIOD));
    let fail: Step = |w| {
        let reason = FailureReason::parse("Zeile 1\n\"2\"").expect("a reason");
        drop(w.fail(reason, admin(), now()));
    };
    let user_id = stored_user(subject).await.id;
    for steps in [
        vec![reject],
        vec![cancel],
        vec![approve, pay],
        vec![approve, reject],
        vec![sign, sign, pay],
        vec![sign, cancel],
        vec![approve, send, doubt, fail],
        vec![approve, send, doubt, pay],
    ] {
        let stored = stored_withdrawal(subject, user_id).await;
        for step in steps {
            let mut work = begin(subject).await;
            let mut changed = withdrawal(work.as_mut(), stored.id).await;
            let (state, version) = (changed.state, changed.version);
            step(&mut changed);
            assert_ne!(changed.state, state, "the step was taken");
            changed.updated_at = later();
            work.withdrawals().save(&mut changed).await.expect("it is saved");
            assert!(changed.version > version);
            assert_eq!(
                withdrawal(work.as_mut(), stored.id).await,
                changed,
                "as the transaction itself sees it"
            );
            commit(work).await;
            let mut work = begin(subject).await;
            assert_eq!(withdrawal(work.as_mut(), stored.id).await, changed, "as everybody sees it");
            rollback(work).await;
        }
    }
}

pub(super) async fn what_was_agreed_stays(subject: &Subject) {
    let (deposit_before, user_id) = (stored_deposit(subject).await, stored_user(subject).await.id);
    let withdrawal_before = stored_withdrawal(subject, user_id).await;
    let mut work = begin(subject).await;
    let mut changed = Deposit { amount: usd(1), ..deposit_before.clone() };
    work.deposits().save(&mut changed).await.expect("it is saved");
    let mut other = Withdrawal { amount: usd(1), method: PayoutMethod::PayPal, ..withdrawal_before.clone() };
    work.withdrawals().save(&mut other).await.expect("it is saved");
    assert_eq!(deposit(work.as_mut(), changed.id).await.amount, deposit_before.amount);
    let found = withdrawal(work.as_mut(), other.id).await;
    assert_eq!((found.amount, found.method), (withdrawal_before.amount, withdrawal_before.method));
    commit(work).await;
}

pub(super) async fn stale_deposits_and_withdrawals_are_refused(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let (mut deposit, mut withdrawal) =
        (stored_deposit(subject).await, stored_withdrawal(subject, user_id).await);
    let (mut stale_deposit, mut stale_withdrawal) = (deposit.clone(), withdrawal.clone());
    let mut work = begin(subject).await;
    work.deposits().save(&mut deposit).await.expect("it is saved");
    work.withdrawals().save(&mut withdrawal).await.expect("it is saved");
    commit(work).await;
    let unknown = (new_deposit(user_id, now()), WithdrawalId::new(i64::MAX).expect("a number"));
    let mut unknown = (unknown.0, new_withdrawal(unknown.1, user_id, PayoutMethod::PayPal));
    for (deposit, withdrawal) in
        [(&mut stale_deposit, &mut stale_withdrawal), (&mut unknown.0, &mut unknown.1)]
    {
        let mut work = begin(subject).await;
        let saved = work.deposits().save(deposit).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        rollback(work).await;
        let mut work = begin(subject).await;
        let saved = work.withdrawals().save(withdrawal).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        rollback(work).await;
    }
}

pub(super) async fn deposits_and_withdrawals_are_locked(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let (one, other) = (stored_deposit(subject).await, stored_withdrawal(subject, user_id).await);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut changed = (deposit(first.as_mut(), one.id).await, withdrawal(first.as_mut(), other.id).await);
    let locked = {
        let mut waiting = pin!(second.deposits().lock(one.id));
        must_wait(waiting.as_mut(), "who wants the same deposit").await;
        let mut third = begin(subject).await;
        {
            let waiting = pin!(third.withdrawals().lock(other.id));
            must_wait(waiting, "who wants the same withdrawal").await;
        }
        drop(third);
        let shown = must_end(subject.money.withdrawal(other.id), "a question").await;
        assert!(shown.expect("the question is answered").is_some());
        first.deposits().save(&mut changed.0).await.expect("it is saved");
        first.withdrawals().save(&mut changed.1).await.expect("it is saved");
        commit(first).await;
        must_end(waiting, "who wants the same deposit").await.expect("the lock comes")
    };
    assert_eq!(locked, Some(changed.0), "what the first one left");
    assert_eq!(must_end(withdrawal(second.as_mut(), other.id), "who comes after").await, changed.1);
    commit(second).await;
}

pub(super) async fn payments_belong_to_accounts_that_are_there(subject: &Subject) {
    let nobody = UserId::new(fresh_uuid());
    let mut work = begin(subject).await;
    let refused = work.deposits().insert(&new_deposit(nobody, now())).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
    let mut work = begin(subject).await;
    let id = work.withdrawals().next_id().await.expect("a number");
    let new = new_withdrawal(id, nobody, PayoutMethod::PayPal);
    let refused = work.withdrawals().insert(&new, &account(PayoutMethod::PayPal)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
}

pub(super) async fn a_withdrawal_is_shown_masked(subject: &Subject) {
    let owner = stored_user(subject).await;
    let cases: [(PayoutMethod, &[(&str, &str)]); 3] = [
        (
            PayoutMethod::BankTransfer,
            &[
                ("account_number", "****3000"),
                ("bank_name", "Example"),
                ("account_holder", "Á*** \"*** L***"),
            ],
        ),
        (PayoutMethod::PayPal, &[("email", "A***@example.com")]),
        (
            PayoutMethod::MobileMoney,
            &[("provider", "Example"), ("phone_number", "****5678"), ("account_holder", "Á*** \"*** L***")],
        ),
    ];
    for (method, masked) in cases {
        let mut work = begin(subject).await;
        let id = work.withdrawals().next_id().await.expect("a number");
        let new = new_withdrawal(id, owner.id, method);
        insert(work.as_mut(), &new).await;
        let inside = work.withdrawals().view(id).await.expect("the question is answered");
        assert_eq!(subject.money.withdrawal(id).await.expect("the question is answered"), None, "not yet");
        commit(work).await;
        let expected = WithdrawalView {
            id,
            user_id: owner.id,
            user_name: owner.full_name.as_str().to_owned(),
            amount: usd(500),
            method,
            account_masked: masked.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            state: WithdrawalState::Pending,
            approved_by: vec![],
            rejection_reason: None,
            failure_reason: None,
            requested_at: new.requested_at,
            estimated_completion: estimated_completion(new.requested_at),
            sent_at: None,
            completed_at: None,
        };
        assert_eq!(inside.as_ref(), Some(&expected), "as the transaction itself sees it");
        assert_eq!(subject.money.withdrawal(id).await.expect("the question is answered"), Some(expected));
    }
}

pub(super) async fn withdrawals_are_listed_by_owner_and_state(subject: &Subject) {
    let (one, other) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let mut made = Vec::new();
    for user_id in [one, other, one, one] {
        made.push(stored_withdrawal(subject, user_id).await);
    }
    let [first, theirs, mut second, third] = <[_; 4]>::try_from(made).expect("four");
    drop(second.approve(FourEyes::default(), admin(), now()).expect("it is approved"));
    let mut work = begin(subject).await;
    work.withdrawals().save(&mut second).await.expect("it is saved");
    commit(work).await;

    use WithdrawalState::{Approved, Paid, Pending};
    for (states, expected) in [
        (&[][..], vec![third.id, second.id, first.id]),
        (&[Pending], vec![third.id, first.id]),
        (&[Approved], vec![second.id]),
        (&[Approved, Pending], vec![third.id, second.id, first.id]),
        (&[Paid], vec![]),
    ] {
        let own = list(subject, Some(one), states, EVERYTHING).await;
        assert_eq!((ids(&own), own.total), (expected.clone(), count(&expected)), "{states:?}");
        let everybodys = list(subject, None, states, EVERYTHING).await;
        let of_one: Vec<_> =
            everybodys.rows.iter().filter(|view| view.user_id == one).map(|view| view.id).collect();
        assert_eq!(of_one, expected, "{states:?}: among everybody's");
        let has_theirs = everybodys.rows.iter().any(|view| view.id == theirs.id);
        assert_eq!(has_theirs, states.is_empty() || states.contains(&Pending), "{states:?}");
        assert!(everybodys.rows.is_sorted_by(|newer, older| newer.id > older.id));
        assert!(everybodys.total >= count(&everybodys.rows));
    }
    let nobodys = list(subject, Some(UserId::new(fresh_uuid())), &[], EVERYTHING).await;
    assert_eq!(nobodys, Slice { rows: vec![], total: 0, next: None });
}

pub(super) async fn withdrawals_are_cut_into_pages(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(stored_withdrawal(subject, user_id).await.id);
    }
    all.reverse();
    for (offset, rows, has_next) in [(0, 2, true), (2, 2, true), (3, 2, false), (4, 1, false), (9, 0, false)]
    {
        let expected: Vec<_> = all.iter().skip(offset).take(rows).copied().collect();
        let offset = i64::try_from(offset).expect("a small number");
        let page = list(subject, Some(user_id), &[], Window::Page { offset, limit: 2 }).await;
        assert_eq!((ids(&page), page.total), (expected.clone(), 5), "{offset}");
        assert_eq!(page.next, expected.last().filter(|_| has_next).map(|id| id.number()), "{offset}");
    }
    let (mut seen, mut window) = (Vec::new(), Window::Page { offset: 0, limit: 2 });
    loop {
        let page = list(subject, Some(user_id), &[WithdrawalState::Pending], window).await;
        seen.extend(ids(&page));
        stored_withdrawal(subject, user_id).await;
        let Some(position) = page.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, all, "nothing twice and nothing left out");
    // Everybody's: what is there twice in a row is the same.
    let newest = list(subject, None, &[], Window::Page { offset: 0, limit: 1 }).await;
    assert!(newest.rows.len() == 1 && newest.next.is_some());
}

pub(super) async fn withdrawals_are_found_by_state_for_the_program(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let (mut mine, mut approved) = (Vec::new(), Vec::new());
    for number in 0..5 {
        let mut stored = stored_withdrawal(subject, user_id).await;
        if number % 2 == 0 {
            drop(stored.approve(FourEyes::default(), admin(), now()).expect("it is approved"));
            let mut work = begin(subject).await;
            work.withdrawals().save(&mut stored).await.expect("it is saved");
            commit(work).await;
            approved.push(stored.id);
        }
        mine.push(stored.id);
    }
    let found = async |states: &[WithdrawalState], after, limit| {
        let found = subject.unattended_payouts.unattended(states, after, limit).await;
        found.expect("the question is answered")
    };
    let of_mine = |found: Vec<WithdrawalId>| -> Vec<_> {
        assert!(found.is_sorted(), "by their numbers");
        found.into_iter().filter(|id| mine.contains(id)).collect()
    };
    use WithdrawalState::{Approved, Pending, Sent};
    assert_eq!(of_mine(found(&[Approved, Sent], None, 100_000).await), approved);
    assert_eq!(of_mine(found(&[Pending, Approved], None, 100_000).await), mine, "of both, in one order");
    assert_eq!(of_mine(found(&[Sent], None, 100_000).await), []);
    assert_eq!(found(&[], None, 100_000).await, []);
    let [first, second, ..] = *approved else { panic!("three") };
    // Others' may lie between them.
    let next = found(&[Approved], Some(first), 1).await;
    assert!(next.len() == 1 && next.iter().all(|id| first < *id && *id <= second), "{next:?}");
}
